"""A short dated history of the substance, each entry with its source."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources


@dataclass(frozen=True)
class Event:
    """One dated fact: year, what happened, citation key, and how well we know it."""

    year: int
    text: str
    source: str
    status: str


@lru_cache(maxsize=1)
def history() -> tuple[Event, ...]:
    """All events, oldest first."""
    text = (resources.files("ketasim") / "data" / "molecule" / "history.toml").read_text(encoding="utf-8")
    return tuple(Event(**row) for row in tomllib.loads(text)["event"])
