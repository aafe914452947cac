"""From model, patient and regimen to what an exporter writes: the system, one person's numbers and the doses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ketasim.core.component import Component
from ketasim.core.schedule import Edges
from ketasim.core.system import System

if TYPE_CHECKING:
    from ketasim.dosing import Regimen
    from ketasim.models.model import Model
    from ketasim.patients import Patient

USUAL = "0.5 mg/kg iv over 40 min"


def build_system(
    model: str | Model | System | Component = "ketamine",
    regimen: Regimen | str = "",
    outputs: Sequence[str] | None = None,
    options: Mapping[str, Any] | None = None,
) -> System:
    """The parts that a model builds for a regimen (without one: for an intravenous dose of ketamine)."""
    from ketasim.dosing import Regimen
    from ketasim.simulate import build

    course = regimen if isinstance(regimen, Regimen) else Regimen.parse(str(regimen).strip() or USUAL)
    return build(model, course.fixed_doses, outputs, options, [a.drug for a in course.targets])[0].system


def assemble(
    model: str | Model | System | Component = "ketamine",
    regimen: Regimen | str = "",
    patient: Patient | None = None,
    outputs: Sequence[str] | None = None,
    options: Mapping[str, Any] | None = None,
) -> tuple[System, np.ndarray, Edges]:
    """(system, parameters (1, parameters), edges of one subject) for a regimen in one person; nothing is drawn.

    Without a regimen the system is built for an intravenous dose of ketamine and the edges are empty. A target is
    written as the rates the pump gives.
    """
    from ketasim.dosing import Regimen
    from ketasim.patients import Cohort, Patient
    from ketasim.simulate import build, dose_edges, individuals

    given = bool(str(regimen).strip())
    course = regimen if isinstance(regimen, Regimen) else Regimen.parse(regimen if given else USUAL)
    doses, aims = course.fixed_doses, course.targets
    built, _ = build(model, doses, outputs, options, [a.drug for a in aims])
    person = Cohort.from_patient(patient or Patient(), 1)
    parameters = individuals(built.system, person, 0, ())
    edges = dose_edges(built, doses, parameters, person.covariates, aims, options) if given else Edges.empty(1)
    return built.system, parameters, edges
