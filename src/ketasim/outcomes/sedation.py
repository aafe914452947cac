"""Sedation as an observer sees it, and sleepiness as the person feels it."""

from ketasim.core import ops
from ketasim.core.component import par
from ketasim.outcomes.endpoint import LOSS, SITE, _Endpoint, elder, racemic


class Sedation(_Endpoint):
    """Modified Observer's Assessment of Alertness/Sedation: 5 awake, 0 no response to a squeeze.

    Equation    light = l D^m/(L50^m + D^m) with D = s^a_S (S + w_R R)/(1 + a_T tolerance + a_N antagonism)
                I = C/C50 + P + b B + o O;   deep = f I^n/(1 + I^n), C = 2 (S + w_R R)/(1 + w_R)
                sedation = (5 − light)(1 − deep)
    Assumes     two processes: a light one at trial doses, with acute tolerance, and the deep one of anaesthesia
                (Herd, children); hypnotics add (P propofol, B benzodiazepine, O opioid, in units of their half-effect)
    Fails when  eyes stay open in dissociative anaesthesia: the scale reads sleep, not awareness
    """

    table = "outcomes/acute/sedation"
    site = "arterial"
    inputs = {**SITE, **LOSS, "hypnotic": "ratio", "benzodiazepine": "ratio", "opioid": "ratio", "alpha2": "ratio"}
    optional = {"hypnotic": 0.0, "benzodiazepine": 0.0, "opioid": 0.0, "alpha2": 0.0}
    outputs = {"sedation": "points", "light": "points", "deep": "fraction"}
    l: float = par("points", "depth of light sedation", low=0.0, high=4.0)  # noqa: E741
    L50: float = par("ng/mL", "S-ketamine level of half of it", low=0.0)
    m: float = par("1", "its steepness", low=0.0)
    C50: float = par("ng/mL", "racemate level of half the deep sedation", low=0.0)
    n: float = par("1", "steepness", low=0.0)
    f: float = par("fraction", "depth that can be reached", low=0.0, high=1.0)
    b: float = par("fraction", "weight of benzodiazepine units", low=0.0)
    o: float = par("fraction", "weight of opioid units", low=0.0)
    b_light: float = par("fraction", "light sedation by one unit of benzodiazepine or alpha-2 agonist", low=0.0)
    elderly: float = par("fraction", "fall of C50 in old age", low=0.0, high=1.0)

    def derive(self, cov):
        older = 1.0 - self.elderly * elder(cov["age_y"])
        return {"C50": self.C50 * older, "L50": self.L50 * older}

    def read(self, x, u):
        other = self.b_light * (u["benzodiazepine"] + u["alpha2"])
        light = self.l * ops.hill(self.drive(u) / self.L50 + other, 1.0, self.m)
        index = racemic(u["S"], u["R"], self.w_R) / self.C50
        index = index + u["hypnotic"] + self.b * u["benzodiazepine"] + self.o * u["opioid"]
        deep = self.f * ops.hill(index, 1.0, self.n)
        return {"sedation": (5.0 - light) * (1.0 - deep), "light": light, "deep": deep}


class Sleepiness(_Endpoint):
    """Sleepiness by the person's own rating (Karolinska: 1 alert to 9 fighting sleep), which outlasts sedation.

    Equation    sleepiness = s0 + (9 − s0) I^n/(1 + I^n),   I = (D + w_N N)/C50 + b B
    Assumes     no acute tolerance; S-norketamine contributes a share w_N, which is why it lasts
    Fails when  the hour of day or a bad night matter more than the drug
    """

    table = "outcomes/acute/sleepiness"
    site = "arterial"
    inputs = {**SITE, **LOSS, "N": "ng/mL", "benzodiazepine": "ratio"}
    optional = {"benzodiazepine": 0.0}
    outputs = {"sleepiness": "points"}
    s0: float = par("points", "rating without drug", low=1.0, high=9.0)
    C50: float = par("ng/mL", "S-ketamine level that goes half of the way to 9", low=0.0)
    n: float = par("1", "steepness", low=0.0)
    w_N: float = par("fraction", "weight of S-norketamine", low=0.0)
    b: float = par("fraction", "weight of benzodiazepine units", low=0.0)

    def read(self, x, u):
        index = (self.drive(u) + self.w_N * ops.positive(u["N"])) / self.C50 + self.b * u["benzodiazepine"]
        return {"sleepiness": self.s0 + (9.0 - self.s0) * ops.hill(index, 1.0, self.n)}
