"""Legal status by country as dated metadata (data/law.toml). No simulation reads it."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Literal

from pydantic import BaseModel, ConfigDict

from ketasim.core.errors import InputError


class LegalStatus(BaseModel):
    """One row: what is so, since when, who says it, how well it is known and on which date it was written down."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    place: str
    substance: str
    status: str
    since: str = ""
    source: str
    grade: Literal["verified", "secondary", "recalled"]
    as_of: str


@cache
def rows() -> tuple[LegalStatus, ...]:
    """Every row of the table."""
    text = (resources.files("ketasim") / "data" / "law.toml").read_text(encoding="utf-8")
    return tuple(LegalStatus(**row) for row in tomllib.loads(text)["law"])


def of(place: str) -> tuple[LegalStatus, ...]:
    """Rows of one place; InputError naming those there are."""
    found = tuple(r for r in rows() if r.place.lower() == place.strip().lower())
    if not found:
        raise InputError("place", place, ", ".join(dict.fromkeys(r.place for r in rows())))
    return found
