"""SAEM: stochastic approximation of expectation–maximisation, with the objective by importance sampling.

Random effects are drawn by Markov chains; Ω is the smoothed second moment of the draws. A θ that stands beside a
random effect (found by trying) becomes the smoothed mean of the individual values; every other θ and σ takes smoothed
Newton steps on the likelihood of the data given the draws.

Source: Delyon B, Lavielle M, Moulines E, Ann Stat 1999;27:94-128; Kuhn E, Lavielle M 2005.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ketasim.core.errors import InputError
from ketasim.fitting.population import residual
from ketasim.fitting.population.chain import EtaChain
from ketasim.fitting.population.conditional import Conditional, Point
from ketasim.fitting.population.covariance import chosen, summarised
from ketasim.fitting.population.estimate import Fit, _shrinkage, at_bounds
from ketasim.fitting.population.importance import marginal
from ketasim.fitting.population.objective import Objective
from ketasim.fitting.population.packing import Packing
from ketasim.fitting.population.sampled import Sampled, sampled
from ketasim.fitting.population.specification import PopulationModel

STEP = 1e-4
AWAY, NEAR, NEWTON, FEW = 0.5, 0.3, 10, 20


@np.errstate(all="ignore")  # a draw far out may overflow; it is not accepted
def saem(
    model: PopulationModel, data: Any, *, burn: int = 200, smooth: int = 150, samples: int = 1000, seed: int = 0,
    covariance: bool | str = True, progress: Callable[[int, float], None] | None = None,
) -> Fit:  # fmt: skip
    """Fit by SAEM. Returns a Fit whose objective and standard errors (covariance : r, s, rsr or False) come from
    importance sampling; `converged` is False where the smoothed path still drifts, where it ended away from the
    maximum of the sampled likelihood, or where a subject has no likelihood."""
    began, kind = time.perf_counter(), chosen(covariance)
    if any(t.prior for t in model.thetas):
        raise InputError("method", "saem", "foce-i, laplace or bayes where a typical value has a prior")
    objective = Objective(model, data, "foce-i")
    model = objective.model
    packing, c = objective.packing, Conditional(model, data)
    x = packing.start()
    entries = slice(len(packing.thetas), len(packing.thetas) + len(packing.entries))
    free = np.r_[0 : len(packing.thetas), entries.stop : len(x)].astype(int)
    chain = EtaChain(c, np.random.default_rng(seed))
    chain.start(packing.point(x))
    pairs = beside(packing, c, x)
    free = np.array([k for k in free if k not in pairs], int)
    pattern = model.omega != 0
    omega, gradient, hessian = packing.point(x).omega, np.zeros(len(free)), np.eye(len(free))
    path: list[np.ndarray] = []
    for k in range(burn + smooth):
        gamma = 1.0 if k < burn else 1.0 / (k - burn + 1)
        point = packing.point(x)
        chain.sweep(Point(point.theta, omega, point.sigma))
        for k_theta, (j, unit) in pairs.items():  # θ + η is what the chain knows; its mean is the new θ
            shift = gamma * float(chain.eta[:, j].mean())
            x[k_theta] += shift / unit
            chain.eta[:, j] -= shift
        if not model.omega_fixed and c.m:
            moment = np.where(pattern, model.tied(chain.eta.T @ chain.eta / c.n), 0.0)
            if k < burn // 2:  # let variances fall slowly at first, so that no effect dies early
                omega = moment + np.diag(np.maximum(0.9 * np.diag(omega) - np.diag(moment), 0.0))
            else:
                omega = omega + gamma * (moment - omega)
        if len(free):
            g, h = _newton(objective, c, x, free, chain.eta)
            gradient, hessian = (1 - gamma) * gradient + gamma * g, (1 - gamma) * hessian + gamma * h
            step = -np.linalg.solve(hessian + 1e-8 * np.eye(len(free)) * np.trace(hessian), g)
            x = x.copy()
            x[free] += gamma * np.clip(step, -0.5, 0.5)
        path.append(np.concatenate([x, np.log(np.diag(omega))]) if c.m else x.copy())
        if progress:
            progress(k + 1, float(chain.value.sum()))
    return _finish(model, data, objective, c, x, omega, np.array(path), pairs, samples, seed, began, smooth, kind)


def beside(packing: Packing, c: Conditional, x: np.ndarray) -> dict[int, tuple[int, float]]:
    """Free θ (in the packed vector) → the η that stands beside it, and the θ that one unit of the vector is: moving
    either changes the predictions alike."""
    rng, d = np.random.default_rng(1), 0.05
    out: dict[int, tuple[int, float]] = {}
    eta = 0.1 * rng.normal(size=(c.n, c.m))
    base = c.predict(packing.point(x).theta, eta, c.everyone)
    for k, theta in enumerate(packing.thetas):
        unit = 1.0 if np.isfinite(theta.low) or np.isfinite(theta.high) else abs(theta.value) or 1.0
        unit = unit if unit > 1e-8 else 1.0
        moved = x.copy()
        moved[k] += d / unit
        a = c.predict(packing.point(moved).theta, eta, c.everyone)
        if np.abs(a - base).max() < 1e-9 * np.abs(base).max():
            continue
        for j in set(range(c.m)) - {taken for taken, _ in out.values()}:
            shifted = eta.copy()
            shifted[:, j] += d
            b = c.predict(packing.point(x).theta, shifted, c.everyone)
            if np.abs(a - b).max() < 1e-7 * np.abs(a).max():
                out[k] = (j, unit)
                break
    return out


def _newton(objective: Objective, c: Conditional, x: np.ndarray, free: np.ndarray, eta: np.ndarray) -> Any:
    """Gradient and expected Hessian of Σ −2 log p(y|η) in the free θ and log σ."""
    kind, data = c.model.residual.kind, c.data

    def at(y: np.ndarray) -> tuple[np.ndarray, Point]:
        p = objective.packing.point(y)
        return c.predict(p.theta, eta, c.everyone), p

    f0, p0 = at(x)
    _, one, _, weight = residual.terms(kind, data, c.everyone, f0, p0.sigma)
    thetas = len(objective.packing.thetas)
    slopes, gradient = [], np.zeros(len(free))
    for i, k in enumerate(free):
        e = np.zeros(len(x))
        e[k] = STEP
        if k < thetas:
            up, down = at(x + e)[0], at(x - e)[0]
            df = (up - down) / (2 * STEP)
            slopes.append(np.sqrt(np.maximum(weight, 0)) * df)
            gradient[i] = (one * df).sum()
        else:
            up, down = (
                residual.terms(kind, data, c.everyone, f0, objective.packing.point(v).sigma)[0] for v in (x + e, x - e)
            )
            gradient[i] = (up - down).sum() / (2 * STEP)
            slopes.append(None)
    hessian = np.zeros((len(free), len(free)))
    seen = int(data.mask.sum())
    for i, a in enumerate(slopes):
        for j, b in enumerate(slopes):
            if a is not None and b is not None:
                hessian[i, j] = 2 * (a * b).sum()
            elif i == j:
                hessian[i, j] = 4.0 * seen
    return gradient, hessian


def _finish(
    model: PopulationModel, data: Any, objective: Objective, c: Conditional, x: np.ndarray, omega: np.ndarray,
    path: np.ndarray, pairs: dict[int, tuple[int, float]], samples: int, seed: int, began: float, smooth: int,
    kind: str,
) -> Fit:  # fmt: skip
    packing = objective.packing
    point = Point(packing.point(x).theta, omega, packing.point(x).sigma)
    eta = c.modes(point)
    value, error = marginal(c, point, eta, samples, seed)
    problems = []
    if not np.isfinite(value):
        problems.append("no likelihood at the estimates")
    tail = path[-max(2, smooth // 3) :]
    drift = np.abs(tail[-1] - tail[0])
    if drift.size and drift.max() > 0.05:
        problems.append(f"the path still moves by {drift.max():.2g} over its last third")
    problems += at_bounds(packing, point)
    names, empty = packing.names, np.full((len(packing.names),) * 2, np.nan)
    cov, cor, condition, gradient = empty, empty, np.inf, np.zeros(0)
    se: Mapping[str, float] = {}
    errors: Mapping[str, Mapping[str, float]] = {}
    sampling = {"objective_error": error}
    if kind and names and c.m and np.isfinite(value):
        point, eta, found, turns = _finished(objective, point, eta, pairs, samples, seed)
        value, error = marginal(c, point, eta, samples, seed) if turns else (value, error)
        gradient, condition = found.gradient, found.information.condition
        cov, cor, se, errors, trouble = summarised(found.information, kind, names)
        problems += trouble
        sampling = {"objective_error": error, "from_maximum": found.away, "newton_steps": float(turns),
                    "effective_draws": found.effective * samples}  # fmt: skip
        if found.away > AWAY and not trouble:
            problems.append(f"the path ended {found.away:.2g} standard errors from the maximum: more iterations")
        few = found.effective * samples
        if few < FEW:
            problems.append(f"importance sampling rests on {few:.0f} draws of a subject: more samples")
    out = dict(zip(names, packing.listed(point).tolist(), strict=True))
    return Fit(
        model, "saem", value, out, se, cov, cor, condition, not problems, tuple(problems), gradient, point, eta,
        {**_shrinkage(objective, point, eta), "objective_error": error}, time.perf_counter() - began, len(path),
        tuple(path[:, 0].tolist()) if path.size else (), data, errors, kind, sampling,
    )  # fmt: skip


def _finished(
    objective: Objective, point: Point, eta: np.ndarray, pairs: dict[int, tuple[int, float]], samples: int, seed: int,
) -> tuple[Point, np.ndarray, Sampled, int]:  # fmt: skip
    """The path taken to the maximum of the sampled likelihood by Newton steps, where it stopped short of it: EM is slow
    along a θ without a random effect. (point, modes, R and S there, steps)."""
    c, packing = objective.conditional, objective.packing
    found = sampled(objective, point, eta, pairs, samples, seed)
    for turn in range(NEWTON):
        if found.away < NEAR:
            return point, eta, found, turn
        x, here = packing.vector(point), marginal(c, point, eta, samples, seed)[0]
        curvature = found.information.r if found.information.definite else found.information.s
        step = np.linalg.lstsq(2 * curvature, found.gradient, rcond=None)[0]
        for share in (1.0, 0.5, 0.2):
            there = packing.point(x - share * step)
            modes = c.modes(there, eta)
            if marginal(c, there, modes, samples, seed)[0] < here:
                break
        else:
            return point, eta, found, turn
        point, eta = there, modes
        found = sampled(objective, point, eta, pairs, samples, seed)
    return point, eta, found, NEWTON
