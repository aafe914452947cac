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
    worry = run("1 mg/kg sc", ["hama"], 2.0, points=24, patient={"diagnosis": "gad"}, settings={"open_label": 1})
    hour = 1.0 - float(at(worry, "hama", 1.0)[0] / worry["hama"][0, 0])
    return Shown(
        share,
        "fraction",
        f"{share:.0%} of people with social anxiety fall by 35 % at some time of two weeks; generalised anxiety falls by "
        f"{hour:.0%} within an hour of 1 mg/kg.",
        abs(share - 0.333) <= wide and 0.35 <= hour <= 0.65,
        "one third of 18 people responded (95 % limits 12 to 55 %); about half in open weekly treatment",
        0.333 - wide,
        0.333 + wide,
        "95 % limits of the trial",
        more=(("median ratio", float(np.median(lowest))), ("fall of HAM-A in an hour", hour)),
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


def abstinent(therapy: int) -> np.ndarray:
    """Share of days without alcohol over half a year after three infusions, of each person."""
    result = run(
        "0.8 mg/kg iv over 40 min, 1/week for 3 weeks",
        ["abstinence"],
        180 * DAY,
        people=100,
        points=90,
        patient={"diagnosis": "aud"},
        settings={"psychotherapy": therapy},
    )
    return np.asarray(result["abstinence"].mean(axis=1))


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
    """Days without alcohol after three infusions, with therapy and without."""
    with_, without = abstinent(1), abstinent(0)
    gain = float(with_.mean() - without.mean())
    return Shown(
        gain,
        "fraction",
        f"With therapy {with_.mean():.0%} of half a year's days pass without alcohol, without it {without.mean():.0%}: the model "
        "assumes that therapy keeps the window open.",
        -0.067 <= gain <= 0.152 and gain > 0.0,
        "4.2 % more days (−6.7 to 15.2) with therapy in the one trial that compared",
        -0.067,
        0.152,
        "95 % limits of the trial",
        more=(("with therapy", float(with_.mean())), ("without", float(without.mean()))),
        call=call("0.8 mg/kg iv over 40 min, 1/week for 3 weeks", "abstinence", settings={"psychotherapy": 1}),
    )
