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
    screen, protocol = clinic("screen", "Protocol")
    from ketasim.patients import Patient

    rules = protocol.load("iv_depression")
    well, ill = screen(Patient(diagnosis="trd"), rules), screen(Patient(diagnosis="trd", aneurysm=True), rules)
    stops, free = (sum(f.verdict == "exclude" for f in found.findings) for found in (ill, well))
    return Shown(
        float(stops),
        "contraindications",
        f"Screening finds {stops} reason against treatment in a person with an aneurysm and {free} without.",
        stops > 0 and free == 0,
        "an aneurysm is a contraindication of the label",
        call="ketasim.clinic.screen(patient, protocol)",
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
    """When the protocol lets people go: awake, not dissociated, steady in pressure."""
    predict, protocol = clinic("predict_discharge", "Protocol")
    from ketasim.patients import Patient

    rules = protocol.load("iv_depression")
    found = predict(Patient(diagnosis="trd"), rules, people=100, seed=1)
    return Shown(
        found.median,
        "min",
        f"Half may leave {found.median:.0f} min after the start, {found.not_ready:.0%} are not ready within eight hours.",
        60 <= found.median <= 180,
        "an hour after the infusion at the earliest; pressure back 90 min after it (±30), two hours of watching after a spray",
        found.low,
        min(found.high, rules.max_min),
        "5th to 95th of 100, or the last minute simulated",
        call="ketasim.clinic.predict_discharge(patient, protocol)",
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
    """A session's account of the drug, and the dated entries."""
    session, protocols = clinic("Session", "Protocol")
    from ketasim.kinetics.molecule import history
    from ketasim.patients import Patient

    account = session(Patient(diagnosis="trd"), "iv_depression").run().account
    protocol, entry = protocols.load("iv_depression"), [e for e in history() if e.source == "dea1999"]
    missing = account.drawn - account.given - account.wasted
    return Shown(
        missing,
        "mg",
        f"In a session {account.drawn:.1f} mg are drawn, {account.given:.1f} mg given, {account.wasted:.1f} mg destroyed before a witness, {abs(missing):.3f} mg unaccounted for; scheduled in the United States in {entry[0].year}.",
        bool(entry) and abs(missing) < 1e-3 and bool(protocol.legal_date),
        "drawn = given + destroyed; every entry about law carries a date",
        more=(("status", protocol.legal_status), ("as of", protocol.legal_date)),
        call="ketasim.clinic.Session(patient).run().account",
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
