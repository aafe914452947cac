"""Truth for tests: SciPy at tight tolerances, one subject at a time, restarted at every edge."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ketasim.core.program import Program
from ketasim.core.schedule import Edges
from ketasim.core.solvers import solution
from ketasim.core.solvers.solution import Solution
from ketasim.core.solvers.walk import Walk, record, segments


def solve(
    program: Program,
    parameters: np.ndarray,
    edges: Edges,
    times_h: np.ndarray,
    outputs: Sequence[str],
    *,
    rtol: float = 1e-10,
    atol: float = 1e-12,
    y0: np.ndarray | None = None,
    start_h: float | None = None,
    end_h: float | None = None,
    method: str = "Radau",
    **_: Any,
) -> Solution:
    """Solve with SciPy's `method` (Radau, DOP853, LSODA, BDF). Shapes as in the common signature."""
    from scipy.integrate import solve_ivp

    n, times = len(parameters), np.asarray(times_h, float)
    start = min(0.0, float(times.min(initial=0.0))) if start_h is None else start_h
    end = float(max(times.max(initial=start), start) if end_h is None else end_h)
    rhs, jac = program.function(program.rhs), program.jacobian
    jac_function = program.function(tuple(jac.values()))
    rows, columns = (np.array([ij[k] for ij in jac], int) for k in (0, 1))
    evaluate = program.function(tuple(program.outputs[name][0] for name in outputs))
    channels = np.array(program.rate_channels, int)
    values = np.full((n, len(outputs), len(times)), np.nan)
    status, failed_at = np.zeros(n, int), np.full(n, np.nan)
    final = np.full((n, len(program.state_names)), np.nan)
    for i in range(n):
        walk = Walk(program, parameters[i], None if y0 is None else y0[i])
        for a, b, events in segments(edges, i, start, end):
            for event in events:
                walk.apply(a, *event)
            forcing = np.zeros(len(walk.y))
            np.add.at(forcing, channels, walk.rate)

            def f(t: float, y: np.ndarray, p: np.ndarray = walk.p, forcing: np.ndarray = forcing) -> np.ndarray:
                return np.array([float(v) for v in rhs(y, p, t)]) + forcing

            def j(t: float, y: np.ndarray, p: np.ndarray = walk.p) -> np.ndarray:
                full = np.zeros((len(y), len(y)))
                full[rows, columns] = [float(v) for v in jac_function(y, p, t)]
                return full

            last = b == end
            pick = (times >= a) & (times < b) | (last & (times == b))
            if b > a and len(walk.y):
                options: dict[str, Any] = {"jac": j} if method in ("Radau", "BDF", "LSODA") else {}
                run = solve_ivp(
                    f,
                    (a, b),
                    walk.y,
                    method=method,
                    rtol=rtol,
                    atol=atol,
                    t_eval=np.unique([a, *times[pick], b]),
                    **options,
                )
                if not run.success or not np.isfinite(run.y).all():
                    status[i], failed_at[i] = solution.NOT_FINITE, run.t[-1] if len(run.t) else a
                    break
                states = run.y[:, np.searchsorted(run.t, times[pick])]
                walk.y = run.y[:, -1].copy()
            else:
                states = np.repeat(walk.y[:, None], pick.sum(), axis=1)
            values[i][:, pick] = record(evaluate, states, walk.p, times[pick])
        final[i] = walk.y
    return Solution(tuple(outputs), times, values, status, failed_at, final, {"engine": "reference", "method": method})
