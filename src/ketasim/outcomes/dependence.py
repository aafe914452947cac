"""Harm by habit: liking and its tolerance, craving for ketamine, and disorder of use."""

from ketasim.core import ops
from ketasim.core.component import Component, par


class Dependence(Component):
    """Probability that a disorder of ketamine use has begun, and craving for ketamine.

    Equation    dH/dt = λ_c + λ_r X/(X50 + X);   p_use_disorder = 1 − e^(−H)
                dK/dt = (X/(X50 + X) − K)/τ_K;   ketamine_craving = 100 K
    Assumes     the rate grows with the weekly amount X and saturates; clinics see next to none
    Fails when  a person's own history, or that of the family, matters; surveys are of self-selected users
    """

    table = "outcomes/weeks/dependence"
    inputs = {"X": "g/week"}
    states = {"H": "", "K": "fraction"}
    outputs = {"p_use_disorder": "fraction", "ketamine_craving": "points"}
    positive = ("H", "K")
    lambda_c: float = par("1/h", "rate in clinics", low=0.0)
    lambda_r: float = par("1/h", "largest added rate", low=0.0)
    X50: float = par("g/week", "weekly amount of half that", low=0.0)
    tau_K: float = par("h", "rise and fall of craving", low=0.0)

    def rates(self, x, u):
        habit = ops.hill(u["X"], self.X50)
        return {
            "H": self.lambda_c + self.lambda_r * habit,
            "K": (habit - x["K"]) / self.tau_K,
        }

    def read(self, x, u):
        return {
            "p_use_disorder": 1.0 - ops.exp(-ops.positive(x["H"])),
            "ketamine_craving": 100.0 * x["K"],
        }


class Liking(Component):
    """Liking of what is felt (0 to 100, 50 neutral), and the tolerance that use leaves behind.

    Equation    dT/dt = k_T C/(C50 + C) − T/τ_T;   liking_tolerance = 1 − e^(−T)
                liking = neutral + (top − neutral) level taste e^(−T),   level the drug high, 0 to 1
    Assumes     liking follows the high, a taste decides its direction; tolerance as of animals, fading in a week
    Fails when  expectation or company decides; patients mostly said neutral where recreational users like it
    """

    table = "outcomes/indications/liking"
    site = "arterial"
    inputs = {"level": "fraction", "C": "ng/mL"}
    states = {"T": ""}
    outputs = {"liking": "points", "liking_tolerance": "fraction"}
    positive = ("T",)
    neutral: float = par("points", "liking of nothing at all (the middle of a two-sided scale)", low=0.0, high=100.0)
    top: float = par("points", "liking at the largest effect, for an average taste", low=0.0, high=100.0)
    taste: float = par("fraction", "how much of the effect a person likes; below zero, dislikes", low=-1.0, high=1.5)
    k_T: float = par("1/h", "building of tolerance at full level", low=0.0)
    C50: float = par("ng/mL", "level of half that", low=0.0)
    tau_T: float = par("h", "fading of tolerance", low=0.0)

    def rates(self, x, u):
        return {"T": self.k_T * ops.hill(u["C"], self.C50) - x["T"] / self.tau_T}

    def read(self, x, u):
        left = ops.exp(-ops.positive(x["T"]))
        liking = self.neutral + (self.top - self.neutral) * u["level"] * self.taste * left
        return {"liking": ops.minimum(ops.maximum(liking, 0.0), 100.0), "liking_tolerance": 1.0 - left}
