"""Many small matrix exponentials at once.

Small matrices (up to eight rows) are held entry by entry as vectors over the matrices, so that one product is a few
vector operations and entries that are zero in all of them cost nothing: Taylor polynomial of degree 12 with scaling
and squaring. Larger ones use Padé 13 (Higham, SIAM J Matrix Anal Appl 2005;26:1179-1193).
"""

from __future__ import annotations

from math import factorial

import numpy as np

_B = (
    64764752532480000.0, 32382376266240000.0, 7771770303897600.0, 1187353796428800.0, 129060195264000.0,
    10559470521600.0, 670442572800.0, 33522128640.0, 1323241920.0, 40840800.0, 960960.0, 16380.0, 182.0, 1.0,
)  # fmt: skip
_THETA = 5.371920351148152
_SMALL, _TAYLOR_NORM = 8, 0.34
_C = tuple(1.0 / factorial(k) for k in range(13))
Entries = dict[tuple[int, int], np.ndarray]


def expm(a: np.ndarray) -> np.ndarray:
    """exp of every matrix in (m, k, k)."""
    if a.size == 0:
        return a.copy()
    return _taylor(a) if a.shape[1] <= _SMALL else _pade(a)


def _taylor(a: np.ndarray) -> np.ndarray:
    k = a.shape[1]
    reach = (a != 0).any(axis=0) | np.eye(k, dtype=bool)
    for _ in range(k):
        reach = reach | (reach @ reach)
    at = [(int(i), int(j)) for i, j in np.argwhere(reach)]
    norm = np.abs(a).sum(axis=1).max(axis=1)
    with np.errstate(divide="ignore"):
        power = np.maximum(np.ceil(np.log2(norm / _TAYLOR_NORM)), 0).astype(int)
    power = np.where(np.isfinite(norm), power, 0)
    scale = 0.5**power
    x: Entries = {ij: a[:, ij[0], ij[1]] * scale for ij in at}
    x2 = _times(x, x, at, k)
    x3, x4 = _times(x2, x, at, k), _times(x2, x2, at, k)

    def part(c: tuple[float, ...], top: float = 0.0) -> Entries:
        out = {ij: c[1] * x[ij] + c[2] * x2[ij] + c[3] * x3[ij] + (top * x4[ij] if top else 0.0) for ij in at}
        for i in range(k):
            out[i, i] = out[i, i] + c[0]
        return out

    y = part(_C[8:12], _C[12])
    for c in (_C[4:8], _C[0:4]):
        product, low = _times(y, x4, at, k), part(c)
        y = {ij: product[ij] + low[ij] for ij in at}
    for step in range(int(power.max())):
        again = np.flatnonzero(power > step)
        if len(again) == len(power):
            y = _times(y, y, at, k)
            continue
        some = {ij: v[again] for ij, v in y.items()}
        for ij, v in _times(some, some, at, k).items():
            y[ij][again] = v
    out = np.zeros_like(a)
    for (i, j), v in y.items():
        out[:, i, j] = v
    return out


def _times(a: Entries, b: Entries, at: list[tuple[int, int]], k: int) -> Entries:
    out: Entries = {}
    for i, j in at:
        total = None
        for m in range(k):
            if (i, m) in a and (m, j) in b:
                term = a[i, m] * b[m, j]
                total = term if total is None else total + term
        assert total is not None
        out[i, j] = total
    return out


def _pade(a: np.ndarray) -> np.ndarray:
    norm = np.abs(a).sum(axis=1).max(axis=1)
    with np.errstate(divide="ignore"):
        power = np.maximum(np.ceil(np.log2(norm / _THETA)), 0).astype(int)
    x = a / (2.0**power)[:, None, None]
    eye = np.eye(a.shape[1])
    x2 = x @ x
    x4 = x2 @ x2
    x6 = x4 @ x2
    u = x @ (x6 @ (_B[13] * x6 + _B[11] * x4 + _B[9] * x2) + _B[7] * x6 + _B[5] * x4 + _B[3] * x2 + _B[1] * eye)
    v = x6 @ (_B[12] * x6 + _B[10] * x4 + _B[8] * x2) + _B[6] * x6 + _B[4] * x4 + _B[2] * x2 + _B[0] * eye
    out = np.linalg.solve(v - u, v + u)
    for k in range(int(power.max())):
        again = power > k
        out[again] = out[again] @ out[again]
    return out


def flow(a: np.ndarray, force: np.ndarray, dt: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(m, k, k) and (m, k): y(dt) = first·y(0) + second for dy/dt = a y + force."""
    m, k = force.shape
    if not force.any():
        return expm(a * dt[:, None, None]), np.zeros((m, k))
    augmented = np.zeros((m, k + 1, k + 1))
    augmented[:, :k, :k] = a * dt[:, None, None]
    augmented[:, :k, k] = force * dt[:, None]
    out = expm(augmented)
    return out[:, :k, :k], out[:, :k, k]
