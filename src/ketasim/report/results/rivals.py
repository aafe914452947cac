"""The page of rival explanations: how each fits the same rows, what it predicts, which study would tell them apart."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from ketasim.core.whole import write_whole
from ketasim.report.charts.intervals import Interval, intervals
from ketasim.report.sheet import sheet
from ketasim.report.text import paragraph, table

VAGUE = 0.85
TRUSTED = 0.7  # Pareto k


def write_rivals(found: dict[str, Any], path: str | Path) -> Path:
    """Write the page (`ketasim compare --json`). InputError where it cannot be written."""
    return write_whole(path, rivals_page(found), "report")


def rivals_page(found: dict[str, Any]) -> str:
    """HTML text."""
    order = sorted(found["explanations"], key=lambda e: -e["score"])
    parts = [
        ("short", "In short", "", _short(found, order)),
        ("scores", "Scores of studies left out", "Scores", _scores(order)),
        ("untried", "What each predicts for other regimens", "Predictions", _untried(order)),
        ("studies", "Studies that would decide", "Studies", _studies(found)),
        *((f"rows-{e['name']}", f"Rows under: {e['words']}", e["name"].replace("_", " "), _rows(e)) for e in order),
    ]
    under = f"{len(order)} explanations, fitted to the same {len(order[0]['rows'])} published rows"
    return sheet("Rival explanations of the antidepressant effect", under, parts)


def _short(found: dict[str, Any], order: list[dict[str, Any]]) -> str:
    out = paragraph(f"Best in the studies left out: {order[0]['words']}. Not distinguishable is an answer.")
    words = {e["name"]: e["words"] for e in order}
    rows = [[words[p["second"]], f"{p['difference']:.1f}", f"{p['error']:.1f}", p["verdict"]] for p in found["pairs"]]
    return out + table(["against", "difference of scores", "error", "verdict"], rows)


def _scores(order: list[dict[str, Any]]) -> str:
    rows = [
        [e["words"], f"{e['score']:.1f}", f"{e['inside']:.0%}", _trust(e["left_out"]),
         ", ".join(n["name"] for n in e["numbers"] if n["overlap"] > VAGUE) or "none"]
        for e in order
    ]  # fmt: skip
    head = ["explanation", "log score, studies left out", "rows inside", "of these scores", "rows say little about"]
    note = "A Pareto k above 0.7 marks a rough score by weights; --refit fits again."
    return table(head, rows) + paragraph(note, kind="note")


def _trust(left_out: list[dict[str, Any]]) -> str:
    """How many scores of studies come from a fit of their own, and how many are rough."""
    again = sum(bool(s.get("refitted")) for s in left_out)
    rough = sum(s["k"] > TRUSTED and not s.get("refitted") for s in left_out)
    said = [f"{rough} of {len(left_out)} rough"] if rough else ["none rough"]
    return ", ".join(said + ([f"{again} fitted again"] if again else []))


def _untried(order: list[dict[str, Any]]) -> str:
    out = []
    for k, design in enumerate(order[0]["predictions"]):
        rows = []
        for e in order:
            c = e["predictions"][k]
            rows.append(Interval(e["words"], c["difference"], c["difference"] - 1.645 * c["sd"],
                                 c["difference"] + 1.645 * c["sd"]))  # fmt: skip
        out.append(intervals(rows, f"untried-{k}", design["words"], "difference of MADRS changes, points",
                             words=("mean and 90 %", "")))  # fmt: skip
    return "".join(out)


def _studies(found: dict[str, Any]) -> str:
    rows = [
        [s["words"], f"{s['people_an_arm']}", f"{s['decibans']:.1f}", " from ".join(s["separates"]),
         f"{s['decibans_of_pair']:.0f}"]
        for s in found["studies"]
    ]  # fmt: skip
    head = ["study", "people an arm", "mean decibans", "separates best", "decibans of that pair"]
    words = "Ten decibans make one explanation ten times as likely as another."
    return table(head, rows) + paragraph(words, kind="note") if rows else ""


def _rows(e: dict[str, Any]) -> str:
    rows = [Interval(r["row"], r["predicted"], r["low"], r["high"], r["printed"]) for r in e["rows"]]
    good = [r for r in rows if np.isfinite([r.value, r.printed]).all()]
    return intervals(good, f"fit-{e['name']}", "Rows used", "as printed", words=("predicted, 90 %", "printed"))
