"""The report of a calibration: one self-contained HTML file, warnings first."""

from __future__ import annotations

import html
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ketasim.fitting.calibrate import figures
from ketasim.fitting.calibrate.writing import write_files

if TYPE_CHECKING:
    from ketasim.fitting.calibrate.result import Calibration

_STYLE = """
:root{--ink:#1b1f24;--soft:#5b6570;--line:#d9dee4;--paper:#fff}
@media (prefers-color-scheme:dark){:root{--ink:#e8ebee;--soft:#a2adb8;--line:#3a434d;--paper:#15191e}}
body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);max-width:1000px;margin:2rem auto;padding:0 1rem}
h1{font-size:1.6rem;margin:0}h2{font-size:1.15rem;margin:2.2rem 0 .4rem}p,li{max-width:75ch}.soft{color:var(--soft)}
table{border-collapse:collapse;width:100%;font-size:13px;font-variant-numeric:tabular-nums}.scroll{overflow-x:auto}
th,td{text-align:left;padding:.25rem .5rem;border-bottom:1px solid var(--line)}td.n,th.n{text-align:right;white-space:nowrap}
svg{max-width:100%;height:auto}svg text{fill:var(--ink);font:11px system-ui,sans-serif}.figures{display:flex;flex-wrap:wrap;gap:1.5rem}
"""  # noqa: E501


def write_page(c: Calibration, path: str | Path) -> Path:
    """Write the page whole or not at all. InputError where it cannot be written."""
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    write_files({target: page(c)})
    return target


def page(c: Calibration) -> str:
    """The page as HTML text."""
    from ketasim import __version__

    state = "Converged" if c.converged else "NOT converged"
    how = f"seed {c.settings['seed']}, {c.settings['people']} people an arm, discrepancy {c.settings['discrepancy']:g}"
    parts = [
        f"<h1>Calibration</h1><p class=soft>ketasim {__version__}. {len(c.estimates)} numbers, {len(c.lines)} rows of "
        f"{len({x.study for x in c.lines})} studies; {how}. {state}; χ² {c.misfit:.1f} on {c.freedom:.1f} degrees of "
        f"freedom.</p>",
    ]
    if c.warnings:
        parts.append("<h2>To know before use</h2><ul>")
        parts += [f"<li>{html.escape(w.text)}</li>" for w in c.warnings]
        parts.append("</ul>")
    parts += ["<h2>Numbers</h2>", figures.belief(c), _numbers(c)]
    parts += ["<h2>Rows</h2>", figures.residuals(c), _rows(c)]
    if c.profiles:
        parts.append("<h2>Profile likelihoods</h2><div class=figures>")
        parts += [figures.profile(p) for p in c.profiles]
        parts.append("</div>")
    if len(c.estimates) > 1:
        names = [e.name for e in c.estimates]
        body = [(n, *(f"{r:+.2f}" for r in row)) for n, row in zip(names, c.correlation)]
        parts += ["<h2>Correlations of the posterior</h2>", _table(("", *names), body, 1)]
    if c.left_out:
        parts += ["<h2>Every study predicted from the others</h2>", _left_out(c)]
    if c.noise.drivers:
        parts.append("<h2>Doubt about other numbers that reaches these rows</h2>")
        body = [(n, f"{max(abs(effect / c.noise.covariance.diagonal() ** 0.5)):.2f}") for n, effect in c.noise.drivers]
        parts.append(_table(("number", "largest effect of one standard deviation, in the row's error"), body, 1))
    text = f"<!doctype html><html lang=en><meta charset=utf-8><title>Calibration</title><style>{_STYLE}</style><body>"
    return text + "\n".join(parts) + "</body></html>\n"


def _numbers(c: Calibration) -> str:
    head = ("number", "unit", "prior (90 %)", "posterior (90 %)", "overlap with the prior")
    return _table(head, [
        (e.name, e.unit, f"{e.prior:.4g} ({e.prior_low:.3g} to {e.prior_high:.3g})",
         f"{e.value:.4g} ({e.low:.3g} to {e.high:.3g})", f"{e.overlap:.2f}") for e in c.estimates], 2)  # fmt: skip


def _rows(c: Calibration) -> str:
    head = ("row", "study, arm", "statistic", "unit", "observed", "before", "fitted", "error, sd")
    return _table(head, [
        (x.id, f"{x.study}, {x.arm}", f"{x.statistic} {x.output}", x.unit,
         "" if x.observed is None else f"{x.observed:.4g}", f"{x.before:.4g}", f"{x.fitted:.4g}",
         "sign" if x.residual is None else f"{x.residual:+.2f}") for x in c.lines], 4)  # fmt: skip


def _left_out(c: Calibration) -> str:
    counted = [x for x in c.left_out if x.covered is not None]
    judged = [x for x in c.left_out if x.inside is not None]
    words = f"{sum(bool(x.covered) for x in counted)} of {len(counted)} rows inside their 90 % predictive interval"
    if judged:
        words += f", {sum(bool(x.inside) for x in judged)} of {len(judged)} inside their tolerance"
    head = ("study", "row", "unit", "observed", "predicted (90 %)", "error, sd", "rows fitted to")
    body = [
        (x.study, x.row, x.unit, "" if x.observed is None else f"{x.observed:.4g}",
         f"{x.predicted:.4g} ({x.low:.3g} to {x.high:.3g})",
         f"right side: {x.right:.2f}" if x.error is None and x.right is not None else f"{x.error or 0.0:+.2f}",
         str(x.fitted_to) or "") for x in c.left_out]  # fmt: skip
    return f"<p>{words}. A study fitted to 0 rows is predicted from the prior alone.</p>" + _table(head, body, 3)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], numbers_from: int) -> str:
    def cell(tag: str, i: int, text: str) -> str:
        return f"<{tag}{' class=n' if i >= numbers_from else ''}>{html.escape(text)}</{tag}>"

    lines = ["<tr>" + "".join(cell("th", i, t) for i, t in enumerate(head)) + "</tr>"]
    lines += ["<tr>" + "".join(cell("td", i, t) for i, t in enumerate(row)) + "</tr>" for row in rows]
    return "<div class=scroll><table>" + "".join(lines) + "</table></div>"
