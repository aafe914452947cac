"""Clements & Nimmo 1981, two compartments, venous."""

from __future__ import annotations

from ketasim.kinetics.disposition.clements1981 import Clements1981
from ketasim.models.published import racemate

MODEL = racemate(
    "clements1981",
    Clements1981,
    title="Clements & Nimmo 1981, two compartments, venous",
    population="healthy adults, 250 µg/kg IV",
    valid={"age_y": (18, 65)},
    setting="",
)
