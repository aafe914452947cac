"""Mixed model for repeated measures on the visit grid: unstructured covariance, REML, many trials at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .ancova import Contrasts, contrasts

MOST_ROUNDS = 2000
CLOSE = 1e-8


@dataclass(frozen=True, eq=False)
class Fit:
    """beta : (replicates, visits, columns). covariance : of the columns of the last visit, (replicates, columns,
    columns). sigma : (replicates, visits, visits). loglik : REML or ML, all constants. converged : (replicates,)."""

    beta: np.ndarray
    covariance: np.ndarray
    sigma: np.ndarray
    loglik: np.ndarray
    converged: np.ndarray


def mmrm(
    y: np.ndarray, arm: np.ndarray, covariates: tuple[np.ndarray, ...], control: int, active: tuple[int, ...]
) -> Contrasts:
    """Active arms against the control at the last visit; arm and covariates act on each visit in its own way (fixed).

    y : (replicates, people, visits), NaN where missing (at random). arm, covariates : (replicates, people).
    Degrees of freedom: people seen at the last visit less columns, exact where nothing is missing.
    """
    columns = [np.ones(arm.shape), *((arm == k).astype(float) for k in active)]
    columns += [c - c.mean(axis=1, keepdims=True) for c in covariates]
    z = np.stack(columns, axis=2)
    fit = reml(y, z)
    which = np.arange(1, 1 + len(active))
    estimate = np.where(fit.converged[:, None], fit.beta[:, -1, which], np.nan)
    df = np.isfinite(y[:, :, -1]).sum(axis=1) - z.shape[2]
    return contrasts(estimate, np.sqrt(fit.covariance[:, which, which]), df[:, None])


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
    sums = _Sums(seen_of, np.stack(count, 1), np.stack(zz, 1), np.stack(zy, 1), np.stack(yy, 1))
    spread = np.nanvar(y.reshape(r, -1), axis=1)
    sigma = np.eye(v) * np.maximum(spread, 1e-12)[:, None, None]
    done = np.zeros(r, bool)
    for _ in range(MOST_ROUNDS):
        open_ = np.flatnonzero(~done)
        if not len(open_):
            break
        new = _round(sums.take(open_), sigma[open_], restricted)
        change = np.abs(new - sigma[open_]).max(axis=(1, 2)) / np.abs(new).max(axis=(1, 2))
        sigma[open_] = new
        done[open_[~(change > CLOSE)]] = True
    beta, vb, w, _ = _fixed(sums, sigma)
    covariance = vb.reshape(r, v, q, v, q)[:, -1, :, -1, :]
    return Fit(
        beta, covariance, sigma, _loglik(sums, sigma, beta, vb, w, restricted), done & np.isfinite(beta).all((1, 2))
    )


@dataclass(frozen=True, eq=False)
class _Sums:
    """Sums over the people of each pattern: count (r, p), zz (r, p, q, q), zy (r, p, q, v), yy (r, p, v, v)."""

    seen: np.ndarray
    count: np.ndarray
    zz: np.ndarray
    zy: np.ndarray
    yy: np.ndarray

    def take(self, rows: np.ndarray) -> _Sums:
        return _Sums(self.seen, self.count[rows], self.zz[rows], self.zy[rows], self.yy[rows])


def _fixed(s: _Sums, sigma: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
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


def _residual(s: _Sums, beta: np.ndarray) -> np.ndarray:
    """Σ (y − B z)(y − B z)ᵀ by pattern, (r, p, v, v); what was not seen is multiplied by 0 later."""
    bzy = np.einsum("rua,rpaw->rpuw", beta, s.zy, optimize=True)
    return s.yy - bzy - np.swapaxes(bzy, 2, 3) + np.einsum("rua,rpab,rwb->rpuw", beta, s.zz, beta, optimize=True)


def _round(s: _Sums, sigma: np.ndarray, restricted: bool) -> np.ndarray:
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
    s: _Sums, sigma: np.ndarray, beta: np.ndarray, vb: np.ndarray, w: np.ndarray, restricted: bool
) -> np.ndarray:
    logdet = _fixed(s, sigma)[3]
    points = (s.count * s.seen.sum(axis=1)).sum(axis=1)
    out = (s.count * logdet).sum(axis=1) + np.einsum("rpuw,rpuw->r", w, _residual(s, beta))
    if restricted:
        points = points - vb.shape[1]
        out = out - np.linalg.slogdet(vb)[1]
    return np.asarray(-0.5 * (out + points * np.log(2.0 * np.pi)))
