"""Herd & Anderson 2007: ketamine in an emergency department, children of 1.5–14 years."""

from __future__ import annotations

from ketasim.kinetics.mammillary import _Two


class Herd2007(_Two):
    """Ketamine in children, two compartments, sampled for about two hours.

    Equation    dA1/dt = input − CL·C1 − Q(C1 − C2); dA2/dt = Q(C1 − C2)
    Assumes     venous plasma (site not seen); volumes with weight, clearances with weight^0.75 per 70 kg
    Fails when  used in adults, or in infants whose enzymes are not mature
    """

    table = "kinetics/herd2007"
    site = "venous"
