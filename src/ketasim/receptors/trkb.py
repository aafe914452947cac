"""TrkB."""

from ketasim.core.component import par
from ketasim.receptors.occupancy import Target


class TrkB(Target):
    """Occupancy of the TrkB transmembrane domain.

    Equation    θ = s / (1 + s),   s = Σ c_k / K_k
    Assumes     the reported transmembrane site exists and its affinity holds in man
    Fails when  the site is an artefact, or cholesterol of the membrane decides
    """

    table = "receptors/target_TrkB"
    inputs = {"S_ketamine": "umol/L", "R_ketamine": "umol/L", "S_HNK": "umol/L", "R_HNK": "umol/L"}
    default_on = False
    grade = "D"
    K_S_ketamine: float = par("umol/L", "affinity of S-ketamine", low=0.0)
    K_R_ketamine: float = par("umol/L", "affinity of R-ketamine", low=0.0)
    K_S_HNK: float = par("umol/L", "affinity of S-hydroxynorketamine", low=0.0)
    K_R_HNK: float = par("umol/L", "affinity of R-hydroxynorketamine", low=0.0)
