"""The page of a virtual trial: courses by arm, effects with power, size, blinding, safety, printed rows beside."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ketasim.core.result import Result
from ketasim.core.whole import write_whole
from ketasim.report.charts.chart import Band, Chart, Line, Points
from ketasim.report.charts.intervals import Interval, intervals
from ketasim.report.context import Context
from ketasim.report.figure import figure
from ketasim.report.numbers import count, number
from ketasim.report.sheet import sheet
from ketasim.report.text import esc, paragraph, table

WANTED = 0.8
NOBODY = Result({}, {}, np.zeros(0), np.zeros(0, int))
UNITS = {"change": "points", "response": "share of people", "remission": "share of people", "safety": "share of people"}


def write_trial(result: dict[str, Any], path: str | Path) -> Path:
    """Write the page of a trial's result (`ketasim trial --json`). InputError where it cannot be written."""
    return write_whole(path, trial_page(result), "report")


def trial_page(result: dict[str, Any]) -> str:
    """HTML text."""
    context = Context(NOBODY)
    drawn = ", ".join(result["vary"]) or "nothing"
    under = (
        f"{count(result['replicates'], 'replicate')} of {count(result['people'], 'person', 'people')} · "
        f"drawn: {drawn} · seed {result['seed']} · ketasim {result['ketasim']}"
    )
    failed = result["failed"]
    notices = f'<div class="notice warn" role="note"><p>{esc(result["note"])}</p></div>'
    if failed:
        notices += (
            f'<div class="notice fail" role="note"><h2>{count(failed, "simulated person", "simulated people")} could '
            "not be followed to the end and have no scores.</h2></div>"
        )
    parts = [
        ("short", "In short", "", _short(result)),
        ("courses", "Scores by visit", "Scores", _courses(context, result)),
        ("effects", "Effects and power", "Effects", _effects(context, result)),
        ("printed", "Beside what was printed", "Printed", _printed(result)),
        ("blinding", "Who believed what", "Blinding", _blinding(result)),
        ("safety", "Peaks of sessions", "Safety", _safety(result)),
        ("watched", "What the clinic did", "Clinic", _watched(result)),
        ("looks", "Looks on the way", "Looks", _rows(result.get("looks"))),
        ("adaptive", "Choice of dose", "Choice", _rows(result.get("adaptive"))),
        ("doubt", "What the conclusion hangs on", "Doubt", _rows(result.get("doubt"))),
        ("rivals", "Under rival explanations", "Rivals", _rows(result.get("hypotheses"))),
    ]
    return sheet(result["title"], under, parts, notices)


def _short(result: dict[str, Any]) -> str:
    lines = [f"{result['screened_per_person']:.2f} people are screened for each who is let in."]
    for e in result["endpoints"]:
        if e["primary"]:
            for c in e["contrasts"]:
                lines.append(
                    f"{c['arm']} against {e['against']}, {e['name']} at day {e['day']:g} ({e['analysis']}): "
                    f"{number(c['estimate'])} with a power of {c['power']:.0%} (± {c['error']:.1%}, Monte Carlo)."
                )
                if "minimal_difference" in c:
                    verb = "is below" if abs(c["estimate"]) < c["minimal_difference"] else "reaches"
                    lines.append(f"That {verb} {c['minimal_difference']:g} points, the least that counts (recalled).")
                if people := c.get(f"people_for_{WANTED:.0%}"):
                    lines.append(f"{_people(people)} in both arms together would give {WANTED:.0%}.")
    return "".join(paragraph(line) for line in lines)


def _people(size: dict[str, float]) -> str:
    if not np.isfinite(size["people"]):
        return "No number of people"
    return f"{size['people']:.0f} people ({size['low']:.0f} to {size['high']:.0f})"


def _courses(context: Context, result: dict[str, Any]) -> str:
    lines, bands = [], []
    for i, arm in enumerate(result["arms"]):
        day = np.array([0.0, *(v["day"] for v in arm["visits"])])
        mean = np.array([arm["start"], *(v["mean"] for v in arm["visits"])])
        sd = np.array([np.nan, *(v["sd"] for v in arm["visits"])])
        lines.append(Line(arm["id"], day, mean, i, i))
        if len(result["arms"]) <= 3:
            bands.append(Band(f"{arm['id']}, ± SD", day, mean - sd, mean + sd, i))
    words = "Mean rated score at each visit, by arm, over all replicates."
    chart = Chart("Mean score of those seen", words, "d", "points", lines, bands)
    rows = [
        [arm["id"], f"{arm['n']}", arm["regimen"], f"{arm['start']:.1f}", f"{arm['left']:.0%}", f"{arm['rescued']:.0%}",
         f"{arm['doses_given']:.0%}"]
        for arm in result["arms"]
    ]  # fmt: skip
    head = ["arm", "people", "regimen", "start", "left", "rescued", "doses given"]
    return figure(context, "courses", chart) + table(head, rows, caption="Arms")


def _effects(context: Context, result: dict[str, Any]) -> str:
    out = []
    for k, e in enumerate(result["endpoints"]):
        unit = UNITS.get(e["kind"], "")
        rows = [
            Interval(f"{c['arm']} against {e['against']}", c["estimate"], c["estimate"] - 1.645 * c["sd"],
                     c["estimate"] + 1.645 * c["sd"], colour=0)
            for c in e["contrasts"]
        ]  # fmt: skip
        title = f"{e['name'].replace('_', ' ')}, day {e['day']:g}" + (" (primary)" if e["primary"] else "")
        out.append(intervals(rows, f"effect-{k}", title, f"difference, {unit}" if unit else "difference",
                             words=("mean and 90 % of replicates", "")))  # fmt: skip
        body = [
            [c["arm"], f"{c['power']:.1%} ± {c['error']:.1%}", number(c["se"]),
             *(_people(c[f"people_for_{p:.0%}"]) if f"people_for_{p:.0%}" in c else "–" for p in (0.8, 0.9)),
             number(c["number_needed"]) if "number_needed" in c else "–"]
            for c in e["contrasts"]
        ]  # fmt: skip
        head = ["arm", "power", "standard error", "80 % power with", "90 % power with", "number needed to treat"]
        out.append(table(head, body, caption=f"{title}: {e['analysis']}"))
        if chart := _power(e, result):
            out.append(figure(context, f"power-{k}", chart))
    return "".join(out)


def _power(endpoint: dict[str, Any], result: dict[str, Any]) -> Chart | None:
    """Power against people in both arms, by the normal distribution, from the mean effect and standard error."""
    from scipy.special import ndtr, ndtri

    sizes = {arm["id"]: arm["n"] for arm in result["arms"]}
    lines, points = [], []
    for i, c in enumerate(endpoint["contrasts"]):
        if f"people_for_{WANTED:.0%}" not in c or not np.isfinite(c["se"]) or c["estimate"] == 0:
            continue
        have = sizes[c["arm"]] + sizes[endpoint["against"]]
        common = max(c["sd"] ** 2 - c["se"] ** 2, 0.0)  # what replicates do not share: doubt does not shrink
        people = np.geomspace(8, max(4.0 * have, 200.0), 60)
        spread = np.sqrt(c["se"] ** 2 * have / people)
        z = abs(c["estimate"]) - ndtri(1 - result["alpha"] / 2) * spread
        lines.append(Line(c["arm"], people, 100 * ndtr(z / np.sqrt(spread**2 + common)), i, i))
        points.append(Points("this trial", np.array([have]), np.array([100 * c["power"]]), i, 0))
    if not lines:
        return None
    words = "Share of trials that would find the difference, against the people in both arms."
    label = "people in both arms"
    return Chart("Power by size", words, "people", "%", lines, (), points, x_label=label, x_is_time=False)


def _printed(result: dict[str, Any]) -> str:
    found = result.get("published") or []
    out = []
    for k, endpoint in enumerate(dict.fromkeys(row["endpoint"] for row in found)):
        rows = [
            Interval(f"{r['arm']}, {r['what']}", r["simulated"], r["low"], r["high"], r["observed"])
            for r in found
            if r["endpoint"] == endpoint
        ]
        out.append(intervals(rows, f"printed-{k}", endpoint.replace("_", " "), "as printed",
                             words=("simulated, 95 % of replicates", "printed")))  # fmt: skip
    if found:
        held = sum(r["verdict"] == "inside" for r in found)
        out.append(paragraph(f"{held} of {len(found)} printed numbers lie inside the interval of the replicates."))
    for r in found:
        if r["verdict"] == "outside":
            why = r.get("why", "no explanation is given with the design")
            out.append(paragraph(f"Outside: {r['endpoint']}, {r['arm']}, {r['what']} {number(r['observed'])}: {why}."))
    return "".join(out)


def _blinding(result: dict[str, Any]) -> str:
    rows = [
        [a["id"], f"{a['believes_active']:.0%} ± {a['believes_active_error']:.1%}", f"{a['bang_index']:+.2f}",
         f"{a['felt']:.0%}"]
        for a in result["arms"]
    ]  # fmt: skip
    words = "The index of Bang is 0 where guesses are no better than a coin and 1 where everybody is right."
    head = ["arm", "believes to have had the drug", "blinding index", "felt, largest of any session"]
    return paragraph(words) + table(head, rows)


def _safety(result: dict[str, Any]) -> str:
    rows = [
        [a["id"], name.replace("_", " "), number(v["mean"]), number(v["p95"])]
        for a in result["arms"]
        for name, v in a["peaks"].items()
    ]
    return table(["arm", "output", "mean peak", "19 of 20 people stay below"], rows) if rows else ""


def _watched(result: dict[str, Any]) -> str:
    arms = [a for a in result["arms"] if a.get("watched")]
    if not arms:
        return ""
    names = list(arms[0]["watched"])
    rows = [[a["id"], *(number(a["watched"][n]) for n in names)] for a in arms]
    words = (
        "Means a person over the whole course. Arms led by a course had sessions, stops and new starts by its rules."
        if "sessions_given" in names
        else "Means a person over the whole course; sessions were run by the protocol's holds, alarms and actions."
    )
    return table(["arm", *(n.replace("_", " ") for n in names)], rows) + paragraph(words, kind="note")


def _rows(rows: Sequence[dict[str, Any]] | None) -> str:
    if not rows:
        return ""
    heads = list(dict.fromkeys(k for row in rows for k in row))
    return table([h.replace("_", " ") for h in heads], [[_cell(row.get(h, "")) for h in heads] for row in rows])


def _cell(value: Any) -> str:
    return number(value) if isinstance(value, float) else str(value)
