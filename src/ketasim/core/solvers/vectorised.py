"""Rodas5P in plain NumPy, subjects side by side: the fallback where code cannot be compiled, and an oracle.

The same method, error control, edges and reductions as the native engine, written independently of it: dense inverses
instead of planned elimination, NumPy's exp, log and power. Slow (about a hundredth), everywhere available.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ketasim.core.program import Program
from ketasim.core.schedule import BOLUS, JUMP, PARAMETER, RATE, RESET, SET, Edges
from ketasim.core.solvers import reductions as rd
from ketasim.core.solvers import solution as code
from ketasim.core.solvers import tableau
from ketasim.core.solvers.quartic import Summaries
from ketasim.core.solvers.reductions import Reduction
from ketasim.core.solvers.solution import Solution
from ketasim.core.solvers.task import Store, Task, check_outputs, prepare_task

CHUNK = 256
"""Subjects stepped together (their Jacobians are dense here)."""
RTOL, ATOL, FLOOR = 3e-6, 1e-12, 1e-3
FIRST_STEP_H, MAX_STEPS = 1e-3, 1_000_000
A = np.zeros((8, 8))
C = np.zeros((8, 8))
for _i, _row in enumerate(tableau.full_a()):
    A[_i, : len(_row)] = _row
for _i, _gammas in enumerate(tableau.C):
    C[_i, : len(_gammas)] = _gammas
H = np.array(tableau.H)


class _Equations:
    """The program as NumPy functions over (…, subjects)."""

    def __init__(self, program: Program, outputs: Sequence[str]) -> None:
        self.size = len(program.state_names)
        self.channels = np.array(program.rate_channels, int)
        self._rhs = program.function(program.rhs)
        self._jacobian = program.function(tuple(program.jacobian.values()))
        self._rows = np.array([i for i, _ in program.jacobian], int)
        self._columns = np.array([j for _, j in program.jacobian], int)
        slope = program.graph.gradients(program.rhs, program.cuts, role="time")
        zero = program.graph.const(0.0)
        self.timed = any(slope)
        self._slope = program.function(tuple(next(iter(row.values()), zero) for row in slope))
        self._outputs = program.function(tuple(program.outputs[name][0] for name in outputs))
        self._initial = program.function(program.initial)
        self._jumps = [program.function(nodes) for nodes in program.jumps.values()]

    @staticmethod
    def _stack(values: list[Any], n: int) -> np.ndarray:
        if not values:
            return np.zeros((0, n))
        return np.stack([np.broadcast_to(np.asarray(v, float), (n,)) for v in values])

    def rhs(self, y: np.ndarray, p: np.ndarray, t: np.ndarray, rate: np.ndarray) -> np.ndarray:
        out = self._stack(self._rhs(y, p, t), y.shape[1])
        np.add.at(out, self.channels, rate)
        return out

    def jacobian(self, y: np.ndarray, p: np.ndarray, t: np.ndarray) -> np.ndarray:
        """(subjects, states, states)."""
        n = y.shape[1]
        full = np.zeros((n, self.size, self.size))
        full[:, self._rows, self._columns] = self._stack(self._jacobian(y, p, t), n).T
        return full

    def slope(self, y: np.ndarray, p: np.ndarray, t: np.ndarray) -> np.ndarray:
        return self._stack(self._slope(y, p, t), y.shape[1])

    def read(self, y: np.ndarray, p: np.ndarray, t: np.ndarray) -> np.ndarray:
        return self._stack(self._outputs(y, p, t), y.shape[1])

    def initial(self, p: np.ndarray) -> np.ndarray:
        return self._stack(self._initial(np.zeros((self.size, p.shape[1])), p, 0.0), p.shape[1])

    def jump(self, k: int, y: np.ndarray, p: np.ndarray, t: float) -> np.ndarray:
        return np.array([float(v) for v in self._jumps[k](y, p, t)])


class _Chunk:
    """Some subjects on their way, one column each."""

    def __init__(
        self, eq: _Equations, task: Task, store: Store, who: np.ndarray, settings: dict[str, float], sums: Summaries
    ) -> None:
        self.eq, self.task, self.store, self.who, self.settings, self.sums = eq, task, store, who, settings, sums
        n = len(who)
        self.p = task.parameters[who].T.copy()
        self.y = eq.initial(self.p) if task.y0 is None else task.y0[who].T.copy()
        self.rate = task.rate0[who].T.copy()
        self.t, self.end = task.starts[who].copy(), task.ends[who]
        self.stop, self.h = self.end.copy(), np.ones(n)
        self.largest = np.zeros_like(self.y)
        self.edge = task.ptr[who].copy()
        self.output = np.zeros(n, int)
        self.fresh, self.refused = np.ones(n, bool), np.zeros(n, bool)
        self.open = np.ones(n, bool)
        good = np.isfinite(self.p).all(axis=0) & np.isfinite(self.y).all(axis=0)
        for i in range(n):
            if good[i]:
                self._report(i, left_only=True)
                self._settle(i)
            else:
                self._leave(i, code.BAD_PARAMETER)

    # ---- one subject at an instant
    def _times(self, i: int) -> np.ndarray:
        return self.task.times if self.task.times.ndim == 1 else self.task.times[self.who[i]]

    def _is_left(self, i: int, k: int) -> bool:
        if self.task.left is None:
            return False
        return bool(self.task.left[k] if self.task.left.ndim == 1 else self.task.left[self.who[i], k])

    def _report(self, i: int, left_only: bool = False) -> None:
        times = self._times(i)
        while self.output[i] < len(times) and times[self.output[i]] <= self.t[i]:
            k = self.output[i]
            if left_only and not self._is_left(i, k):
                return
            column = self.eq.read(self.y[:, i : i + 1], self.p[:, i : i + 1], self.t[i : i + 1])
            self.store.values[self.who[i], k] = column[:, 0]
            self.output[i] += 1

    def _leave(self, i: int, status: int) -> None:
        subject = self.who[i]
        self.open[i] = False
        self.store.status[subject] = status
        self.store.final_rate[subject] = self.rate[:, i]
        self.store.final[subject] = self.y[:, i] if status == code.OK else np.nan
        if status != code.OK:
            self.store.failed_at[subject] = self.t[i]
            self.store.values[subject, self.output[i] :] = np.nan
            self.sums.spoil(subject)

    def _settle(self, i: int) -> None:
        task, last = self.task, self.task.ptr[self.who[i] + 1]
        while self.edge[i] < last and task.edge_time[self.edge[i]] <= self.t[i]:
            self._apply(i, self.edge[i])
            self.edge[i] += 1
        upcoming = task.edge_time[self.edge[i]] if self.edge[i] < last else np.inf
        self.stop[i] = min(upcoming, self.end[i])
        self.h[i], self.fresh[i], self.refused[i] = self.settings["first_step"], True, False
        self.largest[:, i] = np.fmax(self.largest[:, i], np.abs(self.y[:, i]))
        reached = self.output[i]
        self._report(i)
        if not np.isfinite(self.y[:, i]).all():
            self.output[i] = reached
            self._leave(i, code.NOT_FINITE)
        elif self.t[i] >= self.end[i]:
            self._leave(i, code.OK)

    def _apply(self, i: int, e: int) -> None:
        kind, target, value = self.task.edge_kind[e], self.task.edge_target[e], self.task.edge_value[e]
        if kind == BOLUS:
            self.y[target, i] += value
        elif kind == RATE:
            total = self.rate[target, i] + value
            self.rate[target, i] = 0.0 if abs(total) < 1e-12 * abs(value) else total
        elif kind == JUMP:
            self.y[:, i] = self.eq.jump(target, self.y[:, i], self.p[:, i], self.t[i])
        elif kind == RESET:
            self.y[:, i] = self.eq.initial(self.p[:, i : i + 1])[:, 0]
            self.rate[:, i] = 0.0
        elif kind == SET:
            self.y[target, i] = value
        elif kind == PARAMETER:
            self.p[target, i] = value

    # ---- one step of everybody
    def run(self) -> None:
        """Step until nobody is left."""
        with np.errstate(all="ignore"):
            while self.open.any():
                self._step(np.flatnonzero(self.open))

    def _step(self, on: np.ndarray) -> None:
        t, stop, y, p = self.t[on], self.stop[on], self.y[:, on], self.p[:, on]
        remaining = stop - t
        wanted = np.minimum(self.h[on], self.settings["max_step"])
        last = wanted >= remaining * (1 - 1e-12)
        h = np.where(last, remaining, np.minimum(wanted, remaining / 2))
        u = self._stages(y, p, t, h, self.rate[:, on])
        y1 = y + np.tensordot(A[7], u, 1) + u[7]
        s = self.settings
        scale = np.maximum(np.maximum(np.abs(y), np.abs(y1)), s["floor"] * self.largest[:, on])
        error = np.max(np.abs(u[7]) / (s["atol"] + s["rtol"] * scale), axis=0, initial=0.0)
        finite = np.isfinite(error) & np.isfinite(y1).all(axis=0)
        error = np.where(finite, error, 1e10)
        factor = 0.9 * np.maximum(error, 1e-12) ** (-1 / tableau.ORDER)
        factor = np.clip(factor, 0.15, np.where(self.fresh[on], 30.0, 6.0))
        accepted = error <= 1
        factor = np.where(accepted & self.refused[on], np.minimum(factor, 1.0), factor)
        new = h * factor
        self.h[on] = np.where(accepted & last & (new < wanted), wanted, new)
        self.refused[on], self.fresh[on] = ~accepted, self.fresh[on] & ~accepted
        counts = self.store.counts
        counts[self.who[on], 0] += accepted
        counts[self.who[on], 1] += ~accepted
        t1 = np.where(last, stop, t + h)
        if accepted.any():
            a = accepted
            self._inside(on[a], t[a], t1[a], h[a], y[:, a], y1[:, a], u[:, :, a])
        tiny = ~accepted & (new < 1e-12 + 1e-15 * np.abs(t))
        many = counts[self.who[on]].sum(axis=1) > s["max_steps"]
        arrived = accepted & last
        for k in np.flatnonzero(tiny | many | arrived):
            if tiny[k]:
                self._leave(on[k], code.STEP_TOO_SMALL if finite[k] else code.NOT_FINITE)
            elif many[k]:
                self._leave(on[k], code.TOO_MANY_STEPS)
            else:
                self._settle(on[k])

    def _stages(self, y: np.ndarray, p: np.ndarray, t: np.ndarray, h: np.ndarray, rate: np.ndarray) -> np.ndarray:
        eq = self.eq
        matrix = np.eye(eq.size) / (h * tableau.GAMMA)[:, None, None] - eq.jacobian(y, p, t)
        inverse = _inverse(matrix)
        slope = eq.slope(y, p, t) if eq.timed else np.zeros_like(y)
        u = np.zeros((8, *y.shape))
        for i in range(8):
            argument = y + np.tensordot(A[i, :i], u[:i], 1)
            b = eq.rhs(argument, p, t + tableau.NODES[i] * h, rate) + np.tensordot(C[i, :i], u[:i], 1) / h
            b = b + tableau.TIME_SLOPE[i] * h * slope
            u[i] = np.einsum("sij,js->is", inverse, b)
        return u

    def _inside(
        self, on: np.ndarray, t: np.ndarray, t1: np.ndarray, h: np.ndarray, y: np.ndarray, y1: np.ndarray, u: np.ndarray
    ) -> None:
        """Outputs and summaries within an accepted step, then the new state."""
        d = np.tensordot(H, u, 1)

        def states(theta: np.ndarray, k: Any = slice(None)) -> np.ndarray:
            curve = d[0][:, k] + theta * (d[1][:, k] + theta * d[2][:, k])
            return (1 - theta) * y[:, k] + theta * (y1[:, k] + (1 - theta) * curve)

        for k, i in enumerate(on):
            times = self._times(i)
            one = slice(k, k + 1)
            while self.output[i] < len(times):
                when, m = times[self.output[i]], self.output[i]
                if not (when < t1[k] or (when == t1[k] and (t1[k] < self.stop[i] or self._is_left(i, m)))):
                    break
                x = states((when - t[one]) / h[one], one)
                self.store.values[self.who[i], m] = self.eq.read(x, self.p[:, i : i + 1], np.array([when]))[:, 0]
                self.output[i] += 1
        if self.sums.wanted:
            p = self.p[:, on]
            self.sums.add(self.who[on], t, t1, lambda when: self.eq.read(states((when - t) / h), p, when))
        self.y[:, on] = y1
        self.largest[:, on] = np.maximum(self.largest[:, on], np.abs(y1))
        self.t[on] = t1


def _inverse(matrix: np.ndarray) -> np.ndarray:
    try:
        return np.linalg.inv(matrix)
    except np.linalg.LinAlgError:
        out = np.full_like(matrix, np.nan)
        for k, one in enumerate(matrix):
            try:
                out[k] = np.linalg.inv(one)
            except np.linalg.LinAlgError:
                continue
        return out


def solve(
    program: Program, parameters: np.ndarray, edges: Edges, times_h: np.ndarray, outputs: Sequence[str], *,
    rtol: float = RTOL, atol: float = ATOL, floor: float = FLOOR, y0: np.ndarray | None = None,
    start_h: float | np.ndarray | None = None, end_h: float | np.ndarray | None = None, rate0: np.ndarray | None = None,
    left: np.ndarray | None = None, reductions: Sequence[Reduction] = (), max_steps: int = MAX_STEPS,
    max_step_h: float = np.inf, first_step_h: float = FIRST_STEP_H, **_: Any,
) -> Solution:  # fmt: skip
    """Integrate every subject; arguments and result as in `native.solve`."""
    task = prepare_task(program, parameters, edges, times_h, outputs, y0, start_h, end_h, rate0, left)
    rd.check_unique(reductions)
    names = [*outputs, *dict.fromkeys(r.output for r in reductions if r.output not in outputs)]
    check_outputs(program, names)
    equations = _Equations(program, names)
    store = task.result_arrays(len(names), 0)
    store.values.fill(np.nan)
    sums = Summaries(reductions, names, task)
    settings = {"rtol": rtol, "atol": atol, "floor": floor, "first_step": first_step_h, "max_step": max_step_h,
                "max_steps": max_steps}  # fmt: skip
    for start in range(0, task.subjects, CHUNK):
        who = np.arange(start, min(start + CHUNK, task.subjects))
        _Chunk(equations, task, store, who, settings, sums).run()
    stats = {
        "engine": "vectorised",
        "accepted": store.counts[:, 0],
        "refused": store.counts[:, 1],
        "final_rate": store.final_rate,
    }
    shown = store.values[:, :, : len(outputs)].transpose(0, 2, 1)
    results = sums.results()
    return Solution(tuple(outputs), task.times, shown, store.status, store.failed_at, store.final, stats, results)
