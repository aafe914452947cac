"""Dissociation as the CADSS rates it."""

from ketasim.core import ops
from ketasim.core.component import par
from ketasim.outcomes.endpoint import LOSS, SITE, _Endpoint, elder

TOP = 92.0


class Dissociation(_Endpoint):
    """Total score of the Clinician-Administered Dissociative States Scale (0 to 92).

    Equation    D = s^a_S (S + w_R R)/(1 + a_T tolerance + a_N antagonism);   level = D^n/(C50^n + D^n)
                cadss = base + (92 − base) e level (1 − h H) damp
    Assumes     the slow clock of external perception (Olofsen); R adds little or nothing; a steep curve, because the
                scale has a threshold; habituation H over sessions; other drugs damp it
    Fails when  the person cannot answer (the score is then what it would be), or levels lie above those of trials
    """

    table = "outcomes/acute/dissociation"
    site = "arterial"
    inputs = {**SITE, **LOSS, "habituation": "fraction", "damp": "fraction"}
    optional = {"habituation": 0.0, "damp": 1.0}
    outputs = {"cadss": "points", "level": "fraction"}
    C50: float = par("ng/mL", "S-ketamine level of half the effect", low=0.0)
    n: float = par("1", "steepness", low=0.0)
    e: float = par("fraction", "share of the scale that can be reached", low=0.0, high=1.0)
    h: float = par("fraction", "loss over many sessions", low=0.0, high=1.0)
    base: float = par("points", "score without drug", low=0.0, high=92.0)
    elderly: float = par("fraction", "fall of C50 in old age", low=0.0, high=1.0)

    def derive(self, cov):
        return {"C50": self.C50 * (1.0 - self.elderly * elder(cov["age_y"]))}

    def read(self, x, u):
        level = ops.hill(self.drive(u), self.C50, self.n) * (1.0 - self.h * u["habituation"]) * u["damp"]
        return {"cadss": self.base + (TOP - self.base) * self.e * level, "level": level}
