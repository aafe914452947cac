"""R, S and the gradient of the marginal likelihood itself, by importance sampling: standard errors without linearising.

The draws of each subject and their density are kept; the likelihood they give is a smooth function of the typical
values, Ω and σ, and is differentiated by differences. The draws go along with the modes where a θ moves, and with the
θ itself where it stands beside a random effect (which costs no run of the model): the weights stay even, and little
noise is left in R, which is the small difference of two large matrices where a random effect could take a θ's place.

Source: Louis TA, J R Stat Soc B 1982;44:226-233; Kuhn E, Lavielle M, Comput Stat Data Anal 2005;49:1020-1038.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ketasim.fitting.population.conditional import Conditional, Point
from ketasim.fitting.population.covariance import Information
from ketasim.fitting.population.importance import Draws, deviance
from ketasim.fitting.population.objective import Objective
from ketasim.fitting.population.packing import Packing

STEP = 1e-3
ROOM = 400_000  # draws of a block of subjects, times the length of their records


@dataclass(frozen=True, eq=False)
class Sampled:
    """information : R and S. gradient : of −2 log L (p,). away : distance of the estimates from the maximum, in
    standard errors. effective : smallest effective share of draws of any subject."""

    information: Information
    gradient: np.ndarray
    effective: float

    @property
    def away(self) -> float:
        """√(gᵀ H⁻¹ R H⁻¹ g): how far a Newton step would go, in standard errors."""
        r = self.information.r
        if not self.information.definite:
            return np.inf
        step = np.linalg.solve(2 * r, self.gradient)
        return float(np.sqrt(step @ r @ step))


def sampled(
    objective: Objective, point: Point, eta: np.ndarray, pairs: Mapping[int, tuple[int, float]], samples: int = 1000,
    seed: int = 0,
) -> Sampled:  # fmt: skip
    """At a point with modes eta (n, m). pairs : packed θ → (the η beside it, unit), as saem.beside finds them."""
    c, packing = objective.conditional, objective.packing
    x = packing.vector(point)
    follow = objective.course(x, eta).copy()
    follow[:, :, [k for k in range(len(x)) if k >= len(packing.thetas) or k in pairs]] = 0.0
    p, moves = len(x), [np.zeros(len(x))]
    for i in range(p):
        moves += [STEP * np.eye(p)[i], -STEP * np.eye(p)[i]]
    mixed = [(i, j) for i in range(p) for j in range(i)]
    for i, j in mixed:
        moves += [STEP * (a * np.eye(p)[i] + b * np.eye(p)[j]) for a, b in ((1, 1), (1, -1), (-1, 1), (-1, -1))]
    draws = Draws(c, point, eta)
    out, effective = np.empty((len(moves), c.n)), np.inf
    size = max(1, ROOM // (samples * c.data.mask.shape[1]))
    for start in range(0, c.n, size):
        who = c.everyone[start : start + size]
        logs, share = _block(c, packing, x, moves, draws, who, pairs, follow[who], samples, seed)
        out[:, who], effective = logs, min(effective, share)
    here = out[0]
    gradient = np.stack([(out[1 + 2 * i] - out[2 + 2 * i]) / (2 * STEP) for i in range(p)], axis=1)
    hessian = np.zeros((p, p))
    for i in range(p):
        hessian[i, i] = (out[1 + 2 * i] - 2 * here + out[2 + 2 * i]).sum() / STEP**2
    for k, (i, j) in enumerate(mixed):
        a, b, d, e = out[1 + 2 * p + 4 * k : 5 + 2 * p + 4 * k].sum(axis=1)
        hessian[i, j] = hessian[j, i] = (a - b - d + e) / (4 * STEP**2)
    information = Information(hessian / 2, gradient.T @ gradient / 4, packing.jacobian(x))
    return Sampled(information, gradient.sum(axis=0), float(effective))


def _block(
    c: Conditional, packing: Packing, x: np.ndarray, moves: list[np.ndarray], draws: Draws, who: np.ndarray,
    pairs: Mapping[int, tuple[int, float]], follow: np.ndarray, samples: int, seed: int,
) -> tuple[np.ndarray, float]:  # fmt: skip
    """(−2 log L of each move for some subjects, smallest effective share of their draws)."""
    trial, density = draws.of(who, samples, seed)
    m, lanes = c.m, np.repeat(who, samples)
    flat = trial.reshape(-1, m)
    entries = slice(len(packing.thetas), len(packing.thetas) + len(packing.entries))
    kept: dict[bytes, np.ndarray] = {}
    out, share = np.empty((len(moves), len(who))), np.inf
    for k, move in enumerate(moves):
        own = move.copy()  # what changes a prediction or its error: neither Ω nor a θ that its η follows
        own[entries] = 0.0
        shift = np.zeros(m)
        for i, (j, unit) in pairs.items():
            own[i], shift[j] = 0.0, -move[i] * unit
        along = flat + np.repeat(follow @ own, samples, axis=0)
        if own.tobytes() not in kept:
            there = packing.point(x + own)
            kept[own.tobytes()] = deviance(c, there, along, lanes).reshape(len(who), samples)
        omega = packing.point(x + move).omega
        z = np.linalg.solve(np.linalg.cholesky(omega), (along + shift).T) if m else np.zeros((0, len(flat)))
        prior = (z**2).sum(axis=0).reshape(len(who), samples) + np.linalg.slogdet(omega)[1] + m * np.log(2 * np.pi)
        logs = -(kept[own.tobytes()] + prior) / 2 - density
        top = logs.max(axis=1, keepdims=True)
        weights = np.exp(logs - top)
        out[k] = -2 * (np.log(weights.mean(axis=1)) + top[:, 0])
        if k == 0:
            share = float((weights.sum(axis=1) ** 2 / (weights**2).sum(axis=1)).min() / samples)
    return out, share
