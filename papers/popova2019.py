"""Popova 2019 (TRANSFORM-2), primary result: esketamine or placebo spray with a new tablet, day 28.

Doses were flexible (56 or 84 mg); 84 mg is simulated. Shares as printed by Katz 2021, table 1.
"""

from __future__ import annotations

from mood_arms import arm, change, remitters, responders
from reproduction import Reproduced, show

SETTINGS = {"new_antidepressant": 1.0, "multicentre": 1.0}
WHY = "(known: control and drug lie between this trial and its twin, which printed 39 and 36 %)"


def reproduce() -> list[Reproduced]:
    """Difference of changes −4.0 (SE 1.7), responders 69.3 and 52.0 %, remitters 52.5 and 31.0 %."""
    days = [0.0, 28.0]
    drug = arm("esketamine 84 mg intranasal, 2/week for 4 weeks", days, 37, 6, 28, SETTINGS)
    other = arm("saline intranasal, 2/week for 4 weeks", days, 37, 6, 28, SETTINGS)
    more, less = responders(drug, 28), responders(other, 28)
    return [
        Reproduced("difference of changes", -4.0, change(drug, 28) - change(other, 28), 0.63, "points"),
        Reproduced("responders, esketamine", 69.3, more, 0.15, "%"),
        Reproduced("responders, placebo", 52.0, less, 0.20, "%"),
        Reproduced("remitters, esketamine", 52.5, remitters(drug, 28), 0.20, "%", WHY),
        Reproduced("remitters, placebo", 31.0, remitters(other, 28), 0.33, "%"),
        Reproduced("number needed to treat", 5.8, 100 / (more - less), 0.5, "people"),
    ]


if __name__ == "__main__":
    show(__doc__.splitlines()[0], reproduce())
