"""Demonstrations: years of heavy use, dependence."""

# ruff: noqa: E501  sentences stay whole

from __future__ import annotations

import numpy as np

from ketasim.studies.claims.runs import call, run, spread
from ketasim.studies.claims.shown import Shown, shows

YEAR = 24.0 * 364
HEAVY = "1000 mg intranasal, every 24 h x364"
CLINIC = "0.5 mg/kg iv over 40 min, 2/week for 4 weeks then 0.5 mg/kg iv over 40 min, 1/week for 48 weeks"


@shows("COG2")
def memory() -> Shown:
    """Spatial memory after a year of a gram a day, and after a year of treatment."""
    names = ["spatial_memory_z", "cortical_thickness"]
    heavy = run(HEAVY, names, YEAR, people=60, points=52)
    clinic = run(CLINIC, names, YEAR, points=52)
    middle, low, high = spread(heavy["spatial_memory_z"][:, -1])
    treated = float(clinic["spatial_memory_z"][0, -1])
    return Shown(
        middle,
        "z",
        f"After a year at a gram a day spatial memory stands {middle:+.2f} standard deviations from others; after a year of weekly "
        f"treatment {treated:+.2f}.",
        middle < -0.1 and treated > -0.1,
        "worse in frequent users alone; no decline in a year of esketamine",
        low,
        high,
        "5th to 95th of 60, between people",
        more=(("cortical thickness", float(np.median(heavy["cortical_thickness"][:, -1]))),),
        call=call(HEAVY, "spatial_memory_z"),
    )


@shows("DEP1")
def dependence() -> Shown:
    """Disorder of use after a year: a gram a day against weekly treatment."""
    heavy = run(HEAVY, ["p_use_disorder"], YEAR, people=60, points=52)
    clinic = run(CLINIC, ["p_use_disorder"], YEAR, points=52)
    middle, low, high = spread(heavy["p_use_disorder"][:, -1])
    treated = float(clinic["p_use_disorder"][0, -1])
    return Shown(
        middle,
        "fraction",
        f"After a year at a gram a day {middle:.0%} have a disorder of use, {treated:.2%} under treatment (very low confidence).",
        middle > 0.08 and treated < 0.03,
        "17 % of past-year users called themselves dependent; next to none in clinics",
        low,
        high,
        "5th to 95th of 60, between people",
        more=(("treatment", treated),),
        call=call(HEAVY, "p_use_disorder"),
    )
