"""Sherwin 2015, children, two compartments, venous (assumed)."""

from __future__ import annotations

from ketasim.kinetics.disposition.sherwin2015 import Sherwin2015
from ketasim.models.published import racemate

MODEL = racemate(
    "sherwin2015",
    Sherwin2015,
    title="Sherwin 2015, children, two compartments, venous (assumed)",
    population="57 children",
    valid={"age_y": (2, 18)},
    setting="",
)
