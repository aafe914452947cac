"""HCN1 channel."""

from ketasim.core.component import par
from ketasim.receptors.occupancy import Target


class HCN1(Target):
    """Occupancy of the HCN1 pacemaker channel.

    Equation    θ = s / (1 + s),   s = Σ c_k / K_k
    Assumes     inhibition of HCN1 in expression systems stands for cortex
    Fails when  HCN2 contributes, or the voltage shift rather than the loss of current matters
    """

    table = "receptors/target_HCN1"
    inputs = {"S_ketamine": "umol/L", "R_ketamine": "umol/L"}
    default_on = True
    grade = "B"
    K_S_ketamine: float = par("umol/L", "affinity of S-ketamine", low=0.0)
    K_R_ketamine: float = par("umol/L", "affinity of R-ketamine", low=0.0)
