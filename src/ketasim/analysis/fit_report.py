"""One HTML page of a fit: estimates, goodness of fit, predictive check, NPDE."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

import numpy as np

from ketasim.analysis.predictive import Band

W, H, PAD = 430, 300, 46


def scatter(
    title: str, x: np.ndarray, y: np.ndarray, xlabel: str, ylabel: str, line: str = "", bands: Sequence[Band] = ()
) -> str:
    """An SVG of points, with the identity or zero line, or with the bands of a predictive check."""
    xs, ys = [np.asarray(x, float)], [np.asarray(y, float)]
    for b in bands:
        ys += [b.simulated[np.isfinite(b.simulated)].ravel()]
    allx, ally = np.concatenate(xs), np.concatenate(ys)
    x0, x1 = float(np.nanmin(allx)), float(np.nanmax(allx))
    y0, y1 = float(np.nanmin(ally)), float(np.nanmax(ally))
    if line == "identity":
        x0 = y0 = min(x0, y0)
        x1 = y1 = max(x1, y1)
    x1, y1 = (x1 if x1 > x0 else x0 + 1), (y1 if y1 > y0 else y0 + 1)

    def px(v: Any) -> Any:
        return PAD + (np.asarray(v, float) - x0) / (x1 - x0) * (W - PAD - 12)

    def py(v: Any) -> Any:
        return H - PAD - (np.asarray(v, float) - y0) / (y1 - y0) * (H - PAD - 28)

    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {W} {H}" role="img" font-size="11" '
        f'font-family="system-ui, sans-serif"><title>{escape(title)}</title>',
        f'<text x="{W / 2}" y="16" text-anchor="middle" font-weight="600">{escape(title)}</text>',
        f'<path d="M{PAD} 24V{H - PAD}H{W - 12}" fill="none" stroke="#666"/>',
    ]
    for v in np.linspace(x0, x1, 5):
        out.append(f'<text x="{px(v):.0f}" y="{H - PAD + 15}" text-anchor="middle">{v:.3g}</text>')
    for v in np.linspace(y0, y1, 5):
        out.append(f'<text x="{PAD - 5}" y="{py(v) + 4:.0f}" text-anchor="end">{v:.3g}</text>')
    for band in bands:
        for k, colour in enumerate(("#0072B2", "#D55E00", "#0072B2")):
            low, _, high = band.simulated[k]
            ring = [*zip(px(band.time), py(high), strict=True), *zip(px(band.time)[::-1], py(low)[::-1], strict=True)]
            path = " ".join(f"{a:.1f},{b:.1f}" for a, b in ring if np.isfinite(b))
            out.append(f'<polygon points="{path}" fill="{colour}" opacity="0.25"/>')
            seen = [(a, b) for a, b in zip(px(band.time), py(band.observed[k]), strict=True) if np.isfinite(b)]
            dash = "" if k == 1 else ' stroke-dasharray="5 3"'
            out.append(
                f'<polyline points="{" ".join(f"{a:.1f},{b:.1f}" for a, b in seen)}" fill="none" '
                f'stroke="#000" stroke-width="1.5"{dash}/>'
            )
    dots = "".join(
        f'<circle cx="{a:.1f}" cy="{b:.1f}" r="1.8"/>' for a, b in zip(px(x), py(y), strict=True) if np.isfinite(b)
    )
    out.append(f'<g fill="#444" opacity="0.45">{dots}</g>')
    if line == "identity":
        out.append(f'<path d="M{px(x0):.1f} {py(x0):.1f}L{px(x1):.1f} {py(x1):.1f}" stroke="#D55E00"/>')
    elif line == "zero" and y0 < 0 < y1:
        out.append(f'<path d="M{PAD} {py(0):.1f}H{W - 12}" stroke="#D55E00"/>')
    out.append(f'<text x="{W / 2}" y="{H - 8}" text-anchor="middle">{escape(xlabel)}</text>')
    out.append(
        f'<text x="12" y="{H / 2}" text-anchor="middle" transform="rotate(-90 12 {H / 2})">{escape(ylabel)}</text>'
    )
    return "\n".join([*out, "</svg>"])


def page(fit: Any, bands: Sequence[Band] = (), npde: np.ndarray | None = None, title: str = "Population fit") -> str:
    """The HTML text; everything inline."""
    from ketasim.fitting.population.diagnostics import table

    t = table(fit)
    plots = [
        scatter("Observed against population prediction", t["PRED"], t["DV"], "PRED", "DV", "identity"),
        scatter("Observed against individual prediction", t["IPRED"], t["DV"], "IPRED", "DV", "identity"),
        scatter("CWRES over time", t["TIME"], t["CWRES"], "time, h", "CWRES", "zero"),
        scatter("IWRES against individual prediction", t["IPRED"], t["IWRES"], "IPRED", "IWRES", "zero"),
    ]
    for b in bands:
        plots.append(scatter(f"Predictive check, {b.label}", *b.points, "time, h", "DV", bands=[b]))
    if npde is not None:
        seen = npde[fit.data.mask]
        plots.append(scatter("NPDE over time", fit.data.time[fit.data.mask], seen, "time, h", "NPDE", "zero"))
    bayes = fit.method == "bayes"
    columns = (
        {"mean": "mean", "sd": "SD", "q2.5": "2.5 %", "q97.5": "97.5 %", "rhat": "R-hat", "ess": "effective draws"}
        if bayes
        else {"estimate": "estimate", "se": "SE", "rse_percent": "RSE, %"}
    )
    rows = "".join(
        f"<tr><td>{escape(r['name'])}</td>" + "".join(f"<td>{r[k]:.4g}</td>" for k in columns) + "</tr>"
        for r in fit.rows()
    )
    heads = "".join(f"<th>{escape(v)}</th>" for v in columns.values())
    state = "converged" if fit.converged else "NOT converged: " + "; ".join(fit.problems)
    said = f"{fit.method}: {state}."
    if not bayes:
        shrinkage = ", ".join(f"{k} {v:.0%}" for k, v in fit.shrinkage.items() if k != "objective_error")
        said = f"{fit.method}: objective {fit.objective:.4f}; {state}. Shrinkage: {shrinkage}."
    style = (
        "body{font:15px/1.5 system-ui,sans-serif;max-width:980px;margin:2rem auto;padding:0 1rem}"
        "table{border-collapse:collapse}td,th{padding:.2rem .8rem;border-bottom:1px solid #ccc;text-align:right}"
        "td:first-child{text-align:left}.g{display:grid;grid-template-columns:repeat(auto-fit,minmax(340px,1fr));gap:1rem}"
        "svg{width:100%;height:auto;background:#fff}"
    )
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><style>{style}</style><h1>{escape(title)}</h1>"
        f"<p>{escape(said)}</p><table><tr><th>quantity</th>{heads}</tr>{rows}</table>"
        f'<div class="g">{"".join(plots)}</div></html>'
    )
