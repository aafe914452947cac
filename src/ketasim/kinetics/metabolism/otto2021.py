"""Otto 2021: S-norketamine on the parent of Fanta 2015, venous."""

from __future__ import annotations

from ketasim.core.component import Component, par
from ketasim.kinetics.size import allometric


class Otto2021(Component):
    """S-norketamine formed at once from all eliminated S-ketamine, two compartments.

    Equation    dA1/dt = metabolised − CL·A1/V1 − Q(A1/V1 − A2/V2); dA2/dt = Q(A1/V1 − A2/V2); C = A1/(V1·mass_ratio)
    Assumes     every ketamine molecule becomes norketamine, no delay; constants in parent mass (no molar correction),
                scaled here so that ng/mL come out as printed; only V1 and CL change with weight
    Fails when  the first half hour matters, or after an oral dose
    """

    table = "kinetics/otto2021"
    inputs = {"metabolised": "umol/h"}
    states = {"A1": "umol", "A2": "umol"}
    outputs = {"C": "umol/L", "eliminated": "umol/h"}
    positive = ("A1", "A2")
    conserves = ({"A1": 1.0, "A2": 1.0, "eliminated": 1.0},)
    linear = True
    site = "venous"
    V1: float = par("L", "central volume", low=0.0)
    V2: float = par("L", "peripheral volume", low=0.0)
    CL: float = par("L/h", "clearance", low=0.0)
    Q: float = par("L/h", "flow between the two volumes", low=0.0)
    mass_ratio: float = par("ratio", "molar mass of norketamine over that of ketamine", low=0.0)

    def rates(self, x, u):
        C1 = x["A1"] / self.V1
        across = self.Q * (C1 - x["A2"] / self.V2)
        return {"A1": u["metabolised"] - self.CL * C1 - across, "A2": across}

    def read(self, x, u):
        C1 = x["A1"] / self.V1
        return {"C": C1 / self.mass_ratio, "eliminated": self.CL * C1}

    def derive(self, cov):
        return allometric(self, cov, ("V1",), ("CL",))
