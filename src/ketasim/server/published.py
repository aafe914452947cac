"""Published levels and peaks of the shipped studies, by regimen: what is drawn as dots over a curve."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from ketasim.core.errors import KetasimError
from ketasim.server.scenes import course

NANOGRAMS = {"ng/mL": 1.0, "ug/L": 1.0, "µg/L": 1.0, "mg/L": 1000.0, "ug/mL": 1000.0}
MOLAR = {"umol/L": 1.0, "µmol/L": 1.0, "nmol/mL": 1.0, "nmol/L": 0.001}


def key(sentence: str) -> str:
    """A regimen in its one spelling."""
    return str(course(sentence)).lower()


def matching(sentence: str) -> list[dict[str, Any]]:
    """Rows of studies whose arm had this regimen."""
    wanted = key(sentence)
    return [row for row in table() if row["regimen"] == wanted]


@lru_cache(maxsize=1)
def table() -> tuple[dict[str, Any], ...]:
    """Every level at a time and every peak, ng/mL; a peak stands at the printed time, else at the end of the dose."""
    from ketasim.core import citations
    from ketasim.studies import read_folder

    rows = []
    for study in read_folder():
        papers = citations.cite(study.citations)
        for arm in study.arms:
            if not arm.regimen or arm.model != "ketamine":
                continue
            seen = [o for o in study.observations if o.arm == arm.id]
            peaks = {o.output: _hours(o) for o in seen if o.statistic == "Tmax" and o.value is not None}
            for o in seen:
                level = _level(o)
                if level is None:
                    continue
                try:
                    regimen = course(arm.regimen)
                    dose = regimen.fixed_doses[-1]
                    end = dose.start_h + dose.duration_h
                    at = peaks.get(o.output, end) if o.statistic == "Cmax" else _time(o, end)
                except KetasimError:
                    continue
                spread = (
                    level * o.spread / o.value
                    if o.spread and o.value and o.spread_type.upper().startswith("SD")
                    else None
                )
                rows.append(
                    {
                        "regimen": key(arm.regimen),
                        "output": o.output,
                        "time_h": at,
                        "value": level,
                        "sd": spread,
                        "kind": o.statistic,
                        "status": o.status,
                        "paper": papers[0].short if papers else study.citations[0],
                        "link": papers[0].link if papers else "",
                        "n": o.n or arm.n,
                    }
                )
    return tuple(rows)


def _level(o: Any) -> float | None:
    if o.statistic not in ("concentration", "Cmax") or o.value is None or "." not in o.output:
        return None
    analyte = o.output.partition(".")[0]
    if o.unit in NANOGRAMS:
        return float(o.value) * NANOGRAMS[o.unit]
    mass = {"ketamine": 237.73, "norketamine": 223.70, "HNK": 239.70}.get(analyte.removeprefix("S_").removeprefix("R_"))
    return float(o.value) * MOLAR[o.unit] * mass if o.unit in MOLAR and mass else None


def _hours(o: Any) -> float:
    from ketasim.timeline import HOURS

    return float(o.value) * HOURS.get(o.unit, 1.0)


def _time(o: Any, end: float) -> float:
    from ketasim.studies.amounts import hours

    return (end if o.time_from in ("end", "last_dose") else 0.0) + (hours(o.time) if o.time else 0.0)
