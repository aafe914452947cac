"""Inputs to a sorted list of events for every subject.

Order at equal times: what is implied (additional and lagged doses, ends of infusions) comes before records; records
keep their order in the file. So a prediction on a record sees every implied event of that time and every record
above it, and a dose record shows the state after its own dose.

A reset (EVID 3, 4) and a steady-state dose (SS 1) cancel what is pending: additional and lagged doses of earlier
records never arrive, and infusions in progress stop.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ketasim.core.schedule import BOLUS, JUMP, PARAMETER, RATE, RESET, SET, Edges
from ketasim.dosing.records.dataset import RecordSet
from ketasim.dosing.records.doses import Inputs

PLACE_IMPLIED = -1
OBSERVE = 6
SESSION_GAP_H = 12.0


@dataclass(frozen=True, eq=False)
class Events:
    """m events sorted by subject, time and place. kind and target as in `core.schedule`, but a PARAMETER event switches
    all parameters to those of record `target`, and an OBSERVE event asks for the state on record `target`. place is
    the record an event belongs to, −1 for an implied one."""

    lane: np.ndarray
    time: np.ndarray
    place: np.ndarray
    kind: np.ndarray
    target: np.ndarray
    value: np.ndarray

    def __len__(self) -> int:
        return len(self.lane)


class Collector:
    """Gathers events with their sorting keys."""

    def __init__(self) -> None:
        self._parts: list[tuple[np.ndarray, ...]] = []

    def add(self, lane, time, place, rank, kind, target, value) -> None:  # type: ignore[no-untyped-def]
        """Arrays of equal length (or numbers): `rank` orders events of one record."""
        arrays = np.broadcast_arrays(lane, time, place, rank, kind, target, value)
        if arrays[0].size:
            self._parts.append(tuple(np.atleast_1d(a) for a in arrays))

    def sorted(self) -> Events:
        """All events in order."""
        if not self._parts:
            none, whole = np.zeros(0), np.zeros(0, dtype=np.int64)
            return Events(whole, none, whole, whole, whole, none)
        columns = [np.concatenate(c) for c in zip(*self._parts, strict=True)]
        order = np.lexsort((columns[3], columns[2], columns[1], columns[0]))
        lane, place, kind, target = [columns[i].astype(np.int64)[order] for i in (0, 2, 4, 5)]
        return Events(lane, columns[1].astype(float)[order], place, kind, target, columns[6].astype(float)[order])


def snapped(records: RecordSet, lane: np.ndarray, time: np.ndarray) -> np.ndarray:
    """Times of implied events, moved onto a record of the subject where only rounding lies between (1e-10)."""
    out = time.copy()
    for i in np.unique(lane):
        clock = records.clock[records.ptr[i] : records.ptr[i + 1]]
        mine = np.flatnonzero(lane == i)
        at = np.clip(np.searchsorted(clock, time[mine]), 1, max(len(clock) - 1, 1))
        for near in (clock[at - 1], clock[np.minimum(at, len(clock) - 1)]):
            close = np.abs(near - time[mine]) <= 1e-10 * np.maximum(np.abs(near), 1.0)
            out[mine[close]] = near[close]
    return out


def next_reset(records: RecordSet) -> np.ndarray:
    """Clock time of the first reset or SS 1 record after each record, in its subject; inf where there is none."""
    n = len(records)
    out = np.full(n, np.inf)
    clears = (records.evid == 3) | (records.evid == 4) | (records.dosing & (records.ss == 1))
    for i in range(n - 2, -1, -1):
        if records.subject[i] == records.subject[i + 1]:
            out[i] = records.clock[i + 1] if clears[i + 1] else out[i + 1]
    return out


def add_doses(out: Collector, records: RecordSet, inputs: Inputs, cut: np.ndarray, stop: bool = True) -> None:
    """Transient doses: the dose itself and its additional doses. Endless infusions have none.

    Ranks within a record: 0 reset, 1–3 steady state, 4 the dose.
    """
    real = np.flatnonzero(np.isfinite(inputs.duration))
    count = records.addl[inputs.record[real]] + 1
    k = np.repeat(real, count)
    nth = np.arange(len(k)) - np.repeat(np.cumsum(count) - count, count)
    r = inputs.record[k]
    arrive = records.clock[r] + nth * records.ii[r] + inputs.lag[k]
    own = (nth == 0) & (inputs.lag[k] == 0)
    arrive[~own] = snapped(records, records.subject[r[~own]], arrive[~own])
    alive = (arrive < cut[r]) | (own & (arrive <= cut[r]))
    k, r, arrive, own = k[alive], r[alive], arrive[alive], own[alive]
    _give(out, records, inputs, k, r, arrive, np.where(own, r, PLACE_IMPLIED), cut, stop)


def add_sessions(out: Collector, records: RecordSet, event: int, cut: np.ndarray) -> None:
    """The jump `event` wherever a run of doses less than 12 h apart begins, just before its first dose."""
    d = np.flatnonzero(records.dosing)
    count = records.addl[d] + 1
    r = np.repeat(d, count)
    nth = np.arange(len(r)) - np.repeat(np.cumsum(count) - count, count)
    time = records.clock[r] + nth * records.ii[r]
    order = np.lexsort((time, records.subject[r]))
    r, nth, time = r[order], nth[order], time[order]
    opens = np.ones(len(r), dtype=bool)
    opens[1:] = (records.subject[r[1:]] != records.subject[r[:-1]]) | (np.diff(time) >= SESSION_GAP_H)
    opens &= time <= cut[r]
    r, nth, time = r[opens], nth[opens], time[opens]
    out.add(records.subject[r], time, np.where(nth == 0, r, PLACE_IMPLIED), 3, JUMP, event, 0.0)


def add_pending(out: Collector, records: RecordSet, inputs: Inputs, cut: np.ndarray, stop: bool = True) -> None:
    """Implied steady-state doses that were given before the record and arrive after it (lag longer than II)."""
    steady = np.flatnonzero((records.ss[inputs.record] > 0) & np.isfinite(inputs.duration))
    ii, lag = records.ii[inputs.record[steady]], inputs.lag[steady]
    count = np.maximum(np.ceil(lag / ii - 1e-12).astype(np.int64) - 1, 0)
    k = np.repeat(steady, count)
    nth = np.arange(len(k)) - np.repeat(np.cumsum(count) - count, count) + 1
    r = inputs.record[k]
    arrive = snapped(records, records.subject[r], records.clock[r] + inputs.lag[k] - nth * records.ii[r])
    alive = arrive < cut[r]
    k, r, arrive = k[alive], r[alive], arrive[alive]
    _give(out, records, inputs, k, r, arrive, np.full(len(k), PLACE_IMPLIED), cut, stop)


def _give(out: Collector, records: RecordSet, inputs: Inputs, k: np.ndarray, r: np.ndarray, arrive: np.ndarray,
          place: np.ndarray, cut: np.ndarray, stop: bool) -> None:  # fmt: skip
    lane = records.subject[r]
    at_once = inputs.duration[k] == 0
    b, s = np.flatnonzero(at_once), np.flatnonzero(~at_once)
    out.add(lane[b], arrive[b], place[b], 4, BOLUS, inputs.state[k[b]], inputs.amount[k[b]])
    out.add(lane[s], arrive[s], place[s], 4, RATE, inputs.state[k[s]], inputs.rate[k[s]])
    _end(out, records, inputs, k[s], arrive[s], arrive[s] + inputs.duration[k[s]], cut, stop)


def _end(out: Collector, records: RecordSet, inputs: Inputs, k: np.ndarray, start: np.ndarray, end: np.ndarray,
         cut: np.ndarray, stop: bool) -> None:  # fmt: skip
    """Ends of infusions that no reset cuts off; with `stop`, at the first SS 2 record they meet."""
    r = inputs.record[k]
    place = np.full(len(k), PLACE_IMPLIED)
    if stop:
        met = first_sum(records, r, start)
        early = met >= 0
        early[early] = records.clock[met[early]] < end[early]
        end, place = end.copy(), np.where(early, met, PLACE_IMPLIED)
        end[early] = records.clock[met[early]]
    whole = end <= cut[r]
    k, end, place = k[whole], end[whole], place[whole]
    out.add(records.subject[inputs.record[k]], end, place, 1, RATE, inputs.state[k], -inputs.rate[k])


def first_sum(records: RecordSet, record: np.ndarray, start: np.ndarray) -> np.ndarray:
    """The first SS 2 record below `record`, of the same subject and not before `start`; −1 where there is none."""
    sums = np.flatnonzero(records.dosing & (records.ss == 2))
    at = np.searchsorted(sums, record, side="right")
    out = np.full(len(record), -1)
    todo = np.arange(len(record))
    while len(todo := todo[at[todo] < len(sums)]):
        s = sums[at[todo]]
        mine = records.subject[s] == records.subject[record[todo]]
        reached = mine & (records.clock[s] >= start[todo])
        out[todo[reached]] = s[reached]
        todo = todo[mine & ~reached]
        at[todo] += 1
    return out


def add_resets(out: Collector, records: RecordSet) -> None:
    """EVID 3 and 4."""
    i = np.flatnonzero((records.evid == 3) | (records.evid == 4))
    out.add(records.subject[i], records.clock[i], i, 0, RESET, 0, 0.0)


def add_steady(
    out: Collector, records: RecordSet, inputs: Inputs, rows: np.ndarray, state: np.ndarray, cut: np.ndarray,
    stop: bool = True,
) -> None:  # fmt: skip
    """Steady-state records: `state` (len(rows), states) is set (SS 1) or added (SS 2); infusions in progress go on.

    For SS 1 `state` is the whole steady state, for SS 2 what is added. With `stop`, infusions of other records that are
    in progress end at an SS 2 record (as mrgsolve does it); without, they run on and everything simply adds.
    """
    lane, clock = records.subject[rows], records.clock[rows]
    first = records.ss[rows] == 1
    out.add(lane[first], clock[first], rows[first], 1, RESET, 0, 0.0)
    for s in range(state.shape[1]):
        out.add(lane[first], clock[first], rows[first], 2, SET, s, state[first, s])
        out.add(lane[~first], clock[~first], rows[~first], 2, BOLUS, s, state[~first, s])
    steady = np.flatnonzero((records.ss[inputs.record] > 0) & np.isfinite(inputs.duration) & (inputs.duration > 0))
    k, age = ongoing(records, inputs, steady)
    r = inputs.record[k]
    out.add(records.subject[r], records.clock[r], r, 3, RATE, inputs.state[k], inputs.rate[k])
    _end(out, records, inputs, k, records.clock[r], records.clock[r] + inputs.duration[k] - age, cut, stop)


def ongoing(records: RecordSet, inputs: Inputs, which: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Implied infusions in progress at their steady-state record: (input index, hours since their start)."""
    ii, lag = records.ii[inputs.record[which]], inputs.lag[which]
    start = np.where(lag > 0, np.ceil(lag / ii - 1e-12), 1.0)
    newest = start * ii - lag
    count = np.maximum(np.ceil((inputs.duration[which] - newest) / ii - 1e-12), 0).astype(np.int64)
    k = np.repeat(which, count)
    nth = np.arange(len(k)) - np.repeat(np.cumsum(count) - count, count)
    return k, np.repeat(newest, count) + nth * np.repeat(ii, count)


def add_changes(out: Collector, records: RecordSet, parameters: np.ndarray) -> None:
    """Switches of individual values between records: after the record before (NOCB) or at the record (LOCF)."""
    same = records.subject[1:] == records.subject[:-1]
    new = np.flatnonzero(same & (parameters[1:] != parameters[:-1]).any(axis=1)) + 1
    if records.carry == "nocb":
        out.add(records.subject[new], records.clock[new - 1], new - 1, 9, PARAMETER, new, 0.0)
    else:
        out.add(records.subject[new], records.clock[new], new, -1, PARAMETER, new, 0.0)


def add_observations(out: Collector, records: RecordSet) -> None:
    """One reading per record, after the record's own events."""
    i = np.arange(len(records))
    out.add(records.subject, records.clock, i, 8, OBSERVE, i, 0.0)


def edges_of(events: Events, parameters: np.ndarray, lanes: int, first: np.ndarray, begin: np.ndarray) -> Edges:
    """Core edges; a switch of parameters becomes one edge for every value that differs.

    first : the first record of each subject. begin : the time that becomes 0, for each subject.
    """
    rows: list[tuple[int, float, int, int, float]] = []
    current = parameters[first].copy()
    for i in range(len(events)):
        lane, kind, target = int(events.lane[i]), int(events.kind[i]), int(events.target[i])
        if kind == OBSERVE:
            continue
        if kind != PARAMETER:
            rows.append((lane, events.time[i] - begin[lane], kind, target, events.value[i]))
            continue
        for p in np.flatnonzero(parameters[target] != current[lane]):
            rows.append((lane, events.time[i] - begin[lane], PARAMETER, int(p), parameters[target, p]))
        current[lane] = parameters[target]
    if not rows:
        return Edges.empty(lanes)
    lane_, time, kind_, target_, value = (np.array(c) for c in zip(*rows, strict=True))
    ptr = np.concatenate(([0], np.cumsum(np.bincount(lane_, minlength=lanes)))).astype(np.int64)
    return Edges(ptr, time.astype(float), kind_.astype(np.int32), target_.astype(np.int32), value.astype(float))
