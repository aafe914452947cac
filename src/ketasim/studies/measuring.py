"""From simulated curves to the statistic a row reports: one number for each replicate of the arm."""

from __future__ import annotations

import itertools
import math
import warnings
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ketasim.core.errors import InputError

from . import curve
from .amounts import hours
from .catalogue import ARM, PERSON, SHARES, STATISTICS
from .curve import Array
from .run import ArmRun
from .study import Observation
from .units import factor

SESSION_GAP_H = 12.0
MADRS_REMISSION = 12.0
_SCALE_FREE = {
    "fraction": "fraction",
    "percent": "%",
    "ratio": "ratio",
    "none": "1",
    "time": "h",
    "clearance": "L/h",
    "volume": "L",
}


def native_unit(row: Observation, run: ArmRun, statistic: str = "") -> str:
    """Unit in which `measure` returns the statistic of a row."""
    dimension = STATISTICS[statistic or row.statistic].dimension
    if dimension == "of":
        return native_unit(row, run, row.of)
    unit = run.units.get(row.output, "")
    if dimension in ("auc", "auc/dose"):
        return f"{unit}*h" + ("/mg" if dimension.endswith("dose") else "")
    if dimension == "1/time":
        return "1/h"
    return _SCALE_FREE.get(dimension, unit)


def measure(row: Observation, run: ArmRun, comparator: ArmRun | None = None) -> Array:
    """Statistic of the row in its own unit, one value for each replicate, (replicates,)."""
    if row.among:
        run, comparator = _among(row, run), None if comparator is None else _among(row, comparator)
    native = _statistic(row, row.statistic, run, comparator)
    weight = float(np.mean(run.weight_kg)) if run.weight_kg.size else None
    unit = row.unit or native_unit(row, run)
    return native * factor(native_unit(row, run), unit, output=row.output, weight_kg=weight, field=f"unit of {row.id}")


def _among(row: Observation, run: ArmRun) -> ArmRun:
    """The run with only those people left who had responded (half of the MADRS gone) or remitted (12 or less) by then;
    the others become NaN."""
    score = run.values["madrs"]
    at = curve.at(run.times_h, run.flat("madrs"), hours(row.among_time)).reshape(score.shape[:2])
    kept = at <= (MADRS_REMISSION if row.among == "remission" else 0.5 * score[:, :, 0])
    values = {name: np.where(kept[:, :, None], v, np.nan) for name, v in run.values.items()}
    return replace(run, values=values)


def _statistic(row: Observation, name: str, run: ArmRun, comparator: ArmRun | None) -> Array:
    if name in PERSON:
        return _summarise(row, people(row, name, run))
    if name in ARM:
        return _ARM[name](row, run)
    if comparator is None:
        raise InputError(f"comparator of {row.id}", row.comparator, "an arm that can be simulated")
    return _contrast(row, name, run, comparator)


def _summarise(row: Observation, values: Array) -> Array:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # all-NaN replicates stay NaN
        if row.summary == "median":
            return np.asarray(np.nanmedian(values, axis=1))
        if row.summary == "geometric mean":
            return np.asarray(np.exp(np.nanmean(np.log(np.where(values > 0, values, np.nan)), axis=1)))
        return np.asarray(np.nanmean(values, axis=1))


def _span(row: Observation, run: ArmRun) -> tuple[float, float]:
    origin = run.origin_h(row.time_from)
    return origin + (hours(row.start) if row.start else 0.0), origin + (hours(row.until) if row.until else math.inf)


def _when(row: Observation, run: ArmRun) -> float:
    return run.origin_h(row.time_from) + hours(row.time)


def _seen(row: Observation, run: ArmRun) -> tuple[Array, Array]:
    """The curve as the study saw it: cut to the row's window, at its sampling times if they are known."""
    times, values = run.times_h, run.flat(row.output)
    start, until = _span(row, run)
    if run.samples_h:
        picked = np.array([t for t in run.samples_h if start - 1e-9 <= t <= min(until, times[-1]) + 1e-9])
        if len(picked) >= 2:
            return picked, np.stack([curve.at(times, values, t) for t in picked], axis=1)
    return curve.window(times, values, start, until)


def people(row: Observation, name: str, run: ArmRun) -> Array:
    """A per-person statistic in native units, (replicates, people)."""
    return _PERSON[name](row, run).reshape(run.dose_mg.shape)


def _value(row: Observation, run: ArmRun) -> Array:
    return curve.at(run.times_h, run.flat(row.output), _when(row, run))


def _baseline(row: Observation, run: ArmRun) -> Array:
    return curve.at(run.times_h, run.flat(row.output), hours(row.baseline) if row.baseline else float(run.times_h[0]))


def _average(row: Observation, run: ArmRun) -> Array:
    times, values = curve.window(run.times_h, run.flat(row.output), *_span(row, run))
    return np.asarray(np.trapezoid(values, times, axis=1) / (times[-1] - times[0]))


def _cmax(row: Observation, run: ArmRun) -> Array:
    return np.asarray(np.max(_seen(row, run)[1], axis=1))


def _tmax(row: Observation, run: ArmRun) -> Array:
    times, values = _seen(row, run)
    return times[np.argmax(values, axis=1)] - run.origin_h(row.time_from)


def _auc(row: Observation, run: ArmRun) -> Array:
    start, until = _span(row, run)
    if math.isinf(until):
        return curve.area_to_infinity(*curve.window(run.times_h, run.flat(row.output), start, math.inf))[0]
    return curve.area(*_seen(row, run))


def _clearance(row: Observation, run: ArmRun) -> Array:
    unit = run.units[row.output]
    auc, _ = curve.area_to_infinity(run.times_h, run.flat(row.output))
    mg_per_litre = factor(unit, "mg/L", output=row.output)
    return run.dose_mg.reshape(-1) / (auc * mg_per_litre)


def _volume_ss(row: Observation, run: ArmRun) -> Array:
    auc, aumc = curve.area_to_infinity(run.times_h, run.flat(row.output))
    return _clearance(row, run) * (aumc / auc - run.infusion_h / 2)


def _rate(row: Observation, run: ArmRun) -> Array:
    start, until = _span(row, run)
    return curve.tail(run.times_h, run.flat(row.output), start if row.start else None, until if row.until else None)[0]


def _peak(row: Observation, run: ArmRun) -> Array:
    _, values = curve.window(run.times_h, run.flat(row.output), *_span(row, run))
    return np.asarray(np.max(values, axis=1) if row.direction == "above" else np.min(values, axis=1))


def _limit(row: Observation) -> float:
    return 0.0 if row.threshold is None else row.threshold


def _crossed(row: Observation, run: ArmRun, which: str) -> Array:
    t, v = curve.window(run.times_h, run.flat(row.output), *_span(row, run))
    return curve.crossing(t, v, _limit(row), row.direction, which) - run.origin_h(row.time_from)


def _output_ratio(row: Observation, run: ArmRun) -> Array:
    below = row.model_copy(update={"output": row.denominator})
    top, bottom = _PERSON[row.of](row, run), _PERSON[row.of](below, run)
    return top / bottom * factor(run.units[row.output], run.units[row.denominator])


_PERSON: dict[str, Callable[[Observation, ArmRun], Array]] = {
    "concentration": _value,
    "mean": _value,
    "average": _average,
    "Cmax": _cmax,
    "Cmin": lambda row, run: np.min(_seen(row, run)[1], axis=1),
    "Tmax": _tmax,
    "AUC": _auc,
    "AUC_per_dose": lambda row, run: _auc(row, run) / run.dose_mg.reshape(-1),
    "clearance": _clearance,
    "volume_ss": _volume_ss,
    "volume_beta": lambda row, run: _clearance(row, run) / _rate(row, run),
    "half_life": lambda row, run: math.log(2) / _rate(row, run),
    "onset": lambda row, run: _crossed(row, run, "first"),
    "offset": lambda row, run: _crossed(row, run, "last"),
    "duration": lambda row, run: curve.time_past(
        *curve.window(run.times_h, run.flat(row.output), *_span(row, run)), _limit(row), row.direction
    ),
    "peak": _peak,
    "peak_change": lambda row, run: _peak(row, run) - _baseline(row, run),
    "peak_percent_change": lambda row, run: 100 * (_peak(row, run) / _baseline(row, run) - 1),
    "output_ratio": _output_ratio,
    "change": lambda row, run: _value(row, run) - _baseline(row, run),
    "percent_change": lambda row, run: 100 * (_value(row, run) / _baseline(row, run) - 1),
}


def _peak_time(row: Observation, run: ArmRun) -> Array:
    t, v = curve.window(run.times_h, run.flat(row.output), *_span(row, run))
    mean = v.reshape(run.replicates, -1, len(t)).mean(axis=1)
    sign = 1.0 if row.direction == "above" else -1.0
    return t[np.argmax(sign * (mean - mean[:, :1]), axis=1)] - run.origin_h(row.time_from)


def _share(row: Observation, run: ArmRun, mark: Callable[[Array], NDArray[np.bool_]]) -> Array:
    """Share of people whose curve carries the mark at `time`, or anywhere in the window."""
    if row.time:
        hit: NDArray[np.bool_] = mark(_value(row, run)[:, None])[:, 0]
    else:
        hit = np.asarray(mark(curve.window(run.times_h, run.flat(row.output), *_span(row, run))[1]).any(axis=1))
    return np.asarray(hit.reshape(run.dose_mg.shape).mean(axis=1))


def _response(row: Observation, run: ArmRun) -> Array:
    least = 0.5 if row.threshold is None else row.threshold
    base = _baseline(row, run)[:, None]
    return _share(row, run, lambda v: np.asarray((base - v) >= least * base))


def _return_time(row: Observation, run: ArmRun) -> Array:
    t, v = curve.window(run.times_h, run.flat(row.output), *_span(row, run))
    mean = v.reshape(run.replicates, -1, len(t)).mean(axis=1)
    away = np.abs(
        mean - curve.at(run.times_h, run.flat(row.output), 0.0).reshape(run.replicates, -1).mean(axis=1)[:, None]
    )
    limit = (0.1 if row.threshold is None else row.threshold) * away.max(axis=1, keepdims=True)
    found = curve.crossing(t, away - limit, 0.0, "above", "last")
    found = np.where((away[:, -1] > limit[:, 0]) | (away.max(axis=1) <= 0), np.nan, found)  # never back, or never away
    return found - run.origin_h(row.time_from)


def _course_share(row: Observation, run: ArmRun) -> Array:
    """1 − Π(1 − p of each session): a session is a run of doses less than 12 h apart."""
    starts = sorted(d[0] for d in run.doses) or [0.0]
    sessions = [starts[0]] + [b for a, b in itertools.pairwise(starts) if b - a >= SESSION_GAP_H]
    values, free = run.flat(row.output), None
    for start, end in zip(sessions, [*sessions[1:], float(run.times_h[-1]) + 1], strict=True):
        inside = (run.times_h >= start - 1e-9) & (run.times_h < end - 1e-9)
        once = 1 - values[:, inside].max(axis=1)
        free = once if free is None else free * once
    assert free is not None
    return np.asarray((1 - free).reshape(run.dose_mg.shape).mean(axis=1))


def _event_share(row: Observation, run: ArmRun) -> Array:
    when = _when(row, run) if row.time else float(run.times_h[-1])
    if not row.output.startswith("p_"):
        t, s = survival(row, run)
        return 1 - curve.at(t, s, when - _span(row, run)[0])
    return np.asarray(curve.at(run.times_h, run.flat(row.output), when).reshape(run.dose_mg.shape).mean(axis=1))


def survival(row: Observation, run: ArmRun) -> tuple[Array, Array]:
    """(hours since the row's origin, share still without the event (replicates, nt)).

    The event comes from a `p_…` output (probability that it has begun), a hazard (unit 1/d or 1/h, integrated) or a
    threshold crossing.
    """
    start, until = _span(row, run)
    t, v = curve.window(run.times_h, run.flat(row.output), start, until)
    if row.threshold is not None:
        alive = ~np.logical_or.accumulate(curve.passes(v, row.threshold, row.direction), axis=1)
        each = alive.astype(float)
    elif row.output.startswith("p_"):
        each = (1 - v) / np.maximum(1 - v[:, :1], 1e-12)
    else:
        rate = v * factor(run.units[row.output], "1/h")
        step = np.concatenate([np.zeros((len(v), 1)), 0.5 * (rate[:, 1:] + rate[:, :-1]) * np.diff(t)], axis=1)
        each = np.exp(-np.cumsum(step, axis=1))
    by_copy = each.reshape(run.replicates, -1, len(t))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # nobody left in a copy: NaN
        return t - start, np.asarray(np.nanmean(by_copy, axis=1) if row.among else by_copy.mean(axis=1))


def _median_time(row: Observation, run: ArmRun) -> Array:
    if row.threshold is not None:  # each person's own crossing, interpolated; those who never cross come last
        start, until = _span(row, run)
        t, v = curve.window(run.times_h, run.flat(row.output), start, until)
        when = curve.crossing(t, v, row.threshold, row.direction, "first").reshape(run.dose_mg.shape) - start
        middle = np.sort(np.where(np.isnan(when), np.inf, when), axis=1)[:, (when.shape[1] - 1) // 2]
        return np.asarray(np.where(np.isinf(middle), np.nan, middle))
    t, s = survival(row, run)
    return curve.crossing(t, s, 0.5, "below", "first")


def _response_loss(row: Observation, run: ArmRun) -> Array:
    """Median over those who had responded at the start of the window of the time until they no longer do; those who
    keep it come last. NaN where nobody had responded, or half kept it."""
    start, until = _span(row, run)
    t, v = curve.window(run.times_h, run.flat(row.output), start, until)
    level = (1.0 - _limit(row)) * _baseline(row, run)
    lost = curve.crossing(t, v - level[:, None], 0.0, "above", "first") - start
    lost = np.where(v[:, 0] <= level, np.where(np.isnan(lost), np.inf, lost), np.nan).reshape(run.dose_mg.shape)
    middle = np.array([np.median(x[~np.isnan(x)]) if (~np.isnan(x)).any() else np.nan for x in lost])
    return np.asarray(np.where(np.isinf(middle), np.nan, middle))


def _event_rate(row: Observation, run: ArmRun) -> Array:
    t, s = survival(row, run)
    return np.asarray(-np.log(np.maximum(s[:, -1], 1e-12)) / (t[-1] - t[0]))


def _sd(row: Observation, run: ArmRun) -> Array:
    return np.asarray(np.nanstd(people(row, row.of, run), axis=1, ddof=1))


def _correlation(row: Observation, run: ArmRun) -> Array:
    span = _span(row, run)
    a = curve.window(run.times_h, run.flat(row.output), *span)[1].reshape(run.replicates, -1)
    b = curve.window(run.times_h, run.flat(row.denominator), *span)[1].reshape(run.replicates, -1)
    return np.array([np.corrcoef(x, y)[0, 1] for x, y in zip(a, b, strict=True)])


def _correlation_of_means(row: Observation, run: ArmRun) -> Array:
    if len(run.samples_h) < 3:
        raise InputError(f"samples of the arm of {row.id}", len(run.samples_h), "three times or more")
    pairs = []
    for name in (row.output, row.denominator):
        each = [curve.at(run.times_h, run.flat(name), t).reshape(run.replicates, -1) for t in run.samples_h]
        pairs.append(np.stack([np.nanmean(v, axis=1) for v in each], axis=1))
    return np.array([np.corrcoef(x, y)[0, 1] for x, y in zip(*pairs, strict=True)])


_ARM: dict[str, Callable[[Observation, ArmRun], Array]] = {
    "peak_time": _peak_time,
    "SD": _sd,
    "response": _response,
    "remission": lambda row, run: _share(row, run, lambda v: np.asarray(v <= _limit(row))),
    "share": lambda row, run: _share(row, run, lambda v: curve.passes(v, _limit(row), row.direction)),
    "return_time": _return_time,
    "median_response_loss": _response_loss,
    "event_share": _event_share,
    "course_share": _course_share,
    "event_rate": _event_rate,
    "median_time_to_event": _median_time,
    "correlation": _correlation,
    "correlation_of_means": _correlation_of_means,
}


def _contrast(row: Observation, name: str, run: ArmRun, other: ArmRun) -> Array:
    if name == "bioavailability":
        return _summarise(row, people(row, "AUC_per_dose", run)) / _summarise(row, people(row, "AUC_per_dose", other))
    if name == "hazard_ratio":
        a, b = survival(row, run)[1][:, -1], survival(row, other)[1][:, -1]
        return np.asarray(np.log(np.maximum(a, 1e-12)) / np.log(np.clip(b, 1e-12, 1 - 1e-12)))
    a, b = _statistic(row, row.of, run, None), _statistic(row, row.of, other, None)
    if name == "difference":
        return a - b
    if name in ("ratio", "risk_ratio"):
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(a / b)
    if name == "odds_ratio":
        if row.of not in SHARES:
            raise InputError(f"of, in {row.id}", row.of, f"one of {', '.join(SHARES)} for an odds ratio")
        n = run.dose_mg.shape[1], other.dose_mg.shape[1]  # half a person keeps an empty cell finite
        return (a * n[0] + 0.5) / ((1 - a) * n[0] + 0.5) / ((b * n[1] + 0.5) / ((1 - b) * n[1] + 0.5))
    sd_a, sd_b = (np.nanstd(people(row, row.of, r), axis=1, ddof=1) for r in (run, other))
    return np.asarray((a - b) / np.sqrt(0.5 * (sd_a**2 + sd_b**2)))
