"""Dopamine receptors."""

from ketasim.core.component import par
from ketasim.receptors.occupancy import Target


class DopamineD2High(Target):
    """Occupancy of the dopamine D2 receptor, high-affinity state.

    Equation    θ = s / (1 + s),   s = Σ c_k / K_k
    Assumes     the disputed high affinity of one laboratory is real
    Fails when  the receptor is occupied by dopamine, or the affinity is an artefact of the assay
    """

    table = "receptors/target_D2High"
    inputs = {"S_ketamine": "umol/L", "R_ketamine": "umol/L"}
    default_on = False
    grade = "D"
    K_S_ketamine: float = par("umol/L", "affinity of S-ketamine", low=0.0)
    K_R_ketamine: float = par("umol/L", "affinity of R-ketamine", low=0.0)
