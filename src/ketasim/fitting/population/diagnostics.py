"""Residuals of a fit: IWRES at the modes, CWRES of the conditional linearisation, population predictions.

Source: Hooker AC, Staatz CE, Karlsson MO, Conditional weighted residuals (CWRES): a model diagnostic for the FOCE
method, Pharm Res 2007;24:2187-2197.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ketasim.fitting.population import residual
from ketasim.fitting.population.conditional import Conditional, Point


def _scale(c: Conditional, f: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    if c.model.residual.kind == "log":
        return np.log(np.where(c.data.mask, c.data.y, 1.0)), np.log(f)
    return c.data.y, f


def iwres(c: Conditional, point: Point, eta: np.ndarray) -> np.ndarray:
    """(subjects, width) (y − f)/√r at the modes; 0 where there is no observation."""
    f = c.predict(point.theta, eta, c.everyone)
    y, z = _scale(c, f)
    r, _ = residual.variance(c.model.residual.kind, z, point.sigma)
    return np.where(c.data.mask & ~c.data.blq, (y - z) / np.sqrt(r), 0.0)


def cwres(c: Conditional, point: Point, eta: np.ndarray) -> np.ndarray:
    """(subjects, width) residuals decorrelated by the covariance of the model linearised at the modes."""
    f, a = c.slopes(point.theta, eta)
    y, z = _scale(c, f)
    a = a / f[..., None] if c.model.residual.kind == "log" else a
    expected = z - np.einsum("nwi,ni->nw", a, eta)
    r, _ = residual.variance(c.model.residual.kind, z, point.sigma)
    out = np.zeros(f.shape)
    for i in range(c.n):
        keep = c.data.mask[i] & ~c.data.blq[i]
        cov = a[i, keep] @ point.omega @ a[i, keep].T + np.diag(r[i, keep])
        values, vectors = np.linalg.eigh(cov)
        root = vectors @ np.diag(values**-0.5) @ vectors.T
        out[i, keep] = root @ (y[i, keep] - expected[i, keep])
    return out


def table(fit: Any) -> dict[str, Any]:
    """Columns, one row an observation: ID, TIME, DV, PRED, IPRED, IWRES, CWRES, BLQ. A value below the limit has the
    limit as DV and no residuals (NaN)."""
    c = Conditional(fit.model, fit.data)
    mask = fit.data.mask
    columns = {
        "PRED": c.predict(fit.point.theta, np.zeros_like(fit.eta), c.everyone),
        "IPRED": c.predict(fit.point.theta, fit.eta, c.everyone),
        "IWRES": np.where(fit.data.blq, np.nan, iwres(c, fit.point, fit.eta)),
        "CWRES": np.where(fit.data.blq, np.nan, cwres(c, fit.point, fit.eta)),
        "BLQ": fit.data.blq.astype(int),
    }
    who = np.repeat(np.array(fit.data.names, dtype=object), mask.sum(axis=1))
    dv = np.where(fit.data.blq, fit.data.limit, fit.data.y)
    return {"ID": who, "TIME": fit.data.time[mask], "DV": dv[mask], **{k: v[mask] for k, v in columns.items()}}
