"""The calibration as a function of the latents: half the squared misfit, soft signs, and the prior.

    f(z) = ½ eᵀ Σ⁻¹ e + Σ_s ℓ_s(m_s(z)) + ½ zᵀz,     e = y − shift − m(z)

e holds the rows that are values, on their scale of comparison; Σ is their covariance. ℓ_s is −log Φ((±m − least)/σ) for
a sign or a rank, and ½(m/σ)² for a sign of 0. z has a standard normal prior, cut off at its bounds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ketasim.core.errors import KetasimError
from ketasim.core.gaussian import ndtr
from ketasim.core.spread import Floats

Predict = Callable[[Floats], Floats]
DAMPING = (1e-6, 1e-2, 0.1, 1.0, 10.0, 100.0)


@dataclass(frozen=True)
class Soft:
    """Rows that only say on which side of zero the truth lies.

    rows : their positions. side : −1, 0 or 1. least : effect that counts as one, in the row's unit. sigma : standard
    deviation of the prediction's sampling error.
    """

    rows: np.ndarray
    side: Floats
    least: Floats
    sigma: Floats


@dataclass(frozen=True)
class Point:
    """The objective at one z: f, gradient (p,), Gauss–Newton Hessian (p, p), rows (k,), Jacobian (k, p) and the misfit,
    which is twice the part of f that is not prior."""

    z: Floats
    f: float
    gradient: Floats
    hessian: Floats
    rows: Floats
    jacobian: Floats
    misfit: float


@dataclass(frozen=True)
class Problem:
    """What is minimised.

    predict : latents (settings, p) → rows on the scale of comparison (settings, k). y, covariance : of the k rows.
    low, high : bounds (p,). step : of the finite differences, in prior standard deviations. prior : 1 for a maximum a
    posteriori, 0 for the likelihood alone.
    """

    predict: Predict
    y: Floats
    covariance: Floats
    low: Floats
    high: Floats
    soft: Soft | None = None
    step: float = 0.02
    prior: float = 1.0

    @property
    def weight(self) -> Floats:
        """Inverse covariance of the rows that are values, zero elsewhere, (k, k)."""
        k = len(self.y)
        hard = np.ones(k, bool)
        if self.soft is not None:
            hard[self.soft.rows] = False
        out = np.zeros((k, k))
        index = np.flatnonzero(hard)
        if len(index):
            out[np.ix_(index, index)] = np.linalg.inv(self.covariance[np.ix_(index, index)])
        return out

    def value(self, z: Floats) -> float:
        """f at one z; infinite where the rows cannot be computed."""
        return float(self.values(np.asarray(z, float)[None])[0])

    def values(self, z: Floats) -> Floats:
        """f at several z (settings, p), with one prediction."""
        rows = self.predict(np.asarray(z, float))
        return np.array([self._f(one, m)[0] for one, m in zip(z, rows, strict=True)])

    def at(self, z: Floats) -> Point:
        """Everything at one z: the gradient is by central differences, all settings in one prediction."""
        z = np.asarray(z, dtype=float)
        p = len(z)
        up, down = np.minimum(z + self.step, self.high), np.maximum(z - self.step, self.low)
        lanes = np.tile(z, (2 * p + 1, 1))
        for i in range(p):
            lanes[1 + 2 * i, i], lanes[2 + 2 * i, i] = up[i], down[i]
        rows = self.predict(lanes)
        m = rows[0]
        slopes = np.zeros((len(m), p))
        for i in range(p):
            above, below = rows[1 + 2 * i], rows[2 + 2 * i]
            a, b = np.where(np.isfinite(above), above, m), np.where(np.isfinite(below), below, m)
            width = np.where(np.isfinite(above), up[i] - z[i], 0.0) + np.where(np.isfinite(below), z[i] - down[i], 0.0)
            slopes[:, i] = np.where(width > 0, (a - b) / np.where(width > 0, width, 1.0), 0.0)
        f, misfit = self._f(z, m)
        if not np.isfinite(f):
            return Point(z, f, np.full(p, np.nan), np.eye(p), m, slopes, misfit)
        weight = self.weight
        e = self.y - m
        if self.soft is not None:
            e = np.where(np.isin(np.arange(len(m)), self.soft.rows), 0.0, e)
        gradient = -slopes.T @ (weight @ e) + self.prior * z
        hessian = slopes.T @ weight @ slopes + self.prior * np.eye(p)
        if self.soft is not None:
            for k, first, second in zip(self.soft.rows, *soft_slopes(self.soft, m)):
                gradient = gradient + first * slopes[k]
                hessian = hessian + second * np.outer(slopes[k], slopes[k])
        return Point(z, f, gradient, hessian, m, slopes, misfit)

    def _f(self, z: Floats, m: Floats) -> tuple[float, float]:
        """(f, twice the part of f that is misfit)."""
        if not np.isfinite(m).all():
            return np.inf, np.inf
        e = self.y - m
        if self.soft is not None:
            e = np.where(np.isin(np.arange(len(m)), self.soft.rows), 0.0, e)
        misfit = float(e @ self.weight @ e)
        if self.soft is not None:
            misfit += 2.0 * float(soft_loss(self.soft, m).sum())
        return 0.5 * misfit + 0.5 * self.prior * float(z @ z), misfit


def soft_loss(soft: Soft, m: Floats) -> Floats:
    """ℓ_s of each soft row, never negative."""
    x = m[soft.rows]
    u = (soft.side * x - soft.least) / soft.sigma
    inside = 0.5 * (np.maximum(np.abs(x) - soft.least, 0.0) / soft.sigma) ** 2
    return np.where(soft.side == 0, inside, -log_ndtr(u))


def soft_slopes(soft: Soft, m: Floats) -> tuple[Floats, Floats]:
    """First and (positive) second derivative of ℓ_s in m."""
    x = m[soft.rows]
    u = (soft.side * x - soft.least) / soft.sigma
    mills = np.exp(-0.5 * u**2 - 0.5 * np.log(2 * np.pi) - log_ndtr(u))
    first = np.where(soft.side == 0, np.sign(x) * np.maximum(np.abs(x) - soft.least, 0.0) / soft.sigma**2,
                     -soft.side * mills / soft.sigma)  # fmt: skip
    outside = (np.abs(x) > soft.least).astype(float)
    second = np.where(soft.side == 0, outside / soft.sigma**2, mills * (mills + u) / soft.sigma**2)
    return first, np.maximum(second, 0.0)


def log_ndtr(u: Floats) -> Floats:
    """log Φ(u), also far to the left (asymptotic series of the Mills ratio)."""
    u = np.asarray(u, dtype=float)
    far = np.minimum(u, -10.0)
    tail = -0.5 * far**2 - 0.5 * np.log(2 * np.pi) - np.log(-far) + np.log1p(-1.0 / far**2 + 3.0 / far**4)
    return np.where(u < -10.0, tail, np.log(np.maximum(ndtr(u), 1e-300)))


@dataclass(frozen=True)
class Summit:
    """Where the climb ended.

    decrement : gᵀH⁻¹g over the free directions, in units of 2f. rough : no point of a mesh around is better though the
    gradient is not small, as where rows change in steps; the decrement is then that over a third of a posterior
    standard deviation.
    """

    point: Point
    converged: bool
    decrement: float
    steps: int
    evaluations: int
    rough: bool = False


def climb(problem: Problem, z0: Floats, *, most: int = 40, tol: float = 1e-3) -> Summit:
    """Levenberg–Marquardt within the bounds, from z0. Raises KetasimError where the rows cannot be computed at z0.

    Each turn is two predictions: the gradient, and a fan of damped steps of which the best is taken. Converged when the
    Newton decrement of the free directions is below `tol` (a step would move f by less than half of it), or below a
    hundred times that when no step of the fan gains `tol` any more, which is as far as curves of a finite pool of
    people can be followed. Where the gradient stays large and no step gains, a mesh around the point is searched, and
    the climb ends, marked rough, when no point of it is better. Otherwise the caller is told it is not converged.
    """
    here = problem.at(np.clip(z0, problem.low, problem.high))
    if not np.isfinite(here.f):
        bad = ", ".join(str(k) for k in np.flatnonzero(~np.isfinite(here.rows)))
        raise KetasimError(f"the model gives no value for row number {bad} at the start")
    evaluations = 1
    for step in range(most):
        free = _free(problem, here)
        decrement = _decrement(here, free)
        if decrement < tol:
            return Summit(here, True, decrement, step, evaluations)
        ways = np.array([_move(here, free, damping) for damping in DAMPING])
        fan = np.vstack([ways, ways[0] / 4.0, ways[0] / 16.0])
        tried = np.unique(np.clip(here.z + fan, problem.low, problem.high), axis=0)
        f = problem.values(tried)
        best = int(np.argmin(f))
        gain = here.f - float(f[best])
        evaluations += 1
        if not gain > 1e-12:
            if decrement < 100 * tol:
                return Summit(here, True, decrement, step, evaluations)
            better, decrement = _mesh(problem, here, free)
            evaluations += 1
            if better is None:
                return Summit(here, True, decrement, step, evaluations, rough=decrement > 100 * tol)
            here = problem.at(better)
            evaluations += 1
            continue
        here = problem.at(tried[best])
        evaluations += 1
        if gain < tol and decrement < 100 * tol:
            return Summit(here, True, _decrement(here, _free(problem, here)), step + 1, evaluations)
    return Summit(here, False, _decrement(here, _free(problem, here)), most, evaluations)


def _mesh(problem: Problem, p: Point, free: np.ndarray) -> tuple[Floats | None, float]:
    """(a better point or None, decrement) from points 0.1, 1/3 and 1 posterior standard deviations to both sides."""
    root = np.linalg.inv(np.linalg.cholesky(p.hessian[np.ix_(free, free)])).T
    scales = np.array([0.1, 1 / 3, 1.0])
    steps = np.concatenate([sign * scale * root.T for scale in scales for sign in (1.0, -1.0)])
    lanes = np.tile(p.z, (len(steps), 1))
    lanes[:, free] = np.clip(p.z[free] + steps, problem.low[free], problem.high[free])
    f = problem.values(lanes)
    best = int(np.argmin(f))
    if f[best] < p.f - 1e-3:
        return lanes[best], np.inf
    k = len(free)
    slope = (f[2 * k : 3 * k] - f[3 * k : 4 * k]) / (2 * scales[1])
    return None, float(np.sum(slope**2))


def _free(problem: Problem, p: Point) -> np.ndarray:
    stuck = ((p.z <= problem.low) & (p.gradient > 0)) | ((p.z >= problem.high) & (p.gradient < 0))
    return np.flatnonzero(~stuck)


def _decrement(p: Point, free: np.ndarray) -> float:
    if not len(free):
        return 0.0
    g, h = p.gradient[free], p.hessian[np.ix_(free, free)] + 1e-9 * np.eye(len(free))
    return float(g @ np.linalg.solve(h, g))


def _move(p: Point, free: np.ndarray, damping: float) -> Floats:
    out = np.zeros(len(p.z))
    if len(free):
        h = p.hessian[np.ix_(free, free)]
        scale = np.diag(np.maximum(np.diag(h), 1e-6))
        out[free] = -np.linalg.solve(h + damping * scale, p.gradient[free])
        out = np.clip(out, -2.0, 2.0)
    return out
