"""Domino 1984, three compartments, declared arterial."""

from __future__ import annotations

from ketasim.kinetics.disposition.domino1984 import Domino1984
from ketasim.models.published import racemate

MODEL = racemate(
    "domino1984",
    Domino1984,
    title="Domino 1984, three compartments, declared arterial",
    population="adults",
    valid={"age_y": (18, 80)},
    setting="",
)
