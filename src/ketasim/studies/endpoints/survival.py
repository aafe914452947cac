"""Times to an event in arms: the log-rank test, for many trials at once, and curves through lifelines."""

from __future__ import annotations

import numpy as np

from .ancova import Contrasts, contrasts


def logrank(time: np.ndarray, event: np.ndarray, arm: np.ndarray, control: int, active: tuple[int, ...]) -> Contrasts:
    """Log-rank z test of each active arm against the control; the estimate is the log hazard ratio (O − E)/V, se 1/√V.

    time, event, arm : (replicates, people); people with NaN in time are not in the comparison.
    """
    shape = time.shape[0], len(active)
    estimate, se, z = np.full(shape, np.nan), np.full(shape, np.nan), np.full(shape, np.nan)
    for j, k in enumerate(active):
        for r in range(shape[0]):
            keep = np.isfinite(time[r]) & ((arm[r] == k) | (arm[r] == control))
            surplus, variance = _one(time[r][keep], event[r][keep] > 0, arm[r][keep] == k)
            if variance > 0:
                estimate[r, j], se[r, j] = surplus / variance, variance**-0.5
                z[r, j] = surplus * variance**-0.5
    test = contrasts(z, np.ones_like(z), np.full(shape, np.inf))
    return Contrasts(estimate, se, test.df, test.p)


def _one(time: np.ndarray, event: np.ndarray, first: np.ndarray) -> tuple[float, float]:
    """Observed minus expected events of the first group, and the hypergeometric variance."""
    if not event.any():
        return 0.0, 0.0
    when = np.unique(time[event])
    at_risk = (time[:, None] >= when).astype(float)
    n, n1 = at_risk.sum(axis=0), at_risk[first].sum(axis=0)
    hit = (time[:, None] == when) & event[:, None]
    d, d1 = hit.sum(axis=0), hit[first].sum(axis=0)
    variance = d * n1 * (n - n1) * (n - d) / (n**2 * np.maximum(n - 1, 1))
    return float((d1 - d * n1 / n).sum()), float(variance.sum())


def kaplan_meier(time: np.ndarray, event: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Share without the event at some times, by lifelines. time, event : (n,)."""
    from lifelines import KaplanMeierFitter

    return np.asarray(KaplanMeierFitter().fit(time, event).survival_function_at_times(at), float)


def hazard_ratio(time: np.ndarray, event: np.ndarray, group: np.ndarray) -> tuple[float, float, float]:
    """Hazard ratio of a group (0 or 1) with its 95 % interval, by Cox regression in lifelines."""
    import pandas as pd
    from lifelines import CoxPHFitter

    table = pd.DataFrame({"t": time, "e": event.astype(int), "g": group.astype(float)})
    fit = CoxPHFitter().fit(table, "t", "e")
    low, high = np.exp(np.asarray(fit.confidence_intervals_)[0])
    return float(np.exp(fit.params_["g"])), float(low), float(high)
