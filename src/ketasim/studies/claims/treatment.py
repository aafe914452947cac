"""Demonstrations: evaluation, infusion, monitoring, recovery, follow-up, law, open questions, explanation."""

# ruff: noqa: E501  sentences stay whole

from __future__ import annotations

from typing import Any

import numpy as np

from ketasim.studies.claims.runs import INFUSION, at, call, change, run, spread
from ketasim.studies.claims.shown import NotAvailable, Shown, shows

DAY = 24.0


def clinic(*names: str) -> list[Any]:
    """Functions of the clinic by name; NotAvailable where it has none of that name."""
    from ketasim import clinic as module

    found = [getattr(module, name, None) for name in names]
    if None in found:
        raise NotAvailable(f"the clinic has no {names[found.index(None)]}")
    return found


@shows("CLI1")
def evaluation() -> Shown:
    """What screening says of a healthy person and of one with an aneurysm."""
    (screen,) = clinic("screen")
    from ketasim.patients import Patient

    well, ill = screen(Patient(diagnosis="trd")), screen(Patient(diagnosis="trd", aneurysm=True))
    stops = len(tuple(getattr(ill, "contraindications", ())))
    free = len(tuple(getattr(well, "contraindications", ())))
    return Shown(
        float(stops),
        "contraindications",
        f"Screening finds {stops} reason against treatment in a person with an aneurysm and {free} without.",
        stops > 0 and free == 0,
        "an aneurysm is a contraindication of the label",
        call="clinic.screen(patient)",
    )


@shows("CLI2")
def programme() -> Shown:
    """What the pump does, and how far levels differ between people at one dose."""
    result = run(INFUSION, ["ketamine.venous"], 4.0, people=100)
    middle, low, high = spread(result.cmax("ketamine.venous"))
    rate = 0.5 * 70 / 1.0 / (40 / 60)
    paused = run("0.25 mg/kg iv over 20 min then wait 20 min then 0.25 mg/kg iv over 20 min", ["cadss"], 3.0)
    straight = run(INFUSION, ["cadss"], 3.0)
    gain = float(straight.cmax("cadss")[0] - paused.cmax("cadss")[0])
    return Shown(
        rate,
        "mL/h of 1 mg/mL",
        f"0.5 mg/kg over 40 min is {rate:.1f} mL/h at 70 kg; levels peak at {middle:.0f} ng/mL ({low:.0f} to {high:.0f}). "
        f"A pause halfway takes {gain:.1f} points off the peak of dissociation.",
        80 < middle < 300 and gain > 0,
        "124 to 290 ng/mL published for this infusion; a pause lowers the peak",
        low,
        high,
        "levels, ng/mL: 5th to 95th of 100",
        more=(("peak, ng/mL", middle), ("pause", gain)),
        call=call(INFUSION, "ketamine.venous"),
    )


@shows("CLI3")
def watching() -> Shown:
    """How many sessions would pass a limit that a monitor sees."""
    result = run(INFUSION, ["sbp", "dbp"], 4.0, people=200)
    passed = np.asarray((result["sbp"] >= 160).any(axis=1) | (result["dbp"] >= 100).any(axis=1))
    share = float(passed.mean())
    peak = float(np.median(result.tmax("sbp"))) * 60
    half = 1.96 * (share * (1 - share) / len(passed)) ** 0.5
    return Shown(
        share,
        "fraction",
        f"In {share:.0%} of sessions pressure passes 160/100 mmHg at some time; it is highest after {peak:.0f} min.",
        25 <= peak <= 60 and share < 0.5,
        "highest near 40 min; a minority passes the limit",
        max(share - half, 0.0),
        share + half,
        "95 % limits of the share of 200",
        more=(("time of the highest, min", peak),),
        call=call(INFUSION, "sbp"),
    )


@shows("CLI4")
def leaving() -> Shown:
    """When people are awake, clear, steady in pressure and no longer dissociated."""
    result = run(INFUSION, ["cadss", "sbp", "psychomotor"], 6.0, people=100, points=360)
    settled = (
        (result["cadss"] - result["cadss"][:, :1] < 4)
        & (np.abs(result["sbp"] - result["sbp"][:, :1]) < 10)
        & (result["psychomotor"] > 0.95)
    )
    last = np.array([0 if row.all() else int(np.flatnonzero(~row)[-1]) + 1 for row in settled])
    minutes = result.times_h[np.minimum(last, len(result.times_h) - 1)] * 60
    middle, low, high = spread(minutes)
    return Shown(
        middle,
        "min",
        f"The median person is settled {middle:.0f} min after the start of the infusion, nineteen of twenty by {high:.0f} min.",
        45 <= middle <= 180,
        "observed for two hours; pressure back 90 min after an infusion (±30)",
        low,
        high,
        call=call(INFUSION, "psychomotor"),
    )


@shows("CLI5")
def visits() -> Shown:
    """Mood at each visit of a course, and memory on the way."""
    course = "0.5 mg/kg iv over 40 min, 2/week for 4 weeks then 0.5 mg/kg iv over 40 min, 1/week for 8 weeks"
    result = run(
        course,
        ["madrs", "spatial_memory_z"],
        84 * DAY,
        people=60,
        points=168,
        patient={"diagnosis": "trd", "madrs": 32},
    )
    weeks = {w: float(at(result, "madrs", w * 7 * DAY).mean()) for w in (0, 1, 4, 8, 12)}
    ends = at(result, "madrs", 84 * DAY) - result["madrs"][:, 0]
    _, low, high = spread(ends)
    memory = float(result["spatial_memory_z"][:, -1].min())
    return Shown(
        float(ends.mean()),
        "points",
        f"At twelve weeks of a course the MADRS stands {ends.mean():+.1f} points from entry; memory is unchanged ({memory:+.2f}).",
        ends.mean() < -8.0 and memory > -0.1,
        "benefit kept while treatment goes on; no decline of memory in a year",
        low,
        high,
        "5th to 95th of 60, between people",
        more=tuple((f"week {w}", v) for w, v in weeks.items()),
        call=call(course, "madrs"),
    )


@shows("LAW1")
def law() -> Shown:
    """The log of what was drawn, given and thrown away, and the dated entries."""
    from ketasim.kinetics.molecule import history

    schedule = [e for e in history() if e.source == "dea1999"]
    drawn, given = 200.0, 0.5 * 70.0
    return Shown(
        drawn - given,
        "mg",
        f"Of a 200 mg vial 35 mg are given to a person of 70 kg and {drawn - given:.0f} mg must be accounted for; "
        f"scheduled in the United States in {schedule[0].year}.",
        bool(schedule) and schedule[0].year == 1999,
        "Schedule III since 12 August 1999",
        call="history()",
    )


@shows("MEC1")
def rivals() -> Shown:
    """How far the rival explanations lie apart, and where they could be told apart."""
    from ketasim.models.layers.plasticity import HYPOTHESES

    def fall(regimen: str, hypothesis: str) -> float:
        who = {"diagnosis": "trd", "madrs": 32}
        return float(
            change(
                run(regimen, ["madrs"], 7 * DAY, points=84, patient=who, options={"hypothesis": hypothesis}),
                "madrs",
                "min",
            )[0]
        )

    racemate = {h: fall(INFUSION, h) for h in HYPOTHESES}
    arket = {h: fall("arketamine 0.5 mg/kg iv over 40 min", h) for h in HYPOTHESES}
    apart = {h: arket[h] - racemate[h] for h in HYPOTHESES}
    widest = max(apart.values()) - min(apart.values())
    close = max(racemate.values()) - min(v for h, v in racemate.items() if h != "expectancy")
    return Shown(
        widest,
        "points",
        f"{len(HYPOTHESES)} explanations differ by {close:.0f} points for the usual infusion; for arketamine against the racemate they "
        f"differ by {widest:.0f}: a trial that would tell them apart.",
        len(HYPOTHESES) > 3 and widest > 1.0,
        "several explanations carried side by side; none is called the right one",
        more=tuple((h, f"{racemate[h]:+.1f} racemate, {arket[h]:+.1f} arketamine") for h in HYPOTHESES),
        call=call(INFUSION, "madrs", options={"hypothesis": "rest_block"}),
    )


@shows("EXP1")
def traced() -> Shown:
    """How many numbers of the default model carry a source, and how many are assumptions."""
    numbers = run(INFUSION, ["ketamine.venous", "madrs", "cadss", "sbp"], 1.0).parameters
    sourced = [p for p in numbers.values() if p.source]
    assumed = [p for p in numbers.values() if p.kind == "assumed" or p.status == "assumed"]
    share = len(sourced) / max(len(numbers), 1)
    return Shown(
        share,
        "fraction",
        f"{len(sourced)} of {len(numbers)} numbers behind levels, mood, dissociation and pressure name a source; {len(assumed)} are "
        "assumptions and marked.",
        share == 1.0,
        "every number has a source or is marked as assumed",
        more=(("assumed", len(assumed)),),
        call="result.sources()",
    )
