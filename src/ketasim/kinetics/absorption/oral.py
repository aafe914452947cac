"""Swallowed drug: from the gut through its wall to the liver."""

from __future__ import annotations

from ketasim.core.component import Component, Input, par


class Oral(Component):
    """A swallowed dose, and what a form in the mouth leaves to swallow, pass the gut wall into the portal vein.

    Equation    dG/dt = −kapo·G; arriving = kapo·G + swallowed
                portal = Fgut/(Fgut + gut(1 − Fgut)) · arriving; wall = arriving − portal
    Assumes     the entry, rate and gut escape fitted to an esketamine solution, for R and for other forms too; what the
                wall keeps is metabolised there, as the norketamine after a swallowed film shows (simons2022)
    Fails when  the form releases slowly, or drug is lost unabsorbed
    """

    table = "kinetics/perezruixo2021"
    inputs = {"swallowed": "umol/h", "gut": "ratio"}
    optional = {"swallowed": 0.0, "gut": 1.0}
    states = {"G": "umol"}
    outputs = {"portal": "umol/h", "wall": "umol/h"}
    ports = {"oral": "G"}
    positive = ("G",)
    conserves = ({"G": 1.0, "portal": 1.0, "wall": 1.0},)
    linear = True
    Dpo: float = par("h", "time over which the dose enters", low=0.0)
    kapo: float = par("1/h", "absorption", low=0.0)
    Fgut: float = par("fraction", "share escaping the gut wall", low=0.0, high=1.0)

    def rates(self, x, u):
        return {"G": -self.kapo * x["G"]}

    def read(self, x, u):
        arriving = self.kapo * x["G"] + u["swallowed"]
        portal = self.Fgut / (self.Fgut + u["gut"] * (1.0 - self.Fgut)) * arriving
        return {"portal": portal, "wall": arriving - portal}

    def dose(self, port, d):
        return [Input("G", d.amount, d.start_h, self.Dpo + d.duration_h)]
