"""ADaM population PK data sets (ADPPK), written and read as CSV.

Variable names follow the CDISC implementation guide "Basic Data Structure for ADaM Population PK": USUBJID, AFRLT
(time from the first dose), APRLT (from the dose before), EVID, MDV, DV, AVAL, AMT, DOSEA, II, ADDL, SS, RATE, CMT,
ALLOQ, BLQFL/BLQFN, AULOQ, ALQFL/ALQFN, OCC, EXCLF. Every other column is kept as a covariate or as text.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from ketasim.core.errors import InputError
from ketasim.dosing.records import Problem, RecordSet
from ketasim.dosing.records.errors import refuse
from ketasim.dosing.records.read import checked
from ketasim.dosing.records.table import Table, is_missing, read_table
from ketasim.exchange.datasets import Columns, extra_columns, write_table

_TIME_UNITS = {"H": "h", "HR": "h", "HRS": "h", "HOUR": "h", "HOURS": "h", "MIN": "min", "MINUTES": "min", "D": "d",
               "DAY": "d", "DAYS": "d", "WEEK": "week", "WEEKS": "week"}  # fmt: skip
_DERIVED = ("RECSEQ", "APRLT", "RLTU", "USUBJIDN", "DOSEA", "BLQFL", "BLQFN", "ALQFL", "ALQFN", "AULOQ")


def _since(records: RecordSet) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Hours from the first dose, hours from the last dose record, and the dose carried forward."""
    n = len(records)
    first, last, dose = np.zeros(n), np.zeros(n), np.full(n, np.nan)
    for lo, hi in zip(records.ptr[:-1], records.ptr[1:], strict=True):
        given = lo + np.flatnonzero(records.dosing[lo:hi])
        origin = records.clock[given[0]] if len(given) else records.clock[lo]
        first[lo:hi] = records.clock[lo:hi] - origin
        before = np.searchsorted(given, np.arange(lo, hi), side="right") - 1
        if len(given):
            chosen = given[np.maximum(before, 0)]
            last[lo:hi] = records.clock[lo:hi] - records.clock[chosen]
            dose[lo:hi] = records.amt[chosen]
        else:
            last[lo:hi] = first[lo:hi]
    return first, last, dose


def write_adppk(records: RecordSet, path: str | Path, *, study: str, unit: str = "", dose_unit: str = "") -> Path:
    """Write an ADPPK data set as CSV, times in hours from the first dose of each subject.

    study : STUDYID where the data set has none. unit : of DV, written as AVALU. dose_unit : written as AMTU; without
    them those columns are written only where the data set brings them.
    """
    r = records
    if any(r.label):
        i = int(np.flatnonzero(r.label != "")[0])
        refuse([Problem(int(r.row[i]), "CMT", str(r.label[i]), "a compartment number, for ADPPK", "not a number")])
    n = len(r)
    extra = extra_columns(r)
    taken = {k.upper() for k in extra}
    afrlt, aprlt, dose = _since(r)
    high = r.cens == -1
    columns: Columns = {} if "STUDYID" in taken else {"STUDYID": [study] * n}
    columns |= {
        "USUBJID": [r.ids[i] for i in r.subject], "USUBJIDN": r.subject + 1, "RECSEQ": np.arange(1, n + 1),
        "AFRLT": afrlt, "RLTU": ["h"] * n, "APRLT": aprlt, "EVID": r.evid, "CMT": r.cmt, "DV": r.dv, "AVAL": r.dv,
        "MDV": r.mdv, "ALLOQ": r.lloq, "BLQFL": np.where(r.blq, "Y", "N"),
        "BLQFN": r.blq.astype(int), "AULOQ": np.where(high, r.dv, np.nan), "ALQFL": np.where(high, "Y", "N"),
        "ALQFN": high.astype(int), "AMT": np.where(r.dosing, r.amt, np.nan), "DOSEA": dose,
        "RATE": np.where(r.dosing, r.rate, np.nan), "II": np.where(r.dosing, r.ii, np.nan), "ADDL": r.addl, "SS": r.ss,
    }  # fmt: skip
    for name, given in (("AVALU", unit), ("AMTU", dose_unit)):
        if given:
            columns[name] = [given] * n
    if r.occ.any():
        columns["OCC"] = r.occ
    if not np.isnan(r.limit).all():
        columns["LIMIT"] = r.limit
    return write_table(columns | {k: v for k, v in extra.items() if k.upper() not in columns}, path)


def read_adppk(source: Any, *, carry: str = "nocb", excluded: str = "drop", duplicates: str = "refuse") -> RecordSet:
    """Read an ADPPK data set (CSV path or text, mapping or frame).

    excluded : records with EXCLF other than 0 are left out ("drop", and noted) or kept ("keep").
    Columns that follow from others (APRLT, DOSEA, RECSEQ …) are not kept, which is noted; the flags and their numeric
    twins must agree. AVAL is the value where there is no DV, and stays as a column of its own where the two differ.
    """
    if excluded not in ("drop", "keep"):
        raise InputError("excluded", excluded, "drop, keep")
    table = read_table(source, None)
    columns = {k.upper(): v for k, v in table.columns.items()}
    for needed in ("USUBJID", "AFRLT", "EVID"):
        if needed not in columns and not (needed == "USUBJID" and "ID" in columns):
            raise InputError("column", ", ".join(columns), f"an ADPPK data set with {needed}")
    notes = list(table.notes)
    keep = np.ones(len(table), dtype=bool)
    if "EXCLF" in columns and excluded == "drop":
        flags = Table(columns, table.rows).numbers("EXCLF", 0.0)
        keep = flags == 0
        if not keep.all():
            notes.append(f"{int((~keep).sum())} records with EXCLF left out: rows {table.rows[~keep].tolist()}")
        del columns["EXCLF"]
    columns = {k: [x for x, ok in zip(v, keep, strict=True) if ok] for k, v in columns.items()}
    rows = table.rows[keep]
    unit = _time_unit(columns, rows)
    columns["TIME"] = columns.pop("AFRLT")
    if "DV" not in columns and "AVAL" in columns:
        columns["DV"] = columns["AVAL"]
    columns["BLQ"] = _flags(columns, rows, "BLQFL", "BLQFN")
    high = _flags(columns, rows, "ALQFL", "ALQFN")
    if any(high):
        columns["CENS"] = [-1 if h else b for h, b in zip(high, columns["BLQ"], strict=True)]
    if "ALLOQ" in columns:
        columns["LLOQ"] = columns.pop("ALLOQ")
    if "RATE" not in columns and "DOSEDUR" in columns:
        columns["DUR"] = columns.pop("DOSEDUR")
    dropped = [k for k in _DERIVED if columns.pop(k, None) is not None]
    if "AVAL" in columns and columns["DV"] == columns["AVAL"]:
        dropped.append("AVAL")
        del columns["AVAL"]
    if dropped:
        notes.append("not kept, they follow from other columns: " + ", ".join(dropped))
    return checked(Table(columns, rows, tuple(notes)), unit, carry, None, duplicates)


def _time_unit(columns: dict[str, list[Any]], rows: np.ndarray) -> str:
    names = {str(v).strip().upper() for v in columns.get("RLTU", ["h"]) if not is_missing(v)} or {"H"}
    if len(names) > 1 or not names <= set(_TIME_UNITS):
        raise InputError("RLTU", ", ".join(sorted(names)), "one unit: " + ", ".join(sorted(set(_TIME_UNITS))))
    return _TIME_UNITS[names.pop()]


def _flags(columns: dict[str, list[Any]], rows: np.ndarray, letter: str, number: str) -> list[int]:
    """0 or 1 from a Y/N column and its numeric twin; where both speak and differ, an error with the row."""
    out, bad = [], []
    for i, row in enumerate(rows):
        word = columns[letter][i] if letter in columns else None
        code = columns[number][i] if number in columns else None
        said = None if is_missing(word) else {"Y": 1, "N": 0}.get(str(word).strip().upper(), -1)
        coded = None if is_missing(code) else {"0": 0, "1": 1, "0.0": 0, "1.0": 1}.get(str(code).strip(), -1)
        for name, value, got, allowed in (
            (letter, word, said, "Y, N or empty"),
            (number, code, coded, "0, 1 or empty"),
        ):
            if got == -1:
                bad.append(Problem(int(row), name, str(value), allowed, "unknown flag"))
        if said is not None and coded is not None and said != coded:
            bad.append(Problem(int(row), letter, str(word), f"the same as {number} ({code})", "flags differ"))
        out.append(max(said or 0, coded or 0))
    refuse(bad)
    return out
