"""Analysis of covariance of many trials at once, by least squares."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Contrasts:
    """Active arms against the control: estimate, se, df, p, each (replicates, active arms). A trial that cannot be
    analysed has NaN."""

    estimate: np.ndarray
    se: np.ndarray
    df: np.ndarray
    p: np.ndarray


def ancova(
    y: np.ndarray, arm: np.ndarray, covariates: tuple[np.ndarray, ...], control: int, active: tuple[int, ...]
) -> Contrasts:
    """y = arm + covariates + error in each replicate, ordinary least squares, t test on n − p degrees of freedom.

    y, arm and covariates : (replicates, people); people with a NaN in y are left out. Columns that do not vary in a
    replicate (an empty stratum) are dropped there.
    """
    use = np.isfinite(y)
    columns = [np.ones_like(y), *((arm == k).astype(float) for k in active)]
    for c in covariates:
        mean = np.where(use, c, 0.0).sum(axis=1) / np.maximum(use.sum(axis=1), 1)
        columns.append(c - mean[:, None])
    x = np.where(use[:, :, None], np.stack(columns, axis=2), 0.0)
    target = np.where(use, y, 0.0)
    gram = np.einsum("rnp,rnq->rpq", x, x, optimize=True)
    size = np.einsum("rpp->rp", gram)
    absent = size <= 1e-12 * np.maximum(size[:, :1], 1.0)
    gram = gram + np.einsum("rp,pq->rpq", absent.astype(float), np.eye(x.shape[2]))
    inverse = np.linalg.pinv(gram, hermitian=True)
    beta = np.einsum("rpq,rq->rp", inverse, np.einsum("rnp,rn->rp", x, target, optimize=True))
    rest = target - np.einsum("rnp,rp->rn", x, beta, optimize=True)
    df = use.sum(axis=1) - (~absent).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        variance = np.where(df > 0, (rest**2).sum(axis=1) / df, np.nan)
    which = np.arange(1, 1 + len(active))
    se = np.sqrt(variance[:, None] * inverse[:, which, which])
    whole = ~absent[:, which] & ((arm == control) & use).any(axis=1)[:, None]
    return contrasts(np.where(whole, beta[:, which], np.nan), np.where(whole, se, np.nan), df[:, None])


def contrasts(estimate: np.ndarray, se: np.ndarray, df: np.ndarray) -> Contrasts:
    """Two-sided t tests; df = inf is the normal distribution."""
    from scipy.stats import t

    df = np.broadcast_to(np.asarray(df, float), estimate.shape)
    with np.errstate(invalid="ignore", divide="ignore"):
        p = 2.0 * t.sf(np.abs(estimate / se), df)
    return Contrasts(estimate, se, df, p)
