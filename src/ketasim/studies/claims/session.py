"""Demonstrations: what a session feels like and does: dissociation, side effects, cognition, anaesthesia."""

# ruff: noqa: E501  sentences stay whole

from __future__ import annotations

import numpy as np

from ketasim.studies.claims.runs import INFUSION, at, call, change, run, spread
from ketasim.studies.claims.shown import Shown, shows


@shows("DIS1")
def detached() -> Shown:
    """Peak of the dissociation scale, its time, and when it is gone; S against R."""
    result = run(INFUSION, ["cadss", "valence"], 4.0, people=100, points=240)
    middle, low, high = spread(change(result, "cadss"))
    peak = float(np.median(result.tmax("cadss"))) * 60
    mean, share = float(change(result, "cadss").mean()), float(np.mean(change(result, "cadss") > 4))
    later = float(np.median(at(result, "cadss", 2.0) - result["cadss"][:, 0]))
    s, r = (
        float(run(f"{n} 0.25 mg/kg iv over 40 min", ["cadss"], 3.0).cmax("cadss")[0])
        for n in ("esketamine", "arketamine")
    )
    return Shown(
        middle,
        "points",
        f"The dissociation scale rises by {middle:.0f} of 92 points (mean {mean:.0f}; {share:.0%} pass 4), most after {peak:.0f} min, and {later:.1f} points are left at 2 h.",
        middle > 4 and 25 <= peak <= 60 and later < 0.35 * middle and s > r,
        "peak near 40 min, gone by about 90 min, S stronger than R",
        low,
        high,
        more=(("peak, min", peak), ("left at 2 h", later), ("S, 0.25 mg/kg", s), ("R, 0.25 mg/kg", r)),
        call=call(INFUSION, "cadss"),
    )


@shows("SID1")
def side_effects() -> Shown:
    """Chance of each side effect in a session."""
    names = ["p_dizziness", "p_headache", "p_nausea", "p_confusion", "p_delirium"]
    result = run("esketamine 84 mg intranasal", names, 6.0, people=100)
    share = {n: float(result[n][:, -1].mean()) for n in names}
    _, low, high = spread(result["p_dizziness"][:, -1])
    return Shown(
        share["p_dizziness"],
        "fraction",
        f"In a session of 84 mg esketamine {share['p_dizziness']:.0%} become dizzy, "
        f"{share['p_headache']:.0%} get headache, {share['p_nausea']:.0%} nausea, {share['p_confusion']:.1%} confusion.",
        0.03 < share["p_dizziness"] < 0.5 and share["p_delirium"] < 0.05,
        "29 % dizziness over a four-week course; delirium rare",
        low,
        high,
        more=tuple(share.items()),
        call=call("esketamine 84 mg intranasal", "p_dizziness"),
    )


@shows("COG1")
def thinking() -> Shown:
    """Loss of memory, attention and planning, and recovery."""
    names = ["memory", "attention", "executive", "psychomotor"]
    result = run(INFUSION, names, 6.0, people=100)
    middle, low, high = spread(result["memory"].min(axis=1))
    end = {n: float(np.median(result[n][:, -1])) for n in names}
    return Shown(
        middle,
        "fraction of own baseline",
        f"Memory falls to {middle:.0%} of a person's own baseline and is back at {end['memory']:.0%} after six hours.",
        middle < 0.97 and all(v > 0.95 for v in end.values()),
        "worse at 40 min, back at 2 to 4 h; never better than baseline",
        low,
        high,
        more=tuple((f"lowest {n}", float(np.median(result[n].min(axis=1)))) for n in names),
        call=call(INFUSION, "memory"),
    )


@shows("ANE1")
def sleep() -> Shown:
    """Loss and return of consciousness after 2 mg/kg, and during an infusion that maintains it."""
    bolus = "2 mg/kg iv over 1 min"
    result = run(bolus, ["p_anaesthesia", "p_unresponsive"], 1.0, points=240, people=100)
    asleep = result["p_anaesthesia"].mean(axis=0) > 0.5
    minutes = float(np.sum(asleep) * 60 / 240)
    onset = float(result.times_h[int(np.argmax(asleep))] * 60) if asleep.any() else float("nan")
    per_person = (result["p_anaesthesia"] > 0.5).sum(axis=1) * 60 / 240
    _, low, high = spread(per_person)
    held = run("2 mg/kg iv over 1 min then 41 mcg/kg/min for 60 min", ["p_unresponsive"], 1.0, points=60)
    kept = float(held["p_unresponsive"][0, 30:].min())
    return Shown(
        minutes,
        "min",
        f"2 mg/kg over a minute brings surgical anaesthesia for {minutes:.1f} min; an infusion of 41 µg/kg/min keeps "
        f"{kept:.0%} unresponsive.",
        4.0 <= minutes <= 12.0 and kept > 0.5,
        "5 to 10 min after 2 mg/kg by the label (4 to 12 accepted)",
        low,
        high,
        more=(("onset, min", onset), ("kept unresponsive", kept)),
        call=call(bolus, "p_anaesthesia"),
    )


@shows("ANE2")
def children() -> Shown:
    """A child of six: 1.5 mg/kg for a procedure."""
    child = {"age_y": 6, "weight_kg": 21, "height_cm": 116}
    dose = "1.5 mg/kg iv over 1 min"
    result = run(dose, ["p_unresponsive", "p_vomiting", "ketamine.venous"], 2.0, points=240, patient=child)
    adult = run(dose, ["p_unresponsive"], 2.0, points=240)
    asleep = {n: float((r["p_unresponsive"][0] > 0.5).sum() * 0.5) for n, r in (("child", result), ("adult", adult))}
    vomit = float(result["p_vomiting"][0, -1])
    return Shown(
        asleep["child"],
        "min",
        f"1.5 mg/kg leaves a child of six unresponsive for {asleep['child']:.0f} min (an adult for {asleep['adult']:.0f}); "
        f"the chance of vomiting is {vomit:.0%}.",
        3.0 <= asleep["child"] <= 40.0,
        "sedation of minutes to about half an hour; vomiting in 8.4 % of 8,282 children",
        more=(("adult, min", asleep["adult"]), ("vomiting", vomit)),
        call=call(dose, "p_unresponsive", patient="Patient(age_y=6)"),
    )
