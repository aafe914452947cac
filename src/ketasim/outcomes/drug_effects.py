"""What a person notices: drug high, unreality, and the signal by which an allocation is guessed."""

from ketasim.core import ops
from ketasim.core.component import Component, par
from ketasim.outcomes.endpoint import LOSS, SITE, _Endpoint


class DrugHigh(_Endpoint):
    """Visual analogue score of feeling high (0 to 100).

    Equation    high = 100 D/(C50 + D) damp
    Assumes     a shallow curve (Bowdle: straight from 50 to 200 ng/mL); S alone acts unless w_R says otherwise
    Fails when  the person is anaesthetised
    """

    table = "outcomes/acute/drug_high"
    site = "arterial"
    inputs = {**SITE, **LOSS, "damp": "fraction"}
    optional = {"damp": 1.0}
    outputs = {"drug_high": "points", "level": "fraction"}
    C50: float = par("ng/mL", "S-ketamine level of half the effect", low=0.0)

    def read(self, x, u):
        level = ops.hill(self.drive(u), self.C50) * u["damp"]
        return {"drug_high": 100.0 * level, "level": level}


class Unreality(_Endpoint):
    """Feeling of unreality as an emergency department asks for it (0 to 100; 10 or more is some feeling).

    Equation    unreality = 100 D^n/(C50^n + D^n) damp, on the fast clock
    Assumes     it follows arterial plasma within about a minute: a push and a short infusion of one dose differ
    Fails when  it is compared with the CADSS: the two scales disagree about the same levels
    """

    table = "outcomes/acute/unreality"
    site = "arterial"
    inputs = {**SITE, **LOSS, "damp": "fraction"}
    optional = {"damp": 1.0}
    outputs = {"unreality": "points"}
    C50: float = par("ng/mL", "S-ketamine level of half the effect", low=0.0)
    n: float = par("1", "steepness", low=0.0)

    def read(self, x, u):
        return {"unreality": 100.0 * ops.hill(self.drive(u), self.C50, self.n) * u["damp"]}


class Felt(Component):
    """How strongly anything psychoactive is felt, from ketamine or from a comparator (0 to 1).

    Equation    felt = 1 − (1 − s_K high)(1 − s_B B/(1 + B))(1 − s_O O/(1 + O))
    Assumes     effects of ketamine, benzodiazepines (B) and opioids (O) in units of their own half-effect; either is
                enough to be noticed
    Fails when  side effects of another kind (taste, blood pressure cuff, staff) give the allocation away
    """

    table = "outcomes/acute/felt"
    inputs = {"high": "fraction", "benzodiazepine": "ratio", "opioid": "ratio"}
    optional = {"benzodiazepine": 0.0, "opioid": 0.0}
    outputs = {"felt": "fraction"}
    s_K: float = par("fraction", "how telling the effect of ketamine is", low=0.0, high=1.0)
    s_B: float = par("fraction", "how telling the effect of a benzodiazepine is", low=0.0, high=1.0)
    s_O: float = par("fraction", "how telling the effect of an opioid is", low=0.0, high=1.0)

    def read(self, x, u):
        ketamine = 1.0 - self.s_K * u["high"]
        sedative = 1.0 - self.s_B * ops.hill(u["benzodiazepine"], 1.0)
        opioid = 1.0 - self.s_O * ops.hill(u["opioid"], 1.0)
        return {"felt": 1.0 - ketamine * sedative * opioid}
