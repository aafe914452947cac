"""Depth: bispectral index and the vapour still needed."""

from ketasim.core.system import Part
from ketasim.models.layers import others
from ketasim.models.model import Layer, Need
from ketasim.organs.anaesthesia import Depth


def parts(need: Need, signals: frozenset[str]) -> list[Part]:
    """Sites of other drugs, then one part."""
    found, wire = others.sites("anaesthesia", signals)
    plasma = {"S": "S_ketamine.arterial", "R": "R_ketamine.arterial"}
    return [*found, Part(Depth(), "depth", {**plasma, **wire}, {"bis": "bis", "mac": "mac"})]


ANAESTHESIA = Layer(
    "anaesthesia",
    ("bis", "mac"),
    parts,
    flags={
        "bis": ("assumed: size of the paradoxical rise from one trial; ketamine itself never lowers it",),
        "mac": ("assumed: share of vapour still needed, 1 without any drug",),
    },
)
