"""Prediction for fits of nonlinear systems: every subject at every perturbation is a lane of one run of an engine.

Where the events of the records do not move with the parameters they are laid out once, and a call costs the solution
alone. A lane that cannot be solved gives NaN, which the search steps back from; it is no error of the fit.
"""

from __future__ import annotations

import os

import numpy as np

from ketasim.core.solvers import solver
from ketasim.dosing.records.events import edges_of
from ketasim.dosing.records.general import AFTER, BETWEEN, _placed, engine_of
from ketasim.dosing.records.predict import RecordPlan
from ketasim.fitting.population.modal import Modal

BLOCK = 64
MOST_VALUES = 8_000_000
RTOL = 1e-10  # differences of 1e-4 in a random effect are taken of the solutions, and differences of these again


class Lanes:
    """A data set laid out for an engine; `usable` is False where events depend on parameters."""

    def __init__(self, ready: RecordPlan, output: str, typical: np.ndarray, rows: np.ndarray, mask: np.ndarray) -> None:
        records, self.program = ready.records, ready.target.program
        self.usable = not ready.timed and not output.startswith("state:") and Modal._fixed(ready, typical)
        if not self.usable:
            return
        repeated = np.repeat(typical, len(records), axis=0)
        events = ready.events(repeated)
        place = _placed(events, len(records))
        self.usable = not (place[rows[mask]] == BETWEEN).any()
        if not self.usable:
            return
        begin = records.clock[ready.first]
        self.edges = edges_of(events, repeated, records.subjects, ready.first, begin)
        self.output, self.typical, self.mask = output, typical, mask
        exact = records.clock - begin[records.subject]
        late = (place != AFTER)[rows] & mask
        self.initial = late & (exact[rows] == 0)
        self.when = np.where(late & ~self.initial, np.nextafter(exact[rows], -np.inf), exact[rows])
        self.when[~mask] = 0.0
        self.time = records.time[rows]
        self.engine, self.rtol, self.atol = engine_of(ready), min(ready.rtol, RTOL), min(ready.atol, RTOL / 100)
        self._read = self.program.function((self.program.outputs[output][0],))

    def predict(self, lanes: np.ndarray, parameters: np.ndarray) -> np.ndarray:
        """(lanes, width) outputs for parameters (lanes, np); NaN where the engine gave up."""
        fine = np.isfinite(parameters).all(axis=1)
        p = np.where(fine[:, None], parameters, self.typical)
        out = np.empty((len(lanes), self.when.shape[1]))
        for some in self._blocks(lanes):
            out[some] = self._solve(lanes[some], p[some])
        if self.initial[lanes].any():
            y0 = self.program.initial_states(p)
            (value,) = self._read(y0.T[:, :, None], p.T[:, :, None], self.time[lanes])
            out = np.where(self.initial[lanes], np.broadcast_to(np.asarray(value, float), out.shape), out)
        out[~fine] = np.nan
        return out

    def _blocks(self, lanes: np.ndarray) -> list[np.ndarray]:
        """Lanes that share a grid of times: all, or few subjects each where everybody was seen at times of his own."""
        who = np.unique(lanes)
        times = len(np.unique(self.when[who]))
        size = max(BLOCK, MOST_VALUES // times)
        order = np.arange(len(lanes))
        if times > 4 * self.when.shape[1]:
            order, size = np.argsort(lanes, kind="stable"), min(size, BLOCK)
        return [order[start : start + size] for start in range(0, len(order), size)]

    def _solve(self, lanes: np.ndarray, p: np.ndarray) -> np.ndarray:
        grid = np.unique(self.when[np.unique(lanes)])
        more = {"threads": min(os.cpu_count() or 1, 4)} if self.engine == "native" and len(lanes) > BLOCK else {}
        solution = solver(self.engine)(
            self.program, p, self.edges.take(lanes), grid, (self.output,), rtol=self.rtol, atol=self.atol,
            end_h=float(grid[-1]), **more,
        )  # fmt: skip
        values = solution.values[np.arange(len(lanes))[:, None], 0, np.searchsorted(grid, self.when[lanes])]
        return np.where((np.asarray(solution.status) == 0)[:, None], values, np.nan)
