"""Monoamine transporters."""

from ketasim.core.component import par
from ketasim.receptors.occupancy import Target


class NoradrenalineTransporter(Target):
    """Occupancy of the noradrenaline transporter.

    Equation    θ = s / (1 + s),   s = Σ c_k / K_k
    Assumes     inhibition of uptake in transfected cells stands for man
    Fails when  release, not uptake, dominates
    """

    table = "receptors/target_NET"
    inputs = {"S_ketamine": "umol/L", "R_ketamine": "umol/L"}
    default_on = False
    grade = "B"
    K_S_ketamine: float = par("umol/L", "affinity of S-ketamine", low=0.0)
    K_R_ketamine: float = par("umol/L", "affinity of R-ketamine", low=0.0)


class DopamineTransporter(Target):
    """Occupancy of the dopamine transporter.

    Equation    θ = s / (1 + s),   s = Σ c_k / K_k
    Assumes     inhibition of uptake in transfected cells stands for man
    Fails when  release, not uptake, dominates
    """

    table = "receptors/target_DAT"
    inputs = {"S_ketamine": "umol/L", "R_ketamine": "umol/L"}
    default_on = False
    grade = "B"
    K_S_ketamine: float = par("umol/L", "affinity of S-ketamine", low=0.0)
    K_R_ketamine: float = par("umol/L", "affinity of R-ketamine", low=0.0)


class SerotoninTransporter(Target):
    """Occupancy of the serotonin transporter.

    Equation    θ = s / (1 + s),   s = Σ c_k / K_k
    Assumes     inhibition of uptake in transfected cells stands for man; human PET found under 10 %
    Fails when  release, not uptake, dominates
    """

    table = "receptors/target_SERT"
    inputs = {"S_ketamine": "umol/L", "R_ketamine": "umol/L"}
    default_on = False
    grade = "A"
    K_S_ketamine: float = par("umol/L", "affinity of S-ketamine", low=0.0)
    K_R_ketamine: float = par("umol/L", "affinity of R-ketamine", low=0.0)
