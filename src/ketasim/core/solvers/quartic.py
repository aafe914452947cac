"""Summaries over time in NumPy: the quartic through five Gauss–Lobatto samples of each step."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from ketasim.core.solvers.reductions import Reduction
from ketasim.core.solvers.task import Task

POINTS = np.array([-1.0, -np.sqrt(3 / 7), 0.0, np.sqrt(3 / 7), 1.0])
WEIGHTS = np.array([1 / 10, 49 / 90, 32 / 45, 49 / 90, 1 / 10])
MONOMIALS = np.linalg.inv(np.vander(POINTS, increasing=True))


class Summaries:
    """Running summaries of every subject: two numbers (value, time) for each reduction."""

    def __init__(self, reductions: Sequence[Reduction], names: Sequence[str], task: Task) -> None:
        self.reductions, self.task = tuple(reductions), task
        self.column = [names.index(r.output) for r in self.reductions]
        self.value = np.zeros((len(self.reductions), task.subjects))
        self.time = np.full((len(self.reductions), task.subjects), np.nan)

    @property
    def wanted(self) -> bool:
        return bool(self.reductions)

    def spoil(self, subject: int) -> None:
        """Forget a failed subject."""
        self.value[:, subject] = np.nan
        self.time[:, subject] = np.nan

    def add(self, who: np.ndarray, t: np.ndarray, t1: np.ndarray, read: Callable[[np.ndarray], np.ndarray]) -> None:
        """One step from t to t1 of the subjects `who`; `read(when)` gives the outputs (outputs, subjects)."""
        for window in dict.fromkeys((r.from_h, r.to_h) for r in self.reductions):
            start, stop = np.maximum(t, window[0]), np.minimum(t1, window[1])
            inside = start < stop
            half, middle = np.where(inside, (stop - start) / 2, 0.0), np.where(inside, (start + stop) / 2, t)
            samples = np.stack([read(middle + z * half) for z in POINTS])
            for r, reduction in enumerate(self.reductions):
                if (reduction.from_h, reduction.to_h) == window:
                    for k in np.flatnonzero(inside):
                        self._one(r, reduction, who[k], samples[:, self.column[r], k], middle[k], half[k])

    def _one(self, r: int, reduction: Reduction, subject: int, s: np.ndarray, middle: float, half: float) -> None:
        kind = reduction.kind
        if kind in ("auc", "mean"):
            self.value[r, subject] += half * (WEIGHTS @ s)
            return
        c = MONOMIALS @ s
        if kind in ("cmax", "tmax", "cmin", "tmin"):
            sign = 1.0 if kind.endswith("max") else -1.0
            z = np.concatenate([POINTS, _real_roots(c[1:] * np.arange(1, 5))])
            y = np.concatenate([s, np.polyval(c[::-1], z[5:])])
            k = int(np.argmax(sign * y))
            if np.isnan(self.time[r, subject]) or sign * y[k] > sign * self.value[r, subject]:
                self.value[r, subject], self.time[r, subject] = y[k], middle + half * z[k]
            return
        c[0] -= reduction.threshold
        z = np.concatenate([[-1.0], np.sort(_real_roots(c)), [1.0]])
        for low, high in zip(z[:-1], z[1:], strict=True):
            if np.polyval(c[::-1], (low + high) / 2) > 0 and high > low:
                self.value[r, subject] += half * (high - low)
                if np.isnan(self.time[r, subject]):
                    self.time[r, subject] = middle + half * low

    def results(self) -> dict[str, np.ndarray]:
        """Name → (n,)."""
        out = {}
        for r, reduction in enumerate(self.reductions):
            row = (self.time if reduction.kind in ("tmax", "tmin", "first_above") else self.value)[r].copy()
            if reduction.kind == "mean":
                row /= np.minimum(self.task.ends, reduction.to_h) - np.maximum(self.task.starts, reduction.from_h)
            if reduction.kind in ("cmax", "cmin"):
                row[np.isnan(self.time[r])] = np.nan
            out[reduction.key] = row
        return out


def _real_roots(c: np.ndarray) -> np.ndarray:
    """Real zeros inside (−1, 1) of Σ c_k z^k."""
    if not np.isfinite(c).all() or not c[1:].any():
        return np.zeros(0)
    roots = np.roots(c[::-1])
    real = roots[np.abs(roots.imag) < 1e-9].real
    return real[(real > -1) & (real < 1)]
