"""Delay between arterial plasma and effect."""

from __future__ import annotations

from ketasim.core.component import Component, par

LN2 = 0.6931471805599453


class EffectSite(Component):
    """Delay between plasma and the brain.

    Equation    dCe/dt = ke0 (C − Ce), ke0 = ln2/half_time
    Assumes     one well-mixed compartment, no active transport; one half-time for one endpoint
    Fails when  a bolus is given in seconds, or the half-time of another endpoint is used
    """

    table = "kinetics/effect_site"
    inputs = {"C": "umol/L"}
    states = {"Ce": "umol/L"}
    outputs = {"Ce": "umol/L"}
    positive = ("Ce",)
    linear = True
    site = "arterial"
    half_time: float = par("h", "half-time of equilibration", low=0.0)

    def rates(self, x, u):
        return {"Ce": LN2 / self.half_time * (u["C"] - x["Ce"])}
