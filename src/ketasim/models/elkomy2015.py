"""Elkomy 2015, children with heart disease, two compartments, venous (assumed)."""

from __future__ import annotations

from ketasim.kinetics.disposition.elkomy2015 import Elkomy2015
from ketasim.models.published import racemate

MODEL = racemate(
    "elkomy2015",
    Elkomy2015,
    title="Elkomy 2015, children with heart disease, two compartments, venous (assumed)",
    population="21 children",
    valid={"age_y": (0.7, 17)},
    setting="heart disease",
)
