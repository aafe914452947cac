"""Hannivoort 2015: dexmedetomidine."""

from __future__ import annotations

from ketasim.core.component import par
from ketasim.kinetics.mammillary import _Three


class Hannivoort2015(_Three):
    """Dexmedetomidine, three compartments, arterial.

    Equation    dA1/dt = input − CL·C1 − Q2(C1 − C2) − Q3(C1 − C3); dAi/dt = Qi(C1 − Ci)
    Assumes     volumes with weight, clearances with weight^0.75 per 70 kg
    Fails when  cardiac output is low
    """

    outputs = {"C": "umol/L", "eliminated": "umol/h", "arterial": "ng/mL"}
    table = "kinetics/hannivoort2015"
    site = "arterial"
    M: float = par("g/mol", "molar mass", low=0.0)

    def read(self, x, u):
        base = super().read(x, u)
        return base | {"arterial": self.M * base["C"]}
