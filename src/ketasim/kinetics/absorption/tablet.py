"""Sublingual and buccal tablets, lozenges and solutions."""

from __future__ import annotations

from ketasim.core.component import Component, Input, par


class Tablet(Component):
    """Part of the dose goes through the mucosa, the rest is swallowed.

    Equation    dM/dt = −KA1·M; dG/dt = −kapo·G; mucosal = KA1·M; swallowed = kapo·G
    Assumes     the mucosal share and rate of the S-ketamine film; the remainder behaves as an oral solution
    Fails when  the form is spat out or swallowed early: the share depends on how long it is held
    """

    table = "kinetics/tablet"
    states = {"M": "umol", "G": "umol"}
    outputs = {"mucosal": "umol/h", "swallowed": "umol/h"}
    ports = {"mucosal": "M", "swallowed": "G"}
    positive = ("M", "G")
    conserves = ({"M": 1.0, "mucosal": 1.0}, {"G": 1.0, "swallowed": 1.0})
    linear = True
    F1: float = par("fraction", "share absorbed through the mucosa", low=0.0, high=1.0)
    KA1: float = par("1/h", "mucosal absorption", low=0.0)
    Dpo: float = par("h", "time over which the rest reaches the gut", low=0.0)
    kapo: float = par("1/h", "absorption of the swallowed rest", low=0.0)

    def rates(self, x, u):
        return {"M": -self.KA1 * x["M"], "G": -self.kapo * x["G"]}

    def read(self, x, u):
        return {"mucosal": self.KA1 * x["M"], "swallowed": self.kapo * x["G"]}

    def dose(self, port, d):
        return [
            Input("M", d.amount * self.F1, d.start_h, d.duration_h),
            Input("G", d.amount * (1.0 - self.F1), d.start_h, self.Dpo + d.duration_h),
        ]
