"""What trials count, person by person, from the curves of a result: response, remission, relapse, numbers to treat."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ketasim.core.errors import InputError
from ketasim.core.result import Result

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
REMISSION = {"madrs": 10.0, "hdrs": 7.0, "qids": 5.0}
MINIMAL_DIFFERENCE = {"madrs": 1.9, "hdrs": 1.5}
"""Differences between arms that clinicians begin to call small but real, points: MADRS 1.6 to 1.9 (Duru and Fantino
2008), HDRS by conversion. Recalled; a person notices about 6 points (Turkoz 2021, recalled)."""


def at(result: Result, output: str, time_h: float) -> Floats:
    """The output of each person at a time, by straight lines between the times of the result, (subjects,)."""
    t = result.times_h
    if not t[0] <= time_h <= t[-1]:
        raise InputError("time_h", time_h, f"{t[0]:g} to {t[-1]:g}, the times of the result")
    return np.array([np.interp(time_h, t, row) for row in result[output]])


def response(result: Result, time_h: float, output: str = "madrs", fall: float = 0.5) -> Bools:
    """Whether each person's score had fallen by at least this share of its start, (subjects,)."""
    start = result[output][:, 0]
    return np.asarray(start - at(result, output, time_h) >= fall * start) & (start > 0)


def remission(result: Result, time_h: float, output: str = "madrs", limit: float | None = None) -> Bools:
    """Whether each person's score was at or below the limit (MADRS 10, HDRS 7, QIDS 5 unless given), (subjects,)."""
    if limit is None and output not in REMISSION:
        raise InputError("limit", "none", f"a number for {output}; usual limits are known for {', '.join(REMISSION)}")
    return np.asarray(at(result, output, time_h) <= (REMISSION[output] if limit is None else limit))


def relapse_free(result: Result, from_h: float, among: Bools | None = None) -> tuple[Floats, Floats]:
    """(hours since `from_h`, share that has not relapsed), each (times,): the mean of exp(−∫ hazard) over people.

    among : who is counted (default: those who respond at `from_h`).
    """
    keep = result.times_h >= from_h - 1e-9
    t = result.times_h[keep]
    if len(t) < 2:
        raise InputError("from_h", from_h, f"before the last time of the result, {result.times_h[-1]:g}")
    chosen = response(result, float(t[0])) if among is None else among
    if not chosen.any():
        return t - t[0], np.full(len(t), np.nan)
    rate = result["relapse_hazard"][chosen][:, keep] / 24.0
    step = 0.5 * (rate[:, 1:] + rate[:, :-1]) * np.diff(t)
    total = np.concatenate([np.zeros((len(rate), 1)), np.cumsum(step, axis=1)], axis=1)
    return t - t[0], np.asarray(np.exp(-total).mean(axis=0))


@dataclass(frozen=True)
class NumberNeeded:
    """Treated people for one more with the outcome, against a control. share, control : shares with the outcome.
    nnt : infinite where the treatment adds nothing, negative where it takes away."""

    share: float
    control: float

    @property
    def nnt(self) -> float:
        """1 / (share − control)."""
        gap = self.share - self.control
        return float("inf") if gap == 0 else 1.0 / gap


def number_needed(treated: Bools, control: Bools) -> NumberNeeded:
    """From the outcomes of people of two arms."""
    if not len(treated) or not len(control):
        raise InputError("arms", "empty", "at least one person in each")
    return NumberNeeded(float(np.mean(treated)), float(np.mean(control)))
