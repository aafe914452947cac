"""Going from edge to edge for one subject: shared by the solvers that treat people one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from ketasim.core.program import Program
from ketasim.core.schedule import BOLUS, JUMP, PARAMETER, RATE, RESET, SET, Edges


class Walk:
    """State, parameters and rates of one subject between edges."""

    def __init__(self, program: Program, parameters: np.ndarray, y0: np.ndarray | None) -> None:
        self.program = program
        self.p = np.array(parameters, float)
        self.y = program.initial_states(self.p[None])[0] if y0 is None else np.array(y0, float)
        self.rate = np.zeros(len(program.rate_channels))
        self._jumps = [program.function(nodes) for nodes in program.jumps.values()]

    def apply(self, t: float, kind: int, target: int, value: float) -> None:
        """Apply one edge."""
        if kind == BOLUS:
            self.y[target] += value
        elif kind == RATE:
            self.rate[target] += value
            if abs(self.rate[target]) < 1e-12 * abs(value):
                self.rate[target] = 0.0
        elif kind == JUMP:
            self.y = np.array([float(v) for v in self._jumps[target](self.y, self.p, t)])
        elif kind == RESET:
            self.y = self.program.initial_states(self.p[None])[0]
            self.rate[:] = 0.0
        elif kind == SET:
            self.y[target] = value
        elif kind == PARAMETER:
            self.p[target] = value


def segments(
    edges: Edges, subject: int, start: float, end: float
) -> Iterator[tuple[float, float, list[tuple[int, int, float]]]]:
    """(from, to, edges applied at `from`) covering start..end; edges after the end are left out."""
    events = [e for e in edges.of(subject) if e[0] <= end]
    times = sorted({start, *(max(e[0], start) for e in events)})
    for i, t in enumerate(times):
        here = [(k, g, v) for when, k, g, v in events if max(when, start) == t]
        yield t, times[i + 1] if i + 1 < len(times) else end, here


Evaluate = Callable[[np.ndarray, np.ndarray, Any], Sequence[np.ndarray]]


def record(evaluate: Evaluate, y: np.ndarray, p: np.ndarray, t: np.ndarray) -> np.ndarray:
    """Outputs (outputs, times) from states (states, times)."""
    values = evaluate(y, p[:, None], t)
    return (
        np.stack([np.broadcast_to(np.asarray(v, float), t.shape) for v in values]) if values else np.zeros((0, len(t)))
    )
