"""Areas under one concentration curve: three rules, exact in their own terms.

A segment is either a straight line (area dt·(c1 + c2)/2; first moment dt·(t1·c1 + t2·c2)/2, the customary
trapezoid of t·C) or an exponential through its two ends (area ∫C dt and moment ∫t·C dt in closed form, written so
that nearly equal ends lose no digits). Formulas: Gabrielsson & Weiner, Methods Mol Biol 2012;929:377-389.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ketasim.core.errors import InputError

Array = NDArray[np.float64]
METHODS = ("linear", "lin-up/log-down", "linear-to-tmax-then-log")
_ALIASES = {
    "lin": "linear", "linear up log down": "lin-up/log-down", "lin up/log down": "lin-up/log-down",
    "linup-logdown": "lin-up/log-down", "lin-log": "linear-to-tmax-then-log", "linlog": "linear-to-tmax-then-log",
}  # fmt: skip


def named_method(method: str) -> str:
    """The canonical name of an integration rule; an InputError names the three."""
    text = method.strip().lower()
    text = _ALIASES.get(text, text)
    if text not in METHODS:
        raise InputError("method", method, ", ".join(METHODS))
    return text


def log_segments(t: Array, c: Array, method: str, tmax: float) -> NDArray[np.bool_]:
    """Which of the n − 1 segments are exponential under `method`. A zero end always makes a segment linear."""
    positive = (c[:-1] > 0) & (c[1:] > 0) & (c[:-1] != c[1:])
    if method == "linear":
        return np.zeros(t.size - 1, dtype=bool)
    if method == "lin-up/log-down":
        return positive & (c[1:] < c[:-1])
    return positive & (t[:-1] >= tmax)


def _moments(u: Array) -> tuple[Array, Array]:
    """∫₀¹ exp(−u·s) ds and ∫₀¹ s·exp(−u·s) ds, by series where u is small."""
    small = np.abs(u) < 0.05
    safe = np.where(small, 1.0, u)
    area = np.where(small, 0.0, -np.expm1(-safe) / safe)
    moment = np.where(small, 0.0, (-np.expm1(-safe) - safe * np.exp(-safe)) / safe**2)
    term = np.ones_like(u)
    area_series, moment_series = np.zeros_like(u), np.zeros_like(u)
    for k in range(9):
        area_series += term / (k + 1)
        moment_series += term / (k + 2)
        term = term * -u / (k + 1)
    return np.where(small, area_series, area), np.where(small, moment_series, moment)


def segments(t: Array, c: Array, exponential: NDArray[np.bool_]) -> tuple[Array, Array]:
    """Area (n − 1,) and first moment (n − 1,) of every segment; time from the dose."""
    dt = np.diff(t)
    c1, c2 = c[:-1], c[1:]
    linear_area = 0.5 * dt * (c1 + c2)
    linear_moment = 0.5 * dt * (t[:-1] * c1 + t[1:] * c2)
    u = np.log(np.where(exponential, c1, 1.0) / np.where(exponential, c2, 1.0))
    unit_area, unit_moment = _moments(u)
    log_area = dt * c1 * unit_area
    log_moment = t[:-1] * log_area + dt**2 * c1 * unit_moment
    return np.where(exponential, log_area, linear_area), np.where(exponential, log_moment, linear_moment)


def value_at(t: Array, c: Array, exponential: NDArray[np.bool_], at: float) -> float:
    """Concentration at a time inside [t[0], t[-1]], by the rule of the segment it lies in."""
    i = int(np.clip(np.searchsorted(t, at, side="right") - 1, 0, t.size - 2))
    share = (at - t[i]) / (t[i + 1] - t[i])
    if exponential[i]:
        return float(c[i] * (c[i + 1] / c[i]) ** share)
    return float(c[i] + share * (c[i + 1] - c[i]))


def area_between(t: Array, c: Array, exponential: NDArray[np.bool_], start: float, end: float) -> tuple[float, float]:
    """Area and first moment from `start` to `end`, both inside [t[0], t[-1]]."""
    inside = (t > start) & (t < end)
    ends = [value_at(t, c, exponential, x) for x in (start, end)]
    times = np.concatenate(([start], t[inside], [end]))
    values = np.concatenate((ends[:1], c[inside], ends[1:]))
    middle = 0.5 * (times[:-1] + times[1:])
    kinds = exponential[np.clip(np.searchsorted(t, middle, side="right") - 1, 0, t.size - 2)]
    kinds = kinds & (values[:-1] > 0) & (values[1:] > 0)
    area, moment = segments(times, values, kinds)
    return float(area.sum()), float(moment.sum())
