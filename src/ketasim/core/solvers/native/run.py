"""solve(): the common solver signature on the native engine."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ketasim.core.program import Program
from ketasim.core.schedule import Edges
from ketasim.core.solvers import reductions as rd
from ketasim.core.solvers.native.code import Code, code, usable
from ketasim.core.solvers.native.workspace import Workspace
from ketasim.core.solvers.reductions import Reduction
from ketasim.core.solvers.solution import Solution
from ketasim.core.solvers.task import Task, prepare_task

RTOL, ATOL, FLOOR = 3e-6, 1e-12, 1e-3
FIRST_STEP_H = 1e-3
MAX_STEPS = 1_000_000
_spare: dict[tuple[int, int], list[Workspace]] = {}
_spare_lock = threading.Lock()


def solve(
    program: Program, parameters: np.ndarray, edges: Edges, times_h: np.ndarray, outputs: Sequence[str], *,
    rtol: float = RTOL, atol: float = ATOL, floor: float = FLOOR, y0: np.ndarray | None = None,
    start_h: float | np.ndarray | None = None, end_h: float | np.ndarray | None = None, rate0: np.ndarray | None = None,
    left: np.ndarray | None = None, reductions: Sequence[Reduction] = (), threads: int = 1, lanes: int = 0,
    max_steps: int = MAX_STEPS, max_step_h: float = np.inf, first_step_h: float = FIRST_STEP_H,
    values: np.ndarray | None = None, **_: Any,
) -> Solution:  # fmt: skip
    """Integrate every subject.

    parameters : (n, parameters). edges : events of the n subjects.
    times_h : (nt,) or, one row a subject, (n, nt) with NaN after the last. An output at the time of an edge is the
        value after it, unless `left` (same shape, bool) asks for the value before.
    y0 : (n, states) to start from, with rate0 (n, channels); otherwise the program's initial state.
    start_h, end_h : number or one a subject. values : buffer (n, nt, outputs) to reuse.
    Returns Solution; `values` is (n, outputs, nt). Results do not depend on threads, lanes, or the company of others.
    Where code cannot be compiled the NumPy engine answers instead, and `stats` says so.
    """
    if not usable():
        return _without_compiler(
            program, parameters, edges, times_h, outputs, rtol=rtol, atol=atol, floor=floor, y0=y0, start_h=start_h,
            end_h=end_h, rate0=rate0, left=left, reductions=reductions, max_steps=max_steps, max_step_h=max_step_h,
            first_step_h=first_step_h,
        )  # fmt: skip
    task = prepare_task(program, parameters, edges, times_h, outputs, y0, start_h, end_h, rate0, left)
    rd.check_unique(reductions)
    names = [*outputs, *dict.fromkeys(r.output for r in reductions if r.output not in outputs)]
    compiled = code(program, names, lanes, task.subjects, bool(reductions))
    store = task.result_arrays(len(names), len(reductions), values)
    plan = ReductionPlan(reductions, names)
    settings = {
        "rtol": rtol, "atol": atol, "floor": floor, "first_step": first_step_h, "max_step": max_step_h,
        "max_steps": max_steps,
    }  # fmt: skip
    fields = {**task.fields(), **store.fields(), **plan.fields(), **settings}
    execute(compiled, fields, max(1, min(threads, -(-task.subjects // compiled.lanes))), len(reductions))
    shown = store.values[:, :, : len(outputs)].transpose(0, 2, 1)
    counts = store.counts
    stats = {
        "engine": "native", "lanes": compiled.lanes, "accepted": counts[:, 0], "refused": counts[:, 1],
        "final_rate": store.final_rate, "cached": compiled.model.from_disk,
    }  # fmt: skip
    return Solution(
        tuple(outputs), task.times, shown, store.status.astype(int), store.failed_at, store.final, stats,
        plan.results(reductions, store.reduced, task),
    )  # fmt: skip


def _without_compiler(*given: Any, **options: Any) -> Solution:
    from ketasim.core.solvers import vectorised

    found = vectorised.solve(*given, **options)
    why = "no llvmlite, or a processor without fused multiply-add"
    return replace(found, stats={**found.stats, "fallback": why})


def execute(compiled: Code, fields: dict[str, float], threads: int, reductions: int) -> None:
    """Run the stepper on one or more threads until the shared counter is exhausted."""
    counter = np.zeros(8, np.int64)
    spaces = [_take(compiled, reductions) for _ in range(threads)]
    for space in spaces:
        space.set(fields)
        space.set({"next_subject": counter.ctypes.data})
    try:
        if threads == 1:
            compiled.run(spaces[0].address)
        else:
            from concurrent.futures import ThreadPoolExecutor

            with ThreadPoolExecutor(threads) as pool:
                list(pool.map(lambda s: compiled.run(s.address), spaces))
    finally:
        for space in spaces:
            _give_back(compiled, space)


def _take(compiled: Code, reductions: int) -> Workspace:
    with _spare_lock:
        spare = _spare.get(compiled.place, [])
        for i, space in enumerate(spare):
            if space.reductions >= reductions:
                return spare.pop(i)
    return Workspace(compiled, reductions)


def _give_back(compiled: Code, space: Workspace) -> None:
    with _spare_lock:
        _spare.setdefault(compiled.place, []).append(space)


class ReductionPlan:
    """Reductions sorted by window, in the arrays the stepper reads."""

    def __init__(self, reductions: Sequence[Reduction], names: list[str]) -> None:
        windows = list(dict.fromkeys((r.from_h, r.to_h) for r in reductions))
        order = sorted(range(len(reductions)), key=lambda i: windows.index((reductions[i].from_h, reductions[i].to_h)))
        self.order = order
        at = [windows.index((reductions[i].from_h, reductions[i].to_h)) for i in order]
        self._from = np.array([w[0] for w in windows] or [0.0])
        self._to = np.array([w[1] for w in windows] or [0.0])
        self._first = np.searchsorted(at, np.arange(len(windows) + 1)).astype(np.int64)
        self._kind = np.array([rd.KINDS[reductions[i].kind] for i in order] or [0], np.int64)
        self._output = np.array([names.index(reductions[i].output) for i in order] or [0], np.int64)
        self._threshold = np.array([reductions[i].threshold for i in order] or [0.0])
        self.windows, self.count = len(windows), len(order)

    def fields(self) -> dict[str, float]:
        """Context fields."""
        return {
            "windows": self.windows, "reductions": self.count, "window_from": self._from.ctypes.data,
            "window_to": self._to.ctypes.data, "window_first": self._first.ctypes.data,
            "reduction_kind": self._kind.ctypes.data, "reduction_output": self._output.ctypes.data,
            "reduction_threshold": self._threshold.ctypes.data,
        }  # fmt: skip

    def results(self, reductions: Sequence[Reduction], reduced: np.ndarray, task: Task) -> dict[str, np.ndarray]:
        """Name → (n,)."""
        out: dict[str, np.ndarray] = {}
        for place, i in enumerate(self.order):
            r = reductions[i]
            column = reduced[:, place, 1 if r.kind in ("tmax", "tmin", "first_above") else 0].copy()
            if r.kind == "mean":
                column /= np.minimum(task.ends, r.to_h) - np.maximum(task.starts, r.from_h)
            if r.kind in ("cmax", "cmin"):
                column[np.isnan(reduced[:, place, 1])] = np.nan
            out[r.key] = column
        return {r.key: out[r.key] for r in reductions}


__all__ = ["execute", "solve"]
