"""Non-compartmental analysis of a table: many profiles, one call, nobody lost.

A profile that cannot be analysed does not stop the others: its subject stays in the result with one CMAX row that
carries the error as its reason (`on_error="keep"`), or the whole call stops (`on_error="raise"`, the default).
"""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ketasim.analysis.nca.plasma import nca
from ketasim.analysis.nca.result import NcaResult, NcaRow, joined
from ketasim.analysis.nca.units import Units
from ketasim.core.errors import InputError

_MISSING = ("", ".", "NA", "NaN", "nan", "NULL")
_BELOW = ("BLQ", "BLOQ", "<LLOQ", "BQL", "LLOQ")


def _columns(table: Any) -> dict[str, list[Any]]:
    """Columns of a CSV path, a mapping, or any frame with `columns`."""
    if isinstance(table, (str, Path)):
        with open(table, newline="", encoding="utf-8-sig") as handle:
            rows = list(csv.reader(handle))
        if len(rows) < 2:
            raise InputError("table", str(table), "a CSV file with a header line and at least one row")
        short = [i + 2 for i, r in enumerate(rows[1:]) if len(r) != len(rows[0])]
        if short:
            raise InputError("table", f"row {short[0]} of {table}", f"{len(rows[0])} fields, as in the header")
        return {name.strip(): [r[i] for r in rows[1:]] for i, name in enumerate(rows[0])}
    if isinstance(table, Mapping):
        return {str(k): list(v) for k, v in table.items()}
    if hasattr(table, "columns"):
        return {str(k): list(table[k]) for k in table.columns}
    raise InputError("table", type(table).__name__, "a CSV path, a mapping of columns or a data frame")


def _number(value: Any, column: str, row: int) -> float:
    if value is None or (isinstance(value, str) and value.strip() in _MISSING):
        return math.nan
    try:
        return float(value)
    except (TypeError, ValueError):
        raise InputError(f"{column} in row {row}", value, "a number, or a missing value: empty, . or NA") from None


def _concentrations(values: Sequence[Any], column: str, first_row: int, rows: Sequence[int]) -> tuple[Any, Any]:
    """Numbers and below-limit flags; ``BLQ`` and ``<5`` are read as below the limit."""
    numbers, flags = [], []
    for value, row in zip(values, rows, strict=True):
        text = value.strip().upper() if isinstance(value, str) else ""
        below = text in _BELOW or text.startswith("<")
        numbers.append(0.0 if below else _number(value, column, row + first_row))
        flags.append(below)
    return np.array(numbers), np.array(flags)


def nca_table(
    table: Any, *, dose: float | str | None, subject: str | Sequence[str] = "ID", time: str = "TIME", conc: str = "DV",
    duration: float | str = 0.0, units: Units | None = None, on_error: str = "raise", **options: Any,
) -> NcaResult:  # fmt: skip
    """`nca` for every subject of a table.

    Parameters
    ----------
    table : CSV path, mapping of columns, or polars/pandas frame; rows of one subject may stand anywhere but must be in
        order of time. Concentrations may be numbers, missing, ``BLQ`` or ``<limit``.
    dose, duration : a number for all, or the name of a column that is constant within a subject.
    subject : the column (or columns) that tells profiles apart.
    on_error : raise | keep.
    options : everything else goes to `nca`.
    """
    if on_error not in ("raise", "keep"):
        raise InputError("on_error", on_error, "raise, keep")
    columns = _columns(table)
    keys = [subject] if isinstance(subject, str) else list(subject)
    wanted = [*keys, time, conc, *(x for x in (dose, duration) if isinstance(x, str))]
    absent = [k for k in wanted if k not in columns]
    if absent:
        raise InputError("column", ", ".join(absent), "columns of the table: " + ", ".join(columns))
    groups: dict[str, list[int]] = {}
    for i in range(len(columns[time])):
        groups.setdefault("/".join(f"{columns[k][i]}" for k in keys), []).append(i)
    results = []
    for name, index in groups.items():
        try:
            t = np.array([_number(columns[time][i], time, i + 2) for i in index])
            c, below = _concentrations([columns[conc][i] for i in index], conc, 2, index)
            given: dict[str, Any] = {
                "dose": _constant(columns, dose, index, name),
                "duration": _constant(columns, duration, index, name) or 0.0,
            }
            results.append(nca(t, c, below=below, units=units, subject=name, **given, **options))
        except InputError as error:
            if on_error == "raise":
                raise InputError(f"subject {name}: {error.field}", error.value, error.allowed, error.hint) from error
            row = NcaRow(name, "CMAX", math.nan, (units or Units()).conc, str(error))
            results.append(NcaResult((row,), ((name, f"not analysed: {error}"),)))
    return joined(results)


def _constant(columns: dict[str, list[Any]], what: float | str | None, index: list[int], name: str) -> float | None:
    if not isinstance(what, str):
        return what
    values = {_number(columns[what][i], what, i + 2) for i in index}
    values = {v for v in values if not math.isnan(v)}
    if len(values) > 1:
        raise InputError(what, sorted(values), f"one value for subject {name}")
    return values.pop() if values else None
