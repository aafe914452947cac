"""Demonstrations: acute pain, chronic pain, need for opioids."""

# ruff: noqa: E501  sentences stay whole

from __future__ import annotations

import numpy as np

from ketasim.studies.claims.runs import at, call, change, run, spread
from ketasim.studies.claims.shown import Shown, shows

DAY = 24.0


@shows("PAI1")
def emergency() -> Shown:
    """Pain score half an hour after a push of 0.3 mg/kg."""
    push = "0.3 mg/kg iv over 4 min"
    result = run(push, ["pain_nrs"], 2.0, people=100, patient={"pain_nrs": 8.6}, points=120)
    middle, low, high = spread(at(result, "pain_nrs", 0.5))
    five = float(np.median(at(result, "pain_nrs", 5 / 60)))
    return Shown(
        middle,
        "points of 10",
        f"A push of 0.3 mg/kg takes pain from 8.6 to {middle:.1f} at half an hour ({five:.1f} after five minutes).",
        3.1 <= middle <= 5.1 and five < 8.0,
        "8.6 to 4.1 at 30 min in the emergency department (±1)",
        low,
        high,
        more=(("five minutes", five),),
        call=call(push, "pain_nrs"),
    )


@shows("PAI2")
def chronic() -> Shown:
    """Regional pain after four days of infusion, and after half an hour."""
    long, short = "esketamine 22.2 mg/h for 100 h", "esketamine 0.5 mg/kg iv over 30 min"
    who = {"diagnosis": "crps", "pain_nrs": 7.2}
    drug = run(long, ["pain_chronic"], 84 * DAY, people=100, points=336, patient=who)
    brief = run(short, ["pain_chronic"], 84 * DAY, people=100, points=336, patient=who)
    none = run("saline iv over 40 min", ["pain_chronic"], 84 * DAY, people=100, points=336, patient=who)
    week, late = ((at(drug, "pain_chronic", h) - at(none, "pain_chronic", h)) for h in (7 * DAY, 84 * DAY))
    left = float((at(brief, "pain_chronic", 56 * DAY) - at(none, "pain_chronic", 56 * DAY)).mean())
    head = {"pain_nrs": 7.1}
    days = run("0.34 mg/kg/h iv for 115 h", ["migraine_pain"], 115.0, people=100, points=115, patient=head)
    dose, rest = (
        float(
            change(run(r, ["migraine_pain"], 0.5, people=100, points=30, patient=head), "migraine_pain", "min").mean()
        )
        for r in ("0.2 mg/kg iv over 2 min", "saline iv over 2 min")
    )
    fell = -float(change(days, "migraine_pain", "min").mean())
    _, low, high = spread(week)
    return Shown(
        float(week.mean()),
        "points of 10",
        f"Four days of infusion take {-week.mean():.1f} points off regional pain at a week and {-late.mean():.1f} at "
        f"twelve weeks; half an hour leaves {-left:.1f} at eight weeks. Five days take {fell:.1f} off migraine, a single "
        f"dose {rest - dose:.1f} more than saline.",
        -3.8 < week.mean() < -1.8
        and abs(late.mean()) < 1.2
        and abs(left) < 0.5
        and 2.3 < fell < 4.3
        and abs(dose - rest) < 1.0,
        "−2.8 points (±1) at one week, no difference at twelve; nothing lasting from short infusions; migraine −3.3 over five "
        "days without a control arm, nothing from 0.2 mg/kg",
        low,
        high,
        more=(
            ("twelve weeks", float(late.mean())),
            ("short infusion", left),
            ("migraine, five days", -fell),
            ("migraine, one dose against saline", dose - rest),
        ),
        call=call(long, "pain_chronic"),
    )


@shows("PAI3")
def sparing() -> Shown:
    """Opioid needed during a low infusion, against none."""
    low_dose = "0.25 mg/kg iv over 10 min then 0.1 mg/kg/h for 24 h"
    result = run(low_dose, ["opioid_need"], 24.0, people=100, points=240)
    need = result["opioid_need"].mean(axis=1)
    middle, low, high = spread(need)
    return Shown(
        middle,
        "ratio",
        f"Over a day of 0.1 mg/kg/h the need for opioid is {middle:.0%} of what it is without.",
        0.5 < middle < 0.98,
        "8 mg of 42 mg morphine less in the first 24 h (81 %, 71 to 90 % accepted widely)",
        low,
        high,
        call=call(low_dose, "opioid_need"),
    )
