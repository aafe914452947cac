"""PEtab (version 2) of a calibration problem: equations as SBML, rows as measurements, numbers with their priors.

PEtab knows no populations: every arm is one person (its typical one), and a row is an output at a time. Rows of other
statistics are refused by name. Time is hours; outputs are in their own units. Arms of one system are experiments of one
model, doses their periods; arms of different systems are several models, which PEtab 2 allows and its linter (libpetab
0.8.2, issue 392 there) cannot check yet.

Source: https://petab.readthedocs.io (PEtab data format specification, version 2.0).
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ketasim.core.component import Component
from ketasim.core.errors import InputError
from ketasim.core.schedule import BOLUS, PARAMETER, RATE, Edges
from ketasim.core.system import System
from ketasim.exchange.sbml import identifier_of, output_identifier, sbml

DISTRIBUTIONS = ("normal", "log-normal")


@dataclass(frozen=True)
class Arm:
    """One arm: its equations, the numbers of its person and its doses, as the SBML writer takes them."""

    id: str
    system: System | Component
    parameters: np.ndarray | None = None
    edges: Edges | None = None


@dataclass(frozen=True)
class Row:
    """One observed value: an output of an arm at a time. sd : its standard error, on the scale of the distribution
    ("log-normal": of the natural logarithm). statistic : only values at a time can be written."""

    arm: str
    output: str
    time_h: float
    value: float
    sd: float
    distribution: str = "normal"
    statistic: str = "value"


@dataclass(frozen=True)
class Number:
    """One calibrated number: where it goes ("part.parameter", several are kept equal), start, bounds, and a prior
    (kind, first, second): normal (mean, SD) or log-normal (log of the median, SD of the logarithm). factor : a
    target in its own unit over the number.
    """

    id: str
    targets: tuple[str, ...]
    value: float
    low: float
    high: float
    prior: tuple[str, float, float] | None = None
    factor: float = 1.0


def write(folder: str | Path, arms: Sequence[Arm], rows: Sequence[Row], numbers: Sequence[Number]) -> Path:
    """Write the problem into a folder; the path of its YAML file is returned."""
    _check(arms, rows, numbers)
    target = Path(folder)
    try:
        target.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError("folder", str(folder), "a folder that can be written", f"{error.strerror or error}.") from None
    periods = _periods(arms, numbers)
    for arm in arms if periods is None else ():
        (target / f"{arm.id}.xml").write_text(sbml(arm.system, arm.parameters, arm.edges), encoding="utf-8")
    if periods is not None:
        (target / "model.xml").write_text(sbml(arms[0].system, arms[0].parameters), encoding="utf-8")
    outputs = sorted({(r.output, r.distribution) for r in rows})
    ids = {key: _observable(*key, outputs) for key in outputs}
    _table(
        target / "observables.tsv",
        ("observableId", "observableFormula", "noiseFormula", "noiseDistribution", "noisePlaceholders"),
        [(ids[o, d], output_identifier(o), f"sd_{ids[o, d]}", d, f"sd_{ids[o, d]}") for o, d in outputs],
    )
    conditions = [("estimated", identifier_of(t), n.id if n.factor == 1.0 else f"{n.factor!r} * {n.id}")
                  for n in numbers for t in n.targets]  # fmt: skip
    experiments: list[tuple[str, float, str]] = []
    for name, course in (periods or {"run": []}).items():
        experiments.append((name, 0.0, "estimated"))
        for k, (time, changes) in enumerate(course):
            conditions += [(f"{name}_{k}", t, v) for t, v in changes.items()]
            experiments.append((name, time, f"{name}_{k}"))
    _table(target / "conditions.tsv", ("conditionId", "targetId", "targetValue"), conditions)
    _table(target / "experiments.tsv", ("experimentId", "time", "conditionId"), experiments)
    head = ["observableId", "experimentId", "time", "measurement", "noiseParameters"]
    body: list[list[Any]] = [
        [ids[r.output, r.distribution], "run" if periods is None else r.arm, r.time_h, r.value, r.sd] for r in rows
    ]
    if len(arms) > 1 and periods is None:
        head, body = ["modelId", *head], [[r.arm, *b] for r, b in zip(rows, body, strict=True)]
    _table(target / "measurements.tsv", head, body)
    _table(target / "parameters.tsv",
           ("parameterId", "lowerBound", "upperBound", "nominalValue", "estimate", "priorDistribution",
            "priorParameters"),
           [(n.id, n.low, n.high, n.value, "true", *_prior(n)) for n in numbers])  # fmt: skip
    lines = ["format_version: 2.0.0", "parameter_files: [parameters.tsv]", "model_files:"]
    for name in [a.id for a in arms] if periods is None else ["model"]:
        lines += [f"  {name}:", f"    location: {name}.xml", "    language: sbml"]
    lines += [f"{k}_files: [{k}s.tsv]" for k in ("observable", "condition", "experiment", "measurement")]
    file = target / "problem.yaml"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def _periods(arms: Sequence[Arm], numbers: Sequence[Number]) -> dict[str, list[tuple[float, dict[str, str]]]] | None:
    """Arms of one system as experiments of one model: arm → (time, {target: value}) of its person and its doses.

    None where one arm is all there is, where systems differ, or where an event is no dose (a jump, a reset): every arm
    then is a model of its own.
    """
    from ketasim.dosing.records.target import as_system

    systems = [as_system(a.system) for a in arms]
    program = systems[0].program
    if len(arms) == 1 or any(s.program.key != program.key for s in systems):
        return None
    estimated = {t for n in numbers for t in n.targets}
    values = [np.ravel(s.typical if a.parameters is None else a.parameters) for a, s in zip(arms, systems, strict=True)]
    out: dict[str, list[tuple[float, dict[str, str]]]] = {}
    for arm, own in zip(arms, values, strict=True):
        pairs = zip(program.parameter_names, own, values[0], strict=True)
        first = {identifier_of(n): repr(float(v)) for n, v, w in pairs if v != w and n not in estimated}
        moments: dict[float, dict[str, str]] = {0.0: first} if first else {}
        moved = np.where([n in estimated for n in program.parameter_names], own * 1.1, own)
        initial = program.initial_states(np.stack([own, moved]))
        rates = dict.fromkeys(program.rate_channels, 0.0)
        added: dict[tuple[float, int], float] = {}
        for time, kind, target, value in [] if arm.edges is None else arm.edges.of(0):
            here = moments.setdefault(max(float(time), 0.0), {})
            if kind == BOLUS:
                added[time, target] = added.get((time, target), 0.0) + value
                state = identifier_of(program.state_names[target])
                here[state] = f"{state} + {added[time, target]!r}"
                if (
                    time <= 0
                ):  # nothing precedes the start: the value itself, where it does not depend on what is fitted
                    if initial[0, target] != initial[1, target]:
                        return None
                    here[state] = repr(float(initial[0, target] + added[time, target]))
            elif kind == RATE:
                channel = program.rate_channels[target]
                rates[channel] += value
                rates[channel] = 0.0 if abs(rates[channel]) < 1e-12 * abs(value) else rates[channel]
                here[f"rate__{identifier_of(program.state_names[channel])}"] = repr(rates[channel])
            elif kind == PARAMETER:
                here[identifier_of(program.parameter_names[target])] = repr(float(value))
            else:
                return None
        out[arm.id] = sorted(moments.items())
    return out


def _observable(output: str, distribution: str, outputs: Sequence[tuple[str, str]]) -> str:
    twice = sum(o == output for o, _ in outputs) > 1
    return f"obs_{identifier_of(output)}" + (f"_{distribution.replace('-', '_')}" if twice else "")


def _prior(number: Number) -> tuple[str, str]:
    if number.prior is None:
        return "uniform", f"{float(number.low)!r};{float(number.high)!r}"
    kind, first, second = number.prior
    return kind, f"{float(first)!r};{float(second)!r}"


def _table(path: Path, head: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter="\t", lineterminator="\n")
        writer.writerow(head)
        writer.writerows([[repr(float(v)) if isinstance(v, float) else v for v in row] for row in rows])


def _check(arms: Sequence[Arm], rows: Sequence[Row], numbers: Sequence[Number]) -> None:
    for field, found in (("arms", arms), ("rows", rows), ("numbers", numbers)):
        if not found:
            raise InputError(field, "none", "one or more")
    for field, names in (("arm", [a.id for a in arms]), ("number", [n.id for n in numbers])):
        for name in names:
            if not re.fullmatch(r"[A-Za-z_]\w*", name, re.ASCII) or names.count(name) > 1:
                raise InputError(field, name, "letters, digits and underscores, each name once")
    programs = {}
    for a in arms:
        from ketasim.dosing.records.target import as_system

        programs[a.id] = as_system(a.system).program
    for r in rows:
        if r.statistic != "value":
            raise InputError("row", f"{r.output} ({r.statistic})", "an output at a time: PEtab has no other statistic")
        if r.arm not in programs:
            raise InputError("arm", r.arm, ", ".join(programs))
        if r.output not in programs[r.arm].outputs:
            raise InputError("output", r.output, ", ".join(programs[r.arm].outputs))
        if not (np.isfinite(r.time_h) and r.time_h >= 0 and np.isfinite(r.value)):
            raise InputError(f"row {r.output}", (r.time_h, r.value), "a finite value at 0 h or later")
        if not r.sd > 0:
            raise InputError(f"row {r.output} sd", r.sd, "a standard error larger than 0")
        if r.distribution not in DISTRIBUTIONS:
            raise InputError(f"row {r.output}", r.distribution, ", ".join(DISTRIBUTIONS))
        if r.distribution == "log-normal" and not r.value > 0:
            raise InputError(f"row {r.output}", r.value, "above 0 with a log-normal distribution")
    for n in numbers:
        if not n.low < n.value < n.high:
            raise InputError(f"number {n.id}", n.value, f"between {n.low:g} and {n.high:g}")
        if n.prior is not None and (n.prior[0] not in DISTRIBUTIONS or not n.prior[2] > 0):
            raise InputError(f"number {n.id} prior", n.prior, "normal or log-normal with a spread larger than 0")
        for t in n.targets:
            missing = [a for a, p in programs.items() if t not in p.parameter_names]
            if missing or not n.targets:
                raise InputError(f"number {n.id}", t, "a parameter of every arm (part.parameter)")
