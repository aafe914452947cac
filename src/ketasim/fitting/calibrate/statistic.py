"""The statistics of rows as smooth functions of the parameters.

`ketasim.studies.measure` counts people past a threshold and picks a time of a grid: steps, which no gradient sees.
Here a share is counted with a soft edge (people shrunk towards their mean as much as the edge spreads them, so that the
share stays the share of the same distribution), and the time of a peak is read off the parabola through its
neighbours. A median is a weighted mean of all ordered people. Everything else is `measure` itself.

Sources: the soft edge with preserved variance, Silverman BW, Density Estimation, Chapman & Hall 1986, section 6.4.1;
the median, Harrell FE, Davis CE, Biometrika 1982;69:635-640.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ketasim.core.gaussian import ndtr
from ketasim.core.spread import Floats
from ketasim.fitting.calibrate.selection import Target
from ketasim.studies import curve
from ketasim.studies.amounts import hours
from ketasim.studies.catalogue import PERSON, SHARES
from ketasim.studies.measuring import native_unit, people
from ketasim.studies.run import ArmRun
from ketasim.studies.study import Observation
from ketasim.studies.units import factor

SOFT = ("response", "remission", "share")
MEDIANS = tuple(name for name in PERSON if name != "Tmax")
PEAKS = ("Tmax", "peak_time")
RATIOS = ("ratio", "risk_ratio")


def predicted(t: Target, runs: Mapping[str, ArmRun]) -> Floats:
    """A row in its own unit, one value for each replicate of its arm; for a sign the difference it is the sign of, for
    a rank the smallest step between neighbours in the row's order."""
    row = t.row
    if row.statistic == "rank":
        steps = [_measure(row.model_copy(update={"statistic": row.of}), runs[name]) for name in row.order]
        return np.asarray(np.min(np.diff(np.stack(steps), axis=0), axis=0))
    if row.statistic == "sign":
        contrast = bool(row.comparator) and row.of != "difference"
        row = row.model_copy(update={"statistic": "difference" if contrast else row.of, "unit": ""})
    return _measure(row, runs[row.arm], runs[row.comparator] if row.comparator else None)


def _measure(row: Observation, run: ArmRun, other: ArmRun | None = None) -> Floats:
    from ketasim.studies import measure

    if row.among:
        return measure(row, run, other)
    inner = row.of if other is not None else ""
    if row.summary == "median":
        if row.statistic in MEDIANS:
            return _median(row, row.statistic, run)
        if inner in MEDIANS and other is not None and row.statistic in ("difference", "ratio"):
            inside = row.model_copy(update={"statistic": inner, "unit": ""})
            a, b = (_median(inside, inner, r) for r in (run, other))
            if row.statistic == "ratio":
                return _plain(row, a / b)
            unit = native_unit(inside, run)
            return (a - b) * factor(unit, row.unit or unit, output=row.output, field=f"unit of {row.id}")
    if row.statistic in (*SOFT, *PEAKS):
        return _own_unit(row, row.statistic, _SMOOTH[row.statistic](row, run))
    if inner in (*SOFT, *PEAKS) and row.statistic in ("difference", *RATIOS, "odds_ratio"):
        assert other is not None
        a, b = (_SMOOTH[inner](row, r) for r in (run, other))
        with np.errstate(divide="ignore", invalid="ignore"):
            if row.statistic == "difference":
                return _own_unit(row, inner, a - b)
            if row.statistic in RATIOS:
                return _plain(row, a / b)
            n = run.dose_mg.shape[1], other.dose_mg.shape[1]
            if inner in SHARES:
                odds = [(x * m + 0.5) / ((1 - x) * m + 0.5) for x, m in zip((a, b), n)]
                return _plain(row, odds[0] / odds[1])
    return measure(row, run, other)


def _median(row: Observation, name: str, run: ArmRun) -> Floats:
    """Median over people of a person's statistic, in the row's unit."""
    unit, weight = native_unit(row, run, name), float(np.mean(run.weight_kg))
    by = factor(unit, row.unit or unit, output=row.output, weight_kg=weight, field=f"unit of {row.id}")
    return soft_median(people(row, name, run)) * by


def soft_median(values: Floats) -> Floats:
    """Harrell–Davis median of each replicate, (replicates,), of values (replicates, people); NaN are left out."""
    from scipy.special import betainc

    order = np.sort(np.asarray(values, dtype=float), axis=1)
    n = np.isfinite(order).sum(axis=1)[:, None]
    k = np.arange(values.shape[1] + 1)[None, :]
    with np.errstate(invalid="ignore", divide="ignore"):
        a = (n + 1) / 2.0
        weight = np.diff(betainc(a, a, np.minimum(k / np.maximum(n, 1), 1.0)), axis=1)
    out = np.sum(np.where(weight > 0, order * weight, 0.0), axis=1)
    return np.where(n[:, 0] > 0, out, np.nan)


def _own_unit(row: Observation, name: str, values: Floats) -> Floats:
    native = "fraction" if name in SHARES else "h"
    return values * factor(native, row.unit or native, field=f"unit of {row.id}")


def _plain(row: Observation, values: Floats) -> Floats:
    return np.asarray(values * factor("ratio", row.unit or "ratio", field=f"unit of {row.id}"))


def soft_share(margin: Floats) -> Floats:
    """Share of people with margin ≥ 0, (replicates,), of margins (replicates, people), with a soft edge."""
    m = margin.shape[1]
    if m == 1:
        return np.asarray((margin >= 0).mean(axis=1), dtype=float)
    with np.errstate(invalid="ignore"):
        middle = np.nanmean(margin, axis=1, keepdims=True)
        sd = np.nanstd(margin, axis=1, ddof=1, keepdims=True)
        h = 1.06 * m**-0.2
        shrunk = middle + (margin - middle) / np.sqrt(1.0 + h**2)
        edge = np.where(sd > 0, h * sd / np.sqrt(1.0 + h**2), 1.0)
        soft = np.where(sd > 0, ndtr(shrunk / edge), (margin >= 0).astype(float))
    return np.asarray(np.nanmean(np.where(np.isfinite(margin), soft, np.nan), axis=1))


def _span(row: Observation, run: ArmRun) -> tuple[float, float]:
    origin = run.origin_h(row.time_from)
    return origin + (hours(row.start) if row.start else 0.0), origin + (hours(row.until) if row.until else np.inf)


def _values(row: Observation, run: ArmRun) -> Floats:
    """(people of all replicates, times): at the row's time, else the window."""
    if row.time:
        return curve.at(run.times_h, run.flat(row.output), run.origin_h(row.time_from) + hours(row.time))[:, None]
    return curve.window(run.times_h, run.flat(row.output), *_span(row, run))[1]


def _shape(row: Observation, run: ArmRun, margin: Floats) -> Floats:
    return soft_share(np.asarray(margin).reshape(run.dose_mg.shape))


def _share(row: Observation, run: ArmRun) -> Floats:
    sign = 1.0 if row.direction == "above" else -1.0
    return _shape(row, run, (sign * (_values(row, run) - (row.threshold or 0.0))).max(axis=1))


def _remission(row: Observation, run: ArmRun) -> Floats:
    return _shape(row, run, ((row.threshold or 0.0) - _values(row, run)).max(axis=1))


def _response(row: Observation, run: ArmRun) -> Floats:
    least = 0.5 if row.threshold is None else row.threshold
    start = hours(row.baseline) if row.baseline else float(run.times_h[0])
    base = curve.at(run.times_h, run.flat(row.output), start)[:, None]
    return _shape(row, run, (base - _values(row, run) - least * base).max(axis=1))


def parabola(times: Floats, values: Floats) -> Floats:
    """Time of the largest value of each curve (n, nt), between the grid's points where the peak is inside."""
    k = np.argmax(values, axis=1)
    inner = (k > 0) & (k < len(times) - 1)
    j = np.clip(k, 1, max(len(times) - 2, 1))
    rows = np.arange(len(values))
    if len(times) < 3:
        return np.asarray(times[k])
    t0, t1, t2 = times[j - 1], times[j], times[j + 1]
    y0, y1, y2 = values[rows, j - 1], values[rows, j], values[rows, j + 1]
    with np.errstate(divide="ignore", invalid="ignore"):
        top = (t1 - t0) ** 2 * (y1 - y2) - (t1 - t2) ** 2 * (y1 - y0)
        below = (t1 - t0) * (y1 - y2) - (t1 - t2) * (y1 - y0)
        peak = t1 - 0.5 * top / below
    good = inner & np.isfinite(peak) & (peak >= t0) & (peak <= t2)
    return np.where(good, peak, times[k])


def _tmax(row: Observation, run: ArmRun) -> Floats:
    """Mean (or median) of the people's own peak times; at the paper's sampling times where they are known."""
    if run.samples_h:
        from ketasim.studies import measure

        return measure(row.model_copy(update={"statistic": "Tmax", "unit": "h"}), run)
    t, v = curve.window(run.times_h, run.flat(row.output), *_span(row, run))
    each = (parabola(t, v) - run.origin_h(row.time_from)).reshape(run.dose_mg.shape)
    if row.summary == "median":
        return np.asarray(np.nanmedian(each, axis=1))
    if row.summary == "geometric mean":
        return np.asarray(np.exp(np.nanmean(np.log(np.maximum(each, 1e-9)), axis=1)))
    return np.asarray(np.nanmean(each, axis=1))


def _peak_time(row: Observation, run: ArmRun) -> Floats:
    t, v = curve.window(run.times_h, run.flat(row.output), *_span(row, run))
    mean = np.nanmean(v.reshape(run.replicates, -1, len(t)), axis=1)
    sign = 1.0 if row.direction == "above" else -1.0
    return parabola(t, sign * (mean - mean[:, :1])) - run.origin_h(row.time_from)


_SMOOTH: Mapping[str, Any] = {
    "share": _share, "remission": _remission, "response": _response, "Tmax": _tmax, "peak_time": _peak_time,
}  # fmt: skip
