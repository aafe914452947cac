"""Data sets of other programs: NONMEM-like and Monolix-like text tables, written and read.

Every column of a RecordSet is written, numbers so that they read back exactly. What a format cannot hold is an error
that names the row, never a gap. ADaM population PK data sets are in `adppk`.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ketasim.core.errors import InputError
from ketasim.dosing.records import Problem, RecordSet, read
from ketasim.dosing.records.errors import refuse
from ketasim.dosing.records.read import checked
from ketasim.dosing.records.table import Table, is_missing, read_table

Columns = dict[str, Any]


def text_of(value: Any) -> str:
    """A field: ``.`` for a missing number, the shortest text that reads back to the same number otherwise."""
    if not isinstance(value, (float, np.floating)):
        return str(value)
    number = float(value)
    if np.isnan(number):
        return "."
    return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)


def write_table(columns: Mapping[str, Any], path: str | Path) -> Path:
    """Columns as a comma-separated file with a header line."""
    target = Path(path)
    with target.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([text_of(v) for v in row] for row in zip(*columns.values(), strict=True))
    return target


def extra_columns(records: RecordSet) -> Columns:
    """Covariates and text columns."""
    return {**records.covariates, **records.text}


def _places(records: RecordSet) -> Any:
    return list(records.label) if any(records.label) else records.cmt


def write_nonmem(records: RecordSet, path: str | Path, *, strict: bool = False) -> Path:
    """Write a NONMEM-like data set; times in h.

    With `strict`, whatever NONMEM itself cannot read (names instead of numbers) is an InputError.
    """
    if strict:
        _numbers_only(records)
    columns: Columns = {
        "ID": [records.ids[i] for i in records.subject], "TIME": records.time, "AMT": records.amt, "RATE": records.rate,
        "II": records.ii, "ADDL": records.addl, "SS": records.ss, "EVID": records.evid, "CMT": _places(records),
        "DV": records.dv, "MDV": records.mdv,
    }  # fmt: skip
    if records.cens.any() or records.blq.any() or not np.isnan(records.lloq).all():
        columns |= {"BLQ": records.blq.astype(int), "CENS": records.cens, "LLOQ": records.lloq}
    if not np.isnan(records.limit).all():
        columns["LIMIT"] = records.limit
    if records.occ.any():
        columns["OCC"] = records.occ
    return write_table(columns | extra_columns(records), path)


def _numbers_only(records: RecordSet) -> None:
    bad = []
    for name, first in zip(records.ids, records.ptr[:-1], strict=True):
        if not name.lstrip("-").replace(".", "", 1).isdigit():
            bad.append(Problem(int(records.row[first]), "ID", name, "a number, for NONMEM", "not a number"))
    bad += [Problem(int(records.row[i]), "CMT", str(records.label[i]), "a number, for NONMEM", "not a number")
            for i in np.flatnonzero(records.label != "")]  # fmt: skip
    refuse(bad)
    if records.text:
        raise InputError("column", ", ".join(records.text), "columns of numbers, for NONMEM", "Code them first.")


def read_nonmem(source: Any, **options: Any) -> RecordSet:
    """Read a NONMEM-like data set; the same as `records.read`."""
    return read(source, **options)


def write_monolix(records: RecordSet, path: str | Path) -> Path:
    """Write a Monolix-like data set: ADM for doses, Y with CENS and LIMIT, DVID for observations.

    An observation below the limit carries the limit in Y. Modelled rates and durations (RATE −1, −2) live in the
    model there and are refused, as are observations below a limit that is not known.
    """
    r = records
    bad = [
        Problem(int(r.row[i]), "RATE", float(r.rate[i]), "0 or a positive rate, for Monolix", "not in this format",
                "Modelled rates and durations belong into the model.")
        for i in np.flatnonzero(r.rate < 0)
    ]  # fmt: skip
    unknown = r.blq & np.isnan(r.lloq) & np.isnan(r.dv)
    bad += [Problem(int(r.row[i]), "LLOQ", "missing", "the limit of a censored observation", "limit missing")
            for i in np.flatnonzero(unknown)]  # fmt: skip
    dvid = next((k for k in extra_columns(r) if k.upper() == "DVID"), None)
    if dvid is not None and any(
        str(a) != text_of(b) for a, b, e in zip(r.cmt, extra_columns(r)[dvid], r.evid) if e == 0
    ):
        raise InputError("DVID", "not the CMT of the observations", "one column that tells observations apart")
    refuse(bad)
    places = _places(r)
    dosing = r.dosing
    observed = np.where(r.blq & ~np.isnan(r.lloq), r.lloq, r.dv)
    columns: Columns = {
        "ID": [r.ids[i] for i in r.subject], "TIME": r.time, "AMT": [a if d else np.nan for a, d in zip(r.amt, dosing)],
        "ADM": [p if d else "." for p, d in zip(places, dosing, strict=True)],
        "RATE": [a if d else np.nan for a, d in zip(r.rate, dosing)],
        "II": r.ii, "ADDL": r.addl, "SS": r.ss, "EVID": r.evid, "MDV": r.mdv, "Y": observed,
        "DVID": ["." if d else p for p, d in zip(places, dosing, strict=True)],
        "CENS": r.cens, "LIMIT": r.limit,
    }  # fmt: skip
    if r.occ.any():
        columns["OCC"] = r.occ
    return write_table(columns | {k: v for k, v in extra_columns(r).items() if k != dvid}, path)


_MONOLIX = {"Y": "DV", "AMOUNT": "AMT", "TINF": "DUR", "OBSID": "DVID", "OBSERVATION": "DV", "YTYPE": "DVID"}


def read_monolix(source: Any, *, time_unit: str = "h", carry: str = "locf", duplicates: str = "refuse") -> RecordSet:
    """Read a Monolix-like data set: ADM (or CMT) says where a dose goes, DVID (or YTYPE) which observation it is,
    CENS 1 that Y is the limit. Covariates hold until the next value (LOCF) unless `carry` says otherwise."""
    table = read_table(source)
    columns: dict[str, list[Any]] = {}
    for name, values in table.columns.items():
        new = _MONOLIX.get(name.upper(), name.upper() if name.upper() in ("ADM", "DVID") else name)
        if new in columns:
            raise InputError("column", name, f"one column for {new}")
        columns[new] = values
    amt = columns.get("AMT", ["."] * len(table))
    if "EVID" not in columns:
        columns["EVID"] = [int(not is_missing(a) and float(a) > 0) for a in amt]
    if "ADM" in columns or "DVID" in columns:
        where, what = (columns.pop(k, ["."] * len(table)) for k in ("ADM", "DVID"))
        old = columns.get("CMT", ["."] * len(table))
        doses = [str(e).strip() in ("1", "4", "1.0", "4.0") for e in columns["EVID"]]
        columns["CMT"] = [
            _first(a, c) if d else _first(b, c) for a, b, c, d in zip(where, what, old, doses, strict=True)
        ]
    return checked(Table(columns, table.rows, table.notes), time_unit, carry, None, duplicates)


def _first(*values: Any) -> Any:
    return next((v for v in values if not is_missing(v)), ".")
