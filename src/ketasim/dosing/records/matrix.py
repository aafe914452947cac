"""Many small matrix exponentials at once (Padé 13 with scaling and squaring; Higham, SIAM J Matrix Anal Appl 2005)."""

from __future__ import annotations

import numpy as np

_B = (
    64764752532480000.0, 32382376266240000.0, 7771770303897600.0, 1187353796428800.0, 129060195264000.0,
    10559470521600.0, 670442572800.0, 33522128640.0, 1323241920.0, 40840800.0, 960960.0, 16380.0, 182.0, 1.0,
)  # fmt: skip
_THETA = 5.371920351148152


def expm(a: np.ndarray) -> np.ndarray:
    """exp of every matrix in (m, k, k)."""
    if a.size == 0:
        return a.copy()
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
    augmented = np.zeros((m, k + 1, k + 1))
    augmented[:, :k, :k] = a * dt[:, None, None]
    augmented[:, :k, k] = force * dt[:, None]
    out = expm(augmented)
    return out[:, :k, :k], out[:, :k, k]
