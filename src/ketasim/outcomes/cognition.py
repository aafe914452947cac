"""Performance during a session as a fraction of the person's own baseline: one domain, one table."""

from ketasim.core import ops
from ketasim.core.component import par
from ketasim.outcomes.endpoint import LOSS, SITE, _Endpoint, elder


class Performance(_Endpoint):
    """Acute loss of performance in one domain (memory, attention, executive function, psychomotor speed).

    Equation    performance = (1 − loss D^n/(C50^n + D^n)) (1 − b B/(1 + B)),  D = (S + w_R R)/(1 + a_T tolerance + …)
    Assumes     each domain has its own largest loss and level; benzodiazepines (B, in units) take their own share
    Fails when  raw scores are wanted: largest losses are placeholders, ranked by what was and was not impaired
    """

    table = "outcomes/acute/memory"
    site = "arterial"
    inputs = {**SITE, **LOSS, "benzodiazepine": "ratio"}
    optional = {"benzodiazepine": 0.0}
    outputs = {"performance": "fraction"}
    loss: float = par("fraction", "largest loss", low=0.0, high=1.0)
    C50: float = par("ng/mL", "S-ketamine level of half of it", low=0.0)
    n: float = par("1", "steepness", low=0.0)
    b: float = par("fraction", "largest loss under a benzodiazepine", low=0.0, high=1.0)
    elderly: float = par("fraction", "fall of C50 in old age", low=0.0, high=1.0)

    def derive(self, cov):
        return {"C50": self.C50 * (1.0 - self.elderly * elder(cov["age_y"]))}

    def read(self, x, u):
        kept = 1.0 - self.loss * ops.hill(self.drive(u), self.C50, self.n)
        return {"performance": kept * (1.0 - self.b * ops.hill(u["benzodiazepine"], 1.0))}
