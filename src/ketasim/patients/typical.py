"""Typical values that fill in what nobody stated, from data/patients/typical.toml."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from ketasim.core import parsed
from ketasim.patients import growth
from ketasim.patients.covariates import SCORES


@lru_cache(maxsize=1)
def _table() -> dict[str, Any]:
    return parsed.load("patients/typical.toml")


def value(name: str) -> float:
    """One number of the table."""
    return float(_table()[name]["value"])


def curve(name: str, age_y: Any) -> Any:
    """A quantity that follows age, linear between the printed ages and constant outside them."""
    entry = _table()[name]
    return np.interp(np.asarray(age_y, dtype=np.float64), entry["age"], entry["value"])


def body(age_y: float, female: float, hypertension: bool = False) -> dict[str, float]:
    """Weight, height, filtration, pressure and heart rate of a typical person of this age and sex."""
    if age_y < growth.ADULT_FROM:
        weight, height = (float(growth.lms(m, age_y, female)[1]) for m in ("weight", "height"))
    else:
        weight = value("weight_adult")
        height = value("height_woman" if female else "height_man")
    kind = "hypertensive" if hypertension else "normotensive"
    sbp, dbp = (
        (value(f"sbp_{kind}"), value(f"dbp_{kind}"))
        if age_y >= 18.0
        else (float(curve("sbp_child", age_y)), float(curve("dbp_child", age_y)))
    )
    return {
        "weight_kg": weight,
        "height_cm": height,
        "egfr": float(curve("egfr", age_y)),
        "sbp": sbp,
        "dbp": dbp,
        "heart_rate": float(curve("heart_rate_woman" if female else "heart_rate_man", age_y)),
    }


def scores(diagnosis: str) -> dict[str, float]:
    """Baseline score of every scale for a diagnosis; a scale the diagnosis does not raise has the healthy value."""
    table = _table()["scores"]
    own, healthy = table.get(diagnosis, {}), table["healthy"]
    return {name: float(own.get(name, healthy[name])["mean"]) for name in SCORES}


def score(diagnosis: str, name: str) -> dict[str, Any]:
    """Mean, sd and truncation of a scale at baseline for a diagnosis."""
    table = _table()["scores"]
    row: dict[str, Any] = table.get(diagnosis, {}).get(name) or table["healthy"][name]
    return row
