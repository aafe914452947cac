"""Loss and return of consciousness, surgical anaesthesia, amnesia: probabilities of a state at this moment."""

from ketasim.core import ops
from ketasim.core.component import Component, par
from ketasim.outcomes.endpoint import SITE, child, elder, racemic


class Consciousness(Component):
    """Probability of not answering a command, and of not moving at a surgical stimulus, at this moment.

    Equation    I = C/C50 + P + b B + o O,  C = 2 (S + w_R R)/(1 + w_R);   p_unresponsive = I^n/(1 + I^n)
                p_anaesthesia = J^n/(1 + J^n),  J = C/(a C50) + P + b B + o O
    Assumes     the fast clock; R is 0.44 as potent a hypnotic as S (0.8 against 1.8 µg/mL); additive hypnotics
    Fails when  hysteresis of waking matters (the level at which a person wakes is used for going under, too)
    """

    table = "outcomes/acute/consciousness"
    site = "arterial"
    inputs = {**SITE, "hypnotic": "ratio", "benzodiazepine": "ratio", "opioid": "ratio"}
    optional = {"hypnotic": 0.0, "benzodiazepine": 0.0, "opioid": 0.0}
    outputs = {"p_unresponsive": "fraction", "p_anaesthesia": "fraction"}
    w_R: float = par("fraction", "hypnotic potency of R-ketamine relative to S", low=0.0)
    C50: float = par("ng/mL", "racemate level at which half wake to command", low=0.0)
    n: float = par("1", "steepness within a person", low=0.0)
    a: float = par("ratio", "level of surgical anaesthesia over that of waking", low=1.0)
    b: float = par("fraction", "weight of benzodiazepine units", low=0.0)
    o: float = par("fraction", "weight of opioid units", low=0.0)
    elderly: float = par("fraction", "fall of C50 in old age", low=0.0, high=1.0)
    children: float = par("ratio", "C50 of children over that of adults", low=0.0)

    def derive(self, cov):
        young = child(cov["age_y"])
        return {"C50": self.C50 * (1.0 - self.elderly * elder(cov["age_y"])) * (1.0 - young * (1.0 - self.children))}

    def read(self, x, u):
        level = racemic(u["S"], u["R"], self.w_R) / self.C50
        other = u["hypnotic"] + self.b * u["benzodiazepine"] + self.o * u["opioid"]
        return {
            "p_unresponsive": ops.hill(level + other, 1.0, self.n),
            "p_anaesthesia": ops.hill(level / self.a + other, 1.0, self.n),
        }


class Amnesia(Component):
    """Probability that what happens at this moment will not be remembered.

    Equation    I = C/C50 + b B;   p_amnesia = I^n/(1 + I^n),  C = 2 (S + w_R R)/(1 + w_R)
    Assumes     no delay beyond the fast clock (cognitive flexibility showed none); benzodiazepines add
    Fails when  recall is cued, or the moment is marked by pain or fear
    """

    table = "outcomes/acute/amnesia"
    site = "arterial"
    inputs = {**SITE, "benzodiazepine": "ratio", "hypnotic": "ratio"}
    optional = {"benzodiazepine": 0.0, "hypnotic": 0.0}
    outputs = {"p_amnesia": "fraction"}
    w_R: float = par("fraction", "potency of R-ketamine relative to S", low=0.0)
    C50: float = par("ng/mL", "racemate level at which half of the moments are lost", low=0.0)
    n: float = par("1", "steepness", low=0.0)
    b: float = par("fraction", "weight of benzodiazepine units", low=0.0)
    elderly: float = par("fraction", "fall of C50 in old age", low=0.0, high=1.0)

    def derive(self, cov):
        return {"C50": self.C50 * (1.0 - self.elderly * elder(cov["age_y"]))}

    def read(self, x, u):
        index = racemic(u["S"], u["R"], self.w_R) / self.C50 + self.b * u["benzodiazepine"] + u["hypnotic"]
        return {"p_amnesia": ops.hill(index, 1.0, self.n)}
