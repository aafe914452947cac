"""What a named model is made of, over every route it accepts."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from importlib import resources
from typing import TYPE_CHECKING

from ketasim.core.parameters import Parameter, ParameterTable

if TYPE_CHECKING:
    from ketasim.core.system import System
    from ketasim.models.model import Model


def models() -> Mapping[str, Model]:
    """Every named model."""
    from ketasim.models import MODELS

    return MODELS


@cache
def system(model: str) -> System:
    """The model built for everything it accepts at once."""
    from ketasim.models import get
    from ketasim.models.model import Need

    chosen = get(model)
    return chosen.build(Need(given=chosen.routes)).system


def parameters(model: str) -> dict[str, Parameter]:
    """``part.parameter`` → Parameter of a model."""
    return system(model).parameters


@lru_cache(maxsize=1)
def tables() -> dict[str, ParameterTable]:
    """Every parameter table of the package by name."""
    folder = resources.files("ketasim") / "data" / "parameters"
    names: list[str] = []

    def walk(place: resources.abc.Traversable, prefix: str) -> None:
        for entry in sorted(place.iterdir(), key=lambda e: e.name):
            if entry.is_dir():
                walk(entry, f"{prefix}{entry.name}/")
            elif entry.name.endswith(".toml"):
                names.append(prefix + entry.name.removesuffix(".toml"))

    walk(folder, "")
    return {name: ParameterTable.load(name) for name in names}
