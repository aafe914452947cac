"""Demonstrations: anxiety disorders, trauma, substances, psychotherapy."""

# ruff: noqa: E501  sentences stay whole

from __future__ import annotations

import numpy as np

from ketasim.studies.claims.runs import INFUSION, at, call, run, spread
from ketasim.studies.claims.shown import Shown, shows

DAY = 24.0
TWO_WEEKS = "0.5 mg/kg iv over 40 min, 3/week for 2 weeks"


@shows("ANX1")
def social() -> Shown:
    """Share that responds in social anxiety."""
    result = run(INFUSION, ["lsas"], 14 * DAY, people=200, points=84, patient={"diagnosis": "sad"})
    lowest = result["lsas"].min(axis=1) / result["lsas"][:, 0]
    share = float(np.mean(lowest <= 0.65))
    wide = 1.96 * (0.333 * 0.667 / 18) ** 0.5
    return Shown(
        share,
        "fraction",
        f"{share:.0%} of people with social anxiety fall by 35 % at some time of two weeks.",
        abs(share - 0.333) <= wide,
        "one third of 18 people responded; 95 % limits 12 to 55 %",
        0.333 - wide,
        0.333 + wide,
        "95 % limits of the trial",
        more=(("median ratio", float(np.median(lowest))),),
        call=call(INFUSION, "lsas"),
    )


@shows("PTS1")
def trauma() -> Shown:
    """Trauma symptoms after six infusions against midazolam."""
    who = {"diagnosis": "ptsd"}
    drug = run(TWO_WEEKS, ["caps5"], 14 * DAY, people=200, points=84, patient=who)
    other = run(
        "midazolam 0.045 mg/kg iv over 40 min, 3/week for 2 weeks",
        ["caps5"],
        14 * DAY,
        people=200,
        points=84,
        patient=who,
    )
    gap = at(drug, "caps5", 14 * DAY) - at(other, "caps5", 14 * DAY)
    _, low, high = spread(gap)
    mean = float(gap.mean())
    return Shown(
        mean,
        "points of 80",
        f"After two weeks trauma symptoms stand {mean:+.1f} points from midazolam.",
        -19.9 <= mean <= -3.9,
        "−11.9 points (SE 4.0) in civilians; no effect in 158 veterans",
        low,
        high,
        "5th to 95th of 200, between people",
        call=call(TWO_WEEKS, "caps5", patient="Patient(diagnosis='ptsd')"),
    )


def abstinent(settings: dict[str, float], regimen: str) -> float:
    """Chance of no lapse from day 4 to day 32, from the modelled hazard."""
    result = run(regimen, ["lapse_hazard"], 35 * DAY, points=210, patient={"diagnosis": "cud"}, settings=settings)
    t, rate = result.times_h / DAY, result["lapse_hazard"][0]
    keep = (t >= 4) & (t <= 32)
    t, rate = t[keep], rate[keep]
    return float(np.exp(-np.sum((rate[1:] + rate[:-1]) / 2 * np.diff(t))))


@shows("SUB1")
def craving() -> Shown:
    """Craving and lapse in cocaine dependence, with therapy, against no drug."""
    with_drug = run(
        INFUSION,
        ["lapse_hazard", "craving"],
        28 * DAY,
        points=168,
        patient={"diagnosis": "cud", "craving": 60},
        settings={"psychotherapy": 1},
    )
    rate, t = with_drug["lapse_hazard"][0], with_drug.times_h
    ratio = float(rate[(t > 2 * DAY)].mean() / rate[0]) if rate[0] else float("nan")
    fell = float(1 - with_drug["craving"].min() / with_drug["craving"][0, 0])
    return Shown(
        ratio,
        "ratio",
        f"Over four weeks with therapy the rate of lapsing is {ratio:.2f} of that without drug; craving falls by up to {fell:.0%}.",
        0.24 <= ratio <= 0.92 and fell > 0.1,
        "hazard ratio 0.47 (0.24 to 0.92)",
        0.24,
        0.92,
        "95 % limits of the trial",
        more=(("fall of craving", fell),),
        call=call(INFUSION, "lapse_hazard", settings={"psychotherapy": 1}),
    )


@shows("PSY1")
def therapy() -> Shown:
    """Chance of four weeks without lapse, with therapy and without."""
    with_, without = abstinent({"psychotherapy": 1}, INFUSION), abstinent({"psychotherapy": 0}, INFUSION)
    return Shown(
        with_ - without,
        "fraction",
        f"With therapy {with_:.0%} go four weeks without a lapse, without it {without:.0%}: the model assumes that "
        "therapy keeps the window open.",
        with_ > without,
        "longer with therapy; the size is assumed, no trial compared the two",
        more=(("with therapy", with_), ("without", without)),
        call=call(INFUSION, "lapse_hazard", settings={"psychotherapy": 1}),
    )
