# ruff: noqa: E501  (markup reads better whole)
"""Two small SVG figures of the validation report; colours by the shape and colour-safe palette of Okabe and Ito."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence

from .validation import Row

_COLOURS = {"iv": "#0072B2", "intranasal": "#E69F00", "oral": "#009E73", "sublingual": "#CC79A7", "rectal": "#D55E00"}
_OTHER = "#56B4E9"
_SIZE, _LEFT, _TOP = 360, 48, 26


def predicted_observed(rows: Sequence[Row], layer: str) -> str:
    """Log–log scatter of fold-compared rows of a layer with the identity and the 1.5-fold band; "" with fewer than two."""
    points = [
        (r["observed"], r["predicted"], r) for r in rows
        if r["layer"] == layer and r["verdict"] in ("pass", "fail") and r["error_kind"] == "fold"
        and r["observed"] and r["predicted"] and r["observed"] > 0 and r["predicted"] > 0
    ]  # fmt: skip
    if len(points) < 2:
        return ""
    values = [math.log10(v) for o, p, _ in points for v in (o, p)]
    low, high = math.floor(min(values)), math.ceil(max(values))
    high = max(high, low + 1)
    scale = (_SIZE - _LEFT - 12) / (high - low)

    def xy(o: float, p: float) -> tuple[float, float]:
        return _LEFT + (math.log10(o) - low) * scale, _SIZE - 34 - (math.log10(p) - low) * scale

    out = [
        f"<svg width={_SIZE} height={_SIZE} viewBox='0 0 {_SIZE} {_SIZE}' role=img aria-label='predicted against observed, {html.escape(layer)}'>"
    ]
    out.append(f"<text x={_LEFT} y=14 font-weight=600>{html.escape(layer)}: {len(points)} rows compared by fold</text>")
    for fold, dash in ((1.0, ""), (1.5, "4 3"), (1 / 1.5, "4 3")):
        a, b = xy(10.0**low, 10.0**low * fold), xy(10.0**high, 10.0**high * fold)
        style = f" stroke-dasharray='{dash}'" if dash else ""
        out.append(
            f"<line x1={a[0]:.1f} y1={a[1]:.1f} x2={b[0]:.1f} y2={b[1]:.1f} stroke=currentColor stroke-opacity=.5{style} />"
        )
    step = 1 if high - low <= 6 else 2
    for k in range(low, high + 1, step):
        x, _ = xy(10.0**k, 10.0**low)
        _, y = xy(10.0**low, 10.0**k)
        out.append(
            f"<text x={x:.1f} y={_SIZE - 18} text-anchor=middle>{_tick(k)}</text><text x={_LEFT - 6} y={y + 4:.1f} text-anchor=end>{_tick(k)}</text>"
        )
    for o, p, row in points:
        x, y = xy(o, p)
        colour = _COLOURS.get(row["route"], _OTHER)
        fill = colour if row["use"] == "check" else "none"
        tip = f"{row['id']} {row['study']} {row['statistic']} {row['output']}: observed {o:g}, predicted {p:.3g} {row['unit']}"
        out.append(
            f"<circle cx={x:.1f} cy={y:.1f} r=4 fill='{fill}' fill-opacity=.75 stroke='{colour}'><title>{html.escape(tip)}</title></circle>"
        )
    out.append(_legend(sorted({r["route"] for _, _, r in points})))
    out.append(
        f"<text x={(_SIZE + _LEFT) / 2} y={_SIZE - 3} text-anchor=middle>observed (filled: check, open: calibrate or transcription)</text>"
    )
    out.append(f"<text transform='translate(11 {_SIZE / 2}) rotate(-90)' text-anchor=middle>predicted</text></svg>")
    return "".join(out)


def _tick(k: int) -> str:
    return f"{10.0**k:g}" if -3 <= k <= 3 else f"10<tspan dy=-4 font-size=8>{k}</tspan>"


def _legend(routes: Sequence[str]) -> str:
    """Which colour is which route, one line above the figure's lower axis."""
    if not any(routes):
        return ""
    out, x = [], _LEFT + 6
    for i, route in enumerate(routes):
        y = 32 + 14 * i
        colour = _COLOURS.get(route, _OTHER)
        out.append(
            f"<circle cx={x} cy={y} r=4 fill='{colour}'/><text x={x + 9} y={y + 4}>{html.escape(route or 'other')}</text>"
        )
    return "".join(out)


def forest(rows: Sequence[Row], layer: str, most: int = 60) -> str:
    """Observed value beside the predicted 90 % interval, each row on its own scale, for rows compared by difference."""
    chosen = [
        r for r in rows
        if r["layer"] == layer and r["verdict"] in ("pass", "fail") and r["error_kind"] == "difference" and r["observed"] is not None
        and r["predicted"] is not None
    ][:most]  # fmt: skip
    if not chosen:
        return ""
    height, wide, x0 = 18, 760, 380
    out = [
        f"<svg width={wide} height={len(chosen) * height + _TOP + 6} viewBox='0 0 {wide} {len(chosen) * height + _TOP + 6}' role=img aria-label='{html.escape(layer)}'>"
    ]
    out.append(
        f"<text x=0 y=14 font-weight=600>{html.escape(layer)}: observed ◆ and predicted ● with 90 % interval, each row on its own scale</text>"
    )
    for i, row in enumerate(chosen):
        y = _TOP + i * height + 8
        observed, predicted = float(row["observed"] or 0), float(row["predicted"] or 0)
        low, high = (
            row["low"] if row["low"] is not None else predicted,
            row["high"] if row["high"] is not None else predicted,
        )
        left, right = min(low, observed, 0.0), max(high, observed, 0.0)
        k = (wide - x0 - 20) / ((right - left) or 1.0)
        x = [x0 + (v - left) * k for v in (low, high, predicted, observed, 0.0)]
        colour = "#009E73" if row["verdict"] == "pass" else "#D55E00"
        label = html.escape(f"{row['id']} {row['study']} {row['statistic']} {row['output']}"[:62])
        out.append(
            f"<text x=0 y={y + 4}>{label}</text><line x1={x[4]:.1f} x2={x[4]:.1f} y1={y - 7} y2={y + 7} stroke=currentColor stroke-opacity=.3 />"
            f"<line x1={x[0]:.1f} x2={x[1]:.1f} y1={y} y2={y} stroke='{colour}' stroke-width=2 /><circle cx={x[2]:.1f} cy={y} r=4 fill='{colour}'/>"
            f"<path d='M{x[3]:.1f} {y - 5}l5 5l-5 5l-5 -5z' fill=none stroke=currentColor><title>observed {observed:g} {html.escape(row['unit'])}</title></path>"
        )
    return "".join([*out, "</svg>"])
