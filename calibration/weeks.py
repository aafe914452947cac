"""Calibrates the weeks layer on the project's own kinetics: control arms first, then the drug, then the other scales.

    python calibration/weeks.py            fit and write the tables
    python calibration/weeks.py --dry      fit and print only
    python calibration/weeks.py --others   the other scales only
    python calibration/weeks.py --left-out predict every calibrate row of mood by a fit without its study

Every fit is a maximum of the posterior: rows count with half their tolerance as standard deviation, numbers are
log-normal about the starting value of this file with the width given beside it. The width of the posterior (Laplace)
is written as `doubt`; tables hold no correlations, so it is that of
the independent normals nearest to the posterior (the width of each number with the others held). Seeded; nothing
depends on the order of rows.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import weeks_bench as bench
from scipy.optimize import least_squares

from ketasim.core.parameters import Parameter
from ketasim.studies.amounts import Tolerance

TABLES = Path(__file__).parents[1] / "src" / "ketasim" / "data" / "parameters"
STUDIES = (
    "stone2022", "murrough2013", "han2016", "singh2016b", "daly2018", "popova2019", "murrough2013b",
    "diazgranados2010", "lii2023",
)  # fmt: skip


@dataclass(frozen=True)
class Free:
    """A number that is fitted: its table and entry, where it starts, the prior's SD on the log scale.

    what : "value", or the spread it changes ("cv", "sd", "weight" of the first class, "factor": second over first).
    cascade : whether a change needs a new simulation.
    """

    table: str
    entry: str
    start: float
    width: float
    what: str = "value"
    part: str = ""

    @property
    def name(self) -> str:
        return f"{self.table}.{self.entry}" + ("" if self.what == "value" else f".{self.what}")


CONTROL = (
    Free("outcomes/weeks/course", "a", 0.12, 0.5, part="course"),
    Free("outcomes/weeks/course", "a", 0.9, 0.4, "cv", part="course"),
    Free("outcomes/weeks/course", "tau_a", 4.0, 0.7, part="course"),
    Free("outcomes/weeks/course", "b", 0.08, 0.7, part="course"),
    Free("outcomes/weeks/course", "b", 1.2, 0.4, "cv", part="course"),
    Free("outcomes/weeks/course", "P", 0.35, 0.5, part="course"),
    Free("outcomes/weeks/course", "P", 0.9, 0.4, "cv", part="course"),
    Free("outcomes/weeks/course", "A", 0.12, 0.5, part="course"),
    Free("outcomes/weeks/course", "g", 0.15, 0.7, part="course"),
    Free("outcomes/weeks/course", "e", 0.14, 0.5, part="course"),
    Free("outcomes/weeks/course", "ritual", 4.0, 0.5, part="course"),
    Free("outcomes/weeks/course", "d_f", 0.15, 0.4, "sd", part="course"),
    Free("outcomes/weeks/course", "d_s", 0.15, 0.4, "sd", part="course"),
)
DRUG = (
    Free("outcomes/weeks/mood", "s", 1.75, 0.5, part="mood"),
    Free("outcomes/weeks/mood", "s", 0.6, 0.3, "weight", part="mood"),
    Free("outcomes/weeks/mood", "s", 0.17, 0.4, "factor", part="mood"),
    Free("outcomes/weeks/mood", "s", 0.4, 0.4, "cv", part="mood"),
    Free("outcomes/weeks/mood", "m", 1.5, 0.2, part="mood"),
    Free("outcomes/weeks/trial", "multicentre", 0.55, 0.2, part="trial"),
    Free("outcomes/weeks/course", "open_label", 1.6, 0.3, part="course"),
    Free("plasticity/benefit", "c", 0.5, 0.2, part="benefit"),
    Free("plasticity/cascade", "k_w", 0.5, 0.5, part="cascade"),
    Free("plasticity/cascade", "tau_w", 40.0, 0.4, part="cascade"),
    Free("plasticity/cascade", "p50", 0.06, 0.4, part="cascade"),
    Free("plasticity/cascade", "k_n", 0.05, 0.5, part="cascade"),
    Free("plasticity/cascade", "half_life", 168.0, 0.3, part="cascade"),
    Free("plasticity/cascade", "half_life", 0.7, 0.4, "cv", part="cascade"),
)
OTHERS = (
    (("feder2021",), "caps5", (Free("outcomes/weeks/ptsd", "s", 0.8, 0.4, part="ptsd"),)),
    (("rodriguez2013",), "ybocs", (Free("outcomes/weeks/ocd", "s", 1.0, 0.4, part="ocd"),)),
    (("dakwar2019",), "lapse_hazard", (
        Free("outcomes/weeks/craving", "hazard", 0.16, 0.5, part="lapse"),
        Free("outcomes/weeks/craving", "g", 1.8, 0.4, part="lapse"),
    )),
    (("murrough2013b", "daly2019"), "relapse_hazard", (
        Free("outcomes/weeks/relapse", "lambda0", 0.08, 0.5, part="relapse"),
        Free("outcomes/weeks/relapse", "gamma", 3.0, 0.3, part="relapse"),
        Free("outcomes/weeks/relapse", "a", 1.2, 0.5, part="relapse"),
        Free("outcomes/weeks/relapse", "sigma", 6.0, 0.6, part="relapse"),
    )),
)  # fmt: skip
NFEV = 6 if "--left-out" in sys.argv else 12
BETWEEN_TRIALS = {"f": 0.35, "control": 0.3}  # as the doubt of outcomes/weeks/trial
POOLED = {"stone2022": 232, "han2016": 9}  # trials behind a pooled number: what one is off by averages out
NO_TOLERANCE = {"DEP25": 12.0, "DEP25.stop": 12.0}  # follow-up differed between people: a wide standard deviation, in %
UNITS = {"half_life": (24.0, "d")}
SOURCES = {"A": "stone2022", "P": "stone2022", "g": "daly2018", "ritual": "lii2023"}  # the study that says most


def scales(frees: Sequence[Free], values: Sequence[float]) -> dict[str, Parameter]:
    """Parameters of the scales with the fitted numbers in place."""
    out = dict(bench.SCALES.parameters)
    for free, value in zip(frees, values, strict=True):
        key = f"{free.part}.{free.entry}"
        if key not in out:
            continue
        p = out[key]
        out[key] = replace(p, value=value) if free.what == "value" else replace(p, between=spread(p, free.what, value))
    return out


def spread(p: Parameter, what: str, value: float) -> dict[str, Any]:
    """The spread between people with one of its numbers replaced; classes keep a weighted mean factor of one, so that
    the value stays that of the average person."""
    now: dict[str, Any] = dict(p.between or {})
    if what not in ("weight", "factor"):
        return now | {what: value}
    w, ratio = now["weights"][0], now["factors"][1] / now["factors"][0]
    w, ratio = (float(np.clip(value, 0.05, 0.95)), ratio) if what == "weight" else (w, value)
    first = 1.0 / (w + (1.0 - w) * ratio)
    return now | {"weights": [w, 1.0 - w], "factors": [first, ratio * first]}


def cascade(frees: Sequence[Free], values: Sequence[float]) -> dict[str, float]:
    """Numbers that a new simulation needs; the spread of the half-life goes with it."""
    out = {}
    for free, value in zip(frees, values, strict=True):
        if free.part in ("cascade", "benefit"):
            out[f"{free.part}.{free.entry}" + ("" if free.what == "value" else f"|{free.what}")] = float(value)
    return out


def nuisance(frees: Sequence[Free], values: Sequence[float]) -> dict[str, float]:
    """What each trial is off by."""
    return {f.entry: float(v) for f, v in zip(frees, values, strict=True) if f.part == "nuisance"}


def sigma(row: bench.Observation) -> float:
    """Half the tolerance in the row's unit."""
    if not row.tolerance:
        return NO_TOLERANCE[row.id]
    t = Tolerance.parse(row.tolerance)
    assert row.value is not None
    if t.kind == "additive":
        return t.value / 2
    if t.kind == "range":
        return (t.high - t.low) / 4
    return abs(row.value) * 0.25 / 2


@dataclass(frozen=True)
class Fit:
    """Fitted numbers, the width of each on the log scale, and row → (predicted, printed)."""

    frees: tuple[Free, ...]
    values: np.ndarray
    width: np.ndarray
    rows: dict[str, tuple[float, float]]


def fit(
    frees: tuple[Free, ...], fixed: tuple[Sequence[Free], Sequence[float]], benches: list[bench.Bench],
    wanted: Callable[[bench.Bench, bench.Observation], bool], kind: str,
) -> Fit:  # fmt: skip
    """Least squares on the rows that are wanted, with priors; each trial may be off by a factor of its own (`kind`: f
    or control), which is not kept."""
    rows = {f"{b.study.id}/{r.id}": r for b in benches for r in b.rows
            if r.arm == b.arm.id and r.use == "calibrate" and r.statistic != "rank" and wanted(b, r)}  # fmt: skip
    arms = {(b.study.id, a) for b in benches for r in b.rows if f"{b.study.id}/{r.id}" in rows
            for a in (r.arm, r.comparator) if a}  # fmt: skip
    used = [b for b in benches if (b.study.id, b.arm.id) in arms]
    own = tuple(Free("", f"{kind}/{s}", 1.0, BETWEEN_TRIALS[kind] / POOLED.get(s, 1) ** 0.5, part="nuisance")
                for s in dict.fromkeys(b.study.id for b in used))  # fmt: skip
    frees = (*frees, *own)
    start = np.array([f.start for f in frees])
    every = (*fixed[0], *frees)

    def predict(theta: np.ndarray) -> dict[str, float]:
        values = [*fixed[1], *(start * np.exp(theta))]
        return bench.predict(used, scales(every, values), cascade(every, values), nuisance(every, values))

    def residuals(theta: np.ndarray) -> np.ndarray:
        predicted = predict(theta)
        data = [(predicted[k] - r.value) / sigma(r) for k, r in rows.items()]
        return np.array([*data, *(theta / [f.width for f in frees])])

    # the unknowns stand about 1, not 0: differences are taken as a fraction of them
    found = least_squares(lambda y: residuals(y - 1.0), np.ones(len(frees)), diff_step=0.06,
                          x_scale=[f.width for f in frees], max_nfev=NFEV, bounds=(-1.5, 3.5))  # fmt: skip
    width = 1.0 / np.sqrt(np.diag(found.jac.T @ found.jac))  # of independent normals nearest to the posterior
    theta = found.x - 1.0
    end = predict(theta)
    print(f"{len(rows)} rows, {len(frees)} numbers, cost {found.cost:.1f}, {found.nfev} evaluations", flush=True)
    return Fit(frees, start * np.exp(theta), width,
               {k: (end[k], float(r.value or 0)) for k, r in rows.items()})  # fmt: skip


def other(ids: Sequence[str], output: str, frees: tuple[Free, ...]) -> Fit:
    """Rows of another output, by simulation of every step."""
    benches = bench.benches(ids, (output,), people=200)
    rows = {f"{b.study.id}/{r.id}": r for b in benches for r in b.rows
            if r.arm == b.arm.id and r.use == "calibrate" and r.statistic != "rank"}  # fmt: skip
    start = np.array([f.start for f in frees])

    def predict(theta: np.ndarray) -> dict[str, float]:
        values = start * np.exp(theta)
        return bench.direct(benches, output, {f"{f.part}.{f.entry}": v for f, v in zip(frees, values, strict=True)})

    def residuals(y: np.ndarray) -> np.ndarray:
        predicted = predict(y - 1.0)
        data = [(predicted[k] - float(r.value or 0)) / sigma(r) for k, r in rows.items()]
        return np.nan_to_num(np.array([*data, *((y - 1.0) / [f.width for f in frees])]), nan=6.0)

    found = least_squares(residuals, np.ones(len(frees)), diff_step=0.06, max_nfev=10, bounds=(-2.0, 4.0))
    width = 1.0 / np.sqrt(np.diag(found.jac.T @ found.jac))
    end = predict(found.x - 1.0)
    print(f"{len(rows)} rows, {len(frees)} numbers, cost {found.cost:.1f}", flush=True)
    return Fit(frees, start * np.exp(found.x - 1.0), width, {k: (end[k], float(r.value or 0)) for k, r in rows.items()})


def show(result: Fit) -> None:
    """Print a fit."""
    for f, v, w in zip(result.frees, result.values, result.width, strict=True):
        print(f"  {f.name:42s} {v:9.4g}  ×/÷ {np.exp(w):.2f}")
    for k, (p, o) in result.rows.items():
        print(f"  {k:42s} predicted {p:7.1f}  printed {o:7.1f}")


def write(result: Fit, rows: Sequence[str], source: str) -> None:
    """Put the fitted values and their doubt into the tables."""
    for f, value, width in zip(result.frees, result.values, result.width, strict=True):
        if f.part == "nuisance":
            continue
        path = TABLES / f"{f.table}.toml"
        text = path.read_text()
        block = re.search(rf"^\[{f.entry}\]\n(?:(?!^\[).*\n?)*", text, re.M)
        assert block is not None
        old = new = block.group(0)
        if f.what == "value":
            scale, _ = UNITS.get(f.entry, (1.0, ""))
            new = re.sub(r"^value = .*$", f"value = {value / scale:.4g}", new, flags=re.M)
            new = re.sub(r"^kind = .*$", 'kind = "fitted"', new, flags=re.M)
            said = SOURCES.get(f.entry, source) if f.part == "course" else source
            new = re.sub(r"^source = .*$", f'source = "{said}"', new, flags=re.M)
            new = re.sub(r"^status = .*$", 'status = "verified"', new, flags=re.M)
            new = re.sub(r"^(doubt|rows) = .*\n", "", new, flags=re.M)
            cv = float(np.clip(np.sqrt(np.expm1(width**2)), 0.03, 0.8))
            listed = ", ".join(f'"{r}"' for r in rows)
            if f.entry == "c":
                more = f'doubt = {{ dist = "logitnormal", sd = {cv:.2g} }}'
            elif f.entry == "m":
                more = f'doubt = {{ dist = "truncnormal", sd = {cv * value:.2g}, low = 1.0, high = 4.0 }}'
            else:
                more = f'doubt = {{ dist = "lognormal", cv = {cv:.2g} }}'
            new = new.rstrip("\n") + f"\nrows = [{listed}]\n{more}\n\n"
        elif f.what in ("weight", "factor"):
            found = {k: [float(x) for x in re.search(rf"{k} = \[([^\]]*)\]", new)[1].split(",")]  # type: ignore[index]
                     for k in ("weights", "factors")}  # fmt: skip
            now = spread(replace(bench.SCALES.parameters["mood.s"], between=found), f.what, value)
            for k in found:
                listed = ", ".join(f"{x:.4g}" for x in now[k])
                new = re.sub(rf"{k} = \[[^\]]*\]", f"{k} = [{listed}]", new)
        else:
            new = re.sub(rf"(between = .*?){f.what} = [0-9.]+", rf"\g<1>{f.what} = {value:.3g}", new)
        path.write_text(text.replace(old, new).rstrip("\n") + "\n")


def control(benches: list[bench.Bench], without: str = "") -> Fit:
    """Arms without the drug, and differences between two of them."""
    controls = {(b.study.id, b.arm.id) for b in benches if b.arm.control}
    return fit(CONTROL, ((), ()), benches, lambda b, r: b.arm.control and b.study.id != without
               and (not r.comparator or (b.study.id, r.comparator) in controls), "control")  # fmt: skip


def drug(benches: list[bench.Bench], first: Fit, without: str = "") -> Fit:
    """Drug arms, with what the control arms said held."""
    return fit(DRUG, (first.frees, first.values), benches,
               lambda b, r: not b.arm.control and b.study.id != without, "f")  # fmt: skip


def left_out(benches: list[bench.Bench]) -> None:
    """Every calibrate row predicted by a fit without its study."""
    inside = total = 0
    for study in STUDIES:
        first = control(benches, study)
        second = drug(benches, first, study)
        every, values = (*first.frees, *second.frees), [*first.values, *second.values]
        mine = [b for b in benches if b.study.id == study]
        predicted = bench.predict(mine, scales(every, values), cascade(every, values), {})
        for b in mine:
            for r in b.rows:
                key = f"{study}/{r.id}"
                if r.use == "calibrate" and key in predicted and r.arm == b.arm.id:
                    ok = Tolerance.parse(r.tolerance).inside(predicted[key], float(r.value or 0))
                    inside, total = inside + ok, total + 1
                    print(f"  left out {key:36s} predicted {predicted[key]:7.1f} printed {r.value:7.1f} "
                          f"{'inside' if ok else 'outside'}", flush=True)  # fmt: skip
    print(f"left out: {inside} of {total} inside")


def main(arguments: Sequence[str]) -> None:
    """Command line."""
    if "--others" not in arguments:
        mood(arguments)
    for ids, output, frees in OTHERS if "--left-out" not in arguments else ():
        found = other(ids, output, frees)
        show(found)
        if "--dry" not in arguments:
            write(found, [k.split("/")[1] for k in found.rows], ids[-1])


def mood(arguments: Sequence[str]) -> None:
    """Control arms, then the drug."""
    benches = bench.benches(STUDIES, people=192 if "--left-out" in arguments else bench.PEOPLE)
    if "--left-out" in arguments:
        left_out(benches)
        return
    first = control(benches)
    show(first)
    second = drug(benches, first)
    show(second)
    if "--dry" not in arguments:
        write(first, [k.split("/")[1] for k in first.rows], "murrough2013")
        write(second, [k.split("/")[1] for k in second.rows], "murrough2013")


if __name__ == "__main__":
    main(sys.argv[1:])
