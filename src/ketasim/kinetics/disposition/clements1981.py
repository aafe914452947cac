"""Clements & Nimmo 1981: ketamine in healthy adults, 250 µg/kg IV."""

from __future__ import annotations

from ketasim.kinetics.mammillary import _TwoRateConstants


class Clements1981(_TwoRateConstants):
    """Racemic ketamine, two compartments, venous.

    Equation    dA1/dt = input − (k10 + k12)A1 + k21·A2; C = A1/(V1·weight)
    Assumes     venous plasma
    Fails when  the first minutes after a bolus are asked for
    """

    table = "kinetics/clements1981"
    site = "venous"
