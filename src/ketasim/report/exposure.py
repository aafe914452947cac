"""Numbers of exposure per subject and session: peak, time of peak, area, half-life, decrement times."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ketasim.report.sessions import Session


@dataclass(frozen=True, eq=False)
class Exposure:
    """Arrays of one entry a subject; nan where a number cannot be had from the run."""

    cmax: np.ndarray
    tmax_h: np.ndarray
    auc: np.ndarray
    half_life_h: np.ndarray
    decrement_50_h: np.ndarray
    decrement_80_h: np.ndarray


def exposure(times_h: np.ndarray, values: np.ndarray, session: Session, stop_h: float) -> Exposure:
    """Exposure of one session.

    times_h (times,), values (subjects, times); the session is looked at from its first dose to `stop_h` (the next
    session or the end of the run). Tmax counts from the start of the session.
    """
    inside = (times_h >= session.start_h - 1e-9) & (times_h <= stop_h + 1e-9)
    t, y = times_h[inside], values[:, inside]
    if y.shape[1] < 2:
        nothing = np.full(len(values), np.nan)
        return Exposure(*(nothing,) * 6)
    at = np.argmax(np.where(np.isfinite(y), y, -np.inf), axis=1)
    peak = y[np.arange(len(y)), at]
    return Exposure(
        peak,
        np.where(np.isfinite(peak), t[at] - session.start_h, np.nan),
        area(t, y),
        half_life(t, y, session.end_h, peak),
        decrement(t, y, at, 0.5),
        decrement(t, y, at, 0.2),
    )


def area(t: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Area under each row: straight lines while rising, logarithmic while falling (exact for an exponential)."""
    a, b, dt = y[:, :-1], y[:, 1:], np.diff(t)
    with np.errstate(all="ignore"):
        falling = (a > b) & (b > 0) & (a / b > 1 + 1e-6)
        log_part = (a - b) / np.log(np.where(falling, a / b, np.e))
    return (np.where(falling, log_part, (a + b) / 2) * dt).sum(axis=1)


def half_life(t: np.ndarray, y: np.ndarray, dosing_end_h: float, peak: np.ndarray) -> np.ndarray:
    """Terminal half-life: slope of log value over the last third of the time from the end of dosing until the value
    has fallen under 1/10 000 of the peak or the look ends; nan where that stretch is shorter than one half-life."""
    with np.errstate(all="ignore"):
        usable = (t > dosing_end_h) & (y > 1e-4 * peak[:, None]) & np.isfinite(y)
        last = np.max(np.where(usable, t, -np.inf), axis=1, initial=-np.inf)
        start = last - (last - max(dosing_end_h, t[0])) / 3
        fit = usable & (t >= start[:, None])
        n = fit.sum(axis=1)
        x, v = np.where(fit, t, 0.0), np.where(fit, np.log(np.where(fit, y, 1.0)), 0.0)
        dx = np.where(fit, x - (x.sum(axis=1) / n)[:, None], 0.0)
        slope = (dx * v).sum(axis=1) / (dx * dx).sum(axis=1)
        half = -np.log(2) / slope
        good = (n >= 3) & (usable.sum(axis=1) >= 5) & (slope < 0) & (half <= last - start)
    return np.where(good, half, np.nan)


def decrement(t: np.ndarray, y: np.ndarray, at: np.ndarray, left: float) -> np.ndarray:
    """Time from each row's peak until only the fraction `left` of it remains; nan where that is not reached."""
    out = np.full(len(y), np.nan)
    for i, row in enumerate(y):
        target = left * row[at[i]]
        below = np.flatnonzero((row <= target) & (np.arange(len(t)) > at[i]))
        if not len(below) or not row[at[i]] > 0:
            continue
        k = int(below[0])
        a, b = row[k - 1], row[k]
        share = np.log(a / target) / np.log(a / b) if b > 0 and a > b else (a - target) / (a - b)
        out[i] = t[k - 1] + share * (t[k] - t[k - 1]) - t[at[i]]
    return out
