"""Reading a NONMEM-style data set."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ketasim.core.errors import InputError
from ketasim.dosing.records.clock import clock_columns, elapsed_hours
from ketasim.dosing.records.dataset import RecordSet
from ketasim.dosing.records.errors import Problem, refuse
from ketasim.dosing.records.rules import duplicates as duplicated
from ketasim.dosing.records.rules import problems
from ketasim.dosing.records.table import RESERVED, Table, is_missing, read_table, texts

_HOURS = {"s": 1 / 3600, "min": 1 / 60, "h": 1.0, "d": 24.0, "day": 24.0, "week": 168.0}
_BELOW = ("BLQ", "BLOQ", "BQL", "<LLOQ", "LLOQ")


def read(
    source: Any, *, columns: Mapping[str, str] | None = None, time_unit: str = "h", carry: str = "nocb",
    evid: Mapping[int, int] | None = None, ignore: str = "", duplicates: str = "refuse",
) -> RecordSet:  # fmt: skip
    """A checked RecordSet.

    Parameters
    ----------
    source : CSV path or text, mapping of columns, or polars/pandas frame. ID and TIME are required; column names are
        not case-sensitive; empty, ``.`` and ``NA`` are missing.
    columns : canonical name → name in this data set, where they differ.
    time_unit : s, min, h, d or week; TIME and II are turned to hours, RATE to amount per hour.
    carry : between records values hold as "nocb" (the next record's, NONMEM's rule) or "locf" (the last record's).
    evid : translation of other programs' codes, for example {101: 1}.
    ignore : characters that mark lines to leave out.
    duplicates : "refuse" or "keep" records that repeat another in every column.

    Raises RecordError with all contradictions and their rows; InputError where the table itself cannot be read.
    """
    return checked(read_table(source, columns, ignore), time_unit, carry, dict(evid or {}), duplicates)


def checked(
    table: Table, time_unit: str = "h", carry: str = "nocb", evid: Mapping[int, int] | None = None,
    duplicates: str = "refuse",
) -> RecordSet:  # fmt: skip
    """A RecordSet of a table that is already read; arguments as in `read`."""
    if time_unit not in _HOURS:
        raise InputError("time_unit", time_unit, ", ".join(_HOURS))
    if carry not in ("nocb", "locf"):
        raise InputError("carry", carry, "nocb, locf")
    if duplicates not in ("refuse", "keep"):
        raise InputError("duplicates", duplicates, "refuse, keep")
    for needed in ("ID", "TIME"):
        if needed not in table.columns:
            raise InputError("column", ", ".join(table.columns), f"a data set with {needed}")
    found = _typed(table, time_unit, carry, dict(evid or {}))
    wrong = problems(found)
    if duplicates == "refuse" and not wrong:
        wrong = duplicated(found)
    refuse(wrong)
    return found


def _subjects(table: Table) -> tuple[np.ndarray, tuple[str, ...]]:
    names = texts(table.columns["ID"])
    missing = [i for i, v in enumerate(table.columns["ID"]) if is_missing(v)]
    bad = [Problem(int(table.rows[i]), "ID", names[i], "a subject name", "ID missing") for i in missing]
    order: dict[str, int] = {}
    index = np.zeros(len(names), dtype=np.int64)
    for i, name in enumerate(names):
        if name in order and i and names[i - 1] != name:
            bad.append(Problem(int(table.rows[i]), "ID", name, "all records of a subject together", "ID returns",
                               "Sort the data set, or give the later records another ID."))  # fmt: skip
        index[i] = order.setdefault(name, len(order))
    refuse(bad)
    return index, tuple(order)


def _observations(table: Table) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """DV, below-limit flags and limits written in DV itself (``BLQ``, ``<0.5``)."""
    n = len(table)
    dv, below, limit = np.full(n, np.nan), np.zeros(n, dtype=bool), np.full(n, np.nan)
    bad = []
    for i, value in enumerate(table.columns.get("DV", [None] * n)):
        if is_missing(value):
            continue
        text = str(value).strip().upper()
        try:
            if text in _BELOW or text.startswith("<"):
                below[i] = True
                if text not in _BELOW:
                    limit[i] = dv[i] = float(text[1:])
            else:
                dv[i] = float(text)
        except ValueError:
            bad.append(Problem(int(table.rows[i]), "DV", value, "a number, BLQ, <limit or empty", "not a number"))
    refuse(bad)
    return dv, below, limit


def _events(table: Table, amt: np.ndarray, rate: np.ndarray, evid: dict[int, int]) -> tuple[np.ndarray, list[str]]:
    if "EVID" in table.columns:
        codes = table.integers("EVID")
        for theirs, ours in evid.items():
            codes = np.where(codes == theirs, ours, codes)
        return codes, [f"EVID {a} read as {b}" for a, b in evid.items()]
    codes = ((amt != 0) | (rate != 0)).astype(np.int64)
    return codes, ["no EVID column: records with AMT or RATE are doses, the others observations"]


def _typed(table: Table, time_unit: str, carry: str, evid_codes: dict[int, int]) -> RecordSet:
    n, factor = len(table), _HOURS[time_unit]
    subject, ids = _subjects(table)
    have = table.columns

    def numbers(name: str, missing: float = 0.0) -> np.ndarray:
        return table.numbers(name, missing) if name in have else np.full(n, missing)

    def integers(name: str, missing: int = 0) -> np.ndarray:
        return table.integers(name, missing) if name in have else np.full(n, missing, dtype=np.int64)

    notes = list(table.notes)
    if clock_columns(table):
        time = elapsed_hours(table, subject)
        notes.append("clock times counted in hours from each subject's first record")
    else:
        time = table.numbers("TIME") * factor
    amt, rate = numbers("AMT"), numbers("RATE")
    rate = np.where(rate > 0, rate / factor, rate)
    if "DUR" in have:
        rate = _durations(table, amt, rate, numbers("DUR") * factor)
    evid, said = _events(table, amt, rate, evid_codes)
    notes += said
    _unsupported(table)
    dv, below, written = _observations(table)
    cens = integers("CENS")
    lloq = np.where(np.isnan(numbers("LLOQ", np.nan)), written, numbers("LLOQ", np.nan))
    flagged = integers("BLQ")
    wrong = [
        Problem(int(table.rows[i]), "BLQ", int(flagged[i]), "0 or 1", "unknown BLQ")
        for i in np.flatnonzero((flagged != 0) & (flagged != 1))
    ]
    wrong += [
        Problem(int(table.rows[i]), name, int(values[i]), "0 on records that are not observations", f"{name} on a dose")
        for name, values in (("BLQ", flagged), ("CENS", cens))
        for i in np.flatnonzero((values != 0) & (evid != 0))
    ]
    stated = integers("MDV")
    wrong += [
        Problem(int(table.rows[i]), "MDV", int(stated[i]), "0 or 1", "unknown MDV")
        for i in np.flatnonzero((stated != 0) & (stated != 1))
    ]
    refuse(wrong)
    lloq = np.where(np.isnan(lloq) & (cens == 1), dv, lloq)
    with np.errstate(invalid="ignore"):
        under = (evid == 0) & (dv < lloq) & ~(flagged == 1)
    if under.any() and "BLQ" not in have and "CENS" not in have:
        below = below | under
        notes.append(f"{int(under.sum())} observations under LLOQ taken as below the limit")
    blq = (evid == 0) & (below | (flagged == 1) | (cens == 1))
    cens = np.where(blq & (cens == 0), 1, cens)
    if "MDV" in have:
        mdv = np.where((evid != 0) & (np.isnan(dv) | (dv == 0)), 1, stated)
    else:
        mdv = ((evid != 0) | (np.isnan(dv) & ~blq)).astype(np.int64)
    cmt, label = _compartments(table)
    covariates, text, filled = _others(table, subject, carry)
    notes += filled
    ii = numbers("II") * factor
    idle = int((((evid == 1) | (evid == 4)) & (ii > 0) & (integers("ADDL") == 0) & (integers("SS") == 0)).sum())
    if idle:
        notes.append(f"{idle} dose records have II but neither ADDL nor SS: II has no effect there")
    return RecordSet(
        row=table.rows, subject=subject, ids=ids, time=time, clock=_clock(time, subject), amt=amt, rate=rate, ii=ii,
        addl=integers("ADDL"), ss=integers("SS"), evid=evid, cmt=cmt, label=label, mdv=mdv, dv=dv, blq=blq, cens=cens,
        lloq=lloq, limit=numbers("LIMIT", np.nan), occ=integers("OCC"), covariates=covariates, text=text, carry=carry,
        notes=tuple(notes), columns=tuple(have),
    )  # fmt: skip


def _durations(table: Table, amt: np.ndarray, rate: np.ndarray, dur: np.ndarray) -> np.ndarray:
    wrong = [(i, "0 or more") for i in np.flatnonzero(dur < 0)]
    wrong += [(i, "a finite time") for i in np.flatnonzero(np.isinf(dur))]
    wrong += [(i, "0 where RATE is given") for i in np.flatnonzero((dur > 0) & (rate != 0))]
    wrong += [(i, "0 where AMT is 0") for i in np.flatnonzero((dur > 0) & (amt == 0))]
    refuse([Problem(int(table.rows[i]), "DUR", dur[i], allowed, "bad duration") for i, allowed in wrong])
    return np.where(dur > 0, amt / np.where(dur > 0, dur, 1.0), rate)


def _unsupported(table: Table) -> None:
    for name in ("CONT", "CALL", "PCMT"):
        if name in table.columns and (values := table.integers(name)).any():
            i = int(np.flatnonzero(values)[0])
            refuse(
                [Problem(int(table.rows[i]), name, int(values[i]), "0: this data item is not supported", "unsupported")]
            )


def _compartments(table: Table) -> tuple[np.ndarray, np.ndarray]:
    n = len(table)
    values = table.columns.get("CMT", [None] * n)
    try:
        [float(v) for v in values if not is_missing(v)]
    except (TypeError, ValueError):
        return np.zeros(n, dtype=np.int64), np.array(
            ["" if is_missing(v) else str(v).strip() for v in values], dtype=object
        )
    return (table.integers("CMT") if "CMT" in table.columns else np.zeros(n, dtype=np.int64)), np.full(
        n, "", dtype=object
    )


def _clock(time: np.ndarray, subject: np.ndarray) -> np.ndarray:
    """Times that never fall within a subject: a reset that sets TIME back goes on from where the clock stood."""
    drop = np.zeros(len(time))
    same = subject[1:] == subject[:-1]
    drop[1:] = np.where(same, np.maximum(time[:-1] - time[1:], 0.0), 0.0)
    total = np.cumsum(drop)
    first = np.searchsorted(subject, subject)
    return time + (total - total[first])


def _others(
    table: Table, subject: np.ndarray, carry: str
) -> tuple[dict[str, np.ndarray], dict[str, tuple[str, ...]], list[str]]:
    """Numeric and text columns that are no data item, numeric gaps filled within a subject as `carry` says."""
    numeric: dict[str, np.ndarray] = {}
    text: dict[str, tuple[str, ...]] = {}
    notes = []
    for name, values in table.columns.items():
        if name in RESERVED:
            continue
        try:
            [float(v) for v in values if not is_missing(v)]
        except (TypeError, ValueError):
            text[name] = texts(values)
            continue
        column = table.numbers(name)
        gaps = np.isnan(column)
        if gaps.any() and not gaps.all():
            column = _carried(column, subject, carry)
            filled = int(gaps.sum() - np.isnan(column).sum())
            if filled:
                notes.append(f"{name}: {filled} gaps filled within subjects ({carry})")
        numeric[name] = column
    return numeric, text, notes


def _carried(column: np.ndarray, subject: np.ndarray, carry: str) -> np.ndarray:
    out = column.copy()
    passes = ("forward", "back") if carry == "locf" else ("back", "forward")
    for way in passes:
        order = range(1, len(out)) if way == "forward" else range(len(out) - 2, -1, -1)
        step = -1 if way == "forward" else 1
        for i in order:
            if np.isnan(out[i]) and subject[i] == subject[i + step]:
                out[i] = out[i + step]
    return out
