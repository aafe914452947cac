"""Whether chains agree: split R-hat and effective sample size.

Source: Vehtari A et al., Rank-normalization, folding, and localization: an improved R-hat, Bayesian Anal
2021;16:667-718 (without the rank normalisation).
"""

from __future__ import annotations

import numpy as np


def _halves(draws: np.ndarray) -> np.ndarray:
    n = draws.shape[1] // 2
    return np.concatenate([draws[:, :n], draws[:, -n:]])


def split_rhat(draws: np.ndarray) -> float:
    """R-hat of draws (chains, draws), each chain cut in two."""
    half = _halves(draws)
    n = half.shape[1]
    within = half.var(axis=1, ddof=1).mean()
    between = half.mean(axis=1).var(ddof=1)
    return float(np.sqrt((n - 1) / n + between / within)) if within > 0 else 1.0


def effective_size(draws: np.ndarray) -> float:
    """Effective number of independent draws, by Geyer's initial monotone sequence of the pooled autocorrelation."""
    half = _halves(draws)
    chains, n = half.shape
    within = half.var(axis=1, ddof=1).mean()
    if not within > 0:
        return float(chains * n)
    centred = half - half.mean(axis=1, keepdims=True)
    size = 2 ** int(np.ceil(np.log2(2 * n)))
    spectrum = np.abs(np.fft.rfft(centred, size, axis=1)) ** 2
    covariance = np.fft.irfft(spectrum, size, axis=1)[:, :n].mean(axis=0) / n
    total = within * (n - 1) / n + half.mean(axis=1).var(ddof=1)
    rho = 1 - (within - covariance * n / (n - 1)) / total
    pairs = rho[0 : n - n % 2 : 2] + rho[1:n:2][: n // 2]
    negative = np.flatnonzero(pairs < 0)
    pairs = np.minimum.accumulate(pairs[: negative[0]] if len(negative) else pairs)
    return float(chains * n / max(2 * pairs.sum() - 1, 1 / np.log10(chains * n)))
