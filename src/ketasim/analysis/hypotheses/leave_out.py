"""How well a study would have been predicted without it: importance sampling with a smoothed tail (Vehtari 2017)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ketasim.core.spread import Floats

TRUSTED = 0.7


@dataclass(frozen=True)
class LeftOut:
    """Log score of one study predicted without it; k above 0.7 says that the weights are not to be trusted. refitted :
    whether the score comes from a fit without the study instead of weights."""

    study: str
    score: float
    k: float
    refitted: bool = False

    @property
    def rough(self) -> bool:
        """Whether the score rests on weights that are not to be trusted."""
        return self.k > TRUSTED and not self.refitted


def mean_likelihood(log_likelihood: Floats) -> float:
    """Logarithm of the mean likelihood of draws, from the sum of the log-likelihoods of the rows of each, (draws,)."""
    return _log_sum(log_likelihood) - float(np.log(len(log_likelihood)))


def left_out(log_likelihood: Floats, studies: tuple[str, ...]) -> list[LeftOut]:
    """One entry a study, from the log-likelihoods (draws, rows) of the posterior."""
    out = []
    names = np.array(studies)
    for study in dict.fromkeys(studies):
        mine = log_likelihood[:, names == study].sum(axis=1)
        weights, k = smoothed(-mine)
        out.append(LeftOut(study, float(_log_sum(weights + mine)), k))
    return out


def smoothed(log_ratios: Floats) -> tuple[Floats, float]:
    """Normalised log-weights with the largest replaced by quantiles of a generalised Pareto fit, and its shape k."""
    n = len(log_ratios)
    w = log_ratios - log_ratios.max()
    tail = min(int(np.ceil(min(0.2 * n, 3 * np.sqrt(n)))), n - 1)
    order = np.argsort(w)
    cut = w[order[n - tail - 1]]
    excess = np.exp(w[order[n - tail :]]) - np.exp(cut)
    k = np.inf
    if tail >= 5 and excess.max() > 0:
        k, scale = pareto(np.maximum(excess, 1e-300))
        p = (np.arange(tail) + 0.5) / tail
        bounded = min(k, 50.0)  # beyond that only the warning matters
        size = scale * (np.expm1(-bounded * np.log1p(-p)) / bounded if abs(k) > 1e-8 else -np.log1p(-p))
        w = w.copy()
        w[order[n - tail :]] = np.minimum(np.log(size + np.exp(cut)), 0.0)
    return w - _log_sum(w), float(k)


def pareto(x: Floats) -> tuple[float, float]:
    """Shape and scale of a generalised Pareto distribution (Zhang and Stephens 2009, with its weak prior on k)."""
    x = np.sort(x)
    n = len(x)
    m = 30 + int(np.sqrt(n))
    b = 1 / x[-1] + (1 - np.sqrt(m / (np.arange(1, m + 1) - 0.5))) / (3 * x[max(int(n / 4 + 0.5) - 1, 0)])
    ks = np.mean(np.log1p(-b[:, None] * x), axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        likelihood = n * (np.log(-b / ks) - ks - 1)
    likelihood = np.where(np.isfinite(likelihood), likelihood, -np.inf)
    weight = np.exp(likelihood - likelihood.max())
    best = float(np.sum(b * weight) / weight.sum())
    k = float(np.mean(np.log1p(-best * x)))
    shape = (n * k + 5.0) / (n + 10.0)  # weak prior: k about one half
    return shape, float(-k / best)


def _log_sum(a: Floats) -> float:
    top = float(a.max())
    return top + float(np.log(np.exp(a - top).sum()))
