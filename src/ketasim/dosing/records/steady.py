"""Steady state of linear systems, found analytically.

With Φ the flow over one interval and c what the implied doses of that interval leave at its end, the state just
before a dose solves (I − Φ) y = c. Quantities that only pile up (areas, excreted amounts: nothing depends on them)
are left out of the solution and start from their initial value.
"""

from __future__ import annotations

import numpy as np

from ketasim.core.program import Program
from ketasim.dosing.records.dataset import RecordSet
from ketasim.dosing.records.doses import Inputs
from ketasim.dosing.records.errors import Problem, refuse
from ketasim.dosing.records.linear import matrices
from ketasim.dosing.records.matrix import flow

SINGULAR = 1e12


def lasting(program: Program) -> np.ndarray:
    """Indices of states that something depends on; the rest only pile up."""
    keep = set(range(len(program.state_names)))
    while True:
        used = {j for i, j in program.jacobian if i in keep and j in keep}
        if used == keep:
            return np.array(sorted(keep), dtype=np.int64)
        keep &= used


def linear_steady(
    program: Program, records: RecordSet, inputs: Inputs, parameters: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Steady-state records (s,) and their states (s, states): the state to set (SS 1) or to add (SS 2)."""
    rows = np.flatnonzero(records.dosing & (records.ss > 0))
    if not len(rows):
        return rows, np.zeros((0, len(program.state_names)))
    p = parameters[rows]
    a, b = matrices(program, p)
    y = np.where((records.ss[rows] == 1)[:, None], program.initial_states(p), 0.0)
    active = lasting(program)
    within = np.flatnonzero(records.ss[inputs.record] > 0)
    k = inputs.take(within)
    at = np.searchsorted(rows, k.record)
    endless = np.zeros(len(rows), dtype=bool)
    endless[at[~np.isfinite(k.duration)]] = True
    period = np.where(endless, 1.0, records.ii[rows])
    base = np.where((records.ss[rows] == 1)[:, None], b, 0.0)
    phi, left = flow(a, base, period)
    size = a.shape[1]
    for i in range(len(within)):
        if not endless[at[i]]:
            left[at[i]] += _left(a[at[i]], period[at[i]], k, i, size)
    force = base.copy()
    np.add.at(force, (at[endless[at]], k.state[endless[at]]), k.rate[endless[at]])
    square = np.ix_(np.arange(len(rows)), active, active)
    matrix = np.where(endless[:, None, None], -a[square], np.eye(len(active)) - phi[square])
    right = np.where(endless[:, None], force[:, active], left[:, active])
    _must_exist(program, records, rows, matrix, active)
    y[:, active] = np.linalg.solve(matrix, right[:, :, None])[:, :, 0]
    arrived = (k.lag > 0) & (k.duration == 0) & _on_the_dot(k.lag, period[at])
    np.add.at(y, (at[arrived], k.state[arrived]), k.amount[arrived])
    return rows, y


def _on_the_dot(lag: np.ndarray, period: np.ndarray) -> np.ndarray:
    """Whether an implied dose arrives just at the record (lag a multiple of the interval)."""
    turns = lag / period
    return np.abs(turns - np.round(turns)) < 1e-12


def _left(a: np.ndarray, period: float, k: Inputs, i: int, size: int) -> np.ndarray:
    """What input i leaves at the end of an interval that begins at its record."""
    unit = np.zeros(size)
    unit[k.state[i]] = 1.0
    phase = 0.0 if _on_the_dot(k.lag[i], np.asarray(period)) else float(k.lag[i] % period)

    def after(length: float) -> tuple[np.ndarray, np.ndarray]:
        phi, g = flow(a[None], unit[None], np.array([length]))
        return phi[0], g[0]

    if k.duration[i] == 0:
        return after(period - phase)[0] @ unit * k.amount[i]
    whole = np.floor(k.duration[i] / period)
    rest = float(k.duration[i] - whole * period)
    total = whole * after(period)[1]
    over = phase + rest - period
    if over <= 0:
        total = total + after(period - phase - rest)[0] @ after(rest)[1]
    else:
        total = total + after(period - phase)[1] + after(period - over)[0] @ after(over)[1]
    return total * k.rate[i]


def _must_exist(program: Program, records: RecordSet, rows: np.ndarray, matrix: np.ndarray, active: np.ndarray) -> None:
    if not len(active):
        return
    finite = np.isfinite(matrix).all(axis=(1, 2))
    safe = np.where(finite[:, None, None], matrix, np.eye(len(active)))
    bad = []
    for i in np.flatnonzero(~finite | (np.linalg.cond(safe) > SINGULAR)):
        worst = active[np.argmax(np.abs(np.linalg.svd(safe[i])[2][-1]))]
        row, code, hint = (
            int(records.row[rows[i]]),
            int(records.ss[rows[i]]),
            f"{program.state_names[worst]} has no way out.",
        )
        bad.append(Problem(row, "SS", code, "a system that reaches steady state", "no steady state", hint))
    refuse(bad)
