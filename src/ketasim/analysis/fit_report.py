"""One HTML page of a fit: estimates, what to know, goodness of fit, predictive checks, NPDE, everybody's own fit."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

import numpy as np

from ketasim.analysis import fit_figures as figures
from ketasim.analysis.predictive import Band

MOST_PEOPLE = 40
STYLE = (
    ":root{--ink:#1b1f24;--soft:#5b6570;--line:#e1e5ea;--paper:#fff}"
    "@media(prefers-color-scheme:dark){:root{--ink:#e8ebee;--soft:#a2adb8;--line:#333b44;--paper:#15191e}}"
    "body{font:15px/1.5 system-ui,sans-serif;max-width:1020px;margin:2rem auto;padding:0 1rem;color:var(--ink);"
    "background:var(--paper)}h1{font-size:1.6rem;margin:0}h2{font-size:1.15rem;margin:2rem 0 .5rem}"
    ".soft{color:var(--soft)}.bad{border-left:4px solid #D55E00;padding-left:.8rem}"
    "table{border-collapse:collapse;font-variant-numeric:tabular-nums}.scroll{overflow-x:auto}"
    "td,th{padding:.2rem .8rem;border-bottom:1px solid var(--line);text-align:right;white-space:nowrap}"
    "td:first-child,th:first-child{text-align:left}"
    ".g{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(340px,100%),1fr));gap:1.2rem}"
    ".s{display:grid;grid-template-columns:repeat(auto-fill,minmax(190px,1fr));gap:.6rem}" + figures.STYLE
)


def page(
    fit: Any, bands: Sequence[Band] = (), npde: np.ndarray | None = None, title: str = "Population fit",
    corrected: Sequence[Band] = (), log: bool | None = None,
) -> str:  # fmt: skip
    """The HTML text; everything inline. bands, corrected : predictive checks, plain and prediction-corrected.
    log : logarithmic ordinates of concentrations over time (default: where they span more than a factor of 20)."""
    from ketasim.fitting.population.diagnostics import table

    t, data = table(fit), fit.data
    seen = ~t["BLQ"].astype(bool)
    dv, unit = np.where(seen, t["DV"], np.nan), getattr(data, "unit", "")
    label = f"DV, {unit}" if unit else "DV"
    positive = dv[np.isfinite(dv) & (dv > 0)]
    if log is None:
        log = bool(len(positive) and positive.max() / positive.min() > 20)
    parts = [f"<h1>{escape(title)}</h1>", _said(fit), *_warned(fit), "<h2>Estimates</h2>", _estimates(fit)]
    parts += ["<h2>Goodness of fit</h2>", '<p class="soft">Dashed: trend. Values below the limit are not drawn.</p>'
              if not seen.all() else '<p class="soft">Dashed: trend.</p>']  # fmt: skip
    parts.append(_grid([
        figures.against("Observed against population prediction", t["PRED"], dv, f"PRED{_in(unit)}", label),
        figures.against("Observed against individual prediction", t["IPRED"], dv, f"IPRED{_in(unit)}", label),
        figures.residuals("CWRES over time", t["TIME"], t["CWRES"], "time, h", "CWRES"),
        figures.residuals("CWRES against population prediction", t["PRED"], t["CWRES"], f"PRED{_in(unit)}", "CWRES"),
        figures.residuals("IWRES against individual prediction", t["IPRED"], t["IWRES"], f"IPRED{_in(unit)}", "IWRES"),
        figures.normal("CWRES against the normal distribution", t["CWRES"]),
    ]))  # fmt: skip
    if bands or corrected:
        parts += ["<h2>Predictive checks</h2>", _bands_said([*bands, *corrected])]
        shown = [figures.check(f"Predictive check{_of(b)}", b, "time, h", label, log) for b in bands]
        shown += [figures.below(f"Below the limit{_of(b)}", b, "time, h") for b in bands if b.below.any()]
        shown += [
            figures.check(f"Prediction-corrected{_of(b)}", b, "time, h", f"corrected {label}", log) for b in corrected
        ]
        parts.append(_grid(shown))
    if npde is not None:
        each = npde[data.mask]
        words = f"mean {np.nanmean(each):.2f}, SD {np.nanstd(each):.2f} (0 and 1 where the model is true)"
        parts += ["<h2>Prediction distribution errors</h2>", f'<p class="soft">{words}.</p>', _grid([
            figures.residuals("NPDE over time", t["TIME"], each, "time, h", "NPDE"),
            figures.residuals("NPDE against population prediction", t["PRED"], each, f"PRED{_in(unit)}", "NPDE"),
            figures.normal("NPDE against the normal distribution", each),
        ])]  # fmt: skip
    parts += _people(data, t, log)
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><style>{STYLE}</style><body>" + "\n".join(parts) + "</body></html>\n"
    )


def checks(bands: Sequence[Band], label: str, corrected: bool, title: str, log: bool | None = None) -> str:
    """A page of predictive checks alone."""
    name = "Prediction-corrected predictive check" if corrected else "Predictive check"
    values = np.concatenate([b.points[1] for b in bands])
    values = values[values > 0]
    log = bool(len(values) and values.max() / values.min() > 20) if log is None else log
    shown = [figures.check(f"{name}{_of(b)}", b, "time, h", label, log) for b in bands]
    shown += [figures.below(f"Below the limit{_of(b)}", b, "time, h") for b in bands if b.below.any()]
    body = f"<h1>{escape(title)}</h1>{_bands_said(bands)}{_grid(shown)}"
    head = '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    return f"{head}<title>{escape(title)}</title><style>{STYLE}</style><body>{body}</body></html>\n"


def _said(fit: Any) -> str:
    from ketasim import __version__

    data = fit.data
    words = f"ketasim {__version__}. {fit.method}, {data.subjects} people, {int(data.mask.sum())} observations"
    if data.blq.any():
        words += f" ({int(data.blq.sum())} below the limit, by their probability)"
    if fit.method != "bayes":
        words += f". Objective {fit.objective:.4f}"
        if error := fit.shrinkage.get("objective_error"):
            words += f" ± {error:.2f} (Monte Carlo)"
        if np.isfinite(fit.condition):
            words += f", condition number {fit.condition:.3g}"
    return f'<p class="soft">{escape(words)}.</p>'


def _warned(fit: Any) -> list[str]:
    if fit.converged:
        return ["<p>Converged.</p>"]
    return [
        '<div class="bad"><p><b>Not converged.</b></p><ul>',
        *(f"<li>{escape(p)}</li>" for p in fit.problems),
        "</ul></div>",
    ]


def _estimates(fit: Any) -> str:
    if fit.method == "bayes":
        columns = {
            "mean": "mean",
            "sd": "SD",
            "q2.5": "2.5 %",
            "q97.5": "97.5 %",
            "rhat": "R-hat",
            "ess": "effective draws",
        }
        return _table(
            ["quantity", *columns.values()], [[r["name"], *(f"{r[k]:.4g}" for k in columns)] for r in fit.rows()]
        )
    head = ["quantity", "estimate", "SE", "RSE, %", "95 % interval", "robust SE", "as CV, %", "shrinkage, %"]
    rows = []
    for r in fit.rows():
        name, value, se = r["name"], r["estimate"], r["se"]
        eta = name.removeprefix("omega(").removesuffix(")") if name.startswith("omega(") else ""
        spread = name.startswith(("omega(", "occasion(")) and "," not in name
        cv = f"{100 * np.sqrt(np.expm1(min(value, 50.0))):.1f}" if spread else ""
        first_error = next((x for x in fit.estimates if x.startswith("sigma(")), "")
        shrunk = fit.shrinkage.get("epsilon" if name == first_error else eta)
        interval = f"{value - 1.96 * se:.4g} to {value + 1.96 * se:.4g}"
        rows.append([name, f"{value:.4g}", _or(se), _or(r["rse_percent"], ".1f"), interval if np.isfinite(se) else "–",
                     _or(r["robust_se"]), cv, "" if shrunk is None else f"{100 * shrunk:.0f}"])  # fmt: skip
    kind = {"r": "the curvature (R⁻¹)", "s": "the gradients (S⁻¹)", "rsr": "both (R⁻¹ S R⁻¹)"}.get(fit.kind, "nothing")
    note = f"SE from {kind}; robust SE is R⁻¹ S R⁻¹. CV reads a variance as that of a log-normal parameter."
    return _table(head, rows) + f'<p class="soft">{note}</p>'


def _bands_said(bands: Sequence[Band]) -> str:
    inside = float(np.mean([b.inside for b in bands]))
    lines = "Lines: 5 %, 50 % and 95 % of the observations; areas: 90 % intervals of the same of simulated data sets."
    return f'<p class="soft">{lines} {inside:.0%} of the observed quantiles lie inside.</p>'


def _people(data: Any, t: dict[str, Any], log: bool) -> list[str]:
    ends = np.cumsum(data.mask.sum(axis=1))
    shown = min(data.subjects, MOST_PEOPLE)
    plots = []
    for i in range(shown):
        at = slice(int(ends[i] - data.mask[i].sum()), int(ends[i]))
        low = t["BLQ"][at].astype(bool)
        curves = (t["IPRED"][at], t["PRED"][at])
        plots.append(figures.person(f"{data.names[i]}", t["TIME"][at], t["DV"][at], low, curves, log))
    more = f" The first {shown} of {data.subjects} people." if shown < data.subjects else ""
    words = f"Points: observed (triangles: below the limit); solid: individual, dashed: population prediction.{more}"
    return ["<h2>Everybody's own fit</h2>", f'<p class="soft">{words}</p>', f'<div class="s">{"".join(plots)}</div>']


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = ["<tr>" + "".join(f"<th>{escape(h)}</th>" for h in head) + "</tr>"]
    lines += ["<tr>" + "".join(f"<td>{escape(c)}</td>" for c in row) + "</tr>" for row in rows]
    return f'<div class="scroll"><table>{"".join(lines)}</table></div>'


def _grid(plots: Sequence[str]) -> str:
    return f'<div class="g">{"".join(plots)}</div>'


def _of(band: Band) -> str:
    return "" if band.label == "all" else f", {band.label}"


def _in(unit: str) -> str:
    return f", {unit}" if unit else ""


def _or(value: float, form: str = ".4g") -> str:
    return format(value, form) if np.isfinite(value) else "–"
