"""Calcium channels."""

from ketasim.core.component import par
from ketasim.receptors.occupancy import Target


class CalciumL(Target):
    """Occupancy of the L-type calcium channel.

    Equation    θ = s / (1 + s),   s = Σ c_k / K_k
    Assumes     an order of magnitude
    Fails when  block depends on voltage and use
    """

    table = "receptors/target_CaL"
    inputs = {"S_ketamine": "umol/L", "R_ketamine": "umol/L"}
    default_on = False
    grade = "D"
    K_S_ketamine: float = par("umol/L", "affinity of S-ketamine", low=0.0)
    K_R_ketamine: float = par("umol/L", "affinity of R-ketamine", low=0.0)
