"""Simons 2022: absorption of the S-ketamine oral thin film."""

from __future__ import annotations

from ketasim.core.component import Component, Input, par


class SimonsFilm(Component):
    """A film under the tongue or in the cheek, held for ten minutes.

    Equation    dM/dt = −KA1·M; dG/dt = −KA2·G; dL/dt = KA2·G − L/MTTG; mucosal = KA1·M; swallowed = L/MTTG
    Assumes     F1 of the dose enters M over D1 and reaches the blood; F2 enters G over D2 and reaches hepatic
                metabolism without ever being systemic ketamine
    Fails when  mass must close (F1 + F2 = 1.42) or the dose is swallowed at once
    """

    table = "kinetics/simons2022"
    states = {"M": "umol", "G": "umol", "L": "umol"}
    outputs = {"mucosal": "umol/h", "swallowed": "umol/h"}
    ports = {"mucosal": "M", "swallowed": "G"}
    positive = ("M", "G", "L")
    linear = True
    site = "arterial"
    F1: float = par("fraction", "share of the film absorbed through the mucosa", low=0.0)
    D1: float = par("h", "time over which it enters the mucosa", low=0.0)
    KA1: float = par("1/h", "mucosal absorption", low=0.0)
    F2: float = par("fraction", "share of the film reaching hepatic metabolism after swallowing", low=0.0)
    D2: float = par("h", "time over which it is swallowed", low=0.0)
    KA2: float = par("1/h", "absorption from the gut", low=0.0)
    MTTG: float = par("h", "mean transit from gut to liver", low=0.0)

    def rates(self, x, u):
        out = self.KA2 * x["G"]
        return {"M": -self.KA1 * x["M"], "G": -out, "L": out - x["L"] / self.MTTG}

    def read(self, x, u):
        return {"mucosal": self.KA1 * x["M"], "swallowed": x["L"] / self.MTTG}

    def dose(self, port, d):
        return [Input("M", d.amount * self.F1, d.start_h, self.D1), Input("G", d.amount * self.F2, d.start_h, self.D2)]
