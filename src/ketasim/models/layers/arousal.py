"""Arousal: the drive below dissociation and blood pressure."""

from ketasim.circuits.arousal import Arousal
from ketasim.core.system import Part
from ketasim.models.model import Layer, Need


def parts(need: Need, signals: frozenset[str]) -> list[Part]:
    """One part, reading arterial levels."""
    wire = {"S": "S_ketamine.arterial", "R": "R_ketamine.arterial"}
    return [Part(Arousal(), "arousal", wire, {"arousal": "arousal"})]


AROUSAL = Layer("arousal", ("arousal",), parts, flags={"arousal": ("assumed: a shared drive, not measured as such",)})
