"""Demonstrations: heart and vessels, breathing, bladder, gut, liver."""

# ruff: noqa: E501  sentences stay whole

from __future__ import annotations

import numpy as np

from ketasim.studies.claims.runs import INFUSION, at, call, change, run, spread
from ketasim.studies.claims.shown import Shown, shows

HALF_YEAR = 24.0 * 182
CLINIC = "0.5 mg/kg iv over 40 min, 2/week for 4 weeks then 0.5 mg/kg iv over 40 min, 1/week for 22 weeks"
HEAVY = "1000 mg intranasal, every 24 h x180"


@shows("CVS1")
def pressure() -> Shown:
    """Rise of blood pressure and heart rate over the usual infusion, and the way back."""
    result = run(INFUSION, ["sbp", "dbp", "heart_rate"], 4.0, people=100)
    middle, low, high = spread(change(result, "sbp"))
    dbp, rate = (spread(change(result, n))[0] for n in ("dbp", "heart_rate"))
    left = spread(at(result, "sbp", 4.0) - result["sbp"][:, 0])[0]
    return Shown(
        middle,
        "mmHg",
        f"Systolic pressure rises by {middle:.1f} mmHg, diastolic by {dbp:.1f} mmHg and heart rate by {rate:.1f}/min; "
        f"after four hours {left:+.1f} mmHg are left.",
        3.0 < middle < 16.0 and dbp > 0 and abs(left) < 0.4 * middle,
        "rise between clinic means (3 mmHg) and the upper limit of pooled trials (14.8 mmHg), gone within hours",
        low,
        high,
        more=(("diastolic", dbp), ("heart rate", rate), ("left at 4 h", left)),
        call=call(INFUSION, "sbp"),
    )


@shows("CVS2")
def at_risk() -> Shown:
    """Share of people above 180 mmHg with and without high blood pressure."""
    high = {"hypertension": True, "age_y": 62, "sbp": 152, "dbp": 92}
    ill = run(INFUSION, ["sbp"], 3.0, people=100, patient=high)
    well = run(INFUSION, ["sbp"], 3.0, people=100)
    peak = {name: spread(r.cmax("sbp")) for name, r in (("ill", ill), ("well", well))}
    middle, low, up = peak["ill"]
    return Shown(
        middle,
        "mmHg",
        f"With treated hypertension systolic pressure peaks at {middle:.0f} mmHg against {peak['well'][0]:.0f} mmHg without.",
        middle > peak["well"][0] + 15.0,
        "a higher peak in hypertension, nearer to the limit where sessions are stopped",
        low,
        up,
        more=(("share above 180 mmHg", float(np.mean(ill.cmax("sbp") > 180.0))),),
        call=call(INFUSION, "sbp", patient="Patient(hypertension=True)"),
    )


@shows("CVS3")
def induction() -> Shown:
    """Mean pressure after an induction dose."""
    result = run("2 mg/kg iv over 1 min", ["map", "cardiac_output"], 1.0, people=100, points=60)
    lowest = spread(change(result, "map", "min"))
    rise, low, high = spread(change(result, "map"))
    return Shown(
        rise,
        "mmHg",
        f"After 2 mg/kg mean pressure rises by {rise:.0f} mmHg; the largest fall is {lowest[0]:.1f} mmHg.",
        rise > 0 and lowest[0] > -10.0,
        "no fall of more than 10 mmHg; pressure and output rose 15 to 30 % in anaesthesia",
        low,
        high,
        more=(("largest fall", lowest[0]), ("cardiac output", spread(change(result, "cardiac_output"))[0])),
        call=call("2 mg/kg iv over 1 min", "map"),
    )


@shows("RES1")
def breathing() -> Shown:
    """Breathing and the response to carbon dioxide after an induction dose and during an infusion."""
    usual = run(INFUSION, ["ventilation", "spo2"], 3.0, people=100)
    child = {"age_y": 7, "weight_kg": 23, "height_cm": 122}
    fast = run("2 mg/kg iv over 1 min then 2.4 mg/kg/h for 30 min", ["co2_slope"], 0.6, points=36, patient=child)
    middle, low, high = spread(at(usual, "ventilation", 40 / 60) / usual["ventilation"][:, 0])
    slope = fast["co2_slope"][0] / fast["co2_slope"][0, 0]
    five, half = float(at(fast, "co2_slope", 5 / 60)[0] / fast["co2_slope"][0, 0]), float(slope[-1])
    return Shown(
        middle,
        "ratio",
        f"At the end of the usual infusion ventilation stands at {middle:.0%} of its baseline; in a child, five minutes after 2 mg/kg, "
        f"the response to carbon dioxide stands at {five:.0%} and recovers to {half:.0%} by half an hour.",
        middle > 0.8 and 0.46 <= five <= 0.77 and half > five,
        "61 % (46 to 76) of the response at 5 min and 96 % at 30 min in children; little at 0.5 mg/kg",
        low,
        high,
        more=(
            ("CO2 response, 5 min", five),
            ("CO2 response, 30 min", half),
            ("lowest SpO2", float(usual["spo2"].min())),
        ),
        call=call(INFUSION, "ventilation"),
    )


@shows("URI1")
def bladder() -> Shown:
    """Cystitis and complaints after half a year: treatment against a gram a day."""
    names = ["p_cystitis", "p_luts", "bladder_capacity"]
    heavy = run(HEAVY, names, HALF_YEAR, people=60, points=182)
    clinic = run(CLINIC, names, HALF_YEAR, people=60, points=182)
    middle, low, high = spread(heavy["p_luts"][:, -1])
    treated = float(np.median(clinic["p_cystitis"][:, -1]))
    return Shown(
        middle,
        "fraction",
        f"After half a year at a gram a day {middle:.0%} have bladder complaints; under weekly treatment the chance of "
        f"cystitis is {treated:.2%}.",
        middle > 5 * float(np.median(clinic["p_luts"][:, -1])) and treated < 0.01,
        "a quarter to more than half of users, under 1 % cystitis in treatment",
        low,
        high,
        "5th to 95th of 60, between people",
        more=(
            ("cystitis, a gram a day", float(np.median(heavy["p_cystitis"][:, -1]))),
            ("complaints, treated", float(np.median(clinic["p_luts"][:, -1]))),
            ("bladder capacity, mL", float(np.median(heavy["bladder_capacity"][:, -1]))),
        ),
        call=call(HEAVY, "p_luts"),
    )


@shows("GUT1")
def nausea() -> Shown:
    """Nausea and vomiting by dose."""
    usual = run(INFUSION, ["p_nausea", "p_vomiting"], 6.0, people=100)
    more = run("1 mg/kg iv over 40 min", ["p_nausea"], 6.0, people=100)
    share = usual["p_nausea"][:, -1]
    mean, larger = float(share.mean()), float(more["p_nausea"][:, -1].mean())
    _, low, high = spread(share)
    new = float((usual["p_nausea"][:, -1] - at(usual, "p_nausea", 4.0)).mean())
    return Shown(
        mean,
        "fraction",
        f"{mean:.0%} become nauseous in a session of 0.5 mg/kg, {larger:.0%} at twice the dose; hardly any begins after 4 h.",
        0.02 < mean < 0.4 and larger > mean and new < 0.02,
        "more with more drug, none beginning once it has worn off (28 % over a course)",
        low,
        high,
        more=(
            ("vomiting", float(usual["p_vomiting"][:, -1].mean())),
            ("at 1 mg/kg", larger),
            ("begins after 4 h", new),
        ),
        call=call(INFUSION, "p_nausea"),
    )


@shows("LIV1")
def liver() -> Shown:
    """Liver injury: a usual course against two infusions of a hundred hours sixteen days apart."""
    course = run("0.5 mg/kg iv over 40 min, 2/week for 4 weeks", ["p_liver_injury"], 24.0 * 42, points=200)
    long = "esketamine 20 mg/h for 100 h then wait 284 h then esketamine 20 mg/h for 100 h"
    try:
        twice = run(long, ["p_liver_injury"], 24.0 * 35, points=300)
    except ValueError:
        long = "2000 mg esketamine iv over 100 h, every 16 d x2"
        twice = run(long, ["p_liver_injury"], 24.0 * 35, points=300)
    risk, usual = float(twice["p_liver_injury"][0, -1]), float(course["p_liver_injury"][0, -1])
    return Shown(
        risk,
        "fraction",
        f"Two hundred-hour infusions sixteen days apart: {risk:.0%}; a usual course of eight short ones: {usual:.2%}.",
        0.15 <= risk <= 0.85 and usual < 0.02,
        "3 of 6 people (15 to 85 %) after the second long infusion; rare in treatment",
        0.15,
        0.85,
        "range compatible with 3 of 6 people",
        more=(("usual course", usual),),
        call=call(long, "p_liver_injury"),
    )
