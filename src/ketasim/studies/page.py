# ruff: noqa: E501  (markup reads better whole)
"""The validation report: one self-contained HTML file, failures first."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence
from pathlib import Path

from ketasim.core.errors import InputError

from .naive import WORDS
from .plots import forest, predicted_observed
from .scoring import Score, scores
from .trend import Trend, trend
from .validation import Row

_ORDER = {"error": 0, "fail": 1, "pass": 2, "shown": 3}
_STYLE = """
:root{--ink:#1b1f24;--soft:#5b6570;--line:#d9dee4;--bad:#b3261e;--good:#1b6e3c;--paper:#fff}
@media (prefers-color-scheme:dark){:root{--ink:#e8ebee;--soft:#a2adb8;--line:#3a434d;--bad:#ff8a80;--good:#7fd6a1;--paper:#15191e}}
body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);max-width:1500px;margin:2rem auto;padding:0 1rem}
h1{font-size:1.6rem;margin:0}h2{font-size:1.15rem;margin:2.2rem 0 .4rem}p{max-width:75ch}.soft{color:var(--soft)}
table{border-collapse:collapse;width:100%;font-size:13px;font-variant-numeric:tabular-nums}
th,td{text-align:left;padding:.25rem .5rem;border-bottom:1px solid var(--line);vertical-align:top}th{font-weight:600}
td.n,th.n{text-align:right;white-space:nowrap}.fail,.error{color:var(--bad);font-weight:600}.pass{color:var(--good)}.scroll{overflow-x:auto}
td:last-child{min-width:14rem;overflow-wrap:anywhere}.figures{display:flex;flex-wrap:wrap;gap:1.5rem}svg{max-width:100%;height:auto}svg text{fill:var(--ink);font:11px system-ui,sans-serif}
"""


def write_page(
    rows: Sequence[Row], path: str | Path, title: str = "Validation", before: Sequence[Row] | None = None
) -> Path:
    """Write the report; `before` are the rows of an earlier release. Raises InputError where the file cannot be written."""
    target = Path(path)
    try:
        target.write_text(page(rows, title, before), encoding="utf-8")
    except OSError as error:
        raise InputError("report", str(path), f"a file that can be written ({error.strerror})") from None
    return target


def page(rows: Sequence[Row], title: str = "Validation", before: Sequence[Row] | None = None) -> str:
    """The report as HTML text."""
    from ketasim import __version__

    groups = {v: [r for r in rows if r["verdict"] == v] for v in _ORDER}
    scored = len(groups["pass"]) + len(groups["fail"])
    summary = (
        f"{len(rows)} rows of {len({r['study'] for r in rows})} studies: {len(groups['pass'])} of {scored} scored rows inside their "
        f"tolerance, {len(groups['fail'])} outside, {len(groups['shown'])} shown without a score"
        + (f", {len(groups['error'])} could not be run" if groups["error"] else "") + "."
    )  # fmt: skip
    parts = [
        f"<h1>{html.escape(title)}</h1><p class=soft>ketasim {__version__}. {html.escape(summary)}</p>",
        "<p>Each arm was simulated as it was run, several times, with newly drawn people and newly drawn doubt about typical "
        "values; the prediction is the median and the interval holds 90 % of these copies. Rows used for calibration or copied "
        "from a model's own paper are judged in groups of their own and are no validation.</p>",
        _section("Rows that could not be run", groups["error"]),
        _section("Misses", sorted(groups["fail"], key=_badness, reverse=True)),
        "<h2>Scores</h2>", _score_table(scores(rows)),
        f"<p class=soft>Naive model for kinetics: {html.escape(WORDS['kinetics'])}. For the rest: {html.escape(WORDS['other'])}.</p>",
        "" if before is None else _trend(trend(before, rows)),
        "<h2>Predicted against observed</h2><div class=figures>",
        *(predicted_observed(rows, layer) for layer in sorted({r["layer"] for r in rows})),
        "</div>",
        *(f"<div>{forest(rows, layer)}</div>" for layer in sorted({r["layer"] for r in rows})),
        _section("Inside tolerance", groups["pass"]),
        _section("Shown, not scored", groups["shown"]),
        "<h2>Sources</h2>", _sources(rows),
    ]  # fmt: skip
    return f"<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'><title>{html.escape(title)}</title><style>{_STYLE}</style><body>{''.join(parts)}</body></html>\n"


def _badness(row: Row) -> float:
    error = row["error"]
    if error is None:
        return math.inf
    return abs(math.log(error)) if row["error_kind"] == "fold" and error > 0 else abs(error)


def _fmt(x: float | None) -> str:
    return "" if x is None else f"{x:.3g}" if abs(x) < 1e5 else f"{x:.3e}"


def _time(hours: float) -> str:
    return f"{hours * 60:.3g} min" if hours < 2 else f"{hours:.3g} h" if hours < 72 else f"{hours / 24:.4g} d"


def _error(row: Row) -> str:
    if row["error"] is None:
        return ""
    return f"×{row['error']:.2f}" if row["error_kind"] == "fold" else f"{row['error']:+.3g}"


def _section(title: str, rows: Sequence[Row]) -> str:
    if not rows:
        return ""
    head = "<tr><th>Row<th>Study, arm<th>Statistic<th class=n>Observed<th class=n>Predicted (90 %)<th class=n>Error<th>Tolerance<th class=n>Naive<th>Use<th>Remarks</tr>"
    body = "".join(_tr(row) for row in rows)
    return f"<h2>{html.escape(title)} ({len(rows)})</h2><div class=scroll><table>{head}{body}</table></div>"


def _tr(row: Row) -> str:
    e = html.escape
    when = "" if row["time_h"] is None else f" at {_time(row['time_h'])}"
    band = f" ({_fmt(row['low'])}–{_fmt(row['high'])})" if row["low"] is not None else ""
    what = f"{row['statistic']} {row['output']}{when}"
    remarks = "; ".join(
        x for x in (row["reason"], row["note"], f"sets {', '.join(row['sets'])}" if row["sets"] else "") if x
    )
    arm = (
        f"{row['study']}, {row['arm']}"
        + (f" (n {row['n']})" if row["n"] else "")
        + (f": {row['regimen']}" if row["regimen"] else "")
    )
    return (
        f"<tr><td class={row['verdict']}>{e(row['id'])}<td>{e(arm)}<br><span class=soft>{e(row['population'])}</span><td>{e(what)}"
        f"<td class=n>{_fmt(row['observed'])} {e(row['unit'])}<td class=n>{_fmt(row['predicted'])}{band}<td class=n>{_error(row)}"
        f"<td>{e(row['tolerance'])}<td class=n>{_fmt(row['naive'])}<td>{e(row['use'])}<td>{e(remarks)}</tr>"
    )


def _score_table(groups: Sequence[Score]) -> str:
    head = "<tr><th>Group<th class=n>Rows<th class=n>Inside<th class=n>Within 1.5-fold<th class=n>GMFE<th class=n>90 % coverage<th class=n>Naive inside<th class=n>Naive GMFE<th>Target</tr>"

    def share(x: float | None) -> str:
        return "" if x is None else f"{100 * x:.0f} %"

    body = "".join(
        f"<tr><td>{html.escape(s['group'])}<td class=n>{s['rows']}<td class=n>{share(s['inside'])}<td class=n>{share(s['within_1_5'])}"
        f"<td class=n>{_fmt(s['gmfe'])}<td class=n>{share(s['covered'])}<td class=n>"
        f"{share(s['naive_inside'])}{'' if s['naive_rows'] in (0, s['rows']) else ' of ' + str(s['naive_rows'])}<td class=n>{_fmt(s['naive_gmfe'])}"
        f"<td class={'' if s['met'] is None else 'pass' if s['met'] else 'fail'}>{html.escape(s['target'])}"
        f"{'' if s['met'] is None else ' — met' if s['met'] else ' — not met'}</tr>"
        for s in groups
    )  # fmt: skip
    return f"<div class=scroll><table>{head}{body}</table></div>"


def _trend(t: Trend) -> str:
    def share(x: float | None) -> str:
        return "–" if x is None else f"{100 * x:.0f} %"

    def names(keys: Sequence[tuple[str, str]]) -> str:
        return html.escape(", ".join(f"{study} {row}" for study, row in keys)) or "none"

    head = "<tr><th>Group<th class=n>Rows<th class=n>Inside<th class=n>GMFE<th class=n>90 % coverage</tr>"
    body = "".join(
        f"<tr><td>{html.escape(g['group'])}<td class=n>{g['rows'][0]} → {g['rows'][1]}"
        f"<td class=n>{' → '.join(map(share, g['inside']))}<td class=n>{' → '.join(_fmt(x) or '–' for x in g['gmfe'])}"
        f"<td class=n>{' → '.join(map(share, g['covered']))}</tr>"
        for g in t["groups"]
    )
    return (
        f"<h2>Trend since the earlier release</h2><p>Began to miss: {names(t['worse'])}. Began to hold: "
        f"{names(t['better'])}. {t['new']} rows are new, {t['gone']} are gone.</p>"
        f"<div class=scroll><table>{head}{body}</table></div>"
    )


def _sources(rows: Sequence[Row]) -> str:
    from ketasim.core.citations import references

    known = references()
    items = []
    for key in sorted({row["citation"] for row in rows}):
        fields = known[key].fields if key in known else {}
        words = ", ".join(fields[f] for f in ("author", "title", "journal", "year") if fields.get(f))
        doi = (
            f" <a href='https://doi.org/{html.escape(fields['doi'])}'>{html.escape(fields['doi'])}</a>"
            if fields.get("doi")
            else ""
        )
        items.append(f"<li><b>{html.escape(key)}</b> {html.escape(words.replace('{', '').replace('}', ''))}{doi}</li>")
    return f"<ul>{''.join(items)}</ul>"
