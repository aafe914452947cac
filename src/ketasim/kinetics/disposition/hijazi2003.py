"""Hijazi 2003: ketamine in intensive care."""

from __future__ import annotations

from ketasim.kinetics.mammillary import _TwoRateConstants


class Hijazi2003(_TwoRateConstants):
    """Racemic ketamine in patients with brain or spinal injury: large volume, clearance above hepatic flow.

    Equation    dA1/dt = input − (k10 + k12)A1 + k21·A2; C = A1/(V1·weight)
    Assumes     venous plasma (site not seen)
    Fails when  used outside intensive care
    """

    table = "kinetics/hijazi2003"
    site = "venous"
