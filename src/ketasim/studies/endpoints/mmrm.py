"""Mixed model for repeated measures on the visit grid: unstructured covariance, REML, many trials at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .ancova import Contrasts, contrasts
from .small_sample import kenward_roger

MOST_ROUNDS = 2000
CLOSE = 1e-8


@dataclass(frozen=True, eq=False)
class Fit:
    """beta : (replicates, visits, columns). covariance : of the columns of the last visit, (replicates, columns,
    columns). sigma : (replicates, visits, visits). loglik : REML or ML, all constants. converged : (replicates,).
    whole : covariance of all visits' columns, visit by visit. sums, inverse : for a correction for small samples.
    """

    beta: np.ndarray
    covariance: np.ndarray
    sigma: np.ndarray
    loglik: np.ndarray
    converged: np.ndarray
    whole: np.ndarray
    sums: Sums
    inverse: np.ndarray


def mmrm(
    y: np.ndarray, arm: np.ndarray, covariates: tuple[np.ndarray, ...], control: int, active: tuple[int, ...]
) -> Contrasts:
    """Active arms against the control at the last visit; arm and covariates act on each visit in its own way (fixed).

    y : (replicates, people, visits), NaN where missing (at random). arm, covariates : (replicates, people).
    Standard errors and degrees of freedom are those of Kenward and Roger 1997, exact where nothing is missing.
    """
    columns = [np.ones(arm.shape), *((arm == k).astype(float) for k in active)]
    columns += [c - c.mean(axis=1, keepdims=True) for c in covariates]
    z = np.stack(columns, axis=2)
    fit = reml(y, z)
    which = np.arange(1, 1 + len(active))
    estimate = np.where(fit.converged[:, None], fit.beta[:, -1, which], np.nan)
    absent = ~(np.abs(z).sum(axis=1) > 0)[:, which]
    se, df = kenward_roger(fit.sums, fit.inverse, fit.whole, (y.shape[2] - 1) * z.shape[2] + which)
    bad = absent | ~fit.converged[:, None] | ~(df > 0)
    return contrasts(np.where(bad, np.nan, estimate), np.where(bad, np.nan, se), np.where(bad, np.nan, df))


def reml(y: np.ndarray, z: np.ndarray, restricted: bool = True) -> Fit:
    """y_i = B z_i + e_i, e_i ~ N(0, Σ), by expectation–maximisation over sums of each pattern of missing visits.

    y : (replicates, people, visits), NaN missing. z : (replicates, people, columns). restricted : REML, else ML.
    Columns that are zero for everybody get a coefficient of zero.
    """
    seen = np.isfinite(y)
    r, _, v = y.shape
    q = z.shape[2]
    code = (seen << np.arange(v)).sum(axis=2)
    patterns = [c for c in np.unique(code) if c]
    seen_of = np.array([[(c >> k) & 1 for k in range(v)] for c in patterns], dtype=bool)
    y0 = np.where(seen, y, 0.0)
    count, zz, zy, yy = [], [], [], []
    for c in patterns:
        mine = (code == c).astype(float)
        zc, yc = z * mine[:, :, None], y0 * mine[:, :, None]
        count.append(mine.sum(axis=1))
        zz.append(np.einsum("rna,rnb->rab", zc, z, optimize=True))
        zy.append(np.einsum("rna,rnu->rau", zc, y0, optimize=True))
        yy.append(np.einsum("rnu,rnw->ruw", yc, y0, optimize=True))
    sums = Sums(seen_of, np.stack(count, 1), np.stack(zz, 1), np.stack(zy, 1), np.stack(yy, 1))
    spread = np.nanvar(y.reshape(r, -1), axis=1)
    sigma = np.eye(v) * np.maximum(spread, 1e-12)[:, None, None]
    done = np.zeros(r, bool)
    for _ in range(MOST_ROUNDS):
        open_ = np.flatnonzero(~done)
        if not len(open_):
            break
        mine = sums.take(open_)
        once = _round(mine, sigma[open_], restricted)
        twice = _round(mine, once, restricted)
        change = np.abs(twice - once).max(axis=(1, 2)) / np.abs(twice).max(axis=(1, 2))
        sigma[open_] = _leap(sigma[open_], once, twice)
        finished = ~(change > CLOSE)
        sigma[open_[finished]] = twice[finished]
        done[open_[finished]] = True
    beta, vb, w, _ = _fixed(sums, sigma)
    covariance = vb.reshape(r, v, q, v, q)[:, -1, :, -1, :]
    loglik = _loglik(sums, sigma, beta, vb, w, restricted)
    return Fit(beta, covariance, sigma, loglik, done & np.isfinite(beta).all((1, 2)), vb, sums, w)


def _leap(start: np.ndarray, once: np.ndarray, twice: np.ndarray) -> np.ndarray:
    """Squared extrapolation of two rounds (Varadhan and Roland 2008, S3) where that stays positive definite."""
    step, bend = once - start, twice - 2.0 * once + start
    with np.errstate(invalid="ignore", divide="ignore"):
        length = np.sqrt((step**2).sum(axis=(1, 2)) / (bend**2).sum(axis=(1, 2)))
    length = np.clip(np.nan_to_num(length, nan=1.0, posinf=1.0), 1.0, 100.0)[:, None, None]
    far = start + 2.0 * length * step + length**2 * bend
    low = np.linalg.eigvalsh(far)[:, 0]
    sound = low > 0.05 * np.linalg.eigvalsh(twice)[:, 0]
    return np.where(sound[:, None, None], far, twice)


@dataclass(frozen=True, eq=False)
class Sums:
    """Sums over the people of each pattern: count (r, p), zz (r, p, q, q), zy (r, p, q, v), yy (r, p, v, v)."""

    seen: np.ndarray
    count: np.ndarray
    zz: np.ndarray
    zy: np.ndarray
    yy: np.ndarray

    def take(self, rows: np.ndarray) -> Sums:
        return Sums(self.seen, self.count[rows], self.zz[rows], self.zy[rows], self.yy[rows])


def _fixed(s: Sums, sigma: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """(B (r, v, q), its covariance (r, vq, vq), inverses of the seen blocks (r, p, v, v), log determinants (r, p))."""
    r, v = sigma.shape[:2]
    q = s.zz.shape[2]
    both = s.seen[:, :, None] & s.seen[:, None, :]
    block = np.where(both, sigma[:, None], np.eye(v))
    w = np.where(both, np.linalg.inv(block), 0.0)
    logdet = np.linalg.slogdet(block)[1]
    xwx = np.einsum("rpuw,rpab->ruawb", w, s.zz, optimize=True).reshape(r, v * q, v * q)
    xwy = np.einsum("rpuw,rpaw->rua", w, s.zy, optimize=True).reshape(r, v * q)
    vb = np.linalg.pinv(xwx, hermitian=True)
    return np.einsum("rij,rj->ri", vb, xwy).reshape(r, v, q), vb, w, logdet


def _residual(s: Sums, beta: np.ndarray) -> np.ndarray:
    """Σ (y − B z)(y − B z)ᵀ by pattern, (r, p, v, v); what was not seen is multiplied by 0 later."""
    bzy = np.einsum("rua,rpaw->rpuw", beta, s.zy, optimize=True)
    return s.yy - bzy - np.swapaxes(bzy, 2, 3) + np.einsum("rua,rpab,rwb->rpuw", beta, s.zz, beta, optimize=True)


def _round(s: Sums, sigma: np.ndarray, restricted: bool) -> np.ndarray:
    r, v = sigma.shape[:2]
    q = s.zz.shape[2]
    beta, vb, w, _ = _fixed(s, sigma)
    squares = _residual(s, beta)
    if restricted:
        squares = squares + np.einsum("ruawb,rpab->rpuw", vb.reshape(r, v, q, v, q), s.zz, optimize=True)
    inner = np.einsum("rpuw,rpwx,rpxy->ruy", w, squares, w, optimize=True)
    inner -= np.einsum("rp,rpuw->ruw", s.count, w)
    total = s.count.sum(axis=1)[:, None, None]
    new = sigma + sigma @ inner @ sigma / total
    return 0.5 * (new + np.swapaxes(new, 1, 2))


def _loglik(
    s: Sums, sigma: np.ndarray, beta: np.ndarray, vb: np.ndarray, w: np.ndarray, restricted: bool
) -> np.ndarray:
    logdet = _fixed(s, sigma)[3]
    points = (s.count * s.seen.sum(axis=1)).sum(axis=1)
    out = (s.count * logdet).sum(axis=1) + np.einsum("rpuw,rpuw->r", w, _residual(s, beta))
    if restricted:
        points = points - vb.shape[1]
        out = out - np.linalg.slogdet(vb)[1]
    return np.asarray(-0.5 * (out + points * np.log(2.0 * np.pi)))
