"""Prediction with any engine: events become core edges, and every record's state is read back.

A solver's output at an edge is the value after it. A record that comes before an edge of its own time is read just
before that time (one unit in the last place); one that stands between two edges of its time is read before and taken
through the edges above it here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ketasim.core.errors import InputError, SolverError
from ketasim.core.program import Program
from ketasim.core.schedule import PARAMETER, Edges
from ketasim.core.solvers import solver
from ketasim.core.solvers.walk import Walk
from ketasim.dosing.records.events import OBSERVE, Events, edges_of

if TYPE_CHECKING:
    from ketasim.dosing.records.predict import RecordPlan

MOST_VALUES = 4_000_000
AFTER, BEFORE, BETWEEN = range(3)


def engine_of(plan: RecordPlan) -> str:
    """The engine's name; "auto" is native where it can be loaded."""
    if plan.engine not in ("auto", "exact"):
        return plan.engine
    try:
        solver("native")
    except (ImportError, AttributeError):
        return "vectorised"
    return "native"


def states_by_solver(plan: RecordPlan, parameters: np.ndarray) -> np.ndarray:
    """States on every record, (records, states)."""
    records, program = plan.records, plan.target.program
    events = plan.events(parameters)
    begin = records.clock[plan.first]
    if plan.timed:
        if (records.time != records.clock).any():
            raise InputError("TIME", "set back by a reset", "times that only rise, where the equations depend on time")
        begin = np.zeros(records.subjects)
    shift = begin[records.subject]
    place = _placed(events, len(records))
    edges = edges_of(events, parameters, records.subjects, plan.first, begin)
    out = np.full((len(records), len(program.state_names)), np.nan)
    for lanes in _chunks(records.subject, records.clock, records.subjects, len(program.state_names)):
        _solve(plan, parameters, edges, lanes, shift, place, out)
    _between(program, parameters, events, plan.first, place, out)
    return out


def _placed(events: Events, records: int) -> np.ndarray:
    """For every record: read after all edges of its time, before them, or between."""
    out = np.zeros(records, dtype=np.int64)
    acts = (events.kind != OBSERVE) & (events.kind != PARAMETER)
    new = np.ones(len(events), dtype=bool)
    new[1:] = (events.lane[1:] != events.lane[:-1]) | (events.time[1:] != events.time[:-1])
    group = np.cumsum(new) - 1
    total = np.bincount(group, weights=acts)
    done = np.cumsum(acts) - acts
    start = done[new]
    seen = np.flatnonzero(events.kind == OBSERVE)
    above = done[seen] - start[group[seen]]
    below = total[group[seen]] - above
    out[events.target[seen]] = np.where(below == 0, AFTER, np.where(above == 0, BEFORE, BETWEEN))
    return out


def _chunks(subject: np.ndarray, clock: np.ndarray, lanes: int, states: int) -> list[np.ndarray]:
    """Groups of subjects whose common time grid stays small."""
    counts = np.bincount(subject, minlength=lanes)
    groups: list[list[int]] = [[]]
    times = 0
    for lane in range(lanes):
        if groups[-1] and (len(groups[-1]) + 1) * (times + counts[lane]) * states > MOST_VALUES:
            groups.append([])
            times = 0
        groups[-1].append(lane)
        times += counts[lane]
    return [np.array(g) for g in groups if g]


def _solve(
    plan: RecordPlan, parameters: np.ndarray, edges: Edges, lanes: np.ndarray, shift: np.ndarray, place: np.ndarray,
    out: np.ndarray,
) -> None:  # fmt: skip
    records, program = plan.records, plan.target.program
    mine = np.flatnonzero(np.isin(records.subject, lanes))
    exact = records.clock[mine] - shift[mine]
    late = place[mine] != AFTER
    at_start = late & (records.clock[mine] == records.clock[plan.first[records.subject[mine]]])
    when = np.where(late & ~at_start, np.nextafter(exact, -np.inf), exact)
    grid = np.unique(when)
    names = tuple(f"state:{s}" for s in program.state_names)
    p, start = parameters[plan.first[lanes]], float(grid[0]) if plan.timed else 0.0
    solution = solver(engine_of(plan))(
        program, p, edges.take(lanes), grid, names, rtol=plan.rtol, atol=plan.atol, start_h=start,
        end_h=float(grid[-1]),
    )  # fmt: skip
    if np.any(solution.status):
        i = int(np.flatnonzero(solution.status)[0])
        raise SolverError(f"subject {records.ids[lanes[i]]}: {solution.failures[0].partition(' failed ')[2]}")
    lane_at = np.zeros(records.subjects, dtype=np.int64)
    lane_at[lanes] = np.arange(len(lanes))
    out[mine] = solution.values[lane_at[records.subject[mine]], :, np.searchsorted(grid, when)]
    initial = mine[at_start]
    out[initial] = program.initial_states(parameters[plan.first[records.subject[initial]]])


def _between(program: Program, parameters: np.ndarray, events: Events, first: np.ndarray, place: np.ndarray,
             out: np.ndarray) -> None:  # fmt: skip
    """Take records that stand between edges of their time through the edges above them."""
    readings = {int(events.target[i]): i for i in np.flatnonzero(events.kind == OBSERVE)}
    for record in np.flatnonzero(place == BETWEEN):
        at = readings[int(record)]
        begin = at
        while begin > 0 and events.lane[begin - 1] == events.lane[at] and events.time[begin - 1] == events.time[at]:
            begin -= 1
        walk = Walk(program, parameters[record], out[record])
        for i in range(begin, at):
            if events.kind[i] not in (OBSERVE, PARAMETER):
                walk.apply(float(events.time[i]), int(events.kind[i]), int(events.target[i]), float(events.value[i]))
        out[record] = walk.y
