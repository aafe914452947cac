"""Arms of trials of other disorders: people alike in age and weight, different in all that the model lets differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

import ketasim as ks

DAY = 24.0
PEOPLE, SEED = 400, 11


def arm(
    regimen: str, days: Sequence[float], outputs: tuple[str, ...], who: ks.Patient,
    settings: Mapping[str, float] | None = None,
) -> ks.Result:  # fmt: skip
    """One arm at these days."""
    return ks.simulate(
        patient=who, subjects=PEOPLE, regimen=regimen, times_h=[d * DAY for d in days], seed=SEED,
        settings=dict(settings or {}), outputs=outputs,
    )  # fmt: skip


def change(result: ks.Result, output: str, at: int = -1) -> float:
    """Mean change from the first time to another."""
    return float(np.mean(result[output][:, at] - result[output][:, 0]))


def responders(result: ks.Result, output: str, fall: float, at: int = -1) -> float:
    """Percentage whose score fell by at least this share."""
    start = result[output][:, 0]
    return 100 * float(np.mean(start - result[output][:, at] >= fall * start))


def without_lapse(result: ks.Result, first: int = 0) -> float:
    """Percentage with no lapse from a time of the result to its end."""
    rate, t = result["lapse_hazard"][:, first:], result.times_h[first:] / DAY
    return 100 * float(np.mean(np.exp(-np.trapezoid(rate, t, axis=1))))
