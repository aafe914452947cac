"""Norketamine formed through a delay from metabolised ketamine (Simons 2022)."""

from __future__ import annotations

from typing import Any

from ketasim.core.component import Component, par
from ketasim.kinetics.size import allometric


class SimonsNorketamine(Component):
    """Norketamine: a two-step delay after metabolism of ketamine, then two compartments.

    Equation    dT1/dt = metabolised − k·T1; dT2/dt = k(T1 − T2), k = 2/MTTN
                dA1/dt = fN·k·T2 − CLN·C1 − QN(C1 − C2); dA2/dt = QN(C1 − C2); C = A/V, central volume that of ketamine
    Assumes     80 % of metabolised ketamine becomes norketamine; R-norketamine behaves as S-norketamine
    Fails when  norketamine formed in the gut wall matters (plain oral dosing)
    """

    table = "kinetics/simons2022"
    inputs = {"metabolised": "umol/h"}
    states = {"T1": "umol", "T2": "umol", "A1": "umol", "A2": "umol"}
    outputs = {"C": "umol/L", "eliminated": "umol/h", "elsewhere": "umol/h"}
    positive = ("T1", "T2", "A1", "A2")
    conserves = ({"T1": 1.0, "T2": 1.0, "A1": 1.0, "A2": 1.0, "eliminated": 1.0, "elsewhere": 1.0},)
    linear = True
    site = "arterial"
    MTTN: float = par("h", "mean transit from metabolised ketamine to norketamine", low=0.0)
    fN: float = par("fraction", "share that becomes norketamine", low=0.0, high=1.0)
    V1: float = par("L", "central volume", low=0.0)
    VN2: float = par("L", "peripheral volume", low=0.0)
    CLN: float = par("L/h", "clearance", low=0.0)
    QN: float = par("L/h", "flow between the two volumes", low=0.0)

    def clearance(self, u: Any) -> Any:
        """Clearance in force; a subclass may let the liver change it."""
        return self.CLN

    def rates(self, x, u):
        k = 2.0 / self.MTTN
        C1 = x["A1"] / self.V1
        across = self.QN * (C1 - x["A2"] / self.VN2)
        return {
            "T1": u["metabolised"] - k * x["T1"], "T2": k * (x["T1"] - x["T2"]),
            "A1": self.fN * k * x["T2"] - self.clearance(u) * C1 - across, "A2": across,
        }  # fmt: skip

    def read(self, x, u):
        C1 = x["A1"] / self.V1
        return {"C": C1, "eliminated": self.clearance(u) * C1, "elsewhere": (1.0 - self.fN) * 2.0 / self.MTTN * x["T2"]}

    def derive(self, cov):
        return allometric(self, cov, ("V1", "VN2"), ("CLN", "QN"))


class Norketamine(SimonsNorketamine):
    """Norketamine of the default composition: the Simons chain behind the liver that also clears ketamine.

    Equation    as the base, clearance q·f·CLN·models_CLN / (q(1 − EN) + f·EN); q relative flow, f relative intrinsic
                clearance
    Assumes     80 % of metabolised ketamine becomes norketamine, in the gut wall too; R-norketamine as S-norketamine;
                the enzymes that make it clear it, in the same shares
    Fails when  exposure must be right to better than a third: models of the same data disagree by as much
    """

    inputs = {"metabolised": "umol/h", "flow": "ratio", "intrinsic": "ratio"}
    optional = {"flow": 1.0, "intrinsic": 1.0}
    models_CLN: float = par("ratio", "clearance over the published one: how far models disagree", low=0.0)
    EN: float = par("fraction", "share of norketamine taken in one passage of the liver", low=0.0, high=1.0)

    def clearance(self, u):
        q, f = u["flow"], u["intrinsic"]
        return q * f * self.CLN / (q * (1.0 - self.EN) + f * self.EN)

    def derive(self, cov):
        scaled = super().derive(cov)
        return scaled | {"CLN": scaled.get("CLN", self.CLN) * self.models_CLN}
