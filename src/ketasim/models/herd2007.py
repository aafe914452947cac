"""Herd & Anderson 2007, children, two compartments, venous (assumed)."""

from __future__ import annotations

from ketasim.kinetics.disposition.herd2007 import Herd2007
from ketasim.models.published import racemate

MODEL = racemate(
    "herd2007",
    Herd2007,
    title="Herd & Anderson 2007, children, two compartments, venous (assumed)",
    population="54 children, mean 8.3 years",
    valid={"age_y": (1.5, 14)},
    setting="",
)
