"""Predictive checks: visual (plain, prediction-corrected, stratified, with censoring) and NPDE, on any data set.

Source: Bergstrand M et al., Prediction-corrected visual predictive checks, AAPS J 2011;13:143-151; Brendel K et al.,
Metrics for external model evaluation, Pharm Res 2006;23:2036-2049.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ketasim.core import random
from ketasim.core.errors import InputError
from ketasim.fitting.population import residual
from ketasim.fitting.population.conditional import Conditional, Point

LEVELS = (0.05, 0.5, 0.95)


@dataclass(frozen=True, eq=False)
class Band:
    """One stratum: bin mid-times (b,), observed quantiles (levels, b), simulated quantiles' interval (levels, 3, b),
    and the share below the limit, observed (b,) and simulated (3, b)."""

    label: str
    time: np.ndarray
    observed: np.ndarray
    simulated: np.ndarray
    below: np.ndarray
    below_simulated: np.ndarray
    points: tuple[np.ndarray, np.ndarray]

    @property
    def inside(self) -> float:
        """Share of observed quantiles inside the 90 % interval of the simulated ones."""
        low, high = self.simulated[:, 0], self.simulated[:, 2]
        fine = np.isfinite(self.observed)
        return float(((self.observed >= low) & (self.observed <= high))[fine].mean())


def simulate_data(model: Any, data: Any, point: Point, replicates: int, seed: int = 0) -> np.ndarray:
    """(replicates, subjects, width) observations simulated with the design of the data."""
    c = Conditional(model, data)
    root = np.linalg.cholesky(point.omega) if c.m else np.zeros((0, 0))
    out = np.empty((replicates, *data.mask.shape))
    kind = model.residual.kind
    for r in range(replicates):
        eta = random.normal(seed + r, "vpc/eta", c.everyone, c.m) @ root.T if c.m else np.zeros((c.n, 0))
        f = c.predict(point.theta, eta, c.everyone)
        noise = random.normal(seed + r, "vpc/eps", c.everyone, f.shape[1])
        z = np.log(np.maximum(f, 1e-300)) if kind == "log" else f
        v, _ = residual.variance(kind, z, point.sigma)
        y = z + np.sqrt(v) * noise
        out[r] = np.exp(y) if kind == "log" else y
    return out


def vpc(
    model: Any, data: Any, point: Point, *, replicates: int = 200, bins: int | Sequence[float] = 8, seed: int = 0,
    corrected: bool = False, stratify: str | None = None, levels: Sequence[float] = LEVELS,
) -> list[Band]:  # fmt: skip
    """Visual predictive check; `corrected` divides by the bin's typical prediction; `stratify` names a column."""
    simulated = simulate_data(model, data, point, replicates, seed)
    c = Conditional(model, data)
    typical = c.predict(point.theta, np.zeros((c.n, c.m)), c.everyone)
    groups = _groups(data, stratify)
    out = []
    for label, who in groups.items():
        mask = data.mask & who[:, None]
        time = data.time[mask]
        edges = _edges(time, bins)
        place = np.clip(np.searchsorted(edges, time, side="right") - 1, 0, len(edges) - 2)
        y, below = data.y[mask].copy(), data.blq[mask]
        limit = np.where(below, data.limit[mask], -np.inf)
        draws = simulated[:, mask]
        lowest = np.nanmax(np.where(np.isfinite(limit), limit, np.nan)) if below.any() else -np.inf
        under = draws < lowest
        factor = np.ones(len(y))
        if corrected:
            pred = np.maximum(typical[mask], 1e-300)
            for b in range(len(edges) - 1):
                inside = place == b
                if inside.any():
                    factor[inside] = np.median(pred[inside]) / pred[inside]
        observed, interval, share, share_sim, middle = [], [], [], [], []
        for b in range(len(edges) - 1):
            inside = place == b
            if not inside.any():
                continue
            middle.append(np.median(time[inside]))
            values = np.where(below[inside], -np.inf, y[inside] * factor[inside])
            observed.append(_quantiles(values, levels))
            sims = np.where(under[:, inside], -np.inf, draws[:, inside] * factor[inside])
            per = np.array([_quantiles(s, levels) for s in sims])
            per = np.where(np.isfinite(per), per, np.nan)
            seen = np.isfinite(per).any(axis=0)
            bounds = np.full((3, len(levels)), np.nan)
            bounds[:, seen] = np.nanquantile(per[:, seen], (0.05, 0.5, 0.95), axis=0)
            interval.append(bounds)
            share.append(below[inside].mean())
            share_sim.append(np.quantile(under[:, inside].mean(axis=1), (0.05, 0.5, 0.95)))
        shown = (time[~below], (y * factor)[~below])
        out.append(
            Band(
                label,
                np.array(middle),
                np.array(observed).T,
                np.array(interval).transpose(2, 1, 0),
                np.array(share),
                np.array(share_sim).T,
                shown,
            )
        )
    return out


def npde(model: Any, data: Any, point: Point, *, replicates: int = 1000, seed: int = 0) -> np.ndarray:
    """(subjects, width) normalised prediction distribution errors, decorrelated within each subject; NaN where there
    is no observation. Values below a limit are drawn from the simulated distribution under it."""
    from ketasim.core.gaussian import ndtri

    draws = simulate_data(model, data, point, replicates, seed)
    out = np.full(data.mask.shape, np.nan)
    for i in range(data.subjects):
        keep = data.mask[i]
        y, s = data.y[i, keep].copy(), draws[:, i, keep]
        below = data.blq[i, keep]
        if below.any():
            p = (s[:, below] < data.limit[i, keep][below]).mean(axis=0)
            u = random.uniform(seed, "npde/blq", np.array([i]), int(below.sum()))[0] * np.maximum(p, 1.0 / replicates)
            y[below] = [np.quantile(s[:, j], q) for j, q in zip(np.flatnonzero(below), u, strict=True)]
        mean = s.mean(axis=0)
        cov = np.atleast_2d(np.cov(s, rowvar=False))
        root = np.linalg.cholesky(cov + 1e-12 * np.trace(cov) * np.eye(len(cov)))
        z = np.linalg.solve(root, (s - mean).T).T
        zy = np.linalg.solve(root, y - mean)
        rank = (z < zy).mean(axis=0)
        out[i, keep] = ndtri(np.clip(rank, 0.5 / replicates, 1 - 0.5 / replicates))
    return out


def _quantiles(values: np.ndarray, levels: Sequence[float]) -> np.ndarray:
    ordered = np.quantile(np.where(np.isfinite(values), values, -1e300), levels, method="linear")
    return np.where(ordered < -1e200, np.nan, ordered)


def _edges(time: np.ndarray, bins: int | Sequence[float]) -> np.ndarray:
    if not isinstance(bins, int):
        edges = np.asarray(bins, float)
        if len(edges) < 2 or (np.diff(edges) <= 0).any():
            raise InputError("bins", list(bins), "a number of bins, or rising edges")
        return edges
    if bins < 1:
        raise InputError("bins", bins, "1 or more")
    own = np.unique(time)
    if 1 < len(own) <= bins:  # everybody was seen at the same few times
        return np.concatenate([own[:1], (own[1:] + own[:-1]) / 2, own[-1:]])
    edges = np.unique(np.quantile(time, np.linspace(0, 1, bins + 1)))
    return edges if len(edges) > 1 else np.array([edges[0], edges[0] + 1.0])


def _groups(data: Any, stratify: str | None) -> dict[str, np.ndarray]:
    if stratify is None:
        return {"all": np.ones(data.subjects, bool)}
    column = data.records.column(stratify)[data.records.ptr[:-1]]
    values = np.unique(column)
    if len(values) > 12:
        cut = np.median(column)
        return {f"{stratify} ≤ {cut:g}": column <= cut, f"{stratify} > {cut:g}": column > cut}
    return {f"{stratify} = {v:g}": column == v for v in values}
