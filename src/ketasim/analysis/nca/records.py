"""Non-compartmental analysis of NONMEM-style records: one profile per dose and kind of observation.

A profile runs from a dose to the next one (or to the end). Route and duration come from the dose record; a dose at
steady state (SS 1) is analysed over its interval II. What is not analysed is said: doses without enough samples,
observations before the first dose.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from ketasim.analysis.nca.plasma import nca
from ketasim.analysis.nca.profile import named_route
from ketasim.analysis.nca.result import NcaResult, NcaRow, joined
from ketasim.analysis.nca.units import Units
from ketasim.core.errors import InputError
from ketasim.dosing.records import RecordSet


def nca_records(
    records: RecordSet, *, route: str | Mapping[int | str, str] = "auto", units: Units | None = None,
    observation: int | str | None = None, on_error: str = "keep", **options: Any,
) -> NcaResult:  # fmt: skip
    """`nca` of every dose of every subject.

    Parameters
    ----------
    route : a route for all doses, CMT → route, or "auto": a RATE means an infusion, everything else extravascular.
    units : of the analysis; its time unit must be h, the unit of records. Amounts and DV are taken as they stand.
    observation : the CMT of the observations to analyse; all must share one where this is not given.
    on_error : "keep" a profile that fails as one row with the reason, or "raise".
    options : everything else goes to `nca` (method, lambda_z, blq, intervals).

    Profiles are named subject, or subject#n for the n-th dose where there are several.
    """
    u = units or Units()
    if u.time != "h":
        raise InputError("units.time", u.time, "h: records are kept in hours")
    if on_error not in ("raise", "keep"):
        raise InputError("on_error", on_error, "raise, keep")
    seen = records.observed & _place(records, observation)
    results = []
    for i, name in enumerate(records.ids):
        rows = np.arange(records.ptr[i], records.ptr[i + 1])
        results += _subject(records, rows, rows[seen[rows]], name, route, u, on_error, options)
    return joined(results)


def unit_said(records: RecordSet, given: str | None = None) -> str | None:
    """The unit of concentrations that a text column (AVALU, DVU or UNIT) says, or the one given.

    InputError where the observations have several, or where the two disagree.
    """
    from ketasim.analysis.nca.units import _plain

    column = next((k for k in records.text if k.upper() in ("AVALU", "DVU", "UNIT")), None)
    if column is None:
        return given
    said: dict[str, int] = {}
    for i in np.flatnonzero(records.observed):
        said.setdefault(_plain(str(records.text[column][i])), int(records.row[i]))
    units = [u for u in said if u]
    if len(units) > 1:
        raise InputError(f"row {said[units[1]]}: {column}", units[1], f"one unit, as above: {units[0]}")
    if given and units and _plain(given) != units[0]:
        raise InputError("concentration unit", given, f"{units[0]}, as the column {column} says")
    return given or (units[0] if units else None)


def _place(records: RecordSet, observation: int | str | None) -> np.ndarray:
    named = any(records.label)
    places = records.label if named else records.cmt
    if observation is not None:
        return np.asarray(places == observation)
    kinds = sorted({str(p) for p in places[records.observed]})
    if len(kinds) > 1:
        raise InputError("observation", None, "one of the CMT observed: " + ", ".join(kinds))
    return np.ones(len(records), dtype=bool)


def _doses(records: RecordSet, rows: np.ndarray) -> list[tuple[int, float]]:
    """(record, time) of every dose, additional ones included, in order of time."""
    given = rows[records.dosing[rows]]
    out = [(int(r), float(records.clock[r] + k * records.ii[r])) for r in given for k in range(records.addl[r] + 1)]
    return sorted(out, key=lambda d: d[1])


def _subject(
    records: RecordSet, rows: np.ndarray, seen: np.ndarray, name: str, route: str | Mapping[int | str, str], u: Units,
    on_error: str, options: Mapping[str, Any],
) -> list[NcaResult]:  # fmt: skip
    doses = _doses(records, rows)
    if not doses or not len(seen):
        what = "no dose" if not doses else "no observation"
        if on_error == "raise":
            raise InputError(f"subject {name}", what, "a dose and observations")
        return [NcaResult((NcaRow(name, "CMAX", math.nan, u.conc, what),), ((name, f"not analysed: {what}"),))]
    times = records.clock[seen]
    out = []
    early = seen[times < doses[0][1]]
    for n, (record, start) in enumerate(doses):
        end = doses[n + 1][1] if n + 1 < len(doses) else np.inf
        last = (times >= start) & ((times < end) | ((times == end) & (records.ss[record] > 0)))
        mine = seen[last]
        label = name if len(doses) == 1 else f"{name}#{n + 1}"
        if not len(mine):
            out.append(NcaResult((), ((label, f"dose at {start:g} h: no observation before the next dose"),)))
            continue
        out.append(_profile(records, record, start, mine, label, route, u, on_error, options))
    if len(early):
        note = f"{len(early)} observations before the first dose: not in any area"
        out.append(NcaResult((), ((name, note),)))
    return out


def _profile(
    records: RecordSet, record: int, start: float, mine: np.ndarray, label: str, route: str | Mapping[int | str, str],
    u: Units, on_error: str, options: Mapping[str, Any],
) -> NcaResult:  # fmt: skip
    try:
        way = _route(records, record, route)
        rate, amt = float(records.rate[record]), float(records.amt[record])
        if way == "infusion" and not rate > 0:
            raise InputError("RATE", rate, "a positive rate for an infusion", "Modelled rates have no known duration.")
        limits = {float(x) for x in records.lloq[mine] if not np.isnan(x)}
        if len(limits) > 1:
            raise InputError("LLOQ", sorted(limits), "one limit within a profile")
        tau = float(records.ii[record]) if records.ss[record] > 0 else None
        return nca(
            records.clock[mine] - start, np.where(records.blq[mine], 0.0, records.dv[mine]), dose=amt, route=way,
            duration=amt / rate if way == "infusion" else 0.0, tau=tau, below=records.blq[mine],
            lloq=limits.pop() if limits else None, units=u, subject=label, **options,
        )  # fmt: skip
    except InputError as error:
        if on_error == "raise":
            raise InputError(f"profile {label}: {error.field}", error.value, error.allowed, error.hint) from error
        row = NcaRow(label, "CMAX", math.nan, u.conc, str(error))
        return NcaResult((row,), ((label, f"not analysed: {error}"),))


def _route(records: RecordSet, record: int, route: str | Mapping[int | str, str]) -> str:
    if isinstance(route, Mapping):
        key: int | str = str(records.label[record]) or int(records.cmt[record])
        if key not in route:
            raise InputError("route", key, "a route for this CMT; given are " + ", ".join(f"{k}" for k in route))
        return named_route(route[key])
    if route == "auto":
        return "infusion" if records.rate[record] != 0 else "extravascular"
    return named_route(route)
