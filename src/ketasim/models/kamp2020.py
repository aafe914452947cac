"""Kamp 2020 as published: one arterial three-compartment set for either enantiomer."""

from __future__ import annotations

from ketasim.core.system import Part
from ketasim.kinetics.disposition.kamp2020 import Kamp2020
from ketasim.models.published import Parts, enantiomer


def _parts(e: str, ways: frozenset[str]) -> Parts:
    return (Part(Kamp2020(), f"plasma_{e}"),), {"iv": f"plasma_{e}:iv"}, {"ketamine": (f"plasma_{e}.C",)}


MODEL = enantiomer(
    "kamp2020", _parts, title="Kamp 2020, three compartments, arterial", site="arterial", routes=("iv",),
    any_moiety=True, valid={"age_y": (2.0, 90.0)},
    population="meta-analysis: healthy adults, adult patients, children",
    note="half-life 3.1 h and volume 238 L are shorter and smaller than most other reports",
)  # fmt: skip
