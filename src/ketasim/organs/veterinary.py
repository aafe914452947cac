"""The table of doses in animals, read from data/veterinary_doses.toml; it feeds no model."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

from ketasim.core.errors import InputError


@dataclass(frozen=True)
class AnimalDose:
    """One row: amounts in mg/kg, grade C (recalled textbook range) or D (order of magnitude)."""

    species: str
    route: str
    low_mg_kg: float
    high_mg_kg: float
    beside: str
    grade: str
    half_life_h: float | None = None
    note: str = ""


@cache
def doses() -> tuple[AnimalDose, ...]:
    """Every row of the table."""
    text = (resources.files("ketasim") / "data" / "veterinary_doses.toml").read_text(encoding="utf-8")
    return tuple(
        AnimalDose(
            row["species"], row["route"], row["low_mg_kg"], row["high_mg_kg"], row["with"], row["grade"],
            row.get("half_life_h"), row.get("note", ""),
        )
        for row in tomllib.loads(text)["dose"]
    )  # fmt: skip


def dose(species: str) -> AnimalDose:
    """The row of a species; InputError naming those there are."""
    for row in doses():
        if row.species == species.strip().lower():
            return row
    raise InputError("species", species, ", ".join(r.species for r in doses()))
