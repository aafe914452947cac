"""Checked arrays of one solve: everything that is wrong is said here, before any number is computed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ketasim.core.errors import InputError
from ketasim.core.program import Program
from ketasim.core.schedule import JUMP, PARAMETER, RATE, Edges


def _pointer(array: np.ndarray | None) -> int:
    return 0 if array is None else array.ctypes.data


@dataclass(frozen=True, eq=False)
class Store:
    """Arrays a solver writes. values (n, times, outputs); status, failed_at (n,); counts (n, 2); reduced (n, r, 2)."""

    values: np.ndarray
    final: np.ndarray
    final_rate: np.ndarray
    status: np.ndarray
    failed_at: np.ndarray
    counts: np.ndarray
    reduced: np.ndarray

    def fields(self) -> dict[str, float]:
        """Addresses for the native context."""
        return {name: _pointer(getattr(self, name)) for name in
                ("values", "final", "final_rate", "status", "failed_at", "counts", "reduced")}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Task:
    """Checked input of one solve, contiguous and of the right types."""

    parameters: np.ndarray
    times: np.ndarray
    left: np.ndarray | None
    starts: np.ndarray
    ends: np.ndarray
    y0: np.ndarray | None
    rate0: np.ndarray
    ptr: np.ndarray
    edge_time: np.ndarray
    edge_kind: np.ndarray
    edge_target: np.ndarray
    edge_value: np.ndarray
    states: int

    @property
    def subjects(self) -> int:
        return len(self.parameters)

    @property
    def time_count(self) -> int:
        return self.times.shape[-1]

    def fields(self) -> dict[str, float]:
        """Addresses and counts for the native context."""
        ragged = self.times.ndim == 2
        return {
            "subjects": self.subjects, "times": self.time_count, "times_stride": self.time_count if ragged else 0,
            "left_stride": self.time_count if ragged else 0, "all_parameters": _pointer(self.parameters),
            "y0": _pointer(self.y0), "rate0": _pointer(self.rate0), "starts": _pointer(self.starts),
            "ends": _pointer(self.ends), "edge_ptr": _pointer(self.ptr), "edge_time": _pointer(self.edge_time),
            "edge_kind": _pointer(self.edge_kind), "edge_target": _pointer(self.edge_target),
            "edge_value": _pointer(self.edge_value), "output_time": _pointer(self.times),
            "output_left": _pointer(self.left),
        }  # fmt: skip

    def result_arrays(self, outputs: int, reductions: int, values: np.ndarray | None = None) -> Store:
        """Fresh arrays for the results; `values` may be a buffer of the caller's."""
        n, shape = self.subjects, (self.subjects, self.time_count, outputs)
        if values is None:
            values = np.empty(shape)
            if self.times.ndim == 2:
                values.fill(np.nan)
        elif values.shape != shape or values.dtype != np.float64 or not values.flags.c_contiguous:
            raise InputError("values", values.shape, f"a contiguous float64 buffer of shape {shape}")
        return Store(
            values, np.empty((n, self.states)), np.empty(self.rate0.shape), np.zeros(n, np.int64), np.full(n, np.nan),
            np.zeros((n, 2), np.int64), np.full((n, reductions, 2), np.nan),
        )  # fmt: skip


def prepare_task(
    program: Program, parameters: Any, edges: Edges, times_h: Any, outputs: Sequence[str], y0: Any = None,
    start_h: Any = None,
    end_h: Any = None, rate0: Any = None, left: Any = None,
) -> Task:  # fmt: skip
    """Check shapes, order and ranges. Raises InputError naming the field."""
    check_outputs(program, outputs)
    p = np.ascontiguousarray(parameters, float)
    width, states, channels = len(program.parameter_names), len(program.state_names), len(program.rate_channels)
    if p.ndim != 2 or p.shape[1] != width:
        raise InputError("parameters", f"an array of shape {p.shape}", f"shape (subjects, {width})")
    n = len(p)
    if edges.subjects != n:
        raise InputError("edges", f"for {edges.subjects} subjects", f"{n} subjects, as in parameters")
    times = _check_times(times_h, n)
    starts, ends = _spans(times, start_h, end_h, n)
    _check_inside(times, starts, ends)
    _check_edges(program, edges)
    return Task(
        p, times, _flags(left, times), starts, ends, None if y0 is None else _matrix("y0", y0, (n, states)),
        np.zeros((n, channels)) if rate0 is None else _matrix("rate0", rate0, (n, channels)),
        np.ascontiguousarray(edges.ptr, np.int64), _some(edges.time_h, np.float64), _some(edges.kind, np.int32),
        _some(edges.target, np.int32), _some(edges.value, np.float64), states,
    )  # fmt: skip


def check_outputs(program: Program, outputs: Sequence[str]) -> None:
    """InputError for an output that the program does not publish."""
    for name in outputs:
        if name not in program.outputs:
            raise InputError("output", name, ", ".join(sorted(program.outputs)) or "none: the system publishes nothing")


def _some(array: np.ndarray, kind: Any) -> np.ndarray:
    """Contiguous and never empty (its address is passed on)."""
    return np.ascontiguousarray(array if len(array) else np.zeros(1), kind)


def _check_times(times_h: Any, n: int) -> np.ndarray:
    times = np.ascontiguousarray(times_h, float)
    if times.ndim not in (1, 2) or (times.ndim == 2 and len(times) != n):
        raise InputError("times_h", f"an array of shape {times.shape}", f"shape (times,) or ({n}, times)")
    missing = np.isnan(times)
    if times.ndim == 1 and missing.any():
        raise InputError("times_h", "not a number", "finite times")
    if times.ndim == 2 and (missing[:, :-1] & ~missing[:, 1:]).any():
        raise InputError("times_h", "NaN before a time", "each row padded with NaN at its end only")
    if np.isinf(times).any():
        raise InputError("times_h", "infinite", "finite times")
    if (np.diff(times, axis=-1) < 0).any():
        raise InputError("times_h", "not in order", "times that do not decrease")
    return times


def _spans(times: np.ndarray, start_h: Any, end_h: Any, n: int) -> tuple[np.ndarray, np.ndarray]:
    flat = times[~np.isnan(times)] if times.size else times.reshape(-1)
    if start_h is None:
        start_h = min(0.0, float(flat.min(initial=0.0)))
    starts = np.ascontiguousarray(np.broadcast_to(np.asarray(start_h, float), (n,)))
    if end_h is None:
        last = np.fmax.reduce(times, axis=-1, initial=-np.inf)
        end_h = np.fmax(np.broadcast_to(last, (n,)), starts)
    ends = np.ascontiguousarray(np.broadcast_to(np.asarray(end_h, float), (n,)))
    for name, value in (("start_h", starts), ("end_h", ends)):
        if not np.isfinite(value).all():
            raise InputError(name, "not finite", "finite times in hours")
    if (ends < starts).any():
        i = int(np.argmax(ends < starts))
        raise InputError(f"end_h of subject {i}", float(ends[i]), f"no earlier than start_h ({starts[i]:g})")
    return starts, ends


def _check_inside(times: np.ndarray, starts: np.ndarray, ends: np.ndarray) -> None:
    if times.size == 0 or len(starts) == 0:
        return
    low = np.fmin.reduce(times, axis=-1)
    high = np.fmax.reduce(times, axis=-1)
    for name, bad, value in (("first", low < starts, low), ("last", high > ends, high)):
        if np.any(bad):
            i = int(np.argmax(bad))
            shown = float(np.broadcast_to(value, starts.shape)[i])
            raise InputError(f"{name} output time of subject {i}", shown, f"from {starts[i]:g} to {ends[i]:g} h")


def _flags(left: Any, times: np.ndarray) -> np.ndarray | None:
    if left is None:
        return None
    flags = np.ascontiguousarray(left, np.uint8)
    if flags.shape != times.shape:
        raise InputError("left", f"an array of shape {flags.shape}", f"the shape of times_h, {times.shape}")
    return flags


def _matrix(name: str, value: Any, shape: tuple[int, int]) -> np.ndarray:
    array = np.ascontiguousarray(value, float)
    if array.shape != shape:
        raise InputError(name, f"an array of shape {array.shape}", f"shape {shape}")
    return array


def _check_edges(program: Program, edges: Edges) -> None:
    if not len(edges.time_h):
        return
    if not (np.isfinite(edges.time_h).all() and np.isfinite(edges.value).all()):
        raise InputError("edges", "not finite", "finite times and values")
    states = len(program.state_names)
    limit = np.full(6, states)
    limit[[RATE, JUMP, PARAMETER]] = len(program.rate_channels), len(program.jumps), len(program.parameter_names)
    limit[3] = np.iinfo(np.int32).max
    if edges.kind.min() < 0 or edges.kind.max() > 5:
        raise InputError("edge kind", int(edges.kind.max()), "0 to 5")
    bad = (edges.target < 0) | (edges.target >= limit[edges.kind])
    if bad.any():
        i = int(np.argmax(bad))
        what, most = f"target of edge {i} (kind {edges.kind[i]})", limit[edges.kind[i]] - 1
        allowed = f"0 to {most}" if most >= 0 else "none: the system has no such target"
        raise InputError(what, int(edges.target[i]), allowed)
    inner = np.ones(max(0, len(edges.time_h) - 1), bool)
    cuts = edges.ptr[1:-1]
    inner[cuts[(cuts > 0) & (cuts <= len(inner))] - 1] = False
    if ((np.diff(edges.time_h) < 0) & inner).any():
        raise InputError("edges", "not in order of time", "each subject's events sorted by time")
