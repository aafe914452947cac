"""The page of a search: what every regimen gives for what it costs, the front that is not beaten, and its doubt."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from ketasim.core.whole import write_whole
from ketasim.report.charts.chart import Chart, Line, Points
from ketasim.report.charts.intervals import Interval, intervals
from ketasim.report.context import Context
from ketasim.report.figure import figure
from ketasim.report.numbers import count, number
from ketasim.report.results.trial import NOBODY
from ketasim.report.sheet import sheet
from ketasim.report.text import esc, paragraph, table


def write_search(result: dict[str, Any], path: str | Path) -> Path:
    """Write the page of a search's result (`ketasim optimise --json`). InputError where it cannot be written."""
    return write_whole(path, search_page(result), "report")


def search_page(result: dict[str, Any]) -> str:
    """HTML text."""
    context = Context(NOBODY)
    under = (
        f"{count(result['tried'], 'regimen')} on the same {count(result['people'], 'person', 'people')} · "
        f"{result['doubt_draws']} draws of doubt · seed {result['seed']}"
    )
    words = paragraph(
        f"{result['allowed']} of {result['tried']} regimens keep all limits; {len(result['front'])} of them are not "
        "beaten in every goal by another."
    )
    failed = result["failed"]
    notices = f'<div class="notice warn" role="note"><p>{esc(result["note"])}</p></div>'
    if failed:
        notices += f'<div class="notice fail" role="note"><p>{count(failed, "run")} failed.</p></div>'
    parts = [
        ("short", "In short", "", words),
        ("front", "The front", "", _front(context, result)),
        ("goals", "Goals and limits, with doubt", "Goals", _goals(result)),
        ("all", "Regimens on the front", "Regimens", _table(result)),
    ]
    return sheet(result["title"], under, parts, notices)


def _front(context: Context, result: dict[str, Any]) -> str:
    goals = result["goals"]
    front = result["front"]
    if len(goals) < 2 or not front:
        return ""
    across, up = goals[1], goals[0]
    order = sorted(front, key=lambda r: r["values"][across])
    x, y = (np.array([r["values"][g] for r in order]) for g in (across, up))
    best = {r["regimen"] for r in front}
    others = [r for r in result["all"] if r["regimen"] not in best]
    points = [Points("not beaten", x, y, 0, 0)]
    for kept, word, shape in ((True, "beaten", 1), (False, "breaks a limit", 2)):
        mine = [r["values"] for r in others if r["allowed"] is kept]
        if mine:
            x_mine, y_mine = (np.array([m[name] for m in mine]) for name in (across, up))
            points.append(Points(word, x_mine, y_mine, 7 if kept else 1, shape))
    every = np.concatenate([p.x for p in points])
    room = 0.06 * float(np.ptp(every) or 1.0)
    chart = Chart(
        f"{_say(up)} against {_say(across)}",
        "Each point is a regimen; the line joins those that are not beaten.",
        x_unit="",
        y_unit="",
        lines=[Line("", x, y, 0, 1, 1.4)],
        points=points,
        x_range=(float(every.min()) - room, float(every.max()) + room),
        x_label=_say(across),
        y_label=_say(up),
        x_is_time=False,
    )
    return figure(context, "front", chart)


def _goals(result: dict[str, Any]) -> str:
    out = []
    for k, name in enumerate([*result["goals"], *result["limits"]]):
        rows = [Interval(r["regimen"], r["values"][name], *r["range_90"][name]) for r in result["front"]]
        kind = "goal" if name in result["goals"] else "limit"
        out.append(intervals(rows, f"goal-{k}", f"{_say(name)} ({kind})", _say(name), words=("mean, 90 % of doubt", ""),
                             zero=False))  # fmt: skip
    return "".join(out)


def _table(result: dict[str, Any]) -> str:
    names = [*result["goals"], *result["limits"]]
    rivals = list(dict.fromkeys(h for r in result["front"] for h in r["under_hypotheses"]))
    head = ["regimen", *(_say(n) for n in names), "keeps limits", "not sure of", "on the front",
            *(f"{_say(result['goals'][0])} under {h}" for h in rivals)]  # fmt: skip
    rows = [
        [r["regimen"], *(_with_error(r["values"][n], r["errors"][n]) for n in names),
         f"{r['allowed_share']:.0%}", _unsure(r), f"{r['front_share']:.0%}",
         *(number(r["under_hypotheses"][h][result["goals"][0]]) if h in r["under_hypotheses"] else "–" for h in rivals)]
        for r in result["front"]
    ]  # fmt: skip
    words = (
        "± is the sampling error; the columns after it say in how many draws of doubt that held. Not sure of: limits "
        "whose 95 % interval, with this many people and draws, lies on both sides."
    )
    return table(head, rows) + paragraph(words, kind="note")


def _unsure(row: dict[str, Any]) -> str:
    found = [
        f"{_say(k)} {number(v['low'], 2)} to {number(v['high'], 2)}"
        for k, v in row.get("limits", {}).items()
        if not v["certain"]
    ]
    return ", ".join(found) or "–"


def _with_error(value: float, error: float) -> str:
    return f"{number(value)} ± {number(error, 2)}" if error > 1e-9 * abs(value) else number(value)


def _say(name: str) -> str:
    return name.replace("_", " ")
