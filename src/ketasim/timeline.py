"""When to look: output times that follow the doses, and parsing of durations such as ``60d``."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from ketasim.core.errors import InputError

HOURS = {"s": 1 / 3600, "min": 1 / 60, "m": 1 / 60, "h": 1.0, "d": 24.0, "w": 168.0, "week": 168.0, "weeks": 168.0}
PUSH_H = 5 / 60
QUICK = np.array([0.25, 0.5, 1.0, 3.0]) / 60
_DURATION = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*(s|min|m|h|d|w|weeks?)\s*$")


def hours(text: str | float, name: str = "until") -> float:
    """``60d``, ``90 min``, ``2w`` or a number of hours, as hours."""
    if isinstance(text, (int, float)):
        value = float(text)
    else:
        match = _DURATION.match(text)
        if match is None:
            raise InputError(name, text, "a number with s, min, h, d or w, such as 60d")
        value = float(match.group(1)) * HOURS[match.group(2)]
    if not 0 < value <= 24 * 366 * 10:
        raise InputError(name, text, "more than 0 and at most ten years")
    return value


def output_times(starts_h: Sequence[float], ends_h: Sequence[float], until_h: float) -> np.ndarray:
    """Output times from 0 to until_h: every 2 min around each dose's start and end (and 15, 30, 60 s and 3 min about a
    push), every 5 to 30 min that day, then four times a day. Long courses keep their detail at every session without
    wasting points between them.
    """
    fine = (
        np.concatenate([np.arange(0, 60, 2), np.arange(60, 180, 5), np.arange(180, 480, 15), np.arange(480, 1441, 60)])
        / 60
    )
    step = 1.0 if until_h <= 168 else 6.0
    grid = [np.arange(0, until_h, step), [0.0, until_h]]
    previous = -np.inf
    for start, end in zip(starts_h, ends_h, strict=True):
        if start - previous < 0.02:
            continue
        previous = start
        last = min(until_h, start + 24.0)
        grid += [start + fine, end + fine]
        grid.append([end] if end <= last else [])
        if end - start <= PUSH_H:
            grid += [start + QUICK, end + QUICK]
    times = np.sort(np.round(np.concatenate([np.asarray(g, float) for g in grid]), 9))
    times = times[np.append(True, np.diff(times) > 0)]  # np.unique would load numpy.ma
    return times[(times >= 0) & (times <= until_h)]
