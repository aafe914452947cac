"""Dose records to inputs: which state, how much arrives, when, how fast; with F, lag and modelled rate or duration.

Rules (NONMEM's): the amount that enters is F·AMT. With a fixed or modelled rate, F changes the duration
(F·AMT/rate); with a modelled duration it changes the rate. Lag delays the start of everything, additional and
implied doses included. An endless steady-state infusion (AMT 0) knows neither F nor lag.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ketasim.core.component import DoseInput
from ketasim.core.errors import InputError
from ketasim.dosing.records.dataset import RecordSet
from ketasim.dosing.records.errors import Problem, refuse
from ketasim.dosing.records.target import Compartment, Target


@dataclass(frozen=True, eq=False)
class Inputs:
    """k inputs, in record order. record : index of the record. state : index. amount : entering amount (0 for an
    endless infusion). lag, duration in h (0 is at once, inf endless); rate in amount/h (0 at once)."""

    record: np.ndarray
    state: np.ndarray
    amount: np.ndarray
    lag: np.ndarray
    duration: np.ndarray
    rate: np.ndarray

    def take(self, index: np.ndarray) -> Inputs:
        """Some of the inputs."""
        return Inputs(*(getattr(self, f)[index] for f in ("record", "state", "amount", "lag", "duration", "rate")))


def inputs_of(target: Target, records: RecordSet, parameters: np.ndarray) -> Inputs:
    """Inputs of every dose record for individual parameters (records, parameters)."""
    groups: dict[tuple[int, str], list[int]] = {}
    for i in np.flatnonzero(records.dosing):
        groups.setdefault((int(records.cmt[i]), str(records.label[i])), []).append(int(i))
    parts: list[Inputs] = []
    for (number, label), rows in groups.items():
        index = np.array(rows)
        shares = target.shares(label)
        for part, port, scale in shares:
            parts += _asked(target, records, parameters, index, Compartment(""), (part, port), scale)
        if not shares:
            parts += _group(target, records, parameters, index, number, label)
    joined = _together(parts)
    return joined.take(np.argsort(joined.record, kind="stable"))


def _together(parts: list[Inputs]) -> Inputs:
    none = np.zeros(0)
    empty = Inputs(none.astype(np.int64), none.astype(np.int64), none, none, none, none)
    names = ("record", "state", "amount", "lag", "duration", "rate")
    return Inputs(*(np.concatenate([getattr(p, f) for p in (empty, *parts)]) for f in names))


def _group(
    target: Target, records: RecordSet, parameters: np.ndarray, index: np.ndarray, number: int, label: str
) -> list[Inputs]:
    try:
        c = target.compartment(number, label)
    except InputError as error:
        refuse([Problem(int(records.row[index[0]]), "CMT", label or number, error.allowed, "unknown CMT")])
    number = number or target.states.index(c.state) + 1
    named = replace(
        c,
        f=c.f if c.f is not None else target.conventional(("F",), number, records),
        lag=c.lag if c.lag is not None else target.conventional(("ALAG", "LAG"), number, records),
        rate=c.rate if c.rate is not None else target.conventional(("R",), number, records),
        duration=c.duration if c.duration is not None else target.conventional(("D",), number, records),
    )
    port = target.port_of(c.state, label)
    if port is not None and named.f is None and named.lag is None:
        return _asked(target, records, parameters, index, named, port)
    f = target.lookup(1.0 if named.f is None else named.f, records, parameters)[index]
    lag = target.lookup(named.lag, records, parameters)[index]
    amount = f * records.amt[index]
    return [_input(target, records, parameters, index, named, amount, amount, lag)]


def _asked(
    target: Target, records: RecordSet, parameters: np.ndarray, index: np.ndarray, c: Compartment,
    port: tuple[str, str], scale: float = 1.0,
) -> list[Inputs]:  # fmt: skip
    """Inputs of a component that says itself what a dose does; its own durations win where it changes them. `scale`
    turns AMT into the component's amount. What enters altogether lasts (sum of amounts)/RATE."""
    amt, rate = records.amt[index] * scale, records.rate[index] * scale
    asked = np.where(rate > 0, amt / np.where(rate > 0, rate, 1.0), 0.0)
    given = DoseInput(amt, 0.0, asked)  # type: ignore[arg-type]

    def each(value: object) -> np.ndarray:
        return np.broadcast_to(np.asarray(value, dtype=float), amt.shape)

    found = target.system.dose_inputs(*port, given, parameters[index])
    total = np.sum([each(f.amount) for f in found], axis=0)
    return [
        _input(target, records, parameters, index, replace(c, state=f.state), each(f.amount), total, each(f.start_h),
               (each(f.duration_h), asked), scale)
        for f in found
    ]  # fmt: skip


def _input(
    target: Target, records: RecordSet, parameters: np.ndarray, index: np.ndarray, c: Compartment, amount: np.ndarray,
    total: np.ndarray, lag: np.ndarray, own: tuple[np.ndarray, np.ndarray] | None = None, scale: float = 1.0,
) -> Inputs:  # fmt: skip
    """One input per record of `index`; own = (duration the component wants, duration it was asked for)."""
    rate, rows = records.rate[index], records.row[index]
    wanted = None if own is None else own[0]
    given = np.where(
        rate == -1, _needed(target, records, parameters, index, c.rate, rate == -1, "R", wanted), rate * scale
    )
    length = _needed(target, records, parameters, index, c.duration, rate == -2, "D", wanted)
    endless = (records.amt[index] == 0) & (records.ss[index] > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        duration = np.where(rate == -2, length, np.where(rate == 0, 0.0, total / given))
        if own is not None:
            duration = np.where((own[0] != own[1]) & (own[0] > 0), own[0], duration)
        duration = np.where(endless, np.inf, duration)
        flow = np.where(endless, given, np.where(duration > 0, amount / duration, 0.0))
    refuse([
        *_bad(rows, "F", amount, ~(amount >= 0), "a bioavailability of 0 or more", "negative F"),
        *_bad(rows, "ALAG", lag, ~(lag >= 0) | np.isinf(lag), "a lag of 0 or more", "negative lag"),
        *_bad(rows, "R", given, (rate == -1) & ~(given > 0), "a positive modelled rate", "rate not positive"),
        *_bad(rows, "D", length, (rate == -2) & ~(length > 0), "a positive modelled duration", "duration not positive"),
    ])  # fmt: skip
    nothing = (amount == 0) & ~endless
    return Inputs(
        index,
        np.full(len(index), target.states.index(c.state)),
        np.where(endless, 0.0, amount),
        np.where(endless, 0.0, lag),
        np.where(nothing, 0.0, duration),
        np.where(nothing, 0.0, flow),
    )


def _bad(rows: np.ndarray, column: str, values: np.ndarray, mask: np.ndarray, allowed: str, rule: str) -> list[Problem]:
    return [Problem(int(rows[i]), column, float(values[i]), allowed, rule) for i in np.flatnonzero(mask)]


def _needed(
    target: Target, records: RecordSet, parameters: np.ndarray, index: np.ndarray, source: str | float | None,
    asked: np.ndarray, letter: str, own: np.ndarray | None,
) -> np.ndarray:  # fmt: skip
    """The modelled rate or duration; refused by row where a record asks for one and nothing gives it."""
    if source is not None:
        return target.lookup(source, records, parameters)[index]
    if own is not None and letter == "D":
        return own
    code, word = ("-1", "rate") if letter == "R" else ("-2", "duration")
    refuse([
        Problem(int(records.row[index[i]]), "RATE", code, f"a model with a {word} here", f"no modelled {word}",
                f"Name a parameter or column {letter}<compartment>, or give compartments=.")
        for i in np.flatnonzero(asked)
    ])  # fmt: skip
    return np.ones(len(index))
