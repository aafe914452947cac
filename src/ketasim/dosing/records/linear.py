"""Exact prediction of linear systems on records: all subjects and all intervals at once."""

from __future__ import annotations

import numpy as np

from ketasim.core.program import Program
from ketasim.core.schedule import BOLUS, PARAMETER, RATE, RESET, SET
from ketasim.dosing.records.events import OBSERVE, Events
from ketasim.dosing.records.matrix import flow


def matrices(program: Program, parameters: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(m, k, k) and (m, k) of dy/dt = A y + b for parameters (m, np)."""
    m, k = len(parameters), len(program.state_names)
    zero = np.zeros((k, m))
    a, b = np.zeros((m, k, k)), np.zeros((m, k))
    entries = program.function(tuple(program.jacobian.values()))(zero, parameters.T, 0.0)
    for (i, j), value in zip(program.jacobian, entries, strict=True):
        a[:, i, j] = value
    for i, value in enumerate(program.function(program.rhs)(zero, parameters.T, 0.0)):
        b[:, i] = value
    return a, b


def states_on_records(program: Program, parameters: np.ndarray, events: Events, first: np.ndarray) -> np.ndarray:
    """States on every record, (records, states).

    parameters : (records, np). first : index of each subject's first record.
    """
    lanes, k = len(first), len(program.state_names)
    start = program.initial_states(parameters)
    out = np.full((len(parameters), k), np.nan)
    ptr = np.concatenate(([0], np.cumsum(np.bincount(events.lane, minlength=lanes))))
    length = np.diff(ptr)
    order = np.argsort(-length, kind="stable")
    dt = np.zeros(len(events))
    dt[1:] = np.where(events.lane[1:] == events.lane[:-1], np.diff(events.time), 0.0)
    held, force = _inputs(events, first, ptr, length, order, k)
    move = np.flatnonzero(dt > 0)
    a, b = matrices(program, parameters)
    phi, shift = flow(a[held[move]], b[held[move]] + force[move], dt[move])
    where = np.full(len(events), -1)
    where[move] = np.arange(len(move))
    y = start[first].copy()
    for step in range(int(length.max(initial=0))):
        lane = order[: int(np.searchsorted(-length[order], -step, side="left"))]
        at = ptr[lane] + step
        go = where[at] >= 0
        i = where[at[go]]
        y[lane[go]] = np.einsum("mij,mj->mi", phi[i], y[lane[go]]) + shift[i]
        kind, target, value = events.kind[at], events.target[at], events.value[at]
        for code in (BOLUS, SET, RESET, OBSERVE):
            hit = kind == code
            if not hit.any():
                continue
            who, what = lane[hit], target[hit]
            if code == BOLUS:
                y[who, what] += value[hit]
            elif code == SET:
                y[who, what] = value[hit]
            elif code == RESET:
                y[who] = start[held[at[hit]]]
            else:
                out[what] = y[who]
    return out


def _inputs(
    events: Events, first: np.ndarray, ptr: np.ndarray, length: np.ndarray, order: np.ndarray, k: int
) -> tuple[np.ndarray, np.ndarray]:
    """For the stretch that ends at each event: the record whose parameters hold, and the infusion rates (m, k)."""
    held, force = np.zeros(len(events), dtype=np.int64), np.zeros((len(events), k))
    now, rate = first.copy(), np.zeros((len(first), k))
    for step in range(int(length.max(initial=0))):
        lane = order[: int(np.searchsorted(-length[order], -step, side="left"))]
        at = ptr[lane] + step
        held[at], force[at] = now[lane], rate[lane]
        kind = events.kind[at]
        hit = kind == RATE
        rate[lane[hit], events.target[at[hit]]] += events.value[at[hit]]
        rate[lane[kind == RESET]] = 0.0
        hit = kind == PARAMETER
        now[lane[hit]] = events.target[at[hit]]
    return held, force
