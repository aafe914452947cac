"""Flint 2017: S-ketamine and S-norketamine in ventilated children."""

from __future__ import annotations

from ketasim.core.component import par
from ketasim.kinetics.mammillary import _Two
from ketasim.kinetics.size import allometric


class Flint2017(_Two):
    """S-ketamine with its metabolite for infusions of days in ventilated children.

    Equation    parent as two compartments; dN/dt = CL·C1 − CLn(1 + g·t)·N/Vn, t from the first dose at time zero
    Assumes     venous plasma (site not seen); the metabolite's constants are apparent and in parent mass
    Fails when  used outside intensive care: Vn = 1 L makes norketamine an algebraic steady state
    """

    inputs = {"input": "umol/h", "t": "h"}
    states = {"A1": "umol", "A2": "umol", "N": "umol"}
    outputs = {"C": "umol/L", "Cn": "umol/L", "eliminated": "umol/h"}
    positive = ("A1", "A2", "N")
    linear = False
    table = "kinetics/flint2017"
    site = "venous"
    CLn: float = par("L/h", "apparent clearance of norketamine", low=0.0)
    Vn: float = par("L", "apparent volume of norketamine", low=0.0)
    growth: float = par("1/h", "rise of the metabolite's clearance with time", low=0.0)
    mass_ratio: float = par("ratio", "molar mass of norketamine over that of ketamine", low=0.0)

    def rates(self, x, u):
        CLn = self.CLn * (1.0 + self.growth * u["t"])
        return super().rates(x, u) | {"N": self.CL * x["A1"] / self.V1 - CLn * x["N"] / self.Vn}

    def read(self, x, u):
        return super().read(x, u) | {"Cn": x["N"] / (self.Vn * self.mass_ratio)}

    def derive(self, cov):
        return allometric(self, cov, ("V1", "V2", "Vn"), ("CL", "Q", "CLn"))
