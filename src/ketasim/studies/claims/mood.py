"""Demonstrations: depression within hours, weeks of tablets, relapse, other diagnoses, esketamine."""

# ruff: noqa: E501  sentences stay whole

from __future__ import annotations

import numpy as np

from ketasim.core.result import Result
from ketasim.studies.claims.runs import INFUSION, at, call, change, run, spread
from ketasim.studies.claims.shown import Shown, shows

DAY = 24.0
TRD = {"diagnosis": "trd", "madrs": 32}
COURSE = "0.5 mg/kg iv over 40 min, 3/week for 2 weeks"


def fall(result: Result, hour: float) -> np.ndarray:
    """Fall of the MADRS by an hour, (subjects,)."""
    return at(result, "madrs", hour) - result["madrs"][:, 0]


@shows("MOO1")
def within_hours() -> Shown:
    """Fall of the MADRS at four hours and a day, ketamine against midazolam."""
    drug = run(INFUSION, ["madrs"], 7 * DAY, people=200, points=168, patient=TRD, settings={"masked": 1})
    other = run("midazolam 0.045 mg/kg iv over 40 min", ["madrs"], 7 * DAY, people=200, points=168, patient=TRD)
    _, low, high = spread(fall(drug, DAY))
    four, control = float(fall(drug, 4.0).mean()), float(fall(other, DAY).mean())
    share = float(np.mean(at(drug, "madrs", DAY) <= 0.5 * drug["madrs"][:, 0]))
    mean = float(fall(drug, DAY).mean())
    return Shown(
        mean,
        "points",
        f"One day after an infusion the MADRS has fallen by {-mean:.1f} points ({-four:.1f} after four hours), by {-control:.1f} "
        f"after midazolam; {share:.0%} have halved it.",
        mean < control - 2.0 and four < -2.0 and share > 0.2,
        "−16.5 against −8.8 points at 24 h; 52 % responded in pooled trials",
        low,
        high,
        "5th to 95th of 200, between people",
        more=(("4 h", four), ("midazolam", control), ("response", share)),
        call=call(INFUSION, "madrs", patient="Patient(diagnosis='trd')"),
    )


@shows("MOO2")
def tablets() -> Shown:
    """A new tablet against an infusion: the share of its six-week gain that is there after a day."""
    who = {"diagnosis": "mdd"}
    tablet, placebo = (
        run(
            "saline oral",
            ["madrs"],
            42 * DAY,
            points=168,
            people=200,
            patient=who,
            settings={"new_antidepressant": taken, "multicentre": 1},
        )
        for taken in (1, 0)
    )
    gain = {h: float((at(tablet, "madrs", h) - at(placebo, "madrs", h)).mean()) for h in (DAY, 14 * DAY, 42 * DAY)}
    early = gain[DAY] / gain[42 * DAY] if gain[42 * DAY] else float("nan")
    return Shown(
        early,
        "fraction",
        f"After a day a new tablet has brought {early:.0%} of what it brings by six weeks ({gain[42 * DAY]:.1f} points over placebo).",
        early < 0.1 and -6.0 < gain[42 * DAY] < -1.0,
        "next to nothing on the first day, 2 to 3 points over placebo by six weeks (1 to 6 accepted)",
        more=(("two weeks", gain[14 * DAY]), ("six weeks", gain[42 * DAY])),
        call='settings={"new_antidepressant": 1}',
    )


def relapse_day(regimen: str, since_d: float, until_d: float) -> float:
    """Day after `since_d` at which half have relapsed, from the modelled hazard; until_d − since_d if not reached."""
    result = run(regimen, ["relapse_hazard"], until_d * DAY, points=int(until_d * 2), patient=TRD)
    t = result.times_h / DAY
    rate = np.where(t >= since_d, result["relapse_hazard"][0], 0.0)
    total = np.concatenate([[0.0], np.cumsum((rate[1:] + rate[:-1]) / 2 * np.diff(t))])
    reached = total >= np.log(2.0)
    return float(t[int(np.argmax(reached))] - since_d) if reached.any() else until_d - since_d


@shows("MOO3")
def lasting() -> Shown:
    """Median time to relapse after one infusion, after six, and with weekly treatment going on."""
    one, six = relapse_day(INFUSION, 1.0, 90.0), relapse_day(COURSE, 14.0, 120.0)
    kept = relapse_day(f"{COURSE} then 0.5 mg/kg iv over 40 min, 1/week for 24 weeks", 14.0, 180.0)
    return Shown(
        six,
        "days",
        f"Half relapse {one:.0f} days after one infusion and {six:.0f} days after six; with weekly infusions {kept:.0f} days or more.",
        11.0 <= six <= 25.0 and kept > six,
        "18 days after six infusions (11 to 25 accepted), later when treatment goes on",
        more=(("one infusion", one), ("weekly after six", kept)),
        call=call(COURSE, "relapse_hazard"),
    )


@shows("MOO4")
def others() -> Shown:
    """Bipolar depression, obsessive-compulsive disorder and cocaine dependence beside each other."""
    bipolar = run(INFUSION, ["madrs"], 7 * DAY, people=200, points=84, patient={"diagnosis": "bipolar", "madrs": 32})
    ocd = run(INFUSION, ["ybocs"], 7 * DAY, people=200, points=84, patient={"diagnosis": "ocd"})
    use = run(INFUSION, ["lapse_hazard"], 7 * DAY, points=84, patient={"diagnosis": "cud"})
    lowest = bipolar["madrs"].min(axis=1) <= 0.5 * bipolar["madrs"][:, 0]
    share = float(np.mean(at(ocd, "ybocs", 7 * DAY) <= 0.65 * ocd["ybocs"][:, 0]))
    rate = float(use["lapse_hazard"][0].min() / max(use["lapse_hazard"][0, 0], 1e-9))
    return Shown(
        float(lowest.mean()),
        "fraction",
        f"{lowest.mean():.0%} with bipolar depression halve their score at some time of a week, {share:.0%} with "
        f"obsessive-compulsive disorder respond at a week, and the rate of lapsing falls to {rate:.0%}.",
        0.35 < lowest.mean() < 0.95 and share > 0.1 and rate < 0.95,
        "71 % bipolar (any time), 4 of 8 in OCD, hazard 0.47 in cocaine dependence",
        more=(("OCD response", share), ("lapse hazard, ratio", rate)),
        call=call(INFUSION, "madrs", patient="Patient(diagnosis='bipolar')"),
    )


@shows("ESK1")
def spray() -> Shown:
    """Esketamine spray twice a week with a new tablet, against the tablet with a placebo spray."""
    setting = {"new_antidepressant": 1, "multicentre": 1}
    label = "esketamine 84 mg intranasal, 2/week for 4 weeks"
    drug = run(label, ["madrs"], 28 * DAY, people=200, points=56, patient=TRD, settings=setting)
    other = run(
        "saline iv over 40 min, 2/week for 4 weeks",
        ["madrs"],
        28 * DAY,
        people=200,
        points=56,
        patient=TRD,
        settings=setting,
    )
    gap = fall(drug, 28 * DAY) - fall(other, 28 * DAY)
    mean = float(gap.mean())
    peaks = {
        mg: float(run(f"esketamine {mg} mg intranasal", ["S_ketamine.venous"], 6.0).cmax("S_ketamine.venous")[0])
        for mg in (28, 56, 84)
    }
    _, low, high = spread(gap)
    return Shown(
        mean,
        "points",
        f"After four weeks 84 mg twice a week with a new tablet stands {mean:+.1f} MADRS points from the tablet alone.",
        -7.0 < mean < -1.0,
        "−4.0 points (SE 1.7) in TRANSFORM-2, −3.2 in TRANSFORM-1",
        low,
        high,
        "5th to 95th of 200, between people",
        more=tuple((f"peak of {mg} mg, ng/mL", v) for mg, v in peaks.items()),
        call=call(label, "madrs", settings=setting),
    )


@shows("FEA1")
def fear() -> Shown:
    """Social anxiety and trauma after treatment, and anxiety during the session."""
    social = run(INFUSION, ["lsas"], 14 * DAY, people=200, points=84, patient={"diagnosis": "sad"})
    trauma = run(COURSE, ["caps5"], 14 * DAY, people=200, points=84, patient={"diagnosis": "ptsd"})
    during = run(INFUSION, ["anxiety", "fear_circuit"], 3.0)
    amygdala = 1.0 + float(change(during, "fear_circuit", "min")[0])
    middle, low, high = spread(change(social, "lsas", "min"))
    caps, now = float(change(trauma, "caps5", "min").mean()), float(change(during, "anxiety")[0])
    return Shown(
        middle,
        "points",
        f"Social anxiety falls by up to {-middle:.0f} points of 144 and trauma symptoms by {-caps:.0f} of 80; during the session "
        f"anxiety moves by {now:+.1f} points and the amygdala answers threat with {amygdala:.0%} of its response.",
        middle < -3.0 and caps < -3.0 and amygdala < 0.9,
        "lower scores after treatment; a third responded in social anxiety; less response of the amygdala",
        low,
        high,
        "5th to 95th of 200, between people",
        more=(("CAPS-5", caps), ("anxiety in the session", now), ("response of the amygdala", amygdala)),
        call=call(INFUSION, "lsas"),
    )
