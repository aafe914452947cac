"""Perez-Ruixo 2021: esketamine by nose, mouth and vein with noresketamine, and a well-stirred liver."""

from __future__ import annotations

import numpy as np

from ketasim.core.component import Component, Input, par
from ketasim.core.parameters import ParameterTable
from ketasim.kinetics.size import CLEARANCE_EXPONENT, covariate

ADULT_Y, MEDIAN_KG = 18.0, 74.0
ONSET_Y = 60.0
LOWEST_FLOW = 0.2


class PerezRuixo2021(Component):
    """The whole published model: absorption, liver and disposition were fitted together and stay together.

    Equation    dN/dt = −kan·N; dSW/dt = −kasw·SW; dPO/dt = −kapo·PO
                dH/dt = Fgut(kasw·SW + kapo·PO) + Qh(C − H/Vh) − f(kel + kmet)H
                dA/dt = kan·N + Qh(H/Vh − C) − Q1(C − P1/Vp1) − Q2(C − P2/Vp2); dPi/dt = Qi(C − Pi/Vpi)
                dM1/dt = f·kmet·H − CLn·M1/Vcn − Q3(M1/Vcn − M2/Vpn); dM2/dt = Q3(M1/Vcn − M2/Vpn)
    Assumes     each 28 mg device after the first of a session gives FRn × 0.62; the swallowed rest enters over Dsw;
                f scales intrinsic clearance and gut loss scales as f_gut (1/Fgut − 1); constants of noresketamine are
                apparent and in parent mass; a person keeps 20 % of hepatic flow however old; under 18 years, whom the
                paper does not cover, volumes go with weight and clearances with weight^0.75 from its median of 74 kg
    Fails when  the tail of noresketamine matters (24 h exposure 1.4–1.5 times the printed one), or an arterial peak
                after a bolus is asked for
    """

    table = "kinetics/perezruixo2021"
    inputs = {"intrinsic": "ratio", "gut": "ratio"}
    optional = {"intrinsic": 1.0, "gut": 1.0}
    states = dict.fromkeys(("N", "SW", "PO", "A", "P1", "P2", "H", "M1", "M2"), "umol")
    outputs = {
        "C": "umol/L",
        "Cn": "umol/L",
        "formed": "umol/h",
        "metabolite_eliminated": "umol/h",
        "eliminated": "umol/h",
    }
    ports = {"iv": "A", "intranasal": "N", "oral": "PO"}
    infusable = ("SW",)
    positive = tuple(states)
    conserves = ({"N": 1.0, "SW": 1.0, "PO": 1.0, "A": 1.0, "P1": 1.0, "P2": 1.0, "H": 1.0, "eliminated": 1.0},)
    linear = True
    site = "venous"
    FRn: float = par("fraction", "share of the first device absorbed through the nose", low=0.0, high=1.0)
    later_devices: float = par("ratio", "factor on that share for later devices", low=0.0)
    Japanese_FRn: float = par("ratio", "factor on that share for a Japanese person", low=0.0)
    FRn_factor: float = par("ratio", "that factor for this person", low=0.0)
    kan: float = par("1/h", "nasal absorption", low=0.0)
    Dsw: float = par("h", "time over which the rest is swallowed", low=0.0)
    kasw: float = par("1/h", "absorption of the swallowed rest", low=0.0)
    Dpo: float = par("h", "time over which an oral solution enters", low=0.0)
    kapo: float = par("1/h", "absorption of an oral solution", low=0.0)
    Fgut: float = par("fraction", "share escaping the gut wall", low=0.0, high=1.0)
    Vc: float = par("L", "central volume", low=0.0)
    Vp1: float = par("L", "first peripheral volume", low=0.0)
    Vp2: float = par("L", "second peripheral volume", low=0.0)
    Q1: float = par("L/h", "flow to the first peripheral volume", low=0.0)
    Q2: float = par("L/h", "flow to the second peripheral volume", low=0.0)
    Qh: float = par("L/h", "hepatic flow", low=0.0)
    Qh_decline: float = par("L/h/year", "fall of hepatic flow per year above 60")
    Vh: float = par("L", "volume of the liver compartment", low=0.0)
    kel: float = par("1/h", "hepatic elimination to other metabolites", low=0.0)
    Asian_kel: float = par("ratio", "factor on kel for an Asian person", low=0.0)
    kmet: float = par("1/h", "hepatic metabolism to noresketamine", low=0.0)
    Vcn: float = par("L", "apparent central volume of noresketamine", low=0.0)
    Vpn: float = par("L", "apparent peripheral volume of noresketamine", low=0.0)
    CLn: float = par("L/h", "apparent clearance of noresketamine", low=0.0)
    Asian_CLn: float = par("ratio", "factor on CLn for an Asian person", low=0.0)
    Q3: float = par("L/h", "apparent flow of noresketamine", low=0.0)
    mass_ratio: float = par("ratio", "molar mass of norketamine over that of ketamine", low=0.0)

    def _swallowed(self, x, u):
        """Amount per hour that reaches the gut wall, and the share of it that passes."""
        arriving = self.kasw * x["SW"] + self.kapo * x["PO"]
        return arriving, self.Fgut / (self.Fgut + u["gut"] * (1.0 - self.Fgut))

    def rates(self, x, u):
        C, Ch = x["A"] / self.Vc, x["H"] / self.Vh
        arriving, passing = self._swallowed(x, u)
        liver = self.Qh * (C - Ch)
        first, second = self.Q1 * (C - x["P1"] / self.Vp1), self.Q2 * (C - x["P2"] / self.Vp2)
        nasal = self.kan * x["N"]
        f = u["intrinsic"]
        Cn = x["M1"] / self.Vcn
        across = self.Q3 * (Cn - x["M2"] / self.Vpn)
        return {
            "N": -nasal, "SW": -self.kasw * x["SW"], "PO": -self.kapo * x["PO"],
            "A": nasal - liver - first - second, "P1": first, "P2": second,
            "H": passing * arriving + liver - f * (self.kel + self.kmet) * x["H"],
            "M1": f * self.kmet * x["H"] - self.CLn * Cn - across, "M2": across,
        }  # fmt: skip

    def read(self, x, u):
        arriving, passing = self._swallowed(x, u)
        f, Cn = u["intrinsic"], x["M1"] / self.Vcn
        return {
            "C": x["A"] / self.Vc, "Cn": Cn / self.mass_ratio, "formed": f * self.kmet * x["H"],
            "metabolite_eliminated": self.CLn * Cn,
            "eliminated": f * (self.kel + self.kmet) * x["H"] + (1.0 - passing) * arriving,
        }  # fmt: skip

    def _grown(self, cov):
        """Sizes of the body under 18 years; in adults of 39 to 170 kg the paper found no effect of weight."""
        if "age_y" not in cov or "weight_kg" not in cov:
            return {}
        child = covariate(cov, "age_y", 40.0) < ADULT_Y
        size = np.where(child, covariate(cov, "weight_kg", MEDIAN_KG) / MEDIAN_KG, 1.0)
        powers = dict.fromkeys(("Vc", "Vp1", "Vp2", "Vh", "Vcn", "Vpn"), 1.0)
        powers |= dict.fromkeys(("Q1", "Q2", "Qh", "CLn", "Q3"), CLEARANCE_EXPONENT)
        powers |= dict.fromkeys(("kel", "kmet"), CLEARANCE_EXPONENT - 1.0)  # intrinsic clearance is k·Vh
        return {name: getattr(self, name) * size**power for name, power in powers.items()}

    def derive(self, cov):
        out = self._grown(cov)
        if "age_y" in cov:
            over = np.maximum(covariate(cov, "age_y", 40.0) - ONSET_Y, 0.0)
            # the paper lowers the typical flow and lets people vary around it: the same fraction for everybody
            typical = ParameterTable.load(self.table)["Qh"].value
            out["Qh"] = out.get("Qh", self.Qh) * np.maximum(1.0 - self.Qh_decline * over / typical, LOWEST_FLOW)
        if "asian" in cov:
            asian = covariate(cov, "asian", 0.0)
            out["kel"] = out.get("kel", self.kel) * self.Asian_kel**asian
            out["CLn"] = out.get("CLn", self.CLn) * self.Asian_CLn**asian
        if "japanese" in cov:
            out["FRn_factor"] = self.Japanese_FRn ** covariate(cov, "japanese", 0.0)
        return out

    def dose(self, port, d):
        if port == "oral":
            return [Input("PO", d.amount, d.start_h, self.Dpo + d.duration_h)]
        if port == "iv":
            return [Input("A", d.amount, d.start_h, d.duration_h)]
        later = self.later_devices if d.device_index > 0 else 1.0
        share = np.minimum(self.FRn * self.FRn_factor * later, 1.0)
        return [
            Input("N", d.amount * share, d.start_h, d.duration_h),
            Input("SW", d.amount * (1.0 - share), d.start_h, self.Dsw + d.duration_h),
        ]
