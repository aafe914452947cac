"""Which models speak about a regimen and a person; where doses go in a system that nobody described."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ketasim.core.errors import InputError
from ketasim.core.parameters import ParameterTable
from ketasim.core.system import System
from ketasim.models.model import Target
from ketasim.models.moieties import MOIETIES

SITES = ("arterial", "venous")
SETTINGS = {"intensive care": ("ventilated", "diagnosis.icu"), "heart disease": ("heart_failure",)}
OVERLAP = {"fanta2015": "otto2021"}  # the same parent: the later paper carries the metabolite too

ONLY_WITH = {"jonkman2017": "inhaled"}  # its vein is that of simons2022


def applicable(given: frozenset[tuple[str, str]], covariates: Mapping[str, object]) -> dict[str, list[str]]:
    """Site → names of published models; see `models.ensemble`."""
    from ketasim.models import MODELS

    def value(name: str, default: float) -> float:
        return float(np.atleast_1d(np.asarray(covariates.get(name, default), float))[0])

    out: dict[str, list[str]] = {site: [] for site in SITES}
    asked = frozenset(pair for pair in given if pair[0] in MOIETIES)
    if not asked:
        return out
    for name, model in MODELS.items():
        if model.site not in SITES or name in OVERLAP or not asked <= model.routes:
            continue
        low, high = model.valid.get("age_y", (0.0, 200.0))
        if not low <= value("age_y", 40.0) <= high:
            continue
        if name in ONLY_WITH and not any(route == ONLY_WITH[name] for _, route in asked):
            continue
        if model.setting and not any(value(flag, 0.0) > 0.5 for flag in SETTINGS[model.setting]):
            continue
        out[model.site].append(name)
    return out


def guess_targets(system: System, drug: str, route: str) -> tuple[Target, ...]:
    """The only part of a system that takes this route."""
    takes = [p.name for p in system.parts if route in p.component.ports]
    if len(takes) != 1:
        allowed = "a route that exactly one part has a port for"
        raise InputError("dose", f"{drug} {route}", allowed, f"{len(takes)} parts of {system.name} have one.")
    masses = ParameterTable.load("kinetics/plasma").parameters
    mass = masses.get(f"M_{drug}", masses["M_ketamine"]).value
    return (Target(takes[0], route, 1.0, mass),)
