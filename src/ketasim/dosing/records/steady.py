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

SINGULAR = 1e-13


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
    ends = np.flatnonzero(~endless[at])
    np.add.at(left, at[ends], _left(a[at[ends]], period[at[ends]], k.take(ends)))
    force = base.copy()
    np.add.at(force, (at[endless[at]], k.state[endless[at]]), k.rate[endless[at]])
    square = np.ix_(np.arange(len(rows)), active, active)
    matrix = np.where(endless[:, None, None], -a[square], np.eye(len(active)) - phi[square])
    right = np.where(endless[:, None], force[:, active], left[:, active])
    size = np.where(endless, np.abs(a).max(axis=(1, 2)), 1.0)
    _must_exist(program, records, rows, matrix, active, size)
    y[:, active] = np.linalg.solve(matrix, right[:, :, None])[:, :, 0]
    arrived = (k.lag > 0) & (k.duration == 0) & on_the_dot(k.lag, period[at])
    np.add.at(y, (at[arrived], k.state[arrived]), k.amount[arrived])
    return rows, y


def on_the_dot(lag: np.ndarray, period: np.ndarray) -> np.ndarray:
    """Whether an implied dose arrives just at the record (lag a multiple of the interval)."""
    turns = lag / period
    return np.abs(turns - np.round(turns)) < 1e-12


def _left(a: np.ndarray, period: np.ndarray, k: Inputs) -> np.ndarray:
    """What each input leaves at the end of an interval that begins at its record, (k, states)."""
    n, states = len(period), a.shape[1]
    unit = np.zeros((n, states))
    unit[np.arange(n), k.state] = 1.0
    phase = np.where(on_the_dot(k.lag, period), 0.0, k.lag % period)
    whole = np.floor(k.duration / period)
    rest = k.duration - whole * period
    over = np.maximum(phase + rest - period, 0.0)
    late = phase + rest <= period

    def flowed(y: np.ndarray, length: np.ndarray) -> np.ndarray:
        return np.asarray(np.einsum("mij,mj->mi", flow(a, unit, length)[0], y))

    def filled(length: np.ndarray) -> np.ndarray:
        return flow(a, unit, length)[1]

    once = flowed(unit, period - phase) * k.amount[:, None]
    inside = flowed(filled(rest), np.maximum(period - phase - rest, 0.0))
    across = filled(period - phase) + flowed(filled(over), period - over)
    slow = whole[:, None] * filled(period) + np.where(late[:, None], inside, across)
    return np.where((k.duration == 0)[:, None], once, slow * k.rate[:, None])


def _must_exist(
    program: Program, records: RecordSet, rows: np.ndarray, matrix: np.ndarray, active: np.ndarray, size: np.ndarray
) -> None:
    """Refuse systems of equations that (almost) nothing solves; `size` is what each is measured against."""
    if not len(active):
        return
    finite = np.isfinite(matrix).all(axis=(1, 2))
    safe = np.where(finite[:, None, None], matrix, 0.0)
    _, strength, way = np.linalg.svd(safe)
    bad = []
    for i in np.flatnonzero(strength[:, -1] <= SINGULAR * np.where(size > 0, size, 1.0)):
        worst = program.state_names[active[np.argmax(np.abs(way[i, -1]))]]
        code, hint = int(records.ss[rows[i]]), f"{worst} has no way out."
        bad.append(Problem(int(records.row[rows[i]]), "SS", code, "a system that settles", "no steady state", hint))
    refuse(bad)
