"""Fast prediction for fits: linear systems whose events do not depend on the parameters.

A subject's parameters hold for all its records, so that its matrix is taken to eigenvectors once and every interval
costs one exponential a state. Matrices too close to a defective one are handed back to the general path.
"""

from __future__ import annotations

import numpy as np

from ketasim.core.errors import InputError
from ketasim.core.schedule import BOLUS, PARAMETER, RATE, RESET
from ketasim.dosing.records.events import OBSERVE
from ketasim.dosing.records.predict import RecordPlan

WORST = 1e4


class Modal:
    """Events of every subject, laid out in steps; `predict` gives all lanes at once."""

    def __init__(self, ready: RecordPlan, output: str, typical: np.ndarray, rows: np.ndarray) -> None:
        program, records = ready.target.program, ready.records
        self.usable = ready.exact and not ready.timed and self._fixed(ready, typical)
        if not self.usable:
            return
        events = ready.events(np.repeat(typical, len(records), axis=0))
        k, n = len(program.state_names), records.subjects
        self.usable = bool(np.isin(events.kind, (BOLUS, RATE, RESET, OBSERVE)).all())
        if not self.usable:
            return
        count = np.bincount(events.lane, minlength=n)
        first = np.cumsum(count) - count
        step = np.arange(len(events)) - first[events.lane]
        steps = int(count.max())
        self.dt = np.zeros((n, steps))
        same = np.concatenate(([False], events.lane[1:] == events.lane[:-1]))
        self.dt[events.lane, step] = np.where(same, np.diff(events.time, prepend=0.0), 0.0)
        self.bolus, change = np.zeros((n, steps, k)), np.zeros((n, steps, k))
        for kind, where in ((BOLUS, self.bolus), (RATE, change)):
            hit = events.kind == kind
            where[events.lane[hit], step[hit], events.target[hit]] = events.value[hit]
        self.reset = np.zeros((n, steps), bool)
        self.reset[events.lane[events.kind == RESET], step[events.kind == RESET]] = True
        self.rate = np.zeros((n, steps, k))  # what runs during the stretch that ends at each step
        now = np.zeros((n, k))
        for s in range(steps):
            self.rate[:, s] = now
            now = np.where(self.reset[:, s, None], 0.0, now + change[:, s])
        seen = np.zeros(len(records), np.int64)
        hit = events.kind == OBSERVE
        seen[events.target[hit]] = step[hit]
        self.at, self.time = seen[rows], records.time[rows]
        self.has_bolus = np.asarray(self.bolus.any(axis=(0, 2)))
        self.has_reset = np.asarray(self.reset.any(axis=0))
        self.places = tuple(program.jacobian)
        self._jacobian = program.function(tuple(program.jacobian.values()))
        self._rhs = program.function(program.rhs)
        node = program.outputs[output][0]
        self._read = program.function((node,))
        self._initial = program.initial_states
        self.k, self.order = k, _order(self.places, k)

    @staticmethod
    def _fixed(ready: RecordPlan, typical: np.ndarray) -> bool:
        """Whether events stay the same when every parameter moves; steady states and modelled doses do not."""
        n = len(ready.records)
        base = ready.events(np.repeat(typical, n, axis=0))
        for factor in (1.37, 0.61):
            p = typical * (factor + 0.01 * np.arange(typical.shape[1]) / typical.shape[1])
            p = np.where(typical == 0, 0.1 * factor, p)
            try:
                other = ready.events(np.repeat(p, n, axis=0))
            except InputError:
                return False
            if len(other) != len(base) or any(
                (getattr(base, f) != getattr(other, f)).any() for f in ("time", "kind", "target", "value")
            ):
                return False
        return not (base.kind == PARAMETER).any()

    def predict(self, lanes: np.ndarray, parameters: np.ndarray) -> np.ndarray:
        """(lanes, width) outputs for parameters (lanes, np); rows with NaN want the general path."""
        p, n, k = parameters.T, len(lanes), self.k
        zero = np.zeros((k, n))
        a, b = np.zeros((n, k, k)), np.zeros((n, k))
        with np.errstate(all="ignore"):
            for (i, j), value in zip(self.places, self._jacobian(zero, p, 0.0), strict=True):
                a[:, i, j] = value
            for i, value in enumerate(self._rhs(zero, p, 0.0)):
                b[:, i] = value
            roots, v, w = _eigen(a, self.order)
            force = self.rate[lanes]
            dt = self.dt[lanes]
            x = roots[:, None, :] * dt[:, :, None]
            e = np.exp(x)
            y0 = self._initial(parameters)
            start = _map(w, y0) if y0.any() else np.zeros((n, k), roots.dtype)
            forced = bool(force.any() or b.any())
            if forced:
                ratio = np.where(np.abs(x) > 1e-9, np.expm1(x) / np.where(x == 0, 1.0, x), 1.0) * dt[:, :, None]
                push = ratio * _map(w[:, None], force + b[:, None])
            z, path = start.copy(), np.empty((n, dt.shape[1], k), roots.dtype)
            for s in range(dt.shape[1]):
                z = z * e[:, s]
                if forced:
                    z = z + push[:, s]
                if self.has_reset[s]:
                    z = np.where(self.reset[lanes, s][:, None], start, z)
                if self.has_bolus[s]:
                    z = z + _map(w, self.bolus[lanes, s])
                path[:, s] = z
            seen = np.take_along_axis(path, self.at[lanes][:, :, None], axis=1)
            y = _map(v[:, None], seen).real
            (value,) = self._read(np.moveaxis(y, -1, 0), p[:, :, None], self.time[lanes])
            out = np.array(np.broadcast_to(value, seen.shape[:2]), float)
            size = np.abs(v).sum(axis=1).max(axis=1) * np.abs(w).sum(axis=1).max(axis=1)
        out[~(size < WORST)] = np.nan
        return out


def _map(m: np.ndarray, x: np.ndarray) -> np.ndarray:
    """m x for small matrices, as sums of columns (no call per matrix)."""
    out = m[..., :, 0] * x[..., 0:1]
    for j in range(1, x.shape[-1]):
        out = out + m[..., :, j] * x[..., j : j + 1]
    return np.asarray(out)


def _order(places: tuple[tuple[int, int], ...], k: int) -> tuple[int, ...] | None:
    """An order of the states in which the matrix is lower triangular, where there is one."""
    feeds = {i: {j for r, j in places if r == i and j != i} for i in range(k)}
    out: list[int] = []
    while len(out) < k:
        free = [i for i in range(k) if i not in out and feeds[i] <= set(out)]
        if not free:
            return None
        out += free
    return tuple(out)


def _eigen(a: np.ndarray, order: tuple[int, ...] | None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(values (n, k), vectors (n, k, k), their inverse); by substitution where the matrix is triangular."""
    k = a.shape[1]
    if order is None:
        fine = np.isfinite(a).all(axis=(1, 2))
        values, v = np.linalg.eig(np.where(fine[:, None, None], a, np.eye(k)))
        bad = np.abs(np.linalg.det(v)) < 1e-10
        v[bad] = np.eye(k)
        w = np.linalg.inv(v)
        w[bad | ~fine] = np.nan
        return values, v, w
    t = a[:, order][:, :, order]
    values = np.stack([t[:, i, i] for i in range(k)], axis=1)
    v, w = np.zeros_like(a), np.zeros_like(a)
    for j in range(k):
        v[:, j, j] = w[:, j, j] = 1.0
        for i in range(j + 1, k):
            total = sum(t[:, i, m] * v[:, m, j] for m in range(j, i))
            gap = values[:, j] - values[:, i]
            v[:, i, j] = np.where(total == 0, 0.0, total / np.where(gap == 0, 1e-300, gap))
        for i in range(j + 1, k):
            w[:, i, j] = -sum(v[:, i, m] * w[:, m, j] for m in range(j, i))
    out_v, out_w = np.zeros_like(a), np.zeros_like(a)
    out_v[:, order, :] = v
    out_w[:, :, order] = w
    return values, out_v, out_w
