"""The marginal likelihood by importance sampling around the conditional modes.

−2 log L_i = −2 log (1/K) Σ_k exp(−joint(η_k)/2) / q(η_k), with q a multivariate t centred at the mode and as wide as
the inverse Hessian there. No constant n log 2π, as NONMEM prints it.

Source: Kuhn E, Lavielle M, Comput Stat Data Anal 2005;49:1020-1038.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ketasim.core import random
from ketasim.fitting.population import residual
from ketasim.fitting.population.conditional import Conditional, Point

DEGREES = 5.0


def deviance(c: Conditional, point: Point, eta: np.ndarray, lanes: np.ndarray) -> np.ndarray:
    """(lanes,) −2 log p(y | η) of some subjects at eta (lanes, m), without constants."""
    theta: Mapping[str, Any] = point.theta
    f = c.predict(theta, eta, lanes)
    d, *_ = residual.terms(c.model.residual.kind, c.data, lanes, f, point.sigma)
    return d.sum(axis=1)


class Draws:
    """The density q of every subject, and draws from it; the draws of a subject do not depend on the others."""

    def __init__(self, c: Conditional, point: Point, eta: np.ndarray) -> None:
        local = c.local(point.theta, eta)
        _, h = c.curvature(point, local.f, local.a, local.b, eta)
        spread = np.linalg.inv(h)
        self.eta, self.m = eta, c.m
        self.root = np.linalg.cholesky((spread + np.swapaxes(spread, 1, 2)) / 2)
        self.base = np.log(np.diagonal(self.root, axis1=1, axis2=2)).sum(axis=1)

    def of(self, who: np.ndarray, samples: int, seed: int, first: int = 0, total: int = 0) -> tuple[Any, Any]:
        """(η (subjects, samples, m), log q (subjects, samples)) of some subjects; draws first … of `total`."""
        from scipy.special import gammaln
        from scipy.stats import chi2

        m, total = self.m, total or samples
        z = random.normal(seed, "importance", who, m * total)[:, first * m : (first + samples) * m]
        u = random.uniform(seed, "importance/scale", who, total)[:, first : first + samples]
        t = z.reshape(len(who), samples, m) / np.sqrt(chi2.ppf(u, DEGREES) / DEGREES)[..., None]
        constant = gammaln((DEGREES + m) / 2) - gammaln(DEGREES / 2) - m / 2 * np.log(DEGREES * np.pi)
        q = constant - self.base[who, None] - (DEGREES + m) / 2 * np.log1p((t**2).sum(axis=2) / DEGREES)
        return self.eta[who, None] + np.einsum("nij,nkj->nki", self.root[who], t), q


def marginal(c: Conditional, point: Point, eta: np.ndarray, samples: int = 1000, seed: int = 0) -> tuple[float, float]:
    """(−2 log likelihood, its Monte-Carlo standard error) at a point with modes eta (n, m)."""
    n, m = c.n, c.m
    if m == 0:
        return float(deviance(c, point, eta, c.everyone).sum()), 0.0
    draws = Draws(c, point, eta)
    inverse, logdet = np.linalg.inv(point.omega), np.linalg.slogdet(point.omega)[1]
    logs = np.empty((samples, n))
    block = max(1, 20000 // n)
    for start in range(0, samples, block):
        k = min(block, samples - start)
        trial, q = draws.of(c.everyone, k, seed, start, samples)
        d = deviance(c, point, trial.reshape(-1, m), np.repeat(c.everyone, k)).reshape(n, k)
        prior = np.einsum("nki,ij,nkj->nk", trial, inverse, trial) + logdet + m * np.log(2 * np.pi)
        logs[start : start + k] = (-(d + prior) / 2 - q).T
    top = logs.max(axis=0)
    weights = np.exp(logs - top)
    mean = weights.mean(axis=0)
    error = weights.std(axis=0, ddof=1) / np.sqrt(samples) / mean
    return float(-2 * (np.log(mean) + top).sum()), float(2 * np.sqrt((error**2).sum()))
