"""What a named model is made of, over every route it accepts."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from importlib import resources
from typing import TYPE_CHECKING

from ketasim.core.parameters import Parameter, ParameterTable

if TYPE_CHECKING:
    from ketasim.core.system import Part, System
    from ketasim.models.model import Model


def models() -> Mapping[str, Model]:
    """Every named model."""
    from ketasim.models import MODELS

    return MODELS


@cache
def system(model: str, dose: str = "") -> System:
    """The model built for a regimen sentence, or for everything it accepts at once."""
    from ketasim.models import get
    from ketasim.models.model import Need

    chosen = get(model)
    if not dose:
        return chosen.build(Need(given=chosen.routes)).system
    from ketasim.dosing import Regimen
    from ketasim.simulate import build

    return build(chosen, Regimen.parse(dose).doses)[0].system


def parameters(model: str, dose: str = "") -> dict[str, Parameter]:
    """``part.parameter`` → Parameter of a model."""
    return system(model, dose).parameters


def upstream(whole: System, output: str) -> list[Part]:
    """The parts whose states or numbers the equations of an output really use, in the order of the system."""
    program = whole.program
    rates = dict(zip(program.state_names, program.rhs, strict=True))
    waiting, states, numbers = [program.outputs[output][0]], set[str](), set[str]()
    while waiting:
        node = waiting.pop()
        numbers |= program.graph.symbols(node, "par")
        new = program.graph.symbols(node, "state") - states
        states |= new
        waiting += [rates[state] for state in sorted(new)]
    used = {name.rpartition(".")[0] for name in states | numbers}
    return [part for part in whole.parts if part.name in used]


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
