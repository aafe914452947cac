"""The density of one observation around its prediction, with the derivatives that the approximations need.

Source: Beal SL, Ways to fit a PK model with some data below the quantification limit, J Pharmacokinet Pharmacodyn
2001;28:481-504 (method M3); Almquist J et al., J Pharmacokinet Pharmacodyn 2015;42:191-209 (conditional estimation).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ketasim.fitting.population.structure import _OnRecords

TINY = 1e-300


def variance(kind: str, f: np.ndarray, sigma: Mapping[str, np.ndarray | float]) -> tuple[np.ndarray, np.ndarray]:
    """(r, dr/df) on the scale of the residual (log y for "log")."""
    if kind in ("additive", "log"):
        r = np.broadcast_to(np.asarray(sigma["additive"], float) ** 2, f.shape)
        return r, np.zeros(f.shape)
    b2 = np.asarray(sigma["proportional"], float) ** 2
    a2 = np.asarray(sigma.get("additive", 0.0), float) ** 2 if kind == "combined" else 0.0
    return a2 + b2 * f * f + TINY, 2 * b2 * f


def terms(
    kind: str, data: _OnRecords, lanes: np.ndarray, f: np.ndarray, sigma: Mapping[str, np.ndarray | float]
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """(deviance −2 log p, its first and second derivative in f, expected information weight), each (lanes, width).

    Observed values: −2 log p without the constant n log 2π, as NONMEM prints it. Below the limit: −2 log Φ (M3).
    """
    y, mask, blq = data.y[lanes], data.mask[lanes], data.blq[lanes]
    if kind == "log":
        safe = np.maximum(f, TINY)
        z, dz, ddz = np.log(safe), 1 / safe, -1 / safe**2
        seen = np.log(np.where(mask & ~blq, np.maximum(y, TINY), 1.0))
        shift = 2 * seen
    else:
        z, dz, ddz, seen, shift = f, np.ones(f.shape), np.zeros(f.shape), y, np.zeros(f.shape)
    r, dr = variance(kind, z, sigma)
    e = seen - z
    deviance = np.log(r) + e * e / r + shift
    first = dr / r - 2 * e / r - e * e * dr / r**2
    ddr = 2 * (np.asarray(sigma.get("proportional", 0.0), float) ** 2) if kind in ("proportional", "combined") else 0.0
    second = ddr / r - (dr / r) ** 2 + 2 / r + 4 * e * dr / r**2 - e * e * ddr / r**2 + 2 * e * e * dr**2 / r**3
    weight = 1 / r + 0.5 * (dr / r) ** 2
    if blq.any():
        deviance, first, second, weight = _censored(
            data.limit[lanes], z, r, dr, blq, kind, (deviance, first, second, weight)
        )
    out = (deviance, first * dz, second * dz**2 + first * ddz, weight * dz**2)
    d, one, two, w = (np.where(mask, v, 0.0) for v in out)
    return d, one, two, w


def _censored(limit, z, r, dr, blq, kind, seen):  # type: ignore[no-untyped-def]
    from scipy.special import log_ndtr

    at = np.where(blq, limit, 1.0)
    at = np.log(at) if kind == "log" else at

    def deviance(x: np.ndarray) -> np.ndarray:
        scale = r + dr * (x - z)
        return -2 * log_ndtr((at - x) / np.sqrt(np.maximum(scale, TINY)))

    step = 1e-4 * (np.sqrt(r) + 1e-12)
    up, here, down = deviance(z + step), deviance(z), deviance(z - step)
    one, two = (up - down) / (2 * step), (up - 2 * here + down) / step**2
    new = (here, one, two, np.maximum(two / 2, 0.0))
    return tuple(np.where(blq, n, s) for n, s in zip(new, seen, strict=True))
