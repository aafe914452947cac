"""Numbers read from curves: people × times in, one number for each person out. NumPy only; times in hours, NaN
where undefined."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
_FLOOR = 1e-9  # of a person's maximum: below this a value carries no information about the tail


def at(times: Array, values: Array, when: float) -> Array:
    """Value at one time by linear interpolation, (m,). NaN outside the simulated span."""
    if not times[0] - 1e-9 <= when <= times[-1] + 1e-9:
        return np.full(len(values), np.nan)
    k = int(np.clip(np.searchsorted(times, when), 1, len(times) - 1))
    span = times[k] - times[k - 1]
    w = np.clip((when - times[k - 1]) / span, 0.0, 1.0) if span > 0 else 1.0
    return np.asarray((1 - w) * values[:, k - 1] + w * values[:, k])


def window(times: Array, values: Array, start: float, until: float) -> tuple[Array, Array]:
    """Curve cut to a window, with interpolated ends inside the simulated span."""
    start, until = max(start, float(times[0])), min(until, float(times[-1]))
    if until < start:
        return np.array([start]), np.full((len(values), 1), np.nan)
    inside = (times > start) & (times < until)
    t = np.concatenate([[start], times[inside], [until]])
    v = np.concatenate(
        [at(times, values, start)[:, None], values[:, inside], at(times, values, until)[:, None]], axis=1
    )
    return t, v


def area(times: Array, values: Array) -> Array:
    """Trapezoidal area, (m,): linear while rising, logarithmic while falling (exact for a mono-exponential tail)."""
    dt, a, b = np.diff(times), values[:, :-1], values[:, 1:]
    with np.errstate(divide="ignore", invalid="ignore"):
        log_rule = (a - b) / np.log(a / b)
    falling = (b < a) & (b > 0) & (a > 0) & ((a - b) > 1e-6 * a)
    return np.asarray(np.sum(np.where(falling, log_rule, 0.5 * (a + b)) * dt, axis=1))


def tail(times: Array, values: Array, start: float | None = None, until: float | None = None) -> tuple[Array, Array]:
    """Log-linear fit of the tail: (rate constant 1/h, value at the last time used), each (m,).

    Without a window the last third of the time after the peak is used.
    """
    m = len(values)
    values = np.where(np.isnan(values), -1.0, values)  # a failed run has no tail
    peak = np.argmax(values, axis=1)
    last = times[-1] if until is None else until
    first = times[peak] + (times[-1] - times[peak]) * 2 / 3 if start is None else np.full(m, start)
    use = (times[None, :] >= first[:, None] - 1e-12) & (times[None, :] <= last + 1e-12)
    use &= values > np.maximum(_FLOOR * values.max(axis=1, keepdims=True), 0.0)
    y = np.log(np.where(use, values, 1.0))
    count = use.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        t_mean = (use * times).sum(axis=1) / count
        y_mean = (use * y).sum(axis=1) / count
        dt = np.where(use, times[None, :] - t_mean[:, None], 0.0)
        slope = (dt * (y - y_mean[:, None])).sum(axis=1) / (dt**2).sum(axis=1)
        rate = np.where((count >= 2) & (slope < 0), -slope, np.nan)
        end = np.exp(y_mean + slope * (np.max(np.where(use, times, -np.inf), axis=1) - t_mean))
    return np.asarray(rate), np.asarray(end)


def area_to_infinity(times: Array, values: Array) -> tuple[Array, Array]:
    """(AUC, AUMC) from the first time to infinity, tail extrapolated log-linearly from the last value, each (m,)."""
    rate, _ = tail(times, values)
    last = values[:, -1]
    with np.errstate(divide="ignore", invalid="ignore"):
        rest = np.where(last > 0, last / rate, 0.0)
        rest_moment = np.where(last > 0, last * times[-1] / rate + last / rate**2, 0.0)
    return area(times, values) + rest, area(times, values * times) + rest_moment


def passes(values: Array, threshold: float, direction: str) -> NDArray[np.bool_]:
    """Where the curve is past the threshold: above (≥) or below (≤)."""
    return np.asarray(values >= threshold if direction == "above" else values <= threshold)


def crossing(times: Array, values: Array, threshold: float, direction: str, which: str) -> Array:
    """First time ("first") or last time ("last") past the threshold, interpolated between grid points; NaN if
    never, (m,)."""
    if which == "last":
        mirrored = crossing(-times[::-1], values[:, ::-1], threshold, direction, "first")
        return -mirrored
    past = passes(values, threshold, direction)
    first = np.argmax(past, axis=1)
    rows = np.arange(len(values))
    before = np.maximum(first - 1, 0)
    a, b = values[rows, before], values[rows, first]
    with np.errstate(divide="ignore", invalid="ignore"):
        w = np.where(first > 0, np.clip((threshold - a) / (b - a), 0, 1), 1.0)
    found = times[before] + w * (times[first] - times[before])
    return np.where(past.any(axis=1), found, np.nan)


def time_past(times: Array, values: Array, threshold: float, direction: str) -> Array:
    """Total time past the threshold with interpolated crossings, (m,)."""
    s = (values - threshold) * (1.0 if direction == "above" else -1.0)
    a, b = s[:, :-1], s[:, 1:]
    with np.errstate(divide="ignore", invalid="ignore"):
        part = np.where((a >= 0) & (b >= 0), 1.0, np.where((a < 0) & (b < 0), 0.0, np.maximum(a, b) / np.abs(a - b)))
    return np.asarray(np.sum(np.nan_to_num(part) * np.diff(times), axis=1))
