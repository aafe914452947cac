"""Serotonin receptors."""

from ketasim.core.component import par
from ketasim.receptors.occupancy import Target


class Serotonin2(Target):
    """Occupancy of the serotonin 5-HT2 receptor.

    Equation    θ = s / (1 + s),   s = Σ c_k / K_k
    Assumes     one laboratory's value stands for man
    Fails when  serotonin competes
    """

    table = "receptors/target_5HT2"
    inputs = {"S_ketamine": "umol/L", "R_ketamine": "umol/L"}
    default_on = False
    grade = "D"
    K_S_ketamine: float = par("umol/L", "affinity of S-ketamine", low=0.0)
    K_R_ketamine: float = par("umol/L", "affinity of R-ketamine", low=0.0)


class Serotonin3(Target):
    """Occupancy of the serotonin 5-HT3 receptor.

    Equation    θ = s / (1 + s),   s = Σ c_k / K_k
    Assumes     the middle of a wide range
    Fails when  any
    """

    table = "receptors/target_5HT3"
    inputs = {"S_ketamine": "umol/L", "R_ketamine": "umol/L"}
    default_on = False
    grade = "D"
    K_S_ketamine: float = par("umol/L", "affinity of S-ketamine", low=0.0)
    K_R_ketamine: float = par("umol/L", "affinity of R-ketamine", low=0.0)
