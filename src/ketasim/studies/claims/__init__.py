"""Claims: what is said about ketamine, what the model shows of it, and which papers stand behind it.

    from ketasim.studies import claims
    row = claims.show("CVS1")          # runs the model
    row["verdict"], row["number"]

Each row of data/claims.csv is a sentence in our own words; the function registered for its id runs the model. A claim
that the evidence does not support stays in the table and is shown as such.
"""

from ketasim.studies.claims.judge import VERDICTS, show, show_all
from ketasim.studies.claims.table import Claim, claims

__all__ = ["VERDICTS", "Claim", "claims", "show", "show_all"]
