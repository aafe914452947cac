"""Power with its Monte-Carlo error, and how many people would be enough."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..endpoints.ancova import Contrasts

BOOTSTRAP = 400
MOST = 100_000


@dataclass(frozen=True)
class Power:
    """Share of replicates that found the effect (p < alpha on the side of the mean estimate of benefit `sign`), its
    Monte-Carlo error (SE) and 95 % interval (Wilson); mean and SD of the estimates, mean of their SE."""

    power: float
    error: float
    low: float
    high: float
    replicates: int
    estimate: float
    sd: float
    se: float


def power(p: np.ndarray, estimate: np.ndarray, se: np.ndarray, alpha: float, sign: float) -> Power:
    """p, estimate, se : (replicates,). sign : −1 where smaller is better, +1 where larger is, 0 for either side.

    A trial without an analysis (NaN) counts as not having found anything.
    """
    found = (p < alpha) & ((np.sign(estimate) == sign) | (sign == 0))
    share, error, low, high = proportion(found)
    return Power(
        share, error, low, high, len(p), _mean(estimate), float(np.nanstd(estimate, ddof=1)) if len(p) > 1 else 0.0,
        _mean(se),
    )  # fmt: skip


def proportion(found: np.ndarray) -> tuple[float, float, float, float]:
    """(share, its standard error, Wilson 95 % interval) of booleans."""
    n, k = len(found), int(found.sum())
    p, z = k / n, 1.959963984540054
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return p, float(np.sqrt(p * (1 - p) / n)), max(0.0, float(middle - half)), min(1.0, float(middle + half))


def required(
    found: Contrasts, column: int, people: int, alpha: float, target: float, seed: int = 0
) -> tuple[float, float, float]:
    """(people in both arms for this power, 5 % and 95 % of the bootstrap over replicates); inf when no size reaches it.

    The estimates of replicates scatter by the sampling error, which falls with n, and by what replicates do not share
    (doubt), which does not; power at another n follows from both by the normal distribution.
    """
    e, s = found.estimate[:, column], found.se[:, column]
    fine = np.isfinite(e) & np.isfinite(s) & (s > 0)
    e, s = e[fine], s[fine]
    if len(e) < 2:
        return float("nan"), float("nan"), float("nan")
    rng = np.random.default_rng(seed)
    again = [_size(e[i], s[i], people, alpha, target) for i in rng.integers(0, len(e), (BOOTSTRAP, len(e)))]
    low, high = np.quantile(again, (0.05, 0.95), method="nearest")
    return _size(e, s, people, alpha, target), float(low), float(high)


def _size(e: np.ndarray, s: np.ndarray, people: int, alpha: float, target: float) -> float:
    from scipy.special import ndtr, ndtri

    mu, unit = abs(float(e.mean())), float((s**2).mean()) * people  # variance of the estimate times people
    between = max(0.0, float(e.var(ddof=1)) - unit / people)
    between = between if between > 2.0 * unit / people * np.sqrt(2.0 / len(e)) else 0.0
    z = float(ndtri(1 - alpha / 2))
    n = np.unique(np.round(np.geomspace(4, MOST, 2000)))
    se = np.sqrt(unit / n)
    reached = ndtr((mu - z * se) / np.sqrt(se**2 + between)) >= target
    return float(n[reached.argmax()]) if reached.any() else float("inf")


def _mean(x: np.ndarray) -> float:
    return float(np.nanmean(x)) if np.isfinite(x).any() else float("nan")
