"""Drawing → SVG text, with a title, a description and colours of the page's theme or of paper."""

from __future__ import annotations

import math
from html import escape

import numpy as np

from ketasim.report.charts.chart import COLOURS
from ketasim.report.charts.marks import Dot, Drawing, Fill, Mark, Stroke, Words

LIGHT = {"ink": "#1b1f24", "soft": "#57606a", "grid": "#dde1e6", "paper": "#ffffff"} | {
    f"c{i}": colour for i, colour in enumerate(COLOURS)
}
FONTS = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, 'DejaVu Sans', sans-serif"


def write(drawing: Drawing, name: str, title: str, description: str, *, themed: bool = True, classes: str = "") -> str:
    """SVG of a drawing. Themed: colours are variables of the page; otherwise literal, with a white ground."""
    w, h = drawing.width, drawing.height
    left, top, right, bottom = drawing.plot
    low, high = drawing.x_range
    geometry = f'data-plot="{left:.1f},{top:.1f},{right:.1f},{bottom:.1f}" data-x="{low:.8g},{high:.8g}"'
    colours = {k: f"var(--{k})" for k in LIGHT} if themed else LIGHT
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {w:g} {h:g}" width="{w:g}" height="{h:g}" role="img" '
        f'class="{classes}" aria-labelledby="{name}-t {name}-d" {geometry} '
        f'data-y="{drawing.y_range[0]:.8g},{drawing.y_range[1]:.8g},{"log" if drawing.log else "linear"}" '
        f'style="font-family:{escape(FONTS, quote=True)}">'
        f'<title id="{name}-t">{escape(title)}</title><desc id="{name}-d">{escape(description)}</desc>'
        f'<clipPath id="{name}-c"><rect x="{left:.1f}" y="{top - 3:.1f}" width="{right - left:.1f}" '
        f'height="{bottom - top + 3:.1f}"/></clipPath>'
    )
    ground = "" if themed else f'<rect width="{w:g}" height="{h:g}" fill="{LIGHT["paper"]}"/>'
    inside = "".join(_mark(m, colours) for m in drawing.marks if getattr(m, "clip", False))
    order = [m for m in drawing.marks if not getattr(m, "clip", False)]
    under = "".join(_mark(m, colours) for m in order if isinstance(m, Stroke))
    over = "".join(_mark(m, colours) for m in order if not isinstance(m, Stroke))
    return f'{head}{ground}{under}<g clip-path="url(#{name}-c)">{inside}</g>{over}</svg>'


def _points(x: np.ndarray, y: np.ndarray) -> str:
    pairs = [f"{_n(a)} {_n(b)}" for a, b in zip(x.tolist(), y.tolist(), strict=True)]
    return "M" + "L".join(pairs)


def _n(value: float) -> str:
    return f"{max(-9999.0, min(9999.0, value)):.1f}".removesuffix(".0")


def _mark(mark: Mark, colours: dict[str, str]) -> str:
    colour = colours[mark.colour]
    if isinstance(mark, Stroke):
        dash = f";stroke-dasharray:{mark.dash.replace(' ', ',')}" if mark.dash else ""
        faint = f";opacity:{mark.opacity:g}" if mark.opacity < 1 else ""
        style = f"fill:none;stroke:{colour};stroke-width:{mark.width:g};stroke-linejoin:round{dash}{faint}"
        return f'<path d="{_points(mark.x, mark.y)}" style="{style}"/>'
    if isinstance(mark, Fill):
        return f'<path d="{_points(mark.x, mark.y)}Z" style="fill:{colour};fill-opacity:{mark.opacity:g}"/>'
    if isinstance(mark, Words):
        bold = ";font-weight:600" if mark.bold else ""
        style = f"fill:{colour};font-size:{mark.size:g}px{bold}"
        place = f'x="{_n(mark.x)}" y="{_n(mark.y)}" text-anchor="{mark.anchor}"'
        return f'<text {place} style="{style}">{escape(mark.text)}</text>'
    return _dot(mark, colour, colours["paper"])


def _dot(dot: Dot, colour: str, paper: str) -> str:
    style = f"fill:{paper};stroke:{colour};stroke-width:1.6"
    if dot.shape % 4 == 0:
        return f'<circle cx="{_n(dot.x)}" cy="{_n(dot.y)}" r="{dot.radius:g}" style="{style}"/>'
    corners = corners_of(dot)
    return f'<path d="{_points(corners[0], corners[1])}Z" style="{style}"/>'


def corners_of(dot: Dot) -> np.ndarray:
    """Corners (2, k) of a square, triangle or diamond."""
    sides, turn = {1: (4, math.pi / 4), 2: (3, -math.pi / 2), 3: (4, 0.0)}[dot.shape % 4]
    angle = turn + 2 * math.pi * np.arange(sides) / sides
    r = dot.radius * 1.25
    return np.stack([dot.x + r * np.cos(angle), dot.y + r * np.sin(angle)])
