"""Fanta 2015: S-ketamine, three compartments, venous."""

from __future__ import annotations

from ketasim.core.system import Part
from ketasim.kinetics.disposition.fanta2015 import Fanta2015
from ketasim.models.published import Parts, enantiomer


def _parts(e: str, ways: frozenset[str]) -> Parts:
    return (Part(Fanta2015(), f"plasma_{e}"),), {"iv": f"plasma_{e}:iv"}, {"ketamine": (f"plasma_{e}.C",)}


MODEL = enantiomer(
    "fanta2015", _parts, title="Fanta 2015, three compartments, venous", site="venous", routes=("iv",),
    valid={"age_y": (18.0, 60.0)}, population="11 healthy men, sampled to 23.5 h",
    note="the oral arm's absorption constants were not obtained, so only the vein is modelled",
)  # fmt: skip
