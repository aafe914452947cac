"""A regimen's numbers for everybody: what the statistics of goals and limits are means of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..trials.course import looks, regimen, sessions_h, simulate_people
from .plan import WITHOUT_OUTPUT, Measure, Search


def simulate_regimen(
    search: Search, sentence: str, cohort: Any, draw: np.ndarray, threads: int
) -> dict[str, np.ndarray]:
    """Measure → one number a person (n,); the statistic is their mean. NaN for a person who could not be simulated."""
    measures = (*search.goals, *search.limits)
    horizon = 24.0 * search.horizon_days
    days = np.unique([*np.arange(0.0, horizon + 1e-9, 24.0), horizon, *(24.0 * m.day for m in measures if m.day)])
    peaks = looks(sentence, horizon)
    names = tuple(dict.fromkeys(m.output for m in measures if m.output))
    starts = np.array([s for s in sessions_h(sentence) if s <= horizon])
    curves: Mapping[str, np.ndarray] = {}
    if names:
        shares = np.ones((len(cohort), max(len(sessions_h(sentence)), 1)))
        times = np.concatenate([days, peaks])
        curves = simulate_people(search, sentence, cohort, draw, shares, times, names, search.settings, threads)
    return {m.name: _person(m, search, sentence, curves, days, starts, len(cohort)) for m in measures}


def _person(
    m: Measure, search: Search, sentence: str, curves: Mapping[str, np.ndarray], days: np.ndarray, starts: np.ndarray,
    n: int,
) -> np.ndarray:  # fmt: skip
    if m.statistic in WITHOUT_OUTPUT:
        return np.full(n, len(starts) if m.statistic == "sessions" else clinic_hours(sentence, search))
    curve = curves[m.output]
    daily, session = curve[:, : len(days)], curve[:, [0, *range(len(days), curve.shape[1])]]
    lost = ~np.isfinite(daily).all(axis=1)
    limit = m.threshold if m.threshold is not None else np.nan
    if m.statistic in ("mean_at", "share_below_at"):
        at = daily[:, int(np.searchsorted(days, 24.0 * (m.day or 0.0) - 1e-9))]
        value = at if m.statistic == "mean_at" else (at <= limit).astype(float)
    elif m.statistic.startswith("weeks_below"):
        below = (daily <= limit).astype(float)
        value = (0.5 * (below[:, 1:] + below[:, :-1]) * np.diff(days)).sum(axis=1) / 168.0
        value = value / max(len(starts), 1) if m.statistic.endswith("session") else value
    elif m.statistic == "final_mean":
        value = daily[:, -1]
    elif m.statistic == "integral_mean":
        value = (0.5 * (daily[:, 1:] + daily[:, :-1]) * np.diff(days)).sum(axis=1) / 168.0
    else:
        top = session.max(axis=1)
        value = top if m.statistic == "peak_mean" else (top > limit).astype(float)
    return np.where(lost, np.nan, value)


def clinic_hours(sentence: str, search: Search) -> float:
    """Hours in the clinic: from the start of each session to the end of its last dose and the observation after it."""
    total = 0.0
    sessions: dict[int, list[float]] = {}
    for d in regimen(sentence).doses:
        if d.start_h <= 24.0 * search.horizon_days:
            span = sessions.setdefault(d.session_index, [d.start_h, d.start_h])
            sessions[d.session_index] = [min(span[0], d.start_h), max(span[1], d.start_h + d.duration_h)]
    for a, b in sessions.values():
        total += b - a + search.observation_h
    return total
