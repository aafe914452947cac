"""Arms of mood trials under one explanation: rows predicted for many settings of the free numbers at once.

People differ in the scales (a fixed set of 60 drawn people, the same for every setting); kinetics and loss of spines
are those of a typical person of the arm, so that one simulated subject stands for one setting.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ketasim.core.spread import Floats
from ketasim.core.system import Part, System
from ketasim.core.variability import draw
from ketasim.outcomes.course import Course
from ketasim.outcomes.mood import Mood
from ketasim.outcomes.trial import Trial
from ketasim.studies.amounts import Tolerance, hours
from ketasim.studies.draw import covariates
from ketasim.studies.measuring import measure
from ketasim.studies.native import KetasimSimulator, circumstances, cohort_of
from ketasim.studies.read import read_folder
from ketasim.studies.run import ArmRun
from ketasim.studies.simulator import Request
from ketasim.studies.study import Arm, Observation, Study

PEOPLE, SEED = 60, 977
_WIRE: dict[str, str | float] = {
    "benefit": 0.0,
    "f": "trial.f",
    "v": "course.v",
    "expectancy": "course.expectancy",
    "drift": "course.drift",
}
SCALES = System(
    "scales",
    (
        Part(Trial(), "trial"),
        Part(Course(), "course", {"felt": 0.0, "control": "trial.control"}),
        Part(Mood(), "mood", _WIRE),
    ),
)


@dataclass(frozen=True)
class TrialArm:
    """An arm with the rows that read it, the times they need, and its people (60, covariates)."""

    study: Study
    arm: Arm
    times_h: Floats
    cov: Mapping[str, Floats]
    diagnosis: str
    settings: Mapping[str, float]


@dataclass(frozen=True)
class Rows:
    """Rows of all studies: printed value, standard deviation of the comparison, study of each."""

    ids: tuple[str, ...]
    studies: tuple[str, ...]
    printed: Floats
    sigma: Floats
    tolerance: tuple[str, ...]


def gather(ids: Sequence[str] | None = None, use: str = "calibrate") -> tuple[list[TrialArm], Rows]:
    """Arms and rows of the MADRS with that use (contrasts and shares included, orders left out)."""
    arms: list[TrialArm] = []
    names, studies, printed, sigma, tolerance = [], [], [], [], []
    for study in read_folder(None):
        rows = [r for r in study.observations if r.output == "madrs" and r.use == use and r.value is not None
                and r.tolerance and r.statistic not in ("rank", "sign")]  # fmt: skip
        if not rows or (ids is not None and study.id not in ids):
            continue
        for arm in study.arms:
            mine = [r for r in rows if arm.id in (r.arm, r.comparator)]
            if mine:
                arms.append(_arm(study, arm, mine))
        for r in rows:
            assert r.value is not None
            names.append(f"{study.id}/{r.id}")
            studies.append(study.id)
            printed.append(float(r.value))
            sigma.append(_sigma(r))
            tolerance.append(r.tolerance)
    return arms, Rows(tuple(names), tuple(studies), np.array(printed), np.array(sigma), tuple(tolerance))


def _sigma(row: Observation) -> float:
    """Half the tolerance, or the printed SE where that is larger."""
    t = Tolerance.parse(row.tolerance)
    assert row.value is not None
    half = t.value / 2 if t.kind == "additive" else 0.125 * abs(row.value)
    return max(half, row.spread or 0.0) if row.spread_type == "SE" else half


def _arm(study: Study, arm: Arm, rows: Sequence[Observation]) -> TrialArm:
    spans = [(d[0], d[1]) for d in KetasimSimulator().doses(arm.regimen)]
    origin = {"start": 0.0, "last_dose": max(s for s, _ in spans), "end": max(s + d for s, d in spans)}
    times = [0.0]
    for r in rows:
        times += [origin[r.time_from] + hours(t) for t in (r.time, r.start, r.until, r.baseline) if t]
        if r.start and r.until:
            times += list(np.linspace(hours(r.start), hours(r.until), 15))
    return make(study, arm, np.unique(times))


def make(study: Study, arm: Arm, times_h: Floats) -> TrialArm:
    """An arm with its drawn people and circumstances."""
    ids = np.arange(PEOPLE)
    people = study.people(arm)
    columns = covariates(people, ids, SEED, f"{study.id}")
    cohort = cohort_of(columns, ids, people.named, SEED)
    given = {**arm.settings, "background": arm.background, "masking": arm.masking, "blinding": arm.blinding}
    request = Request(arm.model, arm.regimen, ids, ids, {}, times_h, ("madrs",), settings=given)
    settings = circumstances(request)
    cov = {**cohort.covariates, **{f"setting_{k}": np.full(PEOPLE, v) for k, v in settings.items()}}
    return TrialArm(study, arm, times_h, cov, str(people.covariates.get("diagnosis", "trd")), settings)


def drug(arm: TrialArm, hypothesis: str, values: Mapping[str, Floats]) -> tuple[Floats, ...]:
    """(benefit, confirmation x, attention y, contact c), each (settings, times), of a typical person."""
    from ketasim.patients import Patient
    from ketasim.simulate import build, simulate

    n = len(next(iter(values.values())))
    outputs = ("benefit", "unblinding", "course.confirmed", "course.attention", "course.contact")
    options = {"hypothesis": hypothesis}
    comedication = tuple(c for c in _words(arm) if c)
    patient = Patient(diagnosis=arm.diagnosis, comedication=comedication)
    from ketasim.dosing import Regimen

    course = Regimen.parse(arm.arm.regimen)
    known = build("ketamine", course.doses, outputs, options)[0].system.parameters
    run = simulate(
        patient=patient, regimen=course, times_h=arm.times_h, subjects=n, vary=(), outputs=outputs, options=options,
        settings=arm.settings, values={k: v for k, v in values.items() if k in known},
    )  # fmt: skip
    return run["benefit"], run["course.confirmed"], run["course.attention"], run["course.contact"]


def _words(arm: TrialArm) -> Sequence[str]:
    given = arm.study.people(arm.arm).covariates.get("comedication", ())
    return tuple(given) if isinstance(given, (list, tuple)) else ()


def madrs(arm: TrialArm, values: Mapping[str, Floats], curves: Sequence[Floats], f: Floats) -> Floats:
    """MADRS (settings, people, times) from the curves of `drug`. f : effect of this trial, (settings,)."""
    benefit, x, y, c = curves
    parameters = SCALES.parameters
    drawn = draw(parameters, SEED, np.arange(PEOPLE), layers=("between",))
    out: dict[str, Any] = {"benefit": benefit[:, None, :], "t": arm.times_h[None, None, :], "felt": 0.0}
    n = len(benefit)
    for part in SCALES.parts:
        own: dict[str, Any] = {}
        for key, p in part.component.parameters().items():
            name = f"{part.name}.{key}"
            typical = np.asarray(values.get(name, np.full(n, p.value)), float)[:, None]
            if name == "trial.F":
                typical = typical * f[:, None]
            person = drawn.get(name, np.full(PEOPLE, p.value))[None, :]
            own[key] = typical * (person / p.value) if p.value else typical + person
        own |= part.component.with_values(own).derive(arm.cov)
        bound = part.component.with_values({k: np.broadcast_to(v, (n, PEOPLE))[:, :, None] for k, v in own.items()})
        out |= bound.read({"x": x[:, None, :], "q": 0.0, "y": y[:, None, :], "c": c[:, None, :]}, out)
    return np.broadcast_to(out["madrs"], (n, PEOPLE, len(arm.times_h)))


def as_run(arm: TrialArm, values: Floats) -> ArmRun:
    """Settings as the replicates that the statistics of studies read."""
    n = len(values)
    return ArmRun(
        times_h=arm.times_h, values={"madrs": values}, units={"madrs": "points"},
        dose_mg=np.ones((n, PEOPLE)), weight_kg=np.full((n, PEOPLE), 70.0),
    )  # fmt: skip


def predict(
    arms: Sequence[TrialArm], rows: Rows, hypothesis: str, values: Mapping[str, Floats], f: Mapping[str, Floats]
) -> Floats:
    """Rows (settings, rows) under an explanation."""
    runs = {}
    for a in arms:
        curves = madrs(a, values, drug(a, hypothesis, values), f[a.study.id])
        runs[(a.study.id, a.arm.id)] = as_run(a, curves)
    observations = {f"{a.study.id}/{r.id}": (a.study.id, r) for a in arms for r in a.study.observations}
    out = []
    for name in rows.ids:
        study, row = observations[name]
        other = runs.get((study, row.comparator)) if row.comparator else None
        out.append(measure(row, runs[(study, row.arm)], other))
    return np.stack(out, axis=1)
