"""Flint 2017: S-ketamine and S-norketamine in ventilated children, venous (assumed)."""

from __future__ import annotations

from ketasim.core.system import Part
from ketasim.kinetics.disposition.flint2017 import Flint2017
from ketasim.models.published import Parts, enantiomer


def _parts(e: str, ways: frozenset[str]) -> Parts:
    curves = {"ketamine": (f"plasma_{e}.C",), "norketamine": (f"plasma_{e}.Cn",)}
    return (Part(Flint2017(), f"plasma_{e}"),), {"iv": f"plasma_{e}:iv"}, curves


MODEL = enantiomer(
    "flint2017", _parts, title="Flint 2017, ventilated children, venous (assumed)", site="venous", routes=("iv",),
    analytes=("ketamine", "norketamine"), valid={"age_y": (0.02, 12.5)}, population="25 ventilated children",
    setting="intensive care", note="for infusions of days; time counts from zero as from the first dose",
)  # fmt: skip
