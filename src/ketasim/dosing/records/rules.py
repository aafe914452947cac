"""Every contradiction a record can hold. The rules are those of NONMEM's event records, said plainly.

Each rule is one row of a table: a name, the column at fault, a mask over records, what is allowed and a hint.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ketasim.dosing.records.dataset import RecordSet
from ketasim.dosing.records.errors import Problem

MOST_DOSES = 1_000_000
Rule = tuple[str, str, np.ndarray, str, str]


def _codes(r: RecordSet) -> Iterator[Rule]:
    yield (
        "unknown EVID",
        "EVID",
        (r.evid < 0) | (r.evid > 4),
        "0 observation, 1 dose, 2 other, 3 reset, 4 reset and dose",
        "",
    )
    yield "unknown SS", "SS", (r.ss < 0) | (r.ss > 2), "0, 1 or 2", ""
    yield "unknown CENS", "CENS", np.abs(r.cens) > 1, "0, 1 (below LLOQ) or -1 (above)", ""
    yield "unknown RATE", "RATE", (r.rate < 0) & (r.rate != -1) & (r.rate != -2), "0, a positive rate, -1 or -2", ""
    yield "negative CMT", "CMT", r.cmt < 0, "0 or a compartment number", "Switching compartments off is not supported."
    yield "negative ADDL", "ADDL", r.addl < 0, "0 or more", ""
    yield "too many doses", "ADDL", r.addl > MOST_DOSES, f"at most {MOST_DOSES}", ""
    yield "negative II", "II", r.ii < 0, "0 or a positive interval", ""
    for column, values in (("AMT", r.amt), ("RATE", r.rate), ("II", r.ii)):
        yield f"infinite {column}", column, np.isinf(values), "a finite number", ""
    yield "negative occasion", "OCC", r.occ < 0, "0 or more", ""
    yield "limit not positive", "LLOQ", r.lloq <= 0, "a positive limit", ""
    yield "limits crossed", "LIMIT", (r.cens == 1) & (r.limit >= r.lloq), "below the limit of quantification", ""


def _not_dosing(r: RecordSet) -> Iterator[Rule]:
    for code, word in ((0, "an observation"), (2, "an other-type record"), (3, "a reset record")):
        here = r.evid == code
        yield (
            f"AMT on EVID {code}",
            "AMT",
            here & (r.amt != 0),
            f"0 on {word} (EVID {code})",
            "A dose needs EVID 1 or 4.",
        )
        yield f"RATE on EVID {code}", "RATE", here & (r.rate != 0), f"0 on {word} (EVID {code})", ""
        yield f"SS on EVID {code}", "SS", here & (r.ss != 0), f"0 on {word} (EVID {code})", ""
        yield f"ADDL on EVID {code}", "ADDL", here & (r.addl > 0), f"0 on {word} (EVID {code})", ""
        yield f"II on EVID {code}", "II", here & (r.ii > 0), f"0 on {word} (EVID {code})", ""


def _dosing(r: RecordSet) -> Iterator[Rule]:
    dose, steady = r.dosing, r.ss > 0
    endless = dose & steady & (r.amt == 0) & ((r.rate > 0) | (r.rate == -1))
    yield "negative AMT", "AMT", dose & (r.amt < 0), "0 or more", ""
    yield (
        "RATE -2 without AMT",
        "AMT",
        dose & (r.rate == -2) & (r.amt == 0),
        "above 0 with RATE -2",
        "The modelled duration has nothing to give.",
    )
    yield "RATE -1 without AMT", "AMT", dose & (r.rate == -1) & (r.amt == 0) & ~steady, "above 0 with RATE -1", ""
    yield (
        "RATE without AMT",
        "AMT",
        dose & (r.rate > 0) & (r.amt == 0) & ~steady,
        "above 0 with a positive RATE",
        "AMT 0 with a RATE means an endless infusion, which needs SS 1 or 2.",
    )
    yield "dose without AMT", "AMT", dose & (r.rate == 0) & (r.amt == 0), "above 0 on a dose record", ""
    yield (
        "ADDL without II",
        "II",
        dose & (r.addl > 0) & (r.ii == 0) & ~endless,
        "a positive interval where ADDL is above 0",
        "",
    )
    yield (
        "SS without II",
        "II",
        dose & steady & (r.ii == 0) & ~endless,
        "a positive interval where SS is above 0",
        "Only an endless infusion (AMT 0, RATE above 0) has II 0.",
    )
    yield "endless infusion with II", "II", endless & (r.ii > 0), "0 on a steady-state endless infusion (AMT 0)", ""
    yield (
        "endless infusion with ADDL",
        "ADDL",
        endless & (r.addl > 0),
        "0 on a steady-state endless infusion (AMT 0)",
        "",
    )


def _observing(r: RecordSet) -> Iterator[Rule]:
    yield (
        "DV missing",
        "DV",
        (r.evid == 0) & (r.mdv == 0) & np.isnan(r.dv) & ~r.blq,
        "a number where MDV is 0",
        "Set MDV to 1 for a prediction only.",
    )
    yield "DV infinite", "DV", np.isinf(r.dv), "a finite number", ""
    seen = (r.evid == 0) & (r.mdv == 0) & ~np.isnan(r.dv)
    yield (
        "DV under LLOQ",
        "DV",
        seen & (r.cens == 0) & (r.dv < r.lloq),
        "LLOQ or more where the record is not marked as below the limit",
        "Set BLQ (or CENS) to 1, or leave LLOQ empty there.",
    )
    yield (
        "BLQ over LLOQ",
        "DV",
        seen & (r.cens == 1) & (r.dv > r.lloq),
        "at most LLOQ where the record is marked as below the limit",
        "",
    )
    yield (
        "DV on a dose",
        "DV",
        (r.evid != 0) & (r.mdv == 0) & ~np.isnan(r.dv) & (r.dv != 0),
        "empty on records that are not observations",
        "Set MDV to 1.",
    )


def _times(r: RecordSet) -> Iterator[Rule]:
    yield "TIME missing", "TIME", ~np.isfinite(r.time), "a finite time", ""
    back = np.zeros(len(r), dtype=bool)
    same = r.subject[1:] == r.subject[:-1]
    reset = (r.evid[1:] == 3) | (r.evid[1:] == 4)
    back[1:] = same & (r.time[1:] < r.time[:-1]) & ~reset
    yield (
        "TIME falls",
        "TIME",
        back,
        "no earlier than the record before it",
        "Only a reset record (EVID 3 or 4) may set the time back.",
    )


def problems(r: RecordSet) -> list[Problem]:
    """Everything that contradicts itself, in the order of rows."""
    found: list[Problem] = []
    for group in (_codes, _not_dosing, _dosing, _observing, _times):
        for rule, column, mask, allowed, hint in group(r):
            values = getattr(r, column.lower())
            for i in np.flatnonzero(mask):
                value = values[i].item()
                found.append(
                    Problem(
                        int(r.row[i]), column, f"{value:g}" if isinstance(value, float) else value, allowed, rule, hint
                    )
                )
    return sorted(found, key=lambda p: p.row)


def duplicates(r: RecordSet) -> list[Problem]:
    """Records that repeat another one in every column, where that could double a dose or an observation."""
    seen: dict[tuple[object, ...], int] = {}
    found = []
    extra = list(r.covariates.values())
    for i in range(len(r)):
        if r.evid[i] not in (1, 4) and not (r.evid[i] == 0 and r.mdv[i] == 0):
            continue
        key = (int(r.subject[i]), float(r.time[i]), float(r.amt[i]), float(r.rate[i]), float(r.ii[i]), int(r.addl[i]),
               int(r.ss[i]), int(r.evid[i]), int(r.cmt[i]), str(r.label[i]), f"{r.dv[i]}", bool(r.blq[i]),
               *(f"{v[i]}" for v in extra))  # fmt: skip
        if key in seen:
            same, hint = f"the same as row {seen[key]}", 'Read with duplicates="keep" if it is meant.'
            found.append(Problem(int(r.row[i]), "record", same, "every record once", "duplicate", hint))
        seen.setdefault(key, int(r.row[i]))
    return found
