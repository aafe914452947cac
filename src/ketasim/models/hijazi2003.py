"""Hijazi 2003, intensive care, two compartments, venous (assumed)."""

from __future__ import annotations

from ketasim.kinetics.disposition.hijazi2003 import Hijazi2003
from ketasim.models.published import racemate

MODEL = racemate(
    "hijazi2003",
    Hijazi2003,
    title="Hijazi 2003, intensive care, two compartments, venous (assumed)",
    population="12 patients with brain or spinal injury",
    valid={"age_y": (18, 80)},
    setting="intensive care",
)
