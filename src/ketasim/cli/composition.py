"""What a named model is made of, over every route it accepts."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from importlib import resources
from typing import TYPE_CHECKING

from ketasim.core.parameters import Parameter, ParameterTable

if TYPE_CHECKING:
    from ketasim.core.system import System
    from ketasim.models.model import Built, Model


def models() -> Mapping[str, Model]:
    """Every named model."""
    from ketasim.models import MODELS

    return MODELS


def system(model: str, dose: str = "") -> System:
    """The system of a model built for a regimen sentence, or for everything it accepts at once."""
    return built(model, dose).system


@cache
def built(model: str, dose: str = "") -> Built:
    """The model built for a regimen sentence, or for everything it accepts at once."""
    from ketasim.models import get
    from ketasim.models.model import Need

    chosen = get(model)
    if not dose:
        return chosen.build(Need(given=chosen.routes))
    from ketasim.dosing import Regimen
    from ketasim.simulate import build

    return build(chosen, Regimen.parse(dose).doses)[0]


def parameters(model: str, dose: str = "") -> dict[str, Parameter]:
    """``part.parameter`` → Parameter of a model."""
    return system(model, dose).parameters


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
