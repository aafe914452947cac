"""Nicotinic receptors."""

from ketasim.core.component import par
from ketasim.receptors.occupancy import Target


class NicotinicAlpha7(Target):
    """Occupancy of the alpha-7 nicotinic receptor.

    Equation    θ = s / (1 + s),   s = Σ c_k / K_k
    Assumes     functional IC50 stands for occupancy
    Fails when  DHNK is not carried (it is off by default)
    """

    table = "receptors/target_alpha7"
    inputs = {
        "S_ketamine": "umol/L",
        "R_ketamine": "umol/L",
        "DHNK": "umol/L",
        "S_norketamine": "umol/L",
        "R_norketamine": "umol/L",
    }
    default_on = False
    grade = "B"
    K_S_ketamine: float = par("umol/L", "affinity of S-ketamine", low=0.0)
    K_R_ketamine: float = par("umol/L", "affinity of R-ketamine", low=0.0)
    K_DHNK: float = par("umol/L", "affinity of dehydronorketamine", low=0.0)
    K_S_norketamine: float = par("umol/L", "affinity of S-norketamine", low=0.0)
    K_R_norketamine: float = par("umol/L", "affinity of R-norketamine", low=0.0)


class NicotinicAlpha4Beta2(Target):
    """Occupancy of the alpha-4 beta-2 nicotinic receptor.

    Equation    θ = s / (1 + s),   s = Σ c_k / K_k
    Assumes     functional IC50 stands for occupancy
    Fails when  channel block depends on use
    """

    table = "receptors/target_alpha4beta2"
    inputs = {"S_ketamine": "umol/L", "R_ketamine": "umol/L"}
    default_on = False
    grade = "B"
    K_S_ketamine: float = par("umol/L", "affinity of S-ketamine", low=0.0)
    K_R_ketamine: float = par("umol/L", "affinity of R-ketamine", low=0.0)


class NicotinicAlpha3Beta4(Target):
    """Occupancy of the alpha-3 beta-4 nicotinic receptor.

    Equation    θ = s / (1 + s),   s = Σ c_k / K_k
    Assumes     functional IC50 stands for occupancy
    Fails when  channel block depends on use
    """

    table = "receptors/target_alpha3beta4"
    inputs = {"S_ketamine": "umol/L", "R_ketamine": "umol/L", "S_norketamine": "umol/L", "R_norketamine": "umol/L"}
    default_on = False
    grade = "B"
    K_S_ketamine: float = par("umol/L", "affinity of S-ketamine", low=0.0)
    K_R_ketamine: float = par("umol/L", "affinity of R-ketamine", low=0.0)
    K_S_norketamine: float = par("umol/L", "affinity of S-norketamine", low=0.0)
    K_R_norketamine: float = par("umol/L", "affinity of R-norketamine", low=0.0)
