"""The default simulator of studies: ketasim's own `simulate`, with one draw of doubt for each copy of an arm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np

from ketasim.core.errors import InputError

from .simulator import Curves, Request

_KETAMINE = ("ketamine", "esketamine", "arketamine")
_WHOLE_ARM = ("cyp2b6", "comedication", "child_pugh", "smoking")  # the same for everybody of an arm


@lru_cache(maxsize=256)
def _course(sentence: str) -> Any:
    from ketasim.dosing import Regimen

    return Regimen.parse(sentence)


def _given(course: Any) -> list[tuple[float, float, str, str, Any]]:
    """(start h, duration h, drug, route, Dose or None for a pump's target) of a regimen in order of time."""
    fixed = [(d.start_h, d.duration_h, d.drug, d.route, d) for d in course.fixed_doses]
    aims = [(a.start_h, a.duration_h, a.drug, "iv", None) for a in course.targets]
    return sorted([*fixed, *aims], key=lambda d: d[0])


class KetasimSimulator:
    """Runs requests on the named models of the project."""

    def __init__(self, engine: str = "native") -> None:
        self.engine = engine

    def doses(self, regimen: str) -> list[tuple[float, float, str, str]]:
        """(start h, duration h, drug, route) of every dose and of every target a pump is to hold, in order of time."""
        return [(start, hours, drug, route) for start, hours, drug, route, _ in _given(_course(regimen))]

    def outputs(self, model: str, regimen: str) -> frozenset[str]:
        """Ids of everything the model gives for the drugs and routes of a regimen, its layers included."""
        pairs = frozenset((d[2], d[3]) for d in self.doses(regimen) if d[2] != "saline")
        return _outputs(model, pairs)

    def parameters(self, request: Request) -> dict[str, Any]:
        """Parameters of the system a request runs on: ``part.parameter`` → Parameter."""
        from ketasim.simulate import build

        course = _course(request.regimen)
        pumped = tuple(a.drug for a in course.targets)
        built, _ = build(request.model, course.fixed_doses, request.outputs, _options(request), pumped)
        return dict(built.system.parameters)

    def run(self, request: Request) -> Curves:
        """Simulate the batch in one call; the people of a copy share its draw of doubt."""
        from ketasim.core.variability import draw
        from ketasim.simulate import simulate

        course = _course(request.regimen)
        cohort = cohort_of(request.covariates, request.ids, "" if request.typical else request.population, request.seed)
        parameters = self.parameters(request)
        for name, value in request.overrides.items():
            if name in parameters:
                parameters[name] = replace(parameters[name], value=float(value))
        values: dict[str, Any] = {name: v for name, v in request.overrides.items() if name in parameters}
        if not request.typical and not request.values:
            values |= draw(
                parameters, request.seed, request.ids, doubt_draws=request.replicate, method="stratified"
            )
        values |= dict(request.values)
        result = simulate(
            model=request.model,
            patient=cohort,
            regimen=course,
            times_h=request.times_h,
            seed=request.seed,
            vary=(),
            outputs=request.outputs,
            options=_options(request),
            settings=circumstances(request),
            values=values,
            engine=self.engine,
        )
        n = len(request.ids)
        weight, ideal = (np.asarray(result.covariates[k], float) for k in ("weight_kg", "ibw_kg"))
        dose = np.zeros(n)
        each = []
        for _, _, drug, _, known in _given(course):
            # what a pump gives is not known beforehand: no number rather than a wrong one
            mg = np.full(n, np.nan) if known is None else np.broadcast_to(known.amount_mg(weight, ideal), (n,))
            each.append(float(np.mean(mg)) if n else 0.0)
            if drug in _KETAMINE:
                dose = dose + mg
        curves = {name: np.asarray(result[name], float) for name in request.outputs}
        failed = np.zeros(n, bool)
        for v in curves.values():
            failed |= ~np.isfinite(v.reshape(n, -1)).all(axis=1)
        return Curves(curves, dict(result.units), dose, failed, tuple(result.warnings), weight, tuple(each))


def _options(request: Request) -> dict[str, Any]:
    """The settings of an arm that are switches of the model."""
    from ketasim.models.switches import SWITCHES

    return {k: v for k, v in request.settings.items() if k in SWITCHES and v not in ("", (), "unknown")}


def circumstances(request: Request) -> dict[str, float]:
    """Circumstances of the arm as parts read them: its numbers and switches, and what masking and blinding say."""
    given = request.settings
    out = {k: float(v) for k, v in given.items() if isinstance(v, (bool, int, float))}
    masking = str(given.get("masking", ""))
    out.setdefault("anaesthesia", float(masking == "anaesthesia"))
    out.setdefault("masked", float(masking in ("active placebo", "anaesthesia")))
    out.setdefault("open_label", float(given.get("blinding") == "open"))
    background = " ".join(given.get("background", ()))
    out.setdefault("antidepressant", float("oral antidepressant" in background))
    return out


def cohort_of(columns: Mapping[str, np.ndarray], ids: np.ndarray, population: str = "", seed: int = 0) -> Any:
    """A Cohort from drawn covariate columns; what is missing comes from the named population, or is filled in as for a
    Patient of that age and sex.

    Raises InputError on a covariate the project does not know or a value out of range.
    """
    from ketasim.patients import Cohort, Patient
    from ketasim.patients.covariates import TABLE
    from ketasim.patients.typical import body

    n = len(ids)
    known = {*TABLE, *_WHOLE_ARM}
    unknown = sorted(set(columns) - known)
    if unknown:
        raise InputError("covariate", unknown[0], ", ".join(sorted(known)))
    given = {name: np.asarray(v) for name, v in columns.items() if name not in _WHOLE_ARM}
    if population:
        from ketasim.patients import sample

        refused = sorted(set(_WHOLE_ARM) & set(columns) - {"comedication"})
        if refused:
            raise InputError(f"covariate {refused[0]}", "given", f"nothing beside the named population {population}")
        different, index = np.unique(ids, return_inverse=True)  # the same person may come again, in another setting
        people = sample(population, len(different), seed)[index]
        drugs = columns["comedication"][0] if "comedication" in columns and n else ()
        return people.with_covariates(**given).with_drugs(*drugs)
    arm_wide = {name: np.asarray(columns[name], dtype=object)[0] for name in _WHOLE_ARM if name in columns and n}
    diagnosis = given.get("diagnosis")
    age = np.asarray(given.get("age_y", np.full(n, 40.0)), float)
    female = np.asarray(given.get("female", np.zeros(n)), float)
    first = {"diagnosis": str(diagnosis[0])} if diagnosis is not None and n else {}
    base = Patient(age_y=float(np.median(age)) if n else 40.0, sex="female" if n and female[0] > 0.5 else "male",
                   **first, **arm_wide)  # fmt: skip
    fill = [name for name in ("weight_kg", "height_cm") if name not in given]
    if fill:
        typical = [body(float(a), float(f > 0.5)) for a, f in zip(age, female, strict=True)]
        for name in fill:
            given[name] = np.array([person[name] for person in typical])
    cohort = replace(Cohort.from_patient(base, n), ids=np.asarray(ids, np.int64), people=())
    return cohort.with_covariates(**given)


@lru_cache(maxsize=64)
def _outputs(model: str, pairs: frozenset[tuple[str, str]]) -> frozenset[str]:
    from ketasim import models
    from ketasim.models.model import Need

    chosen = models.get(model)
    need = Need(pairs)
    chosen.check(need)
    built = chosen.build(need)
    return frozenset([*built.outputs, *built.system.program.outputs, *(o for r in built.readouts for o in r.provides)])
