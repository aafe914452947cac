"""Polynomials in the latents that stand for the model near the posterior, fitted to engine runs and checked on others.

The latents are first made round with the Laplace covariance; points are scattered over three and a half standard
deviations. Each row gets its own polynomial: cubic up to three numbers, quadratic up to twelve, else without products.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

from ketasim.core import sobol
from ketasim.core.errors import KetasimError
from ketasim.core.gaussian import ndtri
from ketasim.core.spread import Floats
from ketasim.fitting.calibrate.problem import Problem

REACH, SPARE = 3.5, 0.25


@dataclass(frozen=True)
class Emulator:
    """centre, root : x = root⁻¹ (z − centre) is round. powers : (terms, p). weights : (terms, rows).

    error : largest root mean square error on runs that took no part, in standard deviations of the row's error.
    """

    centre: Floats
    root: Floats
    powers: np.ndarray
    weights: Floats
    error: float
    runs: int


def terms(p: int) -> np.ndarray:
    """Exponents of the polynomial in p numbers, (terms, p)."""
    most = 3 if p <= 3 else 2
    out = [np.zeros(p, int)]
    for degree in range(1, most + 1):
        for combination in itertools.combinations_with_replacement(range(p), degree):
            if p > 12 and len(set(combination)) > 1:
                continue
            row = np.zeros(p, int)
            for i in combination:
                row[i] += 1
            out.append(row)
    return np.array(out)


def basis(x: Floats, powers: np.ndarray) -> Floats:
    """(points, terms) of points (points, p)."""
    return np.prod(x[:, None, :] ** powers[None, :, :], axis=2)


def emulate(problem: Problem, centre: Floats, covariance: Floats, seed: int) -> Emulator:
    """Fit the polynomials. KetasimError where the model gives no value over most of the region."""
    p = len(centre)
    powers = terms(p)
    count = int(np.ceil((1.0 + SPARE) * max(3 * len(powers), len(powers) + 20)))
    root = np.asarray(np.linalg.cholesky(covariance), np.float64)
    normal = ndtri(np.clip(sobol.points(seed, "calibrate/emulator", np.arange(count), p), 1e-6, 1 - 1e-6))
    size = np.linalg.norm(normal, axis=1, keepdims=True)
    x = (
        normal
        * np.minimum(1.0, REACH / size)
        * np.where(np.arange(count)[:, None] % 2, 1.0, np.minimum(1.5, REACH / size))
    )
    z = np.clip(centre + x @ root.T, problem.low, problem.high)
    x = np.linalg.solve(root, (z - centre).T).T
    rows = problem.predict(z)
    good = np.isfinite(rows).all(axis=1)
    test = (np.arange(count) % 5 == 4) & good
    train = good & ~test
    if train.sum() < len(powers) + 2:
        raise KetasimError("the model gives no value over much of the posterior; sample with exact=True")
    a = basis(x[train], powers)
    weights = np.linalg.lstsq(a, rows[train], rcond=None)[0]
    miss = basis(x[test], powers) @ weights - rows[test]
    scale = np.sqrt(np.diag(problem.covariance))
    error = float(np.max(np.sqrt(np.mean(miss**2, axis=0)) / scale)) if test.any() else np.inf
    return Emulator(centre, root, powers, weights, error, count)
