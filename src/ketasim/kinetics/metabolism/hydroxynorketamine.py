"""2,6-Hydroxynorketamine formed from norketamine (Simons 2022)."""

from __future__ import annotations

from typing import Any

from ketasim.core.component import Component, par
from ketasim.kinetics.size import allometric


class _Hydroxynorketamine(Component):
    """Hydroxynorketamine: a short two-step delay after metabolism of norketamine, then two compartments.

    Equation    dT1/dt = metabolised − k·T1; dT2/dt = k(T1 − T2), k = 2/MTTH
                dA1/dt = fH·k·T2 − CLH·C1 − QH(C1 − C2); dA2/dt = QH(C1 − C2); C = A/V
    Assumes     70 % of metabolised norketamine becomes hydroxynorketamine
    Fails when  exposure must be right: hasan2021 measured twice the ratio to ketamine that this gives
    """

    table = "kinetics/simons2022"
    inputs = {"metabolised": "umol/h"}
    states = {"T1": "umol", "T2": "umol", "A1": "umol", "A2": "umol"}
    outputs = {"C": "umol/L", "eliminated": "umol/h", "elsewhere": "umol/h"}
    positive = ("T1", "T2", "A1", "A2")
    conserves = ({"T1": 1.0, "T2": 1.0, "A1": 1.0, "A2": 1.0, "eliminated": 1.0, "elsewhere": 1.0},)
    linear = True
    site = "arterial"
    MTTH: float = par("h", "mean transit from metabolised norketamine", low=0.0)
    fH: float = par("fraction", "share that becomes hydroxynorketamine", low=0.0, high=1.0)
    VH1: float = par("L", "central volume", low=0.0)
    VH2: float = par("L", "peripheral volume", low=0.0)
    CLH: float = par("L/h", "clearance", low=0.0)
    QH: float = par("L/h", "flow between the two volumes", low=0.0)

    def rates(self, x: Any, u: Any) -> dict[str, Any]:
        k = 2.0 / self.MTTH
        C1 = x["A1"] / self.VH1
        across = self.QH * (C1 - x["A2"] / self.VH2)
        return {
            "T1": u["metabolised"] - k * x["T1"], "T2": k * (x["T1"] - x["T2"]),
            "A1": self.fH * k * x["T2"] - self.CLH * C1 - across, "A2": across,
        }  # fmt: skip

    def read(self, x, u):
        C1 = x["A1"] / self.VH1
        return {"C": C1, "eliminated": self.CLH * C1, "elsewhere": (1.0 - self.fH) * 2.0 / self.MTTH * x["T2"]}

    def derive(self, cov):
        return allometric(self, cov, ("VH1", "VH2"), ("CLH", "QH"))


class HydroxynorketamineS(_Hydroxynorketamine):
    """(2S,6S)-Hydroxynorketamine, as published.

    Equation    as the base
    Assumes     70 % of metabolised norketamine becomes hydroxynorketamine
    Fails when  exposure must be right: hasan2021 measured twice the ratio to ketamine that this gives
    """


class ComposedHydroxynorketamineS(_Hydroxynorketamine):
    """(2S,6S)-Hydroxynorketamine of the default composition: as published, with what two reports dispute.

    Equation    as the base, clearance CLH × models_CLH
    Assumes     70 % of metabolised norketamine becomes hydroxynorketamine
    Fails when  exposure must be right: hasan2021 measured twice the ratio to ketamine that this gives
    """

    models_CLH: float = par("ratio", "clearance over the published one: how far reports disagree", low=0.0)

    def derive(self, cov):
        scaled = super().derive(cov)
        return scaled | {"CLH": scaled.get("CLH", self.CLH) * self.models_CLH}


class HydroxynorketamineR(ComposedHydroxynorketamineS):
    """(2R,6R)-Hydroxynorketamine: the S chain with a clearance fitted to measured exposure ratios.

    Equation    as the base with a clearance of its own
    Assumes     distribution and formation as for S
    Fails when  exposure must be right: no model of it was found
    """

    CLH: float = par("L/h", "clearance of the R form", low=0.0, key="CLH_R")
