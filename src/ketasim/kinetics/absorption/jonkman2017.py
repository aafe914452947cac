"""Jonkman 2017: inhaled S-ketamine whose uptake falls with the plasma level."""

from __future__ import annotations

from typing import Any

from ketasim.core import ops
from ketasim.core.component import Component, Input, par
from ketasim.kinetics.size import allometric


class Jonkman2017(Component):
    """Nebulised ketamine, both enantiomers, on an arterial three-compartment disposition.

    Equation    uptake = F(1 − C^n/(C50^n + C^n))(k_fast·L1 + k_slow·L2); L1, L2 lung amounts that empty at k_fast and
                k_slow; C total arterial ketamine, ng/mL; disposition as Simons2022 for each enantiomer
    Assumes     the loss depends on total ketamine whichever enantiomer is inhaled; R is disposed of as S;
                the split between fast and slow uptake (assumed) and the exponent (from two printed points)
    Fails when  the nebuliser, the breathing or the particle size differ from the study's
    """

    table = "kinetics/jonkman2017"
    states = {f"{e}{s}": "umol" for e in "SR" for s in ("L1", "L2", "A1", "A2", "A3")}
    outputs = {
        "S": "umol/L", "R": "umol/L", "S_eliminated": "umol/h", "R_eliminated": "umol/h", "availability": "fraction",
    }  # fmt: skip
    ports = {"S_inhaled": "SL1", "R_inhaled": "RL1", "S_iv": "SA1", "R_iv": "RA1"}
    infusable = ("SL2", "RL2")
    positive = tuple(states)
    linear = False
    site = "arterial"
    F: float = par("fraction", "availability at low plasma levels", low=0.0, high=1.0)
    k_fast: float = par("1/h", "immediate uptake", low=0.0)
    k_slow: float = par("1/h", "slow uptake", low=0.0)
    share_fast: float = par("fraction", "share of the dose taken up at once", low=0.0, high=1.0)
    C50: float = par("ng/mL", "arterial ketamine at which half the uptake is lost", low=0.0)
    n: float = par("ratio", "steepness of that loss", low=0.0)
    M: float = par("g/mol", "molar mass of ketamine", low=0.0)
    V1: float = par("L", "central volume", low=0.0)
    V2: float = par("L", "first peripheral volume", low=0.0)
    V3: float = par("L", "second peripheral volume", low=0.0)
    CL: float = par("L/h", "clearance", low=0.0)
    Q2: float = par("L/h", "flow to the first peripheral volume", low=0.0)
    Q3: float = par("L/h", "flow to the second peripheral volume", low=0.0)

    def availability(self, x):
        """Share of what leaves the lung depots that reaches the blood."""
        C = (x["SA1"] + x["RA1"]) / self.V1 * self.M
        return self.F * (1.0 - ops.hill(C, self.C50, self.n))

    def rates(self, x, u):
        F = self.availability(x)
        out: dict[str, Any] = {}
        for e in "SR":
            fast, slow = self.k_fast * x[f"{e}L1"], self.k_slow * x[f"{e}L2"]
            C1 = x[f"{e}A1"] / self.V1
            second, third = self.Q2 * (C1 - x[f"{e}A2"] / self.V2), self.Q3 * (C1 - x[f"{e}A3"] / self.V3)
            central = F * (fast + slow) - self.CL * C1 - second - third
            out |= {f"{e}L1": -fast, f"{e}L2": -slow, f"{e}A1": central, f"{e}A2": second, f"{e}A3": third}
        return out

    def read(self, x, u):
        S, R = x["SA1"] / self.V1, x["RA1"] / self.V1
        return {
            "S": S,
            "R": R,
            "S_eliminated": self.CL * S,
            "R_eliminated": self.CL * R,
            "availability": self.availability(x),
        }

    def derive(self, cov):
        return allometric(self, cov, ("V1", "V2", "V3"), ("CL", "Q2", "Q3"))

    def dose(self, port, d):
        state = self.ports[port]
        if port.endswith("_iv"):
            return [Input(state, d.amount, d.start_h, d.duration_h)]
        slow = state[0] + "L2"
        return [
            Input(state, d.amount * self.share_fast, d.start_h, d.duration_h),
            Input(slow, d.amount * (1.0 - self.share_fast), d.start_h, d.duration_h),
        ]
