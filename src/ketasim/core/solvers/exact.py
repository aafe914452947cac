"""Matrix exponentials between edges: exact for linear systems, and an oracle for the others' linear parts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ketasim.core.errors import InputError
from ketasim.core.program import Program
from ketasim.core.schedule import Edges
from ketasim.core.solvers.solution import Solution
from ketasim.core.solvers.walk import Walk, record, segments


def matrices(program: Program, parameters: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A (states, states) and b (states,) of dy/dt = A y + b for one subject."""
    size = len(program.state_names)
    a = np.zeros((size, size))
    entries = program.function(tuple(program.jacobian.values()))(np.zeros(size), parameters, 0.0)
    for (i, j), value in zip(program.jacobian, entries, strict=True):
        a[i, j] = float(value)
    b = np.array([float(v) for v in program.function(program.rhs)(np.zeros(size), parameters, 0.0)])
    return a, b


def solve(
    program: Program,
    parameters: np.ndarray,
    edges: Edges,
    times_h: np.ndarray,
    outputs: Sequence[str],
    *,
    y0: np.ndarray | None = None,
    start_h: float | None = None,
    end_h: float | None = None,
    **_: Any,
) -> Solution:
    """Solve a linear system exactly; InputError where the system is not linear. Shapes as in the common signature."""
    from scipy.linalg import expm

    if not program.linear:
        raise InputError("engine", "exact", "native, vectorised or reference", "The system is not linear.")
    n, times = len(parameters), np.asarray(times_h, float)
    start = min(0.0, float(times.min(initial=0.0))) if start_h is None else start_h
    end = float(max(times.max(initial=start), start) if end_h is None else end_h)
    evaluate = program.function(tuple(program.outputs[name][0] for name in outputs))
    channels = np.array(program.rate_channels, int)
    size = len(program.state_names)
    values = np.full((n, len(outputs), len(times)), np.nan)
    final = np.zeros((n, size))
    for i in range(n):
        walk = Walk(program, parameters[i], None if y0 is None else y0[i])
        for a, b, events in segments(edges, i, start, end):
            for event in events:
                walk.apply(a, *event)
            matrix, constant = matrices(program, walk.p)
            np.add.at(constant, channels, walk.rate)
            augmented = np.zeros((size + 1, size + 1))
            augmented[:size, :size], augmented[:size, size] = matrix, constant
            pick = np.flatnonzero((times >= a) & (times < b) | ((b == end) & (times == b)))
            start_vector = np.append(walk.y, 1.0)
            flow: dict[float, np.ndarray] = {}
            states = np.zeros((size, len(pick)))
            vector, now = start_vector, a
            for column, k in sorted(enumerate(pick), key=lambda ck: times[ck[1]]):
                dt = float(times[k] - now)
                if dt > 0:
                    step = flow.get(round(dt, 12))
                    if step is None:
                        step = flow[round(dt, 12)] = expm(augmented * dt)
                    vector, now = step @ vector, float(times[k])
                states[:, column] = vector[:size]
            values[i][:, pick] = record(evaluate, states, walk.p, times[pick])
            walk.y = (expm(augmented * (b - now)) @ vector)[:size] if b > now else vector[:size]
        final[i] = walk.y
    return Solution(tuple(outputs), times, values, np.zeros(n, int), np.full(n, np.nan), final, {"engine": "exact"})
