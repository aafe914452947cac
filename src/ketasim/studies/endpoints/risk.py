"""Shares in two arms: responders, people with an event."""

from __future__ import annotations

import numpy as np

from .ancova import Contrasts, contrasts


def risk_difference(event: np.ndarray, arm: np.ndarray, control: int, active: tuple[int, ...]) -> Contrasts:
    """Difference of shares, Wald interval without pooling, and the pooled z test (the χ² test of the 2 × 2 table).

    event, arm : (replicates, people); people with NaN in event are left out.
    """
    use = np.isfinite(event)

    def share(k: int) -> tuple[np.ndarray, np.ndarray]:
        mine = use & (arm == k)
        n = mine.sum(axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(mine, event, 0.0).sum(axis=1) / n, n

    q, m = share(control)
    rows = []
    with np.errstate(invalid="ignore", divide="ignore"):
        for k in active:
            p, n = share(k)
            pooled = (p * n + q * m) / (n + m)
            z = (p - q) / np.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
            rows.append((p - q, np.sqrt(p * (1 - p) / n + q * (1 - q) / m), np.where(p == q, 0.0, z)))
    estimate, se, z = (np.stack(x, axis=1) for x in zip(*rows))
    test = contrasts(z, np.ones_like(z), np.full(z.shape, np.inf))
    return Contrasts(estimate, se, test.df, test.p)


def number_needed(difference: float) -> float:
    """People to treat for one more with the outcome: 1 / risk difference."""
    return float("inf") if difference == 0 else 1.0 / difference
