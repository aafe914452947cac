"""Domino 1984: ketamine in adults, the historical set of infusion pumps."""

from __future__ import annotations

from ketasim.kinetics.mammillary import _ThreeRateConstants


class Domino1984(_ThreeRateConstants):
    """Racemic ketamine, three compartments.

    Equation    dA1/dt = input − (k10 + k12 + k13)A1 + k21·A2 + k31·A3; C = A1/(V1·weight)
    Assumes     declared arterial: its V1 of 0.063 L/kg is a mixing volume
    Fails when  weight is far from the ordinary: everything is in proportion to it
    """

    table = "kinetics/domino1984"
    site = "arterial"
