"""Text to numbers: a CSV file, a mapping of columns or a frame becomes columns with their row numbers."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ketasim.core.errors import InputError
from ketasim.dosing.records.errors import Problem, refuse

MISSING = frozenset(("", ".", "NA", "NaN", "nan", "NULL", "None"))
ALIASES = {
    "#ID": "ID", "SUBJ": "ID", "SUBJECT": "ID", "USUBJID": "ID", "AMOUNT": "AMT", "BQL": "BLQ", "BLOQ": "BLQ",
    "LOQ": "LLOQ", "TAD": "TAD", "TINF": "DUR", "DURATION": "DUR", "CENSORED": "CENS", "OCCASION": "OCC",
}  # fmt: skip
RESERVED = (
    "ID", "TIME", "AMT", "RATE", "DUR", "II", "ADDL", "SS", "EVID", "CMT", "MDV", "DV", "BLQ", "LLOQ", "CENS", "LIMIT",
    "OCC", "DATE", "DAT1", "DAT2", "DAT3", "PCMT", "CALL", "CONT",
)  # fmt: skip


@dataclass(frozen=True)
class Table:
    """Columns under their canonical names (n values each, text or numbers) and the row number of every entry."""

    columns: dict[str, list[Any]]
    rows: np.ndarray
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.rows)

    def numbers(self, name: str, missing: float = math.nan) -> np.ndarray:
        """A column as floats; `missing` stands for an empty field. Text is refused with its row."""
        out = np.full(len(self), float(missing))
        bad = []
        for i, value in enumerate(self.columns[name]):
            if is_missing(value):
                continue
            try:
                out[i] = float(value)
            except (TypeError, ValueError):
                bad.append(Problem(int(self.rows[i]), name, value, "a number, or empty, . or NA", "not a number"))
        refuse(bad)
        return out

    def integers(self, name: str, missing: int = 0) -> np.ndarray:
        """A column as whole numbers; a fraction is refused with its row."""
        values = self.numbers(name, missing)
        refuse([
            Problem(int(self.rows[i]), name, values[i], "a whole number", "not a whole number")
            for i in np.flatnonzero(~(np.isfinite(values) & (values == np.round(values))))
        ])  # fmt: skip
        return values.astype(np.int64)


def is_missing(value: Any) -> bool:
    """Empty, ``.``, ``NA``, None or NaN."""
    if value is None:
        return True
    if isinstance(value, str):
        return value.strip() in MISSING
    return isinstance(value, (float, np.floating)) and math.isnan(value)


def _from_text(text: str, name: str, ignore: str) -> tuple[dict[str, list[Any]], np.ndarray, tuple[str, ...]]:
    head = next((line for line in text.splitlines() if line.strip()), "")
    mark = next((m for m in ",;\t" if m in head), None)
    if mark is None:
        lines = [line.split() for line in text.splitlines()]
    else:
        lines = list(csv.reader(io.StringIO(text), delimiter=mark))
    kept = [(i + 1, [f.strip() for f in fields]) for i, fields in enumerate(lines) if any(f.strip() for f in fields)]
    skipped = [i for i, fields in kept if ignore and fields[0].startswith(tuple(ignore)) and i != kept[0][0]]
    if not kept:
        raise InputError("records", name, "a CSV file with a header line and records")
    header, body = kept[0][1], [(i, f) for i, f in kept[1:] if i not in set(skipped)]
    if len({h.upper() for h in header}) != len(header):
        twice = next(h for h in header if [x.upper() for x in header].count(h.upper()) > 1)
        raise InputError("column", twice, "every column name once")
    if not body:
        raise InputError("records", f"{name} with a header only", "at least one record")
    refuse([
        Problem(i, "record", f"{len(f)} fields", f"{len(header)} fields, as in the header", "ragged row")
        for i, f in body if len(f) != len(header)
    ])  # fmt: skip
    notes = (f"{len(skipped)} lines starting with {ignore} left out: rows {skipped}",) if skipped else ()
    columns = {h: [f[k] for _, f in body] for k, h in enumerate(header)}
    return columns, np.array([i for i, _ in body], dtype=np.int64), notes


def read_table(source: Any, rename: Mapping[str, str] | None = None, ignore: str = "") -> Table:
    """A Table of `source`.

    Parameters
    ----------
    source : path of a text table, the text itself (with line breaks), mapping of columns, or polars/pandas frame.
        Fields are parted by commas, semicolons or tabs, whichever the header holds first, otherwise by blanks. Row
        numbers are the lines of the file (the header is line 1), or 1, 2, … of a mapping or frame.
    rename : canonical name → the name used here.
    ignore : characters that mark a line to leave out; what is left out is noted.
    """
    notes: tuple[str, ...] = ()
    if isinstance(source, (str, Path)) and "\n" not in str(source):
        path = Path(source)
        if not path.is_file():
            raise InputError("records", str(source), "an existing CSV file")
        columns, rows, notes = _from_text(path.read_text(encoding="utf-8-sig"), path.name, ignore)
    elif isinstance(source, str):
        columns, rows, notes = _from_text(source, "text", ignore)
    elif isinstance(source, Mapping) or hasattr(source, "columns"):
        names = list(source) if isinstance(source, Mapping) else list(source.columns)
        columns = {str(k): list(source[k]) for k in names}
        lengths = {len(v) for v in columns.values()}
        if len(lengths) > 1 or not lengths or lengths == {0}:
            raise InputError("records", f"columns of lengths {sorted(lengths)}", "equally long columns, not empty")
        rows = np.arange(1, lengths.pop() + 1)
    else:
        raise InputError("records", type(source).__name__, "a CSV path, CSV text, a mapping of columns or a frame")
    return Table(_canonical(columns, rename or {}), rows, notes)


def _canonical(columns: dict[str, list[Any]], rename: Mapping[str, str]) -> dict[str, list[Any]]:
    absent = [v for v in rename.values() if v not in columns]
    if absent:
        raise InputError("columns", ", ".join(absent), "columns of the data set: " + ", ".join(columns))
    back = {theirs: ours for ours, theirs in rename.items()}
    out: dict[str, list[Any]] = {}
    for name, values in columns.items():
        upper = name.upper()
        new = back.get(name) or (upper if upper in RESERVED else ALIASES.get(upper, name))
        if new in out:
            raise InputError("column", name, f"one column for {new}", f"Another column also means {new}.")
        out[new] = values
    return out


def texts(values: Sequence[Any]) -> tuple[str, ...]:
    """Values as stripped text; whole floats lose their ``.0``."""
    return tuple(
        f"{v:g}" if isinstance(v, (float, np.floating)) and float(v).is_integer() else str(v).strip() for v in values
    )
