"""Opioid receptors."""

from ketasim.core.component import par
from ketasim.receptors.occupancy import Target


class MuOpioid(Target):
    """Occupancy of the mu opioid receptor.

    Equation    θ = s / (1 + s),   s = Σ c_k / K_k
    Assumes     binding in cloned receptors stands for man; whether ketamine activates or only binds is left open
    Fails when  naltrexone studies are read as proof of direct binding
    """

    table = "receptors/target_mu"
    inputs = {"S_ketamine": "umol/L", "R_ketamine": "umol/L"}
    default_on = False
    grade = "B"
    K_S_ketamine: float = par("umol/L", "affinity of S-ketamine", low=0.0)
    K_R_ketamine: float = par("umol/L", "affinity of R-ketamine", low=0.0)


class KappaOpioid(Target):
    """Occupancy of the kappa opioid receptor.

    Equation    θ = s / (1 + s),   s = Σ c_k / K_k
    Assumes     as for the mu receptor
    Fails when  as for the mu receptor
    """

    table = "receptors/target_kappa"
    inputs = {"S_ketamine": "umol/L", "R_ketamine": "umol/L"}
    default_on = False
    grade = "B"
    K_S_ketamine: float = par("umol/L", "affinity of S-ketamine", low=0.0)
    K_R_ketamine: float = par("umol/L", "affinity of R-ketamine", low=0.0)


class DeltaOpioid(Target):
    """Occupancy of the delta opioid receptor.

    Equation    θ = s / (1 + s),   s = Σ c_k / K_k
    Assumes     as for the mu receptor
    Fails when  as for the mu receptor
    """

    table = "receptors/target_delta"
    inputs = {"S_ketamine": "umol/L", "R_ketamine": "umol/L"}
    default_on = False
    grade = "B"
    K_S_ketamine: float = par("umol/L", "affinity of S-ketamine", low=0.0)
    K_R_ketamine: float = par("umol/L", "affinity of R-ketamine", low=0.0)
