"""Fanta 2015: S-ketamine, three compartments, venous."""

from __future__ import annotations

from ketasim.kinetics.mammillary import _Three
from ketasim.kinetics.size import allometric


class Fanta2015(_Three):
    """S-ketamine in healthy men, sampled to 23.5 h.

    Equation    dA1/dt = input − CL·C1 − Q2(C1 − C2) − Q3(C1 − C3); dAi/dt = Qi(C1 − Ci)
    Assumes     venous plasma; only the central volume and the clearance change with weight, as in otto2021
    Fails when  a bolus is given and its first minutes are asked for: 2 mg/kg would peak at 0.9 mg/L
    """

    table = "kinetics/fanta2015"
    site = "venous"

    def derive(self, cov):
        return allometric(self, cov, ("V1",), ("CL",))
