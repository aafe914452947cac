"""The mammillary models that published dispositions are written in; each paper is a small subclass elsewhere."""

from __future__ import annotations

from typing import Any, ClassVar

from ketasim.core.component import Component, par
from ketasim.kinetics.size import allometric, covariate

AMOUNT, FLUX, LEVEL = "umol", "umol/h", "umol/L"


class _Two(Component):
    """Two compartments with clearances.

    Equation    dA1/dt = input − CL·C1 − Q(C1 − C2); dA2/dt = Q(C1 − C2); C = A/V
    Assumes     instant mixing in V1, first-order elimination from it
    Fails when  sampled within the first minutes of a bolus
    """

    inputs = {"input": FLUX}
    optional = {"input": 0.0}
    states = {"A1": AMOUNT, "A2": AMOUNT}
    outputs = {"C": LEVEL, "eliminated": FLUX}
    ports = {"iv": "A1"}
    positive: ClassVar[tuple[str, ...]] = ("A1", "A2")
    conserves = ({"A1": 1.0, "A2": 1.0, "eliminated": 1.0},)
    linear = True
    V1: float = par("L", "central volume", low=0.0)
    V2: float = par("L", "peripheral volume", low=0.0)
    CL: float = par("L/h", "clearance", low=0.0)
    Q: float = par("L/h", "flow between the two volumes", low=0.0)

    def rates(self, x, u):
        C1, C2 = x["A1"] / self.V1, x["A2"] / self.V2
        across = self.Q * (C1 - C2)
        return {"A1": u["input"] - self.CL * C1 - across, "A2": across}

    def read(self, x, u):
        C = x["A1"] / self.V1
        return {"C": C, "eliminated": self.CL * C}

    def derive(self, cov):
        return allometric(self, cov, ("V1", "V2"), ("CL", "Q"))


class _Three(Component):
    """Three compartments with clearances.

    Equation    dA1/dt = input − CL·C1 − Q2(C1 − C2) − Q3(C1 − C3); dAi/dt = Qi(C1 − Ci); C = A/V
    Assumes     instant mixing in V1, first-order elimination from it
    Fails when  sampled within the first minutes of a bolus
    """

    inputs = {"input": FLUX}
    optional = {"input": 0.0}
    states = {"A1": AMOUNT, "A2": AMOUNT, "A3": AMOUNT}
    outputs = {"C": LEVEL, "eliminated": FLUX}
    ports = {"iv": "A1"}
    positive: ClassVar[tuple[str, ...]] = ("A1", "A2", "A3")
    conserves = ({"A1": 1.0, "A2": 1.0, "A3": 1.0, "eliminated": 1.0},)
    linear = True
    V1: float = par("L", "central volume", low=0.0)
    V2: float = par("L", "first peripheral volume", low=0.0)
    V3: float = par("L", "second peripheral volume", low=0.0)
    CL: float = par("L/h", "clearance", low=0.0)
    Q2: float = par("L/h", "flow to the first peripheral volume", low=0.0)
    Q3: float = par("L/h", "flow to the second peripheral volume", low=0.0)

    def clearance(self, u: Any) -> Any:
        """Clearance in force; a subclass may let the liver change it."""
        return self.CL

    def rates(self, x, u):
        C1 = x["A1"] / self.V1
        second, third = self.Q2 * (C1 - x["A2"] / self.V2), self.Q3 * (C1 - x["A3"] / self.V3)
        return {"A1": u["input"] - self.clearance(u) * C1 - second - third, "A2": second, "A3": third}

    def read(self, x, u):
        C = x["A1"] / self.V1
        return {"C": C, "eliminated": self.clearance(u) * C}

    def derive(self, cov):
        return allometric(self, cov, ("V1", "V2", "V3"), ("CL", "Q2", "Q3"))


class _RateConstants(Component):
    """Two or three compartments written as rate constants and a central volume per kg of body weight.

    Equation    dA1/dt = input − (k10 + k12 + …)A1 + k21·A2 + …; dAi/dt = k1i·A1 − ki1·Ai; C = A1/(V1·weight)
    Assumes     volumes and clearances in proportion to weight
    Fails when  weight is far from that of the people studied
    """

    inputs = {"input": FLUX}
    optional = {"input": 0.0}
    outputs = {"C": LEVEL, "eliminated": FLUX}
    ports = {"iv": "A1"}
    linear = True
    V1: float = par("L/kg", "central volume per kg", low=0.0)
    k10: float = par("1/h", "elimination", low=0.0)
    k12: float = par("1/h", "from the central to the first peripheral compartment", low=0.0)
    k21: float = par("1/h", "back from it", low=0.0)
    weight: float = par("kg", "body weight", low=0.0)

    def read(self, x, u):
        return {"C": x["A1"] / (self.V1 * self.weight), "eliminated": self.k10 * x["A1"]}

    def derive(self, cov):
        return {"weight": covariate(cov, "weight_kg", self.weight)}


class _TwoRateConstants(_RateConstants):
    """Two compartments as rate constants; see the base."""

    states = {"A1": AMOUNT, "A2": AMOUNT}
    positive: ClassVar[tuple[str, ...]] = ("A1", "A2")
    conserves = ({"A1": 1.0, "A2": 1.0, "eliminated": 1.0},)

    def rates(self, x, u):
        across = self.k12 * x["A1"] - self.k21 * x["A2"]
        return {"A1": u["input"] - self.k10 * x["A1"] - across, "A2": across}


class _ThreeRateConstants(_RateConstants):
    """Three compartments as rate constants; see the base."""

    states = {"A1": AMOUNT, "A2": AMOUNT, "A3": AMOUNT}
    positive: ClassVar[tuple[str, ...]] = ("A1", "A2", "A3")
    conserves = ({"A1": 1.0, "A2": 1.0, "A3": 1.0, "eliminated": 1.0},)
    k13: float = par("1/h", "from the central to the second peripheral compartment", low=0.0)
    k31: float = par("1/h", "back from it", low=0.0)

    def rates(self, x, u):
        second = self.k12 * x["A1"] - self.k21 * x["A2"]
        third = self.k13 * x["A1"] - self.k31 * x["A3"]
        return {"A1": u["input"] - self.k10 * x["A1"] - second - third, "A2": second, "A3": third}
