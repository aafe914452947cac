"""Harm by habit: tolerance of liking, and disorder of use."""

from ketasim.core import ops
from ketasim.core.component import Component, par


class Dependence(Component):
    """Probability that a disorder of ketamine use has begun, tolerance of liking, craving for ketamine.

    Equation    dH/dt = λ_c + λ_r X/(X50 + X);   p_use_disorder = 1 − e^(−H)
                dT/dt = k_T C/(C50 + C) − T/τ_T;   liking_tolerance = 1 − e^(−T)
                dK/dt = (X/(X50 + X) − K)/τ_K;   ketamine_craving = 100 K
    Assumes     the rate grows with the weekly amount X and saturates; clinics see next to none; tolerance as of liking
                in animals, fading within a week
    Fails when  a person's own history, or that of the family, matters; surveys are of self-selected users
    """

    table = "outcomes/weeks/dependence"
    site = "arterial"
    inputs = {"X": "g/week", "C": "ng/mL"}
    states = {"H": "", "T": "", "K": "fraction"}
    outputs = {"p_use_disorder": "fraction", "liking_tolerance": "fraction", "ketamine_craving": "points"}
    positive = ("H", "T", "K")
    lambda_c: float = par("1/h", "rate in clinics", low=0.0)
    lambda_r: float = par("1/h", "largest added rate", low=0.0)
    X50: float = par("g/week", "weekly amount of half that", low=0.0)
    k_T: float = par("1/h", "building of tolerance at full level", low=0.0)
    C50: float = par("ng/mL", "level of half that", low=0.0)
    tau_T: float = par("h", "fading of tolerance", low=0.0)
    tau_K: float = par("h", "rise and fall of craving", low=0.0)

    def rates(self, x, u):
        habit = ops.hill(u["X"], self.X50)
        return {
            "H": self.lambda_c + self.lambda_r * habit,
            "T": self.k_T * ops.hill(u["C"], self.C50) - x["T"] / self.tau_T,
            "K": (habit - x["K"]) / self.tau_K,
        }

    def read(self, x, u):
        return {
            "p_use_disorder": 1.0 - ops.exp(-ops.positive(x["H"])),
            "liking_tolerance": 1.0 - ops.exp(-ops.positive(x["T"])),
            "ketamine_craving": 100.0 * x["K"],
        }
