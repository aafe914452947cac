"""The way from arterial plasma to the arm vein where samples are drawn."""

from __future__ import annotations

from ketasim.core.component import Component, par

LN2 = 0.6931471805599453


class VenousLink(Component):
    """Forearm venous plasma follows arterial plasma with one half-time.

    Equation    dCv/dt = ln2/link · (C − Cv)
    Assumes     one first-order delay for every analyte; the half-time was fitted to ketamine alone
    Fails when  the published links are in hand: two delay compartments (kamp2020), an exchanging arm (henthorn2018)
    """

    table = "kinetics/plasma"
    inputs = {"C": "umol/L"}
    states = {"Cv": "umol/L"}
    outputs = {"Cv": "umol/L"}
    positive = ("Cv",)
    linear = True
    link: float = par("h", "half-time of the link", low=0.0)

    def rates(self, x, u):
        return {"Cv": LN2 / self.link * (u["C"] - x["Cv"])}
