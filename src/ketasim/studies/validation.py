"""`validate`: every row of every study, predicted beside observed, with a verdict. Nothing is left out."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, TypedDict

import numpy as np

from ketasim.core.errors import InputError, KetasimError

from . import naive
from .amounts import hours
from .arm import Settings, simulate_arm
from .catalogue import STATISTICS
from .experiments import NotAvailable
from .measuring import measure
from .outputs import CONTRACT, near
from .read import read_folder
from .run import ArmRun
from .simulator import Simulator
from .study import Arm, Observation, Study
from .verdict import Judgement, judge, rank

ALIASES = {"pk": "kinetics", "brain": "receptors,circuits,networks,plasticity"}


class Row(TypedDict):
    """One line of the validation table. verdict: pass, fail, shown (not scored; see reason) or error (could not be
    run)."""

    id: str
    study: str
    arm: str
    layer: str
    route: str
    site: str
    population: str
    regimen: str
    n: int | None
    statistic: str
    output: str
    time_h: float | None
    unit: str
    use: str
    status: str
    observed: float | None
    spread: float | None
    spread_type: str
    predicted: float | None
    low: float | None
    high: float | None
    error: float | None
    error_kind: str
    tolerance: str
    tolerance_from: str
    inside: bool | None
    covered: bool | None
    naive: float | None
    naive_inside: bool | None
    verdict: str
    reason: str
    sets: list[str]
    citation: str
    evidence: str
    note: str
    adult: bool | None


def validate(
    folder: str | Path | None = None,
    systems: Iterable[str] | str | None = None,
    *,
    settings: Settings | None = None,
    simulator: Simulator | None = None,
    workers: int = 1,
    progress: Callable[[int, int, str], None] | None = None,
) -> list[Row]:
    """Simulate every arm of every study as it was run and compare with what was observed.

    folder : a folder of studies, one study folder or one study.toml; the shipped studies by default.
    systems : layers to keep ("kinetics" or "pk", "acute", "weeks", "body" …), all by default.
    workers : processes that share the studies; the rows are the same for any number. Not with a simulator of one's own.

    Returns
    -------
    One dictionary for each observation (see `Row`), in the order of the files. `ketasim.studies.scores` sums them up.

    Raises
    ------
    InputError : a malformed folder or file, or an unknown system. A row that cannot be simulated does not raise; it
    says why.
    """
    studies = read_folder(folder)
    wanted = layers(systems)
    context = read_folder(None) if folder is not None and _shipped_exists() else studies
    if workers < 1 or (simulator is not None and workers > 1):
        raise InputError("workers", workers, "1 or more, and 1 with a simulator of one's own")
    chosen = settings or Settings()
    others = list({study.id: study for study in (*context, *studies)}.values())
    if workers > 1 and len(studies) > 1:
        from .together import validate_together

        return validate_together(studies, chosen, wanted, others, workers, progress)
    if simulator is None:
        from .native import KetasimSimulator

        simulator = KetasimSimulator()
    rows: list[Row] = []
    for i, study in enumerate(studies):
        if progress is not None:
            progress(i, len(studies), study.id)
        rows += validate_study(study, chosen, simulator, wanted, others)
    if progress is not None:
        progress(len(studies), len(studies), "")
    return rows


def _shipped_exists() -> bool:
    from .read import shipped

    return any(shipped().glob("*/study.toml"))


def layers(systems: Iterable[str] | str | None) -> frozenset[str] | None:
    """Layer names of what the user asked for; None for all. Raises InputError on an unknown one."""
    from typing import get_args

    from .study import Layer

    if systems is None:
        return None
    known = get_args(Layer)
    out: set[str] = set()
    for name in [systems] if isinstance(systems, str) else systems:
        for part in ALIASES.get(name, name).split(","):
            if part not in known:
                raise InputError("system", name, ", ".join([*known, *ALIASES]))
            out.add(part)
    return frozenset(out) or None


def validate_study(
    study: Study,
    settings: Settings,
    simulator: Simulator,
    wanted: frozenset[str] | None = None,
    others: Sequence[Study] = (),
) -> list[Row]:
    """Rows of one study (those of the wanted layers)."""
    rows = [row for row in study.observations if wanted is None or (row.layer or study.layer) in wanted]
    bench = _Bench(study, [row for row in rows if STATISTICS[row.statistic].family != "parameter"], settings, simulator)
    return [_line(study, row, bench, others) for row in rows]


class _Bench:
    """Runs of the arms of one study, each simulated once when first needed; remembers why an arm failed."""

    def __init__(self, study: Study, rows: Sequence[Observation], settings: Settings, simulator: Simulator) -> None:
        self.study, self.settings, self.simulator = study, settings, simulator
        self.rows = [row for row in rows if _measurable(row)]
        self._runs: dict[tuple[str, bool], ArmRun | KetasimError] = {}
        self._outputs: dict[str, frozenset[str]] = {}

    def gives(self, arm: Arm) -> frozenset[str]:
        """Outputs the arm's model has for its regimen, asked once."""
        if arm.id not in self._outputs:
            self._outputs[arm.id] = self.simulator.outputs(arm.model, arm.regimen)
        return self._outputs[arm.id]

    def run(self, name: str, typical: bool) -> ArmRun:
        """The arm's run; raises what stopped it."""
        if (name, typical) not in self._runs:
            arm = self.study.arm(name)
            try:
                rows = [r for r in self.rows if name in (r.arm, r.comparator, *r.order)]
                rows = [r for r in rows if {r.output, r.denominator} - {""} <= self.gives(arm)]
                self._runs[name, typical] = simulate_arm(self.study, arm, rows, self.simulator, self.settings, typical)
            except KetasimError as error:
                self._runs[name, typical] = error
            except Exception as error:  # a defect must not hide the other studies: it becomes an error row
                self._runs[name, typical] = KetasimError(f"arm {name}: {type(error).__name__}: {error}")
        found = self._runs[name, typical]
        if isinstance(found, KetasimError):
            raise found
        return found

    def notes(self, row: Observation) -> list[str]:
        """Words of the runs a row was read from (extrapolated, number of people unknown …)."""
        typical = row.use == "transcription"
        runs = (self._runs.get((name, typical)) for name in (row.arm, row.comparator))
        said = [note for run in runs if isinstance(run, ArmRun) for note in run.notes]
        beyond = [note for note in said if note.startswith("extrapolated")]
        return [note for note in said if note not in beyond] + beyond[:1]


def _measurable(row: Observation) -> bool:
    """Whether a prediction can be attempted (rows for reading only may lack what a statistic needs)."""
    given = {**row.__dict__, "from": row.start}
    needs = [*STATISTICS[row.statistic].needs, *(STATISTICS[row.of].needs if row.of else ())]
    return bool(row.output) and all(given.get(name) not in ("", None, ()) for name in needs)


def _line(study: Study, row: Observation, bench: _Bench, others: Sequence[Study]) -> Row:
    arm = study.arm(row.arm)
    layer = row.layer or study.layer
    line = _blank(study, row, arm)
    try:
        judgement, guess = _predict(study, row, arm, bench, others)
    except KetasimError as error:
        line["verdict"], line["reason"] = _cannot(row, arm, bench, error)
        return line
    line.update(_numbers(judgement))  # type: ignore[typeddict-item]
    line["note"] = "; ".join(dict.fromkeys(x for x in (line["note"], *bench.notes(row)) if x))
    line["naive"] = _number(guess)
    if judgement.error_kind == "sign":
        line["naive_inside"] = None if math.isnan(guess) else int(np.sign(guess)) == int(row.value or 0)
    elif judgement.tolerance and math.isfinite(guess):
        from .amounts import Tolerance

        line["naive_inside"] = Tolerance.parse(judgement.tolerance).inside(
            guess, row.value if row.value is not None else math.nan
        )
    line["verdict"], line["reason"] = _decide(row, arm, judgement, layer)
    return line


def _predict(
    study: Study, row: Observation, arm: Arm, bench: _Bench, others: Sequence[Study]
) -> tuple[Judgement, float]:
    layer = row.layer or study.layer
    if row.statistic == "experiment":
        from .experiments import perform

        value = perform(row, arm)
        return judge(row, layer, np.array([value])), naive.class_mean(row, study, others)
    if row.statistic == "parameter":
        from .tables import parameter_value

        return judge(row, layer, np.array([parameter_value(row)])), math.nan
    if not _measurable(row):
        raise InputError(f"row {row.id}", "not simulated", "a row with all its statistic needs")
    if arm.not_runnable:
        raise InputError(f"arm {arm.id}", arm.not_runnable, "an arm that can be run")
    for name in (row.output, row.denominator):
        if name and name not in bench.gives(arm):
            raise _Absent(name, near(name, bench.gives(arm)), name in CONTRACT)
    typical = row.use == "transcription"
    if row.statistic == "rank":
        runs = [bench.run(name, typical) for name in row.order]
        return rank(row, [measure(row.model_copy(update={"statistic": row.of}), r) for r in runs]), math.nan
    run = bench.run(arm.id, typical)
    other = bench.run(row.comparator, typical) if row.comparator else None
    if row.statistic == "sign":
        inner = row.model_copy(
            update={"statistic": "difference" if other and row.of != "difference" else row.of, "unit": ""}
        )
        if other and row.of == "difference":
            raise InputError(f"of, in {row.id}", row.of, "the statistic whose difference between the arms has the sign")
        values = measure(inner, run, other)
    else:
        values = measure(row, run, other)
    guess = naive.kinetic(row, run, other) if layer == "kinetics" else naive.class_mean(row, study, others)
    return judge(row, layer, values), guess


class _Absent(InputError):
    """An output this model does not give (yet)."""

    def __init__(self, name: str, hint: str, planned: bool) -> None:
        self.planned = planned
        super().__init__("output", name, "an output of the model", hint)


def _cannot(row: Observation, arm: Arm, bench: _Bench, error: KetasimError) -> tuple[str, str]:
    if row.use == "do_not_score":
        return "shown", row.reason
    if isinstance(error, NotAvailable):
        return "shown", str(error)
    if arm.not_runnable:
        return "shown", arm.not_runnable
    if isinstance(error, _Absent) and error.planned:
        return "shown", f"the model {arm.model} gives no output {error.value} yet"
    return "error", str(error)


def _decide(row: Observation, arm: Arm, judgement: Judgement, layer: str) -> tuple[str, str]:
    if row.use == "do_not_score":
        return "shown", row.reason
    if row.status == "recalled":
        return "shown", "recalled from memory; never scored"
    if judgement.inside is None:
        if math.isnan(judgement.predicted):
            return "fail", "the model gives no value (nobody reaches the event or the threshold)"
        return "shown", "the row has no tolerance"
    return ("pass", "") if judgement.inside else ("fail", "")


def _numbers(j: Judgement) -> dict[str, Any]:
    return {
        "predicted": _number(j.predicted), "low": _number(j.low), "high": _number(j.high), "error": _number(j.error),
        "error_kind": j.error_kind, "tolerance": j.tolerance, "tolerance_from": j.tolerance_from, "inside": j.inside,
        "covered": j.covered,
    }  # fmt: skip


def _number(x: float) -> float | None:
    return float(x) if math.isfinite(x) else None


def _blank(study: Study, row: Observation, arm: Arm) -> Row:
    people = study.people(arm)
    statistic = row.statistic + (f" of {row.of}" if row.of else "")
    return Row(
        id=row.id, study=study.id, arm=row.arm, layer=row.layer or study.layer, route=route_of(arm.regimen),
        site=row.site or arm.site, population=people.describe or people.named, regimen=arm.regimen,
        n=row.n or arm.n, statistic=statistic, output=row.output,
        time_h=_number(hours(row.time)) if row.time else None, unit=row.unit, use=row.use, status=row.status,
        observed=row.value, spread=row.spread, spread_type=row.spread_type, predicted=None, low=None, high=None,
        error=None, error_kind=STATISTICS[row.statistic].error, tolerance=row.tolerance, tolerance_from="",
        inside=None, covered=None, naive=None, naive_inside=None, verdict="", reason="", sets=list(row.sets),
        citation=row.citation or study.citations[0], evidence=row.evidence or row.id,
        note="; ".join(x for x in (row.note, arm.note, *(f"assumed: {a}" for a in arm.assumed)) if x),
        adult=_adult(people.covariates),
    )  # fmt: skip


ROUTES = ("iv", "im", "sc", "intranasal", "oral", "sublingual", "buccal", "rectal", "inhaled")


def route_of(regimen: str) -> str:
    """Route of the first dose of a regimen sentence, "" if none is named."""
    words = regimen.replace(",", " ").split()
    return next((w for w in words if w in ROUTES), "iv" if "tci" in words else "")


def _adult(covariates: dict[str, Any]) -> bool | None:
    age = covariates.get("age_y")
    if age is None:
        return None
    middle = age if isinstance(age, float | int) else getattr(age, "mean", None)
    if middle is None:
        middle = 0.5 * ((age.low or 0) + (age.high or 0))
    return bool(middle >= 18)
