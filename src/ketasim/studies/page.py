# ruff: noqa: E501  (markup reads better whole)
"""The validation report: one self-contained HTML file, failures first."""

from __future__ import annotations

import html
import math
from collections.abc import Callable, Sequence
from pathlib import Path

from ketasim.core.whole import write_whole

from .naive import WORDS
from .page_style import STYLE
from .page_tables import calibrated_table, fmt, row_table, score_table, share, study_table, trend_table
from .plots import forest, predicted_observed
from .scoring import Score, score, scores
from .trend import trend
from .validation import Row

SYSTEMS = {
    "kinetics": "Kinetics", "receptors": "Receptors", "circuits": "Circuits", "networks": "Brain networks",
    "plasticity": "Plasticity", "acute": "Acute effects", "weeks": "Days to weeks", "body": "Body",
}  # fmt: skip


def write_page(
    rows: Sequence[Row], path: str | Path, title: str = "Validation", before: Sequence[Row] | None = None
) -> Path:
    """Write the report; `before` are the rows of an earlier release. Raises InputError where the file cannot be written."""
    return write_whole(path, page(rows, title, before), "report", folders=False)


def page(rows: Sequence[Row], title: str = "Validation", before: Sequence[Row] | None = None) -> str:
    """The report as HTML text."""
    from ketasim import __version__

    by = {v: [r for r in rows if r["verdict"] == v] for v in ("error", "fail", "pass", "shown")}
    parts = [
        ("not-run", f"Rows that could not be run ({len(by['error'])})", row_table(by["error"]) if by["error"] else ""),
        ("systems", "Systems in short", _cards(rows)),
        ("misses", f"Misses ({len(by['fail'])})", _misses(by["fail"])),
        ("scores", "Scores", score_table(scores(rows)) + _naive()),
        ("trend", "Trend since the earlier release", "" if before is None else trend_table(trend(before, rows))),
        ("studies", "Every study", _by_system(rows, study_table)),
        ("calibrated", "What was calibrated, what was never touched", _touched(rows)),
        ("figures", "Predicted against observed", _figures(rows)),
        ("inside", f"Inside tolerance ({len(by['pass'])})", _by_system(by["pass"], row_table, closed=True)),
        ("shown", f"Shown, not scored ({len(by['shown'])})", _by_system(by["shown"], row_table, closed=True)),
        ("sources", "Sources", _sources(rows)),
    ]
    parts = [part for part in parts if part[2]]
    links = "".join(f"<li><a href='#{key}'>{html.escape(name)}</a></li>" for key, name, _ in parts)
    body = "".join(f"<section><h2 id={key}>{html.escape(name)}</h2>{text}</section>" for key, name, text in parts)
    e = html.escape
    return (
        "<!doctype html>\n<html lang=en><head><meta charset=utf-8><meta name=viewport content='width=device-width,initial-scale=1'>"
        f"<meta name=color-scheme content='light dark'><title>{e(title)}</title><style>{STYLE}</style></head><body>"
        f"<nav aria-label=Contents><details open><summary>{e(title)}</summary><ol>{links}</ol></details></nav>"
        f"<main><h1>{e(title)}</h1><p class=soft>ketasim {e(__version__)}. {e(_summary(by, rows))}</p>"
        "<p>Each arm was simulated as it was run, several times, with newly drawn people and newly drawn doubt about typical "
        "values; the prediction is the median and the interval holds 90 % of these copies. Rows used for calibration or copied "
        f"from a model's own paper are judged in groups of their own and are no validation.</p>{body}</main></body></html>\n"
    )


def _summary(by: dict[str, list[Row]], rows: Sequence[Row]) -> str:
    scored = len(by["pass"]) + len(by["fail"])
    return (
        f"{len(rows)} rows of {len({r['study'] for r in rows})} studies: {len(by['pass'])} of {scored} scored rows inside their "
        f"tolerance, {len(by['fail'])} outside, {len(by['shown'])} shown without a score, {len(by['error'])} could not be run."
    )


def _layers(rows: Sequence[Row]) -> list[str]:
    present = {row["layer"] for row in rows}
    return [*(x for x in SYSTEMS if x in present), *sorted(present - set(SYSTEMS))]


def _named(layer: str) -> str:
    return html.escape(SYSTEMS.get(layer, layer))


def _misses(rows: Sequence[Row]) -> str:
    """Checks first, then rows that were to be met because they set something, each with the worst first."""
    out = []
    for use, words in (
        ("check", "Never touched"),
        ("calibrate", "Set a parameter and are missed all the same"),
        ("transcription", "Copied from a model's own paper"),
    ):
        mine = sorted((r for r in rows if r["use"] == use), key=_badness, reverse=True)
        if mine:
            out.append(f"<h3>{words} ({len(mine)})</h3>{row_table(mine)}")
    return "".join(out)


def _badness(row: Row) -> float:
    error = row["error"]
    if error is None:
        return math.inf
    return abs(math.log(error)) if row["error_kind"] == "fold" and error > 0 else abs(error)


def _cards(rows: Sequence[Row]) -> str:
    """A card for all and one a system, the worst first: checks, naive model, bias and coverage."""
    systems = [(_named(x), [r for r in rows if r["layer"] == x]) for x in _layers(rows)]
    systems.sort(key=lambda one: _share_inside(one[1]))
    groups = [("All systems", list(rows)), *systems]
    key = (
        "<p class=key>Checks only.<i style='background:var(--hit)'></i>inside<i style='background:var(--miss)'></i>outside"
        "<i style='background:var(--ink);width:3px'></i>inside by the naive model</p>"
    )
    return f"{key}<div class=cards>{''.join(_card(name, mine) for name, mine in groups)}</div>"


def _share_inside(rows: Sequence[Row]) -> float:
    inside = score("", [r for r in rows if r["use"] == "check"])["inside"]
    return 2.0 if inside is None else inside


def _card(name: str, rows: list[Row]) -> str:
    s = score(name, [r for r in rows if r["use"] == "check"])
    few = f", {s['naive_rows']} rows" if 0 < s["naive_rows"] < s["rows"] else ""
    lines = [
        ("Fold error (GMFE)", fmt(s["gmfe"])), ("Mean fold", fmt(s["ratio"])),
        ("Predicted above observed", share(s["above"])), ("Coverage of the 90 % interval", share(s["covered"])),
        (f"Naive model inside{few}", share(s["naive_inside"])),
        (f"This model{few}", share(s["inside_same"]) if few else ""),
        ("Studies", str(len({r["study"] for r in rows}))),
        ("Rows that set parameters", str(sum(r["use"] == "calibrate" for r in rows))),
        ("Could not be run", str(sum(r["verdict"] == "error" for r in rows))),
    ]  # fmt: skip
    facts = "".join(f"<dt>{k}</dt><dd>{v}</dd>" for k, v in lines if v and v != "0")
    head = (
        f"<span class=big>{s['passed']} of {s['rows']}</span> <span class=soft>checks inside</span>"
        if s["rows"]
        else "<span class=soft>no scored check</span>"
    )
    return f"<div class=card><h3>{name}</h3>{head}{_bar(s)}<dl>{facts}</dl></div>"


def _bar(s: Score) -> str:
    if s["inside"] is None:
        return ""
    hit = 100 * s["inside"]
    naive = (
        ""
        if s["naive_inside"] is None or s["naive_rows"] < s["rows"] / 2
        else f"<b style='left:{100 * s['naive_inside']:.1f}%'></b>"
    )
    return f"<div class=bar role=img aria-label='{hit:.0f} % inside'><i class=hit style='width:{hit:.1f}%'></i><i class=miss style='width:{100 - hit:.1f}%'></i>{naive}</div>"


def _naive() -> str:
    return (
        "<p class=soft>GMFE: geometric mean of the fold error, whichever way it goes. Mean fold: geometric mean of predicted over "
        "observed, so that 1 is no bias. Predicted above: share of rows predicted above what was observed, 50 % without bias. "
        f"Naive model for kinetics: {html.escape(WORDS['kinetics'])}. For the rest: {html.escape(WORDS['other'])}.</p>"
    )


def _by_system(rows: Sequence[Row], draw: Callable[[Sequence[Row]], str], closed: bool = False) -> str:
    out = []
    for layer in _layers(rows):
        mine = [r for r in rows if r["layer"] == layer]
        out.append(
            f"<details class=system{'' if closed else ' open'}><summary>{_named(layer)} ({len(mine)} rows)</summary>{draw(mine)}</details>"
        )
    return "".join(out)


def _touched(rows: Sequence[Row]) -> str:
    set_by = {row["study"] for row in rows if row["use"] == "calibrate" or row["sets"]}
    free = list(dict.fromkeys(row["study"] for row in rows if row["use"] == "check" and row["study"] not in set_by))
    words = f"<p>{len(free)} studies never set anything: {html.escape(', '.join(free)) or 'none'}.</p>"
    found = calibrated_table(rows)
    return words + (
        f"<details class=system><summary>Rows that set a parameter</summary>{found}</details>" if found else ""
    )


def _figures(rows: Sequence[Row]) -> str:
    folds = "".join(predicted_observed(rows, layer) for layer in _layers(rows))
    rest = "".join(f"<div>{text}</div>" for layer in _layers(rows) if (text := forest(rows, layer)))
    return (f"<div class=figures>{folds}</div>" if folds else "") + rest


def _sources(rows: Sequence[Row]) -> str:
    from ketasim.core.citations import references

    known = references()
    items = []
    for key in sorted({row["citation"] for row in rows}):
        fields = known[key].fields if key in known else {}
        words = ", ".join(fields[f] for f in ("author", "title", "journal", "year") if fields.get(f))
        doi = html.escape(fields.get("doi", ""))
        link = f" <a href='https://doi.org/{doi}'>{doi}</a>" if doi else ""
        items.append(f"<li><b>{html.escape(key)}</b> {html.escape(words.replace('{', '').replace('}', ''))}{link}</li>")
    return f"<ul>{''.join(items)}</ul>"
