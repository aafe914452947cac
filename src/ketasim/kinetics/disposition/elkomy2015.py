"""Elkomy 2015: ketamine in children with heart disease."""

from __future__ import annotations

from ketasim.kinetics.mammillary import _Two


class Elkomy2015(_Two):
    """Ketamine in children with heart disease, two compartments.

    Equation    dA1/dt = input − CL·C1 − Q(C1 − C2); dA2/dt = Q(C1 − C2)
    Assumes     venous plasma (site not seen); volumes with weight, clearances with weight^0.75 per 70 kg
    Fails when  used in adults, or in infants whose enzymes are not mature
    """

    table = "kinetics/elkomy2015"
    site = "venous"
