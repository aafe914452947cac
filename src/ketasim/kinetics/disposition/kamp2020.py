"""Kamp 2020: ketamine, three compartments, arterial."""

from __future__ import annotations

from ketasim.kinetics.mammillary import _Three


class Kamp2020(_Three):
    """The three-compartment set carried as that of Kamp's meta-analysis; the same for either enantiomer.

    Equation    dA1/dt = input − CL·C1 − Q2(C1 − C2) − Q3(C1 − C3); dAi/dt = Qi(C1 − Ci)
    Assumes     arterial plasma; volumes with weight, clearances with weight^0.75 per 70 kg
    Fails when  the last phase matters: half-life 3.1 h and volume 238 L, where others find 5–12 h and 700 L
    """

    table = "kinetics/kamp2020"
    site = "arterial"
