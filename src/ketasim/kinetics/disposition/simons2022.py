"""Simons 2022: S-ketamine, three compartments, arterial, after a film in the mouth or into a vein."""

from __future__ import annotations

from ketasim.core.component import par
from ketasim.kinetics.mammillary import _Three


class Simons2022(_Three):
    """S-ketamine in healthy volunteers; its whole clearance is metabolic and feeds the metabolite chain.

    Equation    dA1/dt = input − CL·C1 − Q2(C1 − C2) − Q3(C1 − C3); dAi/dt = Qi(C1 − Ci)
    Assumes     arterial plasma; volumes with weight, clearances with weight^0.75 per 70 kg (not printed)
    Fails when  a swallowed dose without a film is asked for
    """

    table = "kinetics/simons2022"
    site = "arterial"
    V1: float = par("L", "central volume, also that of norketamine", low=0.0)
