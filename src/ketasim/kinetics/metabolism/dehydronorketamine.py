"""Dehydronorketamine: experimental, off by default."""

from __future__ import annotations

from ketasim.core.component import Component, par
from ketasim.kinetics.size import allometric


class Dehydronorketamine(Component):
    """Dehydronorketamine from a share of eliminated norketamine, one compartment.

    Equation    dA/dt = fD·metabolised − CL·A/V; C = A/V
    Assumes     every number: no verified human model exists
    Fails when  compared with assays of the gas-chromatography era, which also count hydroxynorketamine
    """

    table = "kinetics/dhnk"
    inputs = {"metabolised": "umol/h"}
    states = {"A": "umol"}
    outputs = {"C": "umol/L"}
    positive = ("A",)
    linear = True
    site = "arterial"
    fD: float = par("fraction", "share of eliminated norketamine", low=0.0, high=1.0)
    CL: float = par("L/h", "clearance", low=0.0)
    V: float = par("L", "volume", low=0.0)

    def rates(self, x, u):
        return {"A": self.fD * u["metabolised"] - self.CL * x["A"] / self.V}

    def read(self, x, u):
        return {"C": x["A"] / self.V}

    def derive(self, cov):
        return allometric(self, cov, ("V",), ("CL",))
