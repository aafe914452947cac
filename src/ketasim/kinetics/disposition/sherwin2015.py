"""Sherwin 2015: ketamine in an emergency department, children."""

from __future__ import annotations

from ketasim.kinetics.mammillary import _Two


class Sherwin2015(_Two):
    """Ketamine in children, two compartments with a large peripheral volume.

    Equation    dA1/dt = input − CL·C1 − Q(C1 − C2); dA2/dt = Q(C1 − C2)
    Assumes     venous plasma (site not seen); volumes with weight, clearances with weight^0.75 per 70 kg
    Fails when  used in adults, or in infants whose enzymes are not mature
    """

    table = "kinetics/sherwin2015"
    site = "venous"
