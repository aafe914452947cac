"""Kenward and Roger's correction for small samples, for many trials at once.

With V linear in θ (the elements of Σ), Φ the covariance of the columns, P_k = Xᵀ ∂V⁻¹/∂θ_k X and
Q_kl = Xᵀ ∂V⁻¹/∂θ_k V ∂V⁻¹/∂θ_l X (Kenward and Roger 1997):

    expected information of θ   I_kl = ½ {tr(V⁻¹ E_k V⁻¹ E_l) − 2 tr(Φ Q_kl) + tr(Φ P_k Φ P_l)},  W = I⁻¹
    adjusted covariance         Φ_A = Φ + 2 Φ {Σ W_kl (Q_kl − P_k Φ P_l)} Φ
    degrees of freedom of lᵀβ   2 (lᵀ Φ l)² / (gᵀ W g),  g_k = −lᵀ Φ P_k Φ l

For one contrast their F scaling is 1 and their degrees of freedom are Satterthwaite's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from .mmrm import Sums

ROWS = 50  # replicates at a time: memory


def kenward_roger(
    sums: Sums, inverse: np.ndarray, covariance: np.ndarray, columns: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """(adjusted standard errors, degrees of freedom), each (replicates, contrasts).

    sums : sums over the people of each pattern of missing visits. inverse : Σ⁻¹ of the seen visits of each pattern,
    (replicates, patterns, visits, visits). covariance : Φ, (replicates, columns, columns), columns ordered visit by
    visit. columns : the columns that are tested, one contrast each.
    """
    se, df = [], []
    for a in range(0, len(covariance), ROWS):
        rows = np.arange(a, min(a + ROWS, len(covariance)))
        s, f = _some(sums.take(rows), inverse[rows], covariance[rows], columns)
        se.append(s)
        df.append(f)
    return np.concatenate(se), np.concatenate(df)


def _some(s: Sums, w: np.ndarray, phi: np.ndarray, columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    r, _, v, _ = w.shape
    q = s.zz.shape[2]
    first, second = np.triu_indices(v)
    # P for E_ab with a one at (a, b) alone, then made symmetric: (r, k, vq, vq)
    single = -np.einsum("rpua,rpbw,rpij->rabuiwj", w, w, s.zz, optimize=True).reshape(r, v, v, v * q, v * q)
    p = _symmetric(single, first, second)
    phi_p = np.einsum("rij,rkjl->rkil", phi, p, optimize=True)
    u = np.einsum("rwbua,rpab->rpwu", phi.reshape(r, v, q, v, q), s.zz, optimize=True)
    of_v = np.einsum("rp,rpbc,rpda->rabcd", s.count, w, w, optimize=True)
    information = 0.5 * (
        _both(of_v, first, second)
        - 2.0 * _both(_q(w, u), first, second)
        + np.einsum("rkij,rlji->rkl", phi_p, phi_p, optimize=True)
    )
    spread = np.linalg.pinv(information, hermitian=True)
    se, df = np.empty((r, len(columns))), np.empty((r, len(columns)))
    for c, column in enumerate(columns):
        h = phi[:, :, column]  # Φ l
        g = -np.einsum("ri,rkij,rj->rk", h, p, h, optimize=True)
        hv = h.reshape(r, v, q)
        across = np.einsum("rua,rpab,rwb->rpuw", hv, s.zz, hv, optimize=True)
        ph = np.einsum("rkij,rj->rki", p, h, optimize=True)
        twice = np.einsum("rki,rij,rlj->rkl", ph, phi, ph, optimize=True)
        added = 2.0 * np.einsum("rkl,rkl->r", spread, _both(_q(w, across), first, second) - twice)
        plain = phi[:, column, column]
        with np.errstate(invalid="ignore", divide="ignore"):
            se[:, c] = np.sqrt(plain + added)
            df[:, c] = 2.0 * plain**2 / np.einsum("rk,rkl,rl->r", g, spread, g)
    return se, df


def _q(w: np.ndarray, middle: np.ndarray) -> np.ndarray:
    """Σ over patterns of tr(W E_ab W E_cd W M), (r, a, b, c, d)."""
    ends = np.einsum("rpuw,rpwx,rpxy->rpuy", w, middle, w, optimize=True)
    return np.asarray(np.einsum("rpbc,rpda->rabcd", w, ends, optimize=True))


def _symmetric(single: np.ndarray, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """From (r, a, b, …) of a single element to (r, k, …) of the symmetric pair."""
    off = (first != second).reshape(-1, *[1] * (single.ndim - 3))
    return np.asarray(single[:, first, second] + np.where(off, single[:, second, first], 0.0))


def _both(four: np.ndarray, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """From (r, a, b, c, d) to (r, k, l)."""
    rows = _symmetric(four, first, second)
    return np.swapaxes(_symmetric(np.moveaxis(rows, 1, -1), first, second), 1, 2)
