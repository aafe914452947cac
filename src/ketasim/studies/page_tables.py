# ruff: noqa: E501  (markup reads better whole)
"""Tables of the validation report: rows, scores, studies, what was calibrated, the trend."""

from __future__ import annotations

import html
from collections.abc import Sequence

from .scoring import Score, score
from .trend import Trend
from .validation import Row

HEADS = ("Row", "Study, arm", "Observed", "Predicted", "Error", "Naive", "Remarks")
NUMBERS = frozenset((2, 3, 4, 5))
USES = {
    "check": "never touched",
    "calibrate": "calibrated",
    "transcription": "transcription",
    "do_not_score": "not scored",
}


def fmt(x: float | None) -> str:
    """Three digits, "" for nothing."""
    return "" if x is None else f"{x:.3g}" if abs(x) < 1e5 else f"{x:.3e}"


def share(x: float | None, nothing: str = "") -> str:
    """A share in per cent."""
    return nothing if x is None else f"{100 * x:.0f} %"


def table(head: Sequence[str], body: Sequence[Sequence[str]], numbers: Sequence[int] = (), kind: str = "") -> str:
    """A table of cells that are markup already; `numbers` are the columns to be set right."""
    right = ["n" if i in numbers else "" for i in range(len(head))]
    top = "".join(f"<th{f' class={c}' if c else ''}>{h}</th>" for h, c in zip(head, right, strict=True))
    lines = "".join(
        "<tr>" + "".join(f"<td{f' class={c}' if c else ''}>{x}</td>" for x, c in zip(row, right, strict=True)) + "</tr>"
        for row in body
    )
    return f"<div class=scroll><table{f' class={kind}' if kind else ''}><thead><tr>{top}</tr></thead><tbody>{lines}</tbody></table></div>"


def row_table(rows: Sequence[Row]) -> str:
    """One line a row; on a narrow screen one card a row."""
    top = "".join(f"<th{' class=n' if i in NUMBERS else ''}>{h}</th>" for i, h in enumerate(HEADS))
    return f"<div class=scroll><table class=rows><thead><tr>{top}</tr></thead><tbody>{''.join(map(_tr, rows))}</tbody></table></div>"


def _tr(row: Row) -> str:
    e = html.escape
    when = "" if row["time_h"] is None else f" at {_time(row['time_h'])}"
    band = f"<br><span class=soft>{fmt(row['low'])} to {fmt(row['high'])}</span>" if row["low"] is not None else ""
    sets = f"sets {', '.join(row['sets'])}" if row["sets"] else ""
    people = f" (n {row['n']})" if row["n"] else ""
    regimen = f": {row['regimen']}" if row["regimen"] else ""
    allowed = f"<br><span class=soft>{e(row['tolerance'])}</span>" if row["tolerance"] else ""
    naive = "" if row["naive"] is None else fmt(row["naive"])
    cells = (
        f"<b class={row['verdict']}>{e(row['id'])}</b><br>{e(row['statistic'])} {e(row['output'])}{when}",
        f"{e(row['study'] + ', ' + row['arm'] + people + regimen)}<br><span class=soft>{e(row['population'])}</span>",
        f"{fmt(row['observed'])} {e(row['unit'])}",
        f"{fmt(row['predicted'])}{band}",
        f"{_error(row)}{allowed}",
        naive,
        e("; ".join(x for x in (USES[row["use"]], row["reason"], row["note"], sets) if x)),
    )
    return "<tr>" + "".join(
        f"<td{' class=n' if i in NUMBERS else ''} data-l='{HEADS[i]}'>{f'<span>{x}</span>' if x else ''}</td>" for i, x in enumerate(cells)
    ) + "</tr>"  # fmt: skip


def _time(hours: float) -> str:
    return f"{hours * 60:.3g} min" if hours < 2 else f"{hours:.3g} h" if hours < 72 else f"{hours / 24:.4g} d"


def _error(row: Row) -> str:
    if row["error"] is None:
        return ""
    return f"×{row['error']:.2f}" if row["error_kind"] == "fold" else f"{row['error']:+.3g}"


def score_table(groups: Sequence[Score]) -> str:
    """The standing scores beside the naive model and the targets."""
    head = (
        "Group",
        "Rows",
        "Inside",
        "Within 1.5-fold",
        "GMFE",
        "Mean fold",
        "Predicted above",
        "90 % coverage",
        "Naive inside",
        "Naive GMFE",
        "Target",
    )
    body = []
    for s in groups:
        naive = share(s["naive_inside"]) + ("" if s["naive_rows"] in (0, s["rows"]) else f" of {s['naive_rows']}")
        met = "" if s["met"] is None else " — met" if s["met"] else " — not met"
        kind = "" if s["met"] is None else " class=pass" if s["met"] else " class=fail"
        target = f"<span{kind}>{html.escape(s['target'])}{met}</span>" if s["target"] else ""
        body.append([
            html.escape(s["group"]), str(s["rows"]), share(s["inside"]), share(s["within_1_5"]), fmt(s["gmfe"]), fmt(s["ratio"]),
            share(s["above"]), share(s["covered"]), naive, fmt(s["naive_gmfe"]), target,
        ])  # fmt: skip
    return table(head, body, range(1, 10))


def study_table(rows: Sequence[Row]) -> str:
    """Every study on one line: what it was used for, and how its scored rows came out."""
    head = (
        "Study",
        "Arms",
        "Rows",
        "Inside",
        "Outside",
        "Not scored",
        "GMFE",
        "Mean fold",
        "Predicted above",
        "90 % coverage",
        "Use",
    )
    body = []
    for name in dict.fromkeys(row["study"] for row in rows):
        mine = [row for row in rows if row["study"] == name]
        s = score(name, mine)
        missed = sum(row["verdict"] in ("fail", "error") for row in mine)
        used = ", ".join(
            f"{USES[u]} ({sum(r['use'] == u for r in mine)})" for u in USES if any(r["use"] == u for r in mine)
        )
        body.append([
            html.escape(name), str(len({row["arm"] for row in mine})), str(len(mine)), str(s["passed"]),
            f"<span class=fail>{missed}</span>" if missed else "0", str(sum(row["verdict"] == "shown" for row in mine)),
            fmt(s["gmfe"]), fmt(s["ratio"]), share(s["above"]), share(s["covered"]), used,
        ])  # fmt: skip
    return table(head, body, range(1, 10))


def calibrated_table(rows: Sequence[Row]) -> str:
    """Which row set which parameter, and how well the row is met after it did; "" where none did."""
    body = [
        [html.escape(", ".join(row["sets"])), html.escape(f"{row['study']} {row['id']}"), html.escape(f"{row['statistic']} {row['output']}"),
         f"{fmt(row['observed'])} {html.escape(row['unit'])}", fmt(row["predicted"]), f"<span class={row['verdict']}>{row['verdict']}</span>"]
        for row in sorted(rows, key=lambda r: (r["sets"], r["study"], r["id"]))
        if row["sets"]
    ]  # fmt: skip
    return table(("Parameter", "Row", "Statistic", "Observed", "Predicted", "Verdict"), body, (3, 4)) if body else ""


def trend_table(t: Trend) -> str:
    """Groups before and now, and by name what began to miss or to hold."""

    def names(keys: Sequence[tuple[str, str]]) -> str:
        return html.escape(", ".join(f"{study} {row}" for study, row in keys)) or "none"

    body = [
        [html.escape(g["group"]), f"{g['rows'][0]} → {g['rows'][1]}", " → ".join(share(x, "–") for x in g["inside"]),
         " → ".join(fmt(x) or "–" for x in g["gmfe"]), " → ".join(share(x, "–") for x in g["covered"])]
        for g in t["groups"]
    ]  # fmt: skip
    return (
        f"<p>Began to miss: {names(t['worse'])}.</p><p>Began to hold: {names(t['better'])}.</p>"
        f"<p>{t['new']} rows are new, {t['gone']} are gone.</p>"
        + table(("Group", "Rows", "Inside", "GMFE", "90 % coverage"), body, range(1, 5))
    )
