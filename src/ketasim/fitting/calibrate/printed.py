"""The uncertainty a paper prints beside a number, read into a standard error; None where it prints none we can read."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from ketasim.studies.catalogue import STATISTICS
from ketasim.studies.study import Observation

_NUMBERS = re.compile(r"-?\d+(?:\.\d+)?")


@dataclass(frozen=True)
class Printed:
    """se : standard error of the value on the row's scale of comparison (log for rows compared by fold), or None.
    extra : a further standard deviation on that scale, of reading the number off a figure. note : words for the
    report where something printed could not be used."""

    se: float | None
    extra: float = 0.0
    note: str = ""


def printed(row: Observation, n: int, n_comparator: int | None = None) -> Printed:
    """Standard error of a row from `spread`, `spread_low`, `spread_high` and `spread_type`.

    n, n_comparator : people behind the number. SD → SD/√n (times 1.253 for a median, √(1/n + 1/m) for a contrast);
    SE as it is; "k/n" counted people; "t=" the value over t; an interval named CI → width/3.92; IQR → width/1.349/√n;
    "reading error ±10 %" → 10 %/√3 besides.
    """
    kind = row.spread_type.lower()
    log = STATISTICS[row.statistic].error == "fold"
    value = 0.0 if row.value is None else row.value
    share = math.sqrt(1.0 / n + (1.0 / n_comparator if n_comparator else 0.0))
    share *= 1.253 if row.summary == "median" else 1.0

    def relative(se: float | None) -> Printed:
        if se is None or not math.isfinite(se) or se <= 0.0:
            return Printed(None)
        return Printed(se / abs(value) if log and value else se)

    if "reading error" in kind:
        percent = _NUMBERS.findall(kind)
        part = abs(float(percent[0])) / 100.0 / math.sqrt(3.0) if percent else 0.1
        return Printed(None, part if log else part * abs(value))
    low, high = row.spread_low, row.spread_high
    if "ci" in re.split(r"[^a-z]+", kind):
        if low is None or high is None:
            found = re.search(r"(-?\d+(?:\.\d+)?)\s*(?:-|–|to)\s*(-?\d+(?:\.\d+)?)", kind.partition("ci")[2])
            if kind.startswith("diff") or found is None:
                return Printed(None, note=f"spread '{row.spread_type}' not used")
            low, high = float(found[1]), float(found[2])
        if log and low > 0.0:
            return Printed(math.log(high / low) / 3.92)
        return relative((high - low) / 3.92)
    if kind in ("se", "sem", "standard error"):
        return relative(row.spread)
    if kind in ("sd", "standard deviation") and row.statistic != "SD":
        return relative(None if row.spread is None else row.spread * share)
    if kind.startswith("cv") and row.spread is not None:
        return relative(row.spread / 100.0 * abs(value) * share)
    if found := re.fullmatch(r"t\s*=\s*(-?\d+(?:\.\d+)?)", kind):
        return relative(abs(value / float(found[1])) if float(found[1]) else None)
    if found := re.fullmatch(r"(\d+)\s*/\s*(\d+)", kind):
        hits, of = int(found[1]), int(found[2])
        p, unit = (hits + 0.5) / (of + 1.0), 100.0 if row.unit == "%" else 1.0
        return Printed(unit * math.sqrt(p * (1.0 - p) / of)) if of and not log else Printed(None)
    if kind.startswith("iqr") and low is not None and high is not None:
        return relative((high - low) / 1.349 * share)
    if kind or row.spread is not None or low is not None:
        return Printed(None, note=f"spread '{row.spread_type or 'of unnamed kind'}' not used")
    return Printed(None)
