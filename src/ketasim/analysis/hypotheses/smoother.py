"""Posterior by an ensemble smoother with several assimilations of the same rows (Emerick and Reynolds 2013).

Latents z are standard normal; each step moves the ensemble by the regression of z on predicted rows, with the rows'
variance inflated so that all steps together use the rows once. It is exact for a linear model and asks no gradient.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ketasim.core.spread import Floats

STEPS = 4


@dataclass(frozen=True)
class Posterior:
    """Ensemble after the rows: latents (n, p), predicted rows (n, k), log-likelihood of each row (n, k); before: the
    rows of the prior ensemble."""

    z: Floats
    rows: Floats
    log_likelihood: Floats
    before: Floats

    @property
    def overlap(self) -> Floats:
        """Overlap of prior and posterior of each latent, 0 to 1; above 0.85 or so the rows said little about it."""
        mean, sd = self.z.mean(axis=0), np.maximum(self.z.std(axis=0, ddof=1), 1e-3)
        grid = np.linspace(-6, 6, 601)
        prior = np.exp(-0.5 * grid**2) / np.sqrt(2 * np.pi)
        after = np.exp(-0.5 * ((grid[:, None] - mean) / sd) ** 2) / (sd * np.sqrt(2 * np.pi))
        return np.asarray(np.minimum(prior[:, None], after).sum(axis=0) * (grid[1] - grid[0]))


def smooth(
    predict: Callable[[Floats], Floats], printed: Floats, sigma: Floats, latents: int, n: int, seed: int
) -> Posterior:
    """Fit `latents` standard normal numbers to rows. predict : (n, latents) → (n, rows)."""
    rng = np.random.default_rng(seed)
    z = rng.standard_normal((n, latents))
    rows = before = predict(z)
    for _ in range(STEPS):
        wide = np.sqrt(STEPS) * sigma
        noisy = printed + wide * rng.standard_normal(rows.shape)
        dz, dr = z - z.mean(axis=0), rows - rows.mean(axis=0)
        gain = (dz.T @ dr / (n - 1)) @ np.linalg.inv(dr.T @ dr / (n - 1) + np.diag(wide**2))
        z = np.clip(z + (noisy - rows) @ gain.T, -4.0, 4.0)
        rows = predict(z)
    return Posterior(z, rows, log_likelihood(rows, printed, sigma), before)


def log_likelihood(rows: Floats, printed: Floats, sigma: Floats) -> Floats:
    """Normal log-likelihood of each row, (n, rows)."""
    return np.asarray(-0.5 * ((rows - printed) / sigma) ** 2 - np.log(sigma * np.sqrt(2 * np.pi)), float)
