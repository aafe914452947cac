"""Clock times and dates to hours since a subject's first record.

TIME may be ``hh:mm`` or ``hh:mm:ss``. DATE and DAT1–DAT3 may be ISO (``2024-03-05``) or the order NONMEM gives them
(DATE month-day-year, DAT1 day-month-year, DAT2 year-month-day, DAT3 year-day-month) with a four-digit year. Dates
that cannot be told apart for certain (no year, two-digit years, a plain day number) are refused.
"""

from __future__ import annotations

import re
from datetime import date

import numpy as np

from ketasim.core.errors import InputError
from ketasim.dosing.records.errors import Problem, refuse
from ketasim.dosing.records.table import Table, is_missing

_ORDER = {"DATE": "mdy", "DAT1": "dmy", "DAT2": "ymd", "DAT3": "ydm"}
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}(?:\.\d+)?))?")
_ALLOWED = "a date with a four-digit year, such as 2024-03-05"


def clock_columns(table: Table) -> bool:
    """Whether the times of this table are clock times or carry dates."""
    return any(c in table.columns for c in _ORDER) or any(":" in str(v) for v in table.columns.get("TIME", ()))


def _hours(value: object) -> float | None:
    found = _CLOCK.fullmatch(str(value).strip())
    if found is None:
        try:
            return float(str(value))
        except ValueError:
            return None
    h, m, s = int(found[1]), int(found[2]), float(found[3] or 0)
    return h + m / 60 + s / 3600 if m < 60 and s < 60 else None


def _day(value: object, column: str) -> int | None:
    parts = re.split(r"[-/.]", str(value).strip())
    if len(parts) != 3 or not all(p.isdigit() for p in parts):
        return None
    if len(parts[0]) == 4 and column in ("DATE", "DAT2"):
        order = "ymd"
    else:
        order = _ORDER[column]
    found = dict(zip(order, parts, strict=True))
    if len(found["y"]) != 4:
        return None
    try:
        return date(int(found["y"]), int(found["m"]), int(found["d"])).toordinal()
    except ValueError:
        return None


def elapsed_hours(table: Table, subject: np.ndarray) -> np.ndarray:
    """Hours since the first record of each subject, (n,), from TIME and at most one date column."""
    dated = [c for c in _ORDER if c in table.columns]
    if len(dated) > 1:
        raise InputError("column", ", ".join(dated), "at most one of DATE, DAT1, DAT2, DAT3")
    bad: list[Problem] = []
    hours = np.zeros(len(table))
    for i, value in enumerate(table.columns["TIME"]):
        found = None if is_missing(value) else _hours(value)
        if found is None:
            bad.append(Problem(int(table.rows[i]), "TIME", value, "a number of hours or hh:mm", "bad clock time"))
        hours[i] = found or 0.0
    for column in dated:
        for i, value in enumerate(table.columns[column]):
            day = None if is_missing(value) else _day(value, column)
            if day is None:
                bad.append(Problem(int(table.rows[i]), column, value, _ALLOWED, "bad date"))
            hours[i] += 24.0 * (day or 0)
    refuse(bad)
    first = np.full(int(subject.max()) + 1, np.nan)
    for i, s in enumerate(subject):
        if np.isnan(first[s]):
            first[s] = hours[i]
    return hours - first[subject]
