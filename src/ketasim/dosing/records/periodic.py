"""Steady state of nonlinear systems: the state that one dosing interval leads back to itself.

The interval is simulated from a guess; a few plain rounds bring it near, Newton's method on the one-interval map
(its derivative by finite differences, all columns solved side by side) finishes. The test is relative and looks only
at states that something depends on: areas and excreted amounts may go on growing. An endless infusion is treated as
an interval of its own with a constant rate.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ketasim.core.errors import InputError, SolverError
from ketasim.core.schedule import BOLUS, RATE, Edges
from ketasim.core.solvers import solver
from ketasim.dosing.records.doses import Inputs
from ketasim.dosing.records.errors import Problem, refuse
from ketasim.dosing.records.events import ongoing
from ketasim.dosing.records.general import engine_of
from ketasim.dosing.records.steady import lasting, on_the_dot

if TYPE_CHECKING:
    from ketasim.dosing.records.predict import RecordPlan

WARM, ROUNDS, TOLERANCE, RUNAWAY = 5, 60, 1e-7, 1e7
ENDLESS_H = 24.0


@dataclass(frozen=True, eq=False)
class _Map:
    """One dosing interval of every steady-state record: parameters (s, np), interval (s,), edges of each."""

    plan: RecordPlan
    parameters: np.ndarray
    period: np.ndarray
    events: list[list[tuple[float, int, int, float]]]

    def run(self, which: np.ndarray, y: np.ndarray) -> np.ndarray:
        """States after one interval from states (m, states) of the records `which` (m,); NaN where a run fails."""
        program = self.plan.target.program
        out = np.full_like(y, np.nan)
        for period in np.unique(self.period[which]):
            mine = np.flatnonzero(self.period[which] == period)
            rows = [self.events[i] for i in which[mine]]
            flat = [e for row in rows for e in row]
            ptr = np.concatenate(([0], np.cumsum([len(r) for r in rows]))).astype(np.int64)
            columns = list(zip(*flat, strict=True)) if flat else [(), (), (), ()]
            edges = Edges(ptr, np.array(columns[0], float), np.array(columns[1], np.int32),
                          np.array(columns[2], np.int32), np.array(columns[3], float))  # fmt: skip
            solution = solver(engine_of(self.plan))(
                program, self.parameters[which[mine]], edges, np.array([float(period)]), (), y0=y[mine],
                rtol=min(self.plan.rtol, 1e-9), atol=self.plan.atol, start_h=0.0, end_h=float(period),
            )  # fmt: skip
            out[mine] = np.where((solution.status == 0)[:, None], solution.final_state, np.nan)
        return out


def _intervals(plan: RecordPlan, inputs: Inputs, rows: np.ndarray, parameters: np.ndarray) -> tuple[_Map, np.ndarray]:
    """The map of every record, and which records are endless infusions."""
    r = plan.records
    events: list[list[tuple[float, int, int, float]]] = [[] for _ in rows]
    steady = np.flatnonzero(r.ss[inputs.record] > 0)
    at = np.searchsorted(rows, inputs.record)
    endless = np.zeros(len(rows), dtype=bool)
    endless[at[steady[~np.isfinite(inputs.duration[steady])]]] = True
    period = np.where(endless, ENDLESS_H, r.ii[rows])
    running, _ = ongoing(r, inputs, steady[(inputs.duration[steady] > 0) & np.isfinite(inputs.duration[steady])])
    for k in running:
        events[at[k]].append((0.0, RATE, int(inputs.state[k]), float(inputs.rate[k])))
    for k in steady:
        i, state = int(at[k]), int(inputs.state[k])
        if endless[i]:
            events[i].append((0.0, RATE, state, float(inputs.rate[k])))
            continue
        ii, lag = float(period[i]), float(inputs.lag[k])
        dot = bool(on_the_dot(inputs.lag[k], period[i]))
        phase = 0.0 if dot else lag % ii
        if inputs.duration[k] == 0:
            events[i].append((phase, BOLUS, state, float(inputs.amount[k])))
            continue
        rest = float(inputs.duration[k] % ii)
        if not (dot and lag > 0):
            events[i].append((phase, RATE, state, float(inputs.rate[k])))
        if rest == 0 and phase == 0:
            rest = ii
        end = phase + rest if phase + rest <= ii else phase + rest - ii
        events[i].append((end, RATE, state, -float(inputs.rate[k])))
    for row in events:
        row.sort(key=lambda e: e[0])
    return _Map(plan, parameters[rows], period, events), endless


def nonlinear_steady(plan: RecordPlan, inputs: Inputs, parameters: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Steady-state records (s,) and their states (s, states): to set (SS 1), or to add to the present state (SS 2:
    the steady state less the initial one, which NONMEM calls the sum; exact only where the system is linear)."""
    r, program = plan.records, plan.target.program
    if plan.timed:
        raise InputError("SS", "steady state", "records without SS, where the equations depend on time")
    rows = np.flatnonzero(r.dosing & (r.ss > 0))
    one, _ = _intervals(plan, inputs, rows, parameters)
    start = program.initial_states(parameters[rows])
    active = lasting(program)
    y = _fixed_point(plan, one, start.copy(), active, rows)
    steady = start.copy()
    steady[:, active] = y[:, active]
    at = np.searchsorted(rows, inputs.record)
    k = np.flatnonzero((r.ss[inputs.record] > 0) & (inputs.lag > 0) & (inputs.duration == 0))
    k = k[on_the_dot(inputs.lag[k], one.period[at[k]])]
    np.add.at(steady, (at[k], inputs.state[k]), inputs.amount[k])
    return rows, np.where((r.ss[rows] == 1)[:, None], steady, steady - start)


def _off(new: np.ndarray, old: np.ndarray) -> np.ndarray:
    """Largest relative change of each record; a state far below the largest is measured against that."""
    size = np.maximum(np.abs(new), np.abs(old))
    scale = size + 1e-9 * size.max(axis=1, keepdims=True, initial=0.0) + 1e-300
    return np.asarray(np.max(np.abs(new - old) / scale, axis=1, initial=0.0))


def _fixed_point(plan: RecordPlan, one: _Map, y: np.ndarray, active: np.ndarray, rows: np.ndarray) -> np.ndarray:
    todo, lost = np.arange(len(rows)), np.zeros(0, dtype=np.int64)
    for turn in range(ROUNDS):
        z = one.run(todo, y[todo])
        broken = ~np.isfinite(z).all(axis=1)
        if broken.any() and turn < WARM:
            row = int(plan.records.row[rows[todo[np.argmax(broken)]]])
            raise SolverError(f"row {row}: the search for steady state could not be integrated")
        if turn == 0:
            once = np.abs(z[:, active]).max(axis=1, initial=0.0)
        broken |= np.abs(z[:, active]).max(axis=1, initial=0.0) > RUNAWAY * once[todo]
        lost, todo, z = np.concatenate((lost, todo[broken])), todo[~broken], z[~broken]
        here = y[np.ix_(todo, active)]
        if turn < WARM:
            new, bound = z[:, active], np.full(len(todo), 1e-3 * TOLERANCE)
        else:
            new, good = _newton(one, todo, y, z, active)
            bound = np.where(good, TOLERANCE, 0.0)
        y[np.ix_(todo, active)] = new
        todo = todo[~(_off(new, here) < bound)]
        if not len(todo):
            break
    refuse([
        Problem(int(plan.records.row[rows[i]]), "SS", int(plan.records.ss[rows[i]]), "a system that settles",
                "no steady state", "The state still changes from dose to dose.")
        for i in (*lost, *todo)
    ])  # fmt: skip
    return y


def _newton(
    one: _Map, todo: np.ndarray, y: np.ndarray, z: np.ndarray, active: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """y − (P′ − I)⁻¹ (P(y) − y), and where the step was good; elsewhere a plain round."""
    m, k = len(todo), len(active)
    here = y[np.ix_(todo, active)]
    after = z[:, active]
    h = 1e-4 * np.maximum(
        np.maximum(np.abs(here), np.abs(after)), 1e-9 * np.abs(after).max(axis=1, keepdims=True) + 1e-12
    )
    moved = np.repeat(y[todo], k, axis=0)
    moved[np.arange(m * k), np.tile(active, m)] += h.ravel()
    columns = one.run(np.repeat(todo, k), moved)[:, active].reshape(m, k, k)
    jacobian = np.swapaxes((columns - after[:, None, :]) / h[:, :, None], 1, 2)
    out, good = after.copy(), np.zeros(m, dtype=bool)
    for i in range(m):
        try:
            step = np.linalg.solve(jacobian[i] - np.eye(k), after[i] - here[i])
        except np.linalg.LinAlgError:
            continue
        new = here[i] - step
        if np.isfinite(new).all() and not ((new < 0) & (after[i] > 0)).any():
            out[i], good[i] = new, True
    return out, good
