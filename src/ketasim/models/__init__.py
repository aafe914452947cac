"""Named lists of parts: the only place that knows their order.

`get(name)` gives a model, `MODELS` lists them (a module is imported when its model is first looked at), `ensemble`
says which published models speak about a regimen and a person, by the site at which they were sampled.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module

from ketasim.core.system import System
from ketasim.models.model import Model, Target
from ketasim.models.moieties import way

NAMES = (
    "ketamine",
    "kamp2020",
    "domino1984",
    "simons2022",
    "jonkman2017",
    "clements1981",
    "fanta2015",
    "otto2021",
    "perezruixo2021",
    "hijazi2003",
    "herd2007",
    "sherwin2015",
    "elkomy2015",
    "flint2017",
)


class _Registry(Mapping[str, Model]):
    """Models by name, imported when asked for."""

    def __getitem__(self, name: str) -> Model:
        if name not in NAMES:
            raise KeyError(name)
        return import_module(f"ketasim.models.{name}").MODEL

    def __iter__(self) -> Iterator[str]:
        return iter(NAMES)

    def __len__(self) -> int:
        return len(NAMES)


MODELS: Mapping[str, Model] = _Registry()


def get(name: str) -> Model:
    """The model of that name; InputError listing the names otherwise."""
    if name not in NAMES:
        from ketasim.core.errors import InputError

        raise InputError("model", name, ", ".join(NAMES))
    return MODELS[name]


def ensemble(given: frozenset[tuple[str, str]], covariates: Mapping[str, object] | None = None) -> dict[str, list[str]]:
    """Published models that can take every (drug, route) given, and hold for the person: site → names.

    covariates : a person's covariates (numbers or arrays of which the first entry counts); without them an adult.
    """
    from ketasim.models.applicable import applicable

    return applicable(given, covariates or {})


def default_targets(system: System, drug: str, route: str) -> tuple[Target, ...]:
    """Where a dose goes in a System of one's own: the only part with a port of that route's name."""
    from ketasim.models.applicable import guess_targets

    return guess_targets(system, drug, route)


__all__ = ["MODELS", "NAMES", "Model", "default_targets", "ensemble", "get", "way"]
