"""A calibration as a PEtab 2 problem: its arms in a typical person, its rows that are values at a time, its numbers.

What PEtab cannot hold is refused by name, or left out and returned in words where the caller asks for it: statistics
that are no value at a time, contrasts, signs, spreads between people.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from ketasim.core import units
from ketasim.core.errors import InputError
from ketasim.exchange.petab import Arm, Number, Row, write

AT_A_TIME = ("concentration", "mean")


def write_calibration(done: Any, folder: str | Path, *, leave_out: bool = False) -> tuple[Path, list[str]]:
    """(path of the YAML file, sentences about rows left out) of a Calibration.

    The rows' errors are those the calibration gave them, without what rows of a study have in common. InputError where
    a row or a number cannot be written and `leave_out` is False, or where nothing is left.
    """
    bench, said = done.bench, []
    sd = np.sqrt(np.diag(done.noise.covariance))
    rows: list[Row] = []
    for k, t in enumerate(bench.targets):
        why = _why_not(t)
        if why and not leave_out:
            raise InputError(f"row {t.row.id}", why, "values at a time", "--leave-out writes the others.")
        if why:
            said.append(f"row {t.row.id} left out: {why}")
            continue
        rows.append(_row(t, float(sd[k])))
    used = {r.arm for r in rows}
    arms = [(s, a, seen) for s, a, seen in bench.arms() if _id(s.id, a.id) in used]
    if not arms:
        raise InputError("rows", "none that is a value at a time", "one or more")
    built = [_arm(bench, *each) for each in arms]
    numbers = [_number(done, i, p, built, arms) for i, p in enumerate(bench.priors)]
    return write(folder, built, rows, numbers), said


def _why_not(t: Any) -> str:
    if t.row.statistic not in AT_A_TIME:
        return f"statistic {t.row.statistic}"
    if t.row.time_from != "start" or t.row.among or not t.row.time:
        return f"time from {t.row.time_from}" if t.row.time_from != "start" else "a selection of people"
    return ""


def _row(t: Any, sd: float) -> Row:
    from ketasim.studies.amounts import hours

    output, factor = t.row.output, 1.0
    if t.row.unit:
        from ketasim.studies.units import factor as between

        factor = between(t.row.unit, "ng/mL", output=output) if output.endswith((".arterial", ".venous")) else 1.0
    return Row(
        _id(t.study.id, t.row.arm), output, hours(t.row.time), float(t.row.value) * factor,
        sd if t.log else sd * factor, "log-normal" if t.log else "normal",
    )  # fmt: skip


def _arm(bench: Any, study: Any, arm: Any, rows: Any) -> Arm:
    from ketasim.simulate import build, dose_edges, individuals
    from ketasim.studies.native import _course, _options, cohort_of

    request = bench.request(study, arm, rows, 1)
    course = _course(request.regimen)
    if course.targets:
        raise InputError(f"arm {arm.id} of {study.id}", "a pump with a target", "doses that are known beforehand")
    outputs = tuple(dict.fromkeys(r.output for r in rows if r.statistic in AT_A_TIME))
    built, _ = build(request.model, course.fixed_doses, outputs, _options(request))
    person = cohort_of(request.covariates, request.ids, "", request.seed)
    parameters = individuals(built.system, person, 0, ())
    edges = dose_edges(built, course.fixed_doses, parameters, person.covariates)
    return Arm(_id(study.id, arm.id), built.system, parameters, edges)


def _number(done: Any, i: int, prior: Any, arms: list[Arm], parts: Any) -> Number:
    if "." in prior.name:
        raise InputError("number", prior.label, "typical values: PEtab knows no spread between people")
    targets: dict[str, float] = {}
    for arm in arms:
        for name, p in arm.system.parameters.items():  # type: ignore[union-attr]
            if f"{p.table}.{p.name}" == prior.label:
                targets[name] = units.factor(p.printed[1] or p.unit, p.unit)
    if not targets or len(set(targets.values())) > 1:
        raise InputError("number", prior.label, "one that the parts of the arms read in one unit")
    kind = {"lognormal": "log-normal", "normal": "normal", "truncnormal": "normal"}.get(prior.dist)
    low, high = (float(prior.natural(z)) for z in np.clip([-6.0, 6.0], *prior.bounds))
    first = float(np.log(prior.value)) if kind == "log-normal" else prior.value
    value = float(np.clip(done.estimates[i].value, low + 1e-9 * (high - low), high - 1e-9 * (high - low)))
    return Number(
        prior.name,
        tuple(targets),
        value,
        low,
        high,
        (kind, first, prior.s) if kind else None,
        next(iter(targets.values())),
    )


def _id(study: str, arm: str) -> str:
    return "".join(c if c.isascii() and (c.isalnum() or c == "_") else "_" for c in f"{study}__{arm}")
