"""Wiebe 2020: midazolam in healthy adults, the comparator of ketamine trials."""

from __future__ import annotations

from ketasim.core.component import Input, par
from ketasim.kinetics.mammillary import _Three


class Wiebe2020(_Three):
    """Midazolam, three compartments with first-order oral absorption.

    Equation    dG/dt = −ka·G; dA1/dt = ka·G − CL·C1 − Q2(C1 − C2) − Q3(C1 − C3); dAi/dt = Qi(C1 − Ci)
    Assumes     no effect of body weight on the parent, as published; 28 % of an oral dose arrives
    Fails when  used in children, in intensive care, or with inhibitors or inducers of CYP3A
    """

    states = {"G": "umol", "A1": "umol", "A2": "umol", "A3": "umol"}
    ports = {"iv": "A1", "oral": "G"}
    positive = ("G", "A1", "A2", "A3")
    conserves = ({"G": 1.0, "A1": 1.0, "A2": 1.0, "A3": 1.0, "eliminated": 1.0},)
    table = "kinetics/wiebe2020"
    site = "venous"
    ka: float = par("1/h", "absorption", low=0.0)
    F: float = par("fraction", "oral availability", low=0.0)

    def rates(self, x, u):
        uptake = self.ka * x["G"]
        return {"G": -uptake} | super().rates(x, {"input": u["input"] + uptake})

    def derive(self, cov):
        return {}

    def dose(self, port, d):
        share = self.F if port == "oral" else 1.0
        return [Input(self.ports[port], d.amount * share, d.start_h, d.duration_h)]
