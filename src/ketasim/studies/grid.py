"""Times at which an arm is simulated: dense after doses, everywhere a row looks, never more than needed."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np

from .amounts import hours
from .catalogue import STATISTICS
from .curve import Array
from .study import Arm, Observation

_AFTER = (
    np.concatenate([np.arange(0.5, 10, 0.5), np.arange(10, 30, 1.0), np.arange(30, 90, 2.5), np.arange(90, 300, 15)])
    / 60
)
_TO_INFINITY = ("clearance", "volume_ss", "volume_beta", "half_life", "bioavailability", "AUC", "AUC_per_dose")
MAXIMUM = 20_000.0 * 24
KINETIC_HORIZON_H, TAIL_H, COARSE = 24.0, 96.0, 160


def horizon(arm: Arm, rows: Iterable[Observation], last_dose_h: float, end_h: float) -> float:
    """Last hour needed by the rows of an arm (and by those that use it as comparator)."""
    if arm.until:
        return hours(arm.until)
    last = end_h
    origins = {"start": 0.0, "last_dose": last_dose_h, "end": end_h}
    for row in rows:
        origin = origins[row.time_from]
        written = [hours(text) for text in (row.time, row.start, row.until, row.baseline, row.among_time) if text]
        if row.statistic in _TO_INFINITY or row.of in _TO_INFINITY:
            open_end = not row.until or math.isinf(hours(row.until))
            written.append(TAIL_H if open_end else 0.0)
        elif not row.time and not row.until and STATISTICS[row.statistic].family != "parameter":
            written.append(KINETIC_HORIZON_H)
        last = max([last, *(origin + h for h in written if math.isfinite(h))])
    last = max([last, *(hours(text) for text in arm.samples)])
    return min(max(last, 1 / 60), MAXIMUM)


def times(
    arm: Arm, rows: Iterable[Observation], doses: Sequence[tuple[float, float]], end: float, dense: int = 6
) -> Array:
    """Ascending times in hours from 0 to `end`.

    doses : (start_h, duration_h) in order. The grid is dense after the starts and ends of the first and last `dense`
    doses, coarse (geometric then even) elsewhere, and holds every time a row or the sampling plan names.
    """
    starts = [d[0] for d in doses] or [0.0]
    ends = [d[0] + d[1] for d in doses] or [0.0]
    edges = sorted({*starts[:dense], *ends[:dense], *starts[-dense:], *ends[-dense:]})
    origins = {"start": 0.0, "last_dose": starts[-1], "end": max(ends)}
    points = [np.array([0.0, end]), np.array([e for e in [*starts, *ends] if e <= end])]
    points += [e + _AFTER for e in edges]
    points.append(end * np.linspace(0, 1, COARSE) ** 2)
    points.append(np.linspace(0, end, COARSE))
    for row in rows:
        for text in (row.time, row.start, row.until, row.baseline):
            if text and math.isfinite(hours(text)):
                points.append(np.array([origins[row.time_from] + hours(text), hours(text)]))
        if row.among_time:
            points.append(np.array([hours(row.among_time)]))
    points.append(np.array([hours(text) for text in arm.samples]))
    merged = np.unique(np.round(np.concatenate(points), 9))
    return merged[(merged >= 0) & (merged <= end)]
