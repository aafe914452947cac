"""From a scene to a patient, a regimen, times and outputs that can be simulated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from ketasim.core.errors import InputError
from ketasim.server.limits import DOSES
from ketasim.server.messages import Scene

FINE = 240


def person(given: Mapping[str, Any]) -> Any:
    """A Patient; drugs nobody models are refused, so that no free text is ever kept."""
    from ketasim.patients import Patient

    patient = Patient(**dict(given))
    if patient.unknown_drugs:
        raise InputError("comedication", patient.unknown_drugs[0], "a drug of the catalogue")
    return patient


@lru_cache(maxsize=256)
def course(sentence: str) -> Any:
    """A Regimen of at most `DOSES` doses."""
    from ketasim.dosing import Regimen

    regimen = Regimen.parse(sentence)
    if len(regimen.fixed_doses) > DOSES:
        raise InputError("regimen", f"{len(regimen.fixed_doses)} doses", f"at most {DOSES} in the app")
    return regimen


@dataclass(frozen=True)
class Window:
    """The doses of a regimen that begin before a time: what a view of some hours needs."""

    regimen: Any
    doses: tuple[Any, ...]
    targets: tuple[Any, ...]
    warnings: tuple[str, ...]

    @property
    def fixed_doses(self) -> tuple[Any, ...]:
        """Doses whose amount is known beforehand."""
        return self.doses

    def __str__(self) -> str:
        return str(self.regimen)


def window(sentence: str, until_h: float) -> Any:
    """A `Window` in a Regimen's stead: what a view of until_h hours shows; InputError where that is nothing."""
    regimen = course(sentence)
    doses, targets = (
        tuple(d for d in given if d.start_h < until_h) for given in (regimen.fixed_doses, regimen.targets)
    )
    if not doses and not targets:
        raise InputError("until_h", until_h, "after the first dose")
    return Window(regimen, doses, targets, tuple(regimen.warnings))


def grid(doses: Sequence[Any], until_h: float, points: int = FINE) -> np.ndarray:
    """Times from 0 to until_h: even ones, and both ends of each dose that fall inside."""
    edges = [x for d in doses for x in (d.start_h, d.start_h + d.duration_h) if 0 <= x <= until_h]
    return np.unique(np.round(np.concatenate([np.linspace(0.0, until_h, points + 1), edges[:400]]), 6))


@lru_cache(maxsize=512)
def _offered(model: str, sentence: str, options: tuple[tuple[str, Any], ...]) -> frozenset[str]:
    from ketasim.simulate import build

    regimen = course(sentence)
    built, _ = build(model, regimen.fixed_doses, None, dict(options), tuple(a.drug for a in regimen.targets))
    return frozenset(built.outputs or built.system.program.outputs)


def offered(scene: Scene, wanted: Mapping[str, Any]) -> tuple[str, ...]:
    """The wanted outputs that this model has for this regimen, in their order."""
    there = known(scene.model, scene.regimen, scene.options)
    return tuple(name for name in wanted if name in there)


def known(model: str, sentence: str, options: Mapping[str, Any] | None = None) -> frozenset[str]:
    """Outputs that a model has for a regimen sentence of any length."""
    return _offered(model, sentence, tuple(sorted((options or {}).items())))


def described(doses: Sequence[Any]) -> list[dict[str, Any]]:
    """Doses as rows for the dose panel."""
    names = ("drug", "route", "amount", "basis", "start_h", "duration_h")
    return [{name: getattr(d, name) for name in names} for d in doses[:200]]
