"""Figures of a calibration as SVG: what the numbers became, residuals, profiles. Colours of Okabe and Ito."""

from __future__ import annotations

import html
import math
from typing import TYPE_CHECKING

import numpy as np

from ketasim.fitting.calibrate.profile import LIMIT, Profile

if TYPE_CHECKING:
    from ketasim.fitting.calibrate.result import Calibration, Estimate

BLUE, RED, GREEN = "#0072B2", "#D55E00", "#009E73"
WIDE, LINE, LEFT, FOOT = 760, 20, 330, 34


def belief(c: Calibration) -> str:
    """Prior (faint) and posterior (blue) 90 % interval of every number, in prior standard deviations."""
    low = min(-2.5, *(e.z - 2.2 * e.sd for e in c.estimates))
    high = max(2.5, *(e.z + 2.2 * e.sd for e in c.estimates))
    k = (WIDE - LEFT - 20) / (high - low)

    def x(z: float) -> float:
        return LEFT + (z - low) * k

    height = len(c.estimates) * LINE + FOOT + 12
    out = [_open(WIDE, height, "prior and posterior of each number")]
    for tick in range(math.ceil(low), math.floor(high) + 1):
        out.append(_rule(x(tick), 8, x(tick), height - FOOT, "stroke=currentColor stroke-opacity=.12"))
        out.append(_text(x(tick), height - 20, f"{tick:+d}", "middle"))
    for i, e in enumerate(c.estimates):
        y, half = 18 + i * LINE, 1.645 * e.sd
        out.append(_text(0, y + 4, f"{e.name}: {e.value:.4g} {e.unit}"))
        out.append(_bar(x(-1.645), x(0), x(1.645), y - 4, "currentColor", 0.35, f"prior {_span(e, True)}"))
        out.append(_bar(x(e.z - half), x(e.z), x(e.z + half), y + 3, BLUE, 1.0, f"posterior {_span(e, False)}"))
    out.append(_text(x(0), height - 4, "prior standard deviations from the middle of the prior", "middle"))
    return "".join([*out, "</svg>"])


def residuals(c: Calibration) -> str:
    """Observed minus fitted in standard deviations of the row's error, row by row; lines at two."""
    rows = [line for line in c.lines if line.residual is not None]
    if not rows:
        return ""
    far = max(3.0, *(abs(line.residual or 0.0) for line in rows))
    k = (WIDE - LEFT - 20) / (2 * far)
    height = len(rows) * LINE + FOOT + 12
    middle = LEFT + far * k
    out = [_open(WIDE, height, "residual of each row")]
    for tick in (-2, 0, 2):
        dash = "" if tick == 0 else " stroke-dasharray='4 3'"
        at = middle + tick * k
        out.append(_rule(at, 8, at, height - FOOT, f"stroke=currentColor stroke-opacity=.5{dash}"))
        out.append(_text(at, height - 20, f"{tick:+d}", "middle"))
    for i, line in enumerate(rows):
        y, r = 18 + i * LINE, line.residual or 0.0
        colour = RED if abs(r) > 2 else GREEN
        tip = f"observed {line.observed:.4g}, fitted {line.fitted:.4g}, before {line.before:.4g} {line.unit}"
        out.append(_text(0, y + 4, f"{line.id} {line.study} {line.statistic} {line.output}"[:54]))
        out.append(_rule(middle, y, middle + r * k, y, f"stroke='{colour}' stroke-width=2"))
        out.append(_dot(middle + r * k, y, colour, tip))
    out.append(_text(middle, height - 4, "observed − fitted, standard deviations", "middle"))
    return "".join([*out, "</svg>"])


def profile(p: Profile) -> str:
    """2Δf against the value with the 95 % limit."""
    w, h, left, low = 360, 240, 46, 40
    values, rise = np.array(p.values), np.array(p.rise)
    logarithmic = bool(values.min() > 0 and values.max() / values.min() > 3)
    axis = np.log(values) if logarithmic else values
    top = max(2 * LIMIT, float(min(rise.max(), 4 * LIMIT)))
    xs = left + (axis - axis.min()) * (w - left - 14) / (float(np.ptp(axis)) or 1.0)
    ys = h - low - np.minimum(rise, top) / top * (h - low - 26)
    limit = h - low - LIMIT / top * (h - low - 26)
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in zip(xs, ys))
    out = [_open(w, h, f"profile of {html.escape(p.name)}"), f"<g font-weight=600>{_text(0, 14, p.name)}</g>"]
    out.append(_rule(left, limit, w - 14, limit, f"stroke='{RED}' stroke-dasharray='4 3'"))
    out.append(_text(left - 4, limit, f"{LIMIT:.2f}", "end"))
    out.append(f"<polyline points='{path}' fill=none stroke='{BLUE}' stroke-width=2 />")
    out += [_dot(x, y, BLUE, f"{v:.4g}: {r:.2f}", 3) for x, y, v, r in zip(xs, ys, values, rise)]
    last = len(values) - 1
    for i in sorted({0, int(np.argmin(rise)), last}):
        out.append(_text(xs[i], h - 22, f"{values[i]:.3g}", "start" if i == 0 else "end" if i == last else "middle"))
    edges = ["open" if edge is None else f"{edge:.4g}" for edge in (p.low, p.high)]
    out.append(_text(w / 2, h - 4, f"95 %: {edges[0]} to {edges[1]} {p.unit}", "middle"))
    return "".join([*out, "</svg>"])


def _open(width: float, height: float, label: str) -> str:
    return f"<svg width={width} height={height} viewBox='0 0 {width} {height}' role=img aria-label='{label}'>"


def _text(x: float, y: float, words: str, anchor: str = "start") -> str:
    return f"<text x={x:.1f} y={y:.1f} text-anchor={anchor}>{html.escape(words)}</text>"


def _rule(x1: float, y1: float, x2: float, y2: float, style: str) -> str:
    return f"<line x1={x1:.1f} y1={y1:.1f} x2={x2:.1f} y2={y2:.1f} {style} />"


def _dot(x: float, y: float, colour: str, tip: str, r: float = 4) -> str:
    return f"<circle cx={x:.1f} cy={y:.1f} r={r} fill='{colour}'><title>{html.escape(tip)}</title></circle>"


def _bar(a: float, middle: float, b: float, y: float, colour: str, opacity: float, tip: str) -> str:
    style = f"stroke='{colour}' stroke-width=3 stroke-opacity={opacity}"
    return f"<g fill-opacity={opacity}>{_rule(a, y, b, y, style)}{_dot(middle, y, colour, tip, 3.5)}</g>"


def _span(e: Estimate, before: bool) -> str:
    low, middle, high = (e.prior_low, e.prior, e.prior_high) if before else (e.low, e.value, e.high)
    return f"{middle:.4g} ({low:.4g} to {high:.4g}) {e.unit}"
