"""Sigma receptors."""

from ketasim.core.component import par
from ketasim.receptors.occupancy import Target


class Sigma1(Target):
    """Occupancy of the sigma-1 receptor.

    Equation    θ = s / (1 + s),   s = Σ c_k / K_k
    Assumes     binding stands for function
    Fails when  the chaperone role matters
    """

    table = "receptors/target_sigma1"
    inputs = {"S_ketamine": "umol/L", "R_ketamine": "umol/L"}
    default_on = False
    grade = "C"
    K_S_ketamine: float = par("umol/L", "affinity of S-ketamine", low=0.0)
    K_R_ketamine: float = par("umol/L", "affinity of R-ketamine", low=0.0)


class Sigma2(Target):
    """Occupancy of the sigma-2 receptor.

    Equation    θ = s / (1 + s),   s = Σ c_k / K_k
    Assumes     binding stands for function
    Fails when  any
    """

    table = "receptors/target_sigma2"
    inputs = {"S_ketamine": "umol/L", "R_ketamine": "umol/L"}
    default_on = False
    grade = "C"
    K_S_ketamine: float = par("umol/L", "affinity of S-ketamine", low=0.0)
    K_R_ketamine: float = par("umol/L", "affinity of R-ketamine", low=0.0)
