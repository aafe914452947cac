"""Figures of a fit as SVG text: points, bands of predictive checks, one person's curve. Colours of Okabe and Ito."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

import numpy as np

from ketasim.analysis.predictive import Band

BLUE, ORANGE, LEFT, TOP, BOTTOM, RIGHT = "#0072B2", "#D55E00", 52, 30, 44, 12
STYLE = (
    "svg.p{width:100%;height:auto;display:block}svg.p text{fill:var(--ink);font:11px system-ui,sans-serif}"
    "svg.p .t{font-weight:600;font-size:12px}svg.p .a{stroke:var(--soft);fill:none}svg.p .g{stroke:var(--line)}"
    "svg.p .d{fill:var(--ink);opacity:.4}svg.p .m{stroke:var(--ink);fill:none;stroke-width:1.6}"
)


def ticks(low: float, high: float, log: bool = False, most: int = 5) -> list[float]:
    """Round numbers inside a range: decades, with 2 and 5 between where there is room, or steps of 1, 2 or 5."""
    if log:
        found: list[float] = []
        for parts in ((1,), (1, 3), (1, 2, 5)):
            wider = [m * 10.0**k for k in range(int(np.floor(np.log10(low))), int(np.ceil(np.log10(high))) + 1)
                     for m in parts if low <= m * 10.0**k <= high]  # fmt: skip
            if len(wider) <= most + 1 or not found:
                found = wider
        return found if len(found) > 1 else [low, high]
    raw = (high - low) / most
    size = 10.0 ** np.floor(np.log10(raw))
    step = size * next(m for m in (1, 2, 5, 10) if m * size >= raw * 0.999)
    first = np.ceil(low / step - 1e-9) * step
    return [float(v) for v in first + step * np.arange(int((high - first) / step + 1e-9) + 1)]


@dataclass
class Panel:
    """Axes with what is drawn in them; `show` gives the SVG. log : a logarithmic ordinate."""

    title: str
    x: tuple[float, float]
    y: tuple[float, float]
    xlabel: str = ""
    ylabel: str = ""
    log: bool = False
    size: tuple[int, int] = (430, 300)
    body: list[str] = field(default_factory=list)

    def px(self, v: Any) -> np.ndarray:
        """Abscissa in pixels."""
        wide = self.size[0] - LEFT - RIGHT
        return np.asarray(LEFT + (np.asarray(v, float) - self.x[0]) / (self.x[1] - self.x[0]) * wide)

    def py(self, v: Any) -> np.ndarray:
        """Ordinate in pixels; what a logarithm cannot show lies at the lower edge."""
        high = self.size[1] - TOP - BOTTOM
        v, (low, top) = np.asarray(v, float), self.y
        if self.log:
            v, low, top = np.log(np.maximum(v, self.y[0])), np.log(low), np.log(top)
        return np.asarray(self.size[1] - BOTTOM - (v - low) / (top - low) * high)

    def dots(self, x: Any, y: Any, radius: float = 1.9, colour: str = "") -> None:
        """Points that are finite."""
        both = zip(self.px(x).tolist(), self.py(y).tolist(), strict=True)
        dots = "".join(f'<circle cx="{a:.1f}" cy="{b:.1f}" r="{radius}"/>' for a, b in both if np.isfinite(a + b))
        look = f'fill="{colour}" opacity=".8"' if colour else 'class="d"'
        self.body.append(f"<g {look}>{dots}</g>")

    def line(self, x: Any, y: Any, look: str = 'class="m"') -> None:
        """A line through the points that are finite."""
        both = zip(self.px(x).tolist(), self.py(y).tolist(), strict=True)
        points = " ".join(f"{a:.1f},{b:.1f}" for a, b in both if np.isfinite(a + b))
        self.body.append(f'<polyline points="{points}" fill="none" {look}/>')

    def ribbon(self, x: Any, low: Any, high: Any, colour: str) -> None:
        """The area between two lines."""
        keep = np.isfinite(low) & np.isfinite(high)
        across = np.concatenate([self.px(x)[keep], self.px(x)[keep][::-1]])
        up = np.concatenate([self.py(high)[keep], self.py(low)[keep][::-1]])
        points = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(across, up, strict=True))
        self.body.append(f'<polygon points="{points}" fill="{colour}" opacity=".25"/>')

    def show(self) -> str:
        """The SVG."""
        (w, h), clip = self.size, f"c{abs(hash((self.title, self.x, self.y, self.size))) % 10**9}"
        bottom, most = h - BOTTOM, 5 if w > 300 else 3
        out = [
            f'<svg class="p" viewBox="0 0 {w} {h}" role="img"><title>{escape(self.title)}</title>',
            f'<clipPath id="{clip}"><rect x="{LEFT}" y="{TOP - 4}" width="{w - LEFT - RIGHT + 4}" '
            f'height="{bottom - TOP + 8}"/></clipPath>',
            f'<text class="t" x="{LEFT}" y="17">{escape(self.title)}</text>',
        ]
        for v in ticks(*self.y, self.log, most):
            at = float(self.py(v))
            out.append(f'<path class="g" d="M{LEFT} {at:.1f}H{w - RIGHT}"/>')
            out.append(f'<text x="{LEFT - 6}" y="{at + 4:.1f}" text-anchor="end">{_number(v)}</text>')
        for v in ticks(*self.x, most=most):
            out.append(f'<text x="{float(self.px(v)):.1f}" y="{bottom + 16}" text-anchor="middle">{_number(v)}</text>')
        out += [
            f'<g clip-path="url(#{clip})">',
            *self.body,
            "</g>",
            f'<path class="a" d="M{LEFT} {TOP}V{bottom}H{w - RIGHT}"/>',
        ]
        out.append(f'<text x="{(LEFT + w - RIGHT) / 2}" y="{h - 8}" text-anchor="middle">{escape(self.xlabel)}</text>')
        out.append(f'<text transform="translate(11 {(TOP + bottom) / 2}) rotate(-90)" text-anchor="middle">'
                   f"{escape(self.ylabel)}</text></svg>")  # fmt: skip
        return "\n".join(out)


def _number(v: float) -> str:
    return f"{v:.4g}" if v == 0 or 1e-3 <= abs(v) < 1e5 else f"{v:.0e}"


def span(*values: Any, room: float = 0.04) -> tuple[float, float]:
    """The range of finite values with some room to both sides."""
    flat = np.concatenate([np.ravel(np.asarray(v, float)) for v in values])
    flat = flat[np.isfinite(flat)]
    low, high = (float(flat.min()), float(flat.max())) if len(flat) else (0.0, 1.0)
    pad = room * (high - low) or 0.5 * abs(high) or 0.5
    return low - pad, high + pad


def smooth(x: np.ndarray, y: np.ndarray, points: int = 30) -> tuple[np.ndarray, np.ndarray]:
    """A trend: the mean of y weighed by nearness, a quarter of the range wide."""
    keep = np.isfinite(x) & np.isfinite(y)
    x, y = x[keep], y[keep]
    if len(x) < 8 or np.ptp(x) == 0:
        return np.zeros(0), np.zeros(0)
    at = np.unique(np.quantile(x, np.linspace(0, 1, points)))
    weight = np.exp(-0.5 * ((at[:, None] - x) / (np.ptp(x) / 8)) ** 2)
    return at, (weight * y).sum(axis=1) / weight.sum(axis=1)


def against(title: str, x: np.ndarray, y: np.ndarray, xlabel: str, ylabel: str) -> str:
    """Observed against predicted, with the line of identity and the trend."""
    both = span(x, y)
    p = Panel(title, both, both, xlabel, ylabel)
    p.dots(x, y)
    p.line(both, both, f'stroke="{ORANGE}" stroke-width="1.2"')
    p.line(*smooth(x, y), f'stroke="{BLUE}" stroke-width="1.6" stroke-dasharray="5 3"')
    return p.show()


def residuals(title: str, x: np.ndarray, y: np.ndarray, xlabel: str, ylabel: str) -> str:
    """Standardised residuals with 0 and ±1.96, and their trend."""
    most = max(3.0, float(np.nanmax(np.abs(y), initial=0.0)) * 1.05)
    p = Panel(title, span(x), (-most, most), xlabel, ylabel)
    for level, dash in ((0.0, ""), (1.96, "3 3"), (-1.96, "3 3")):
        p.line(p.x, (level, level), f'stroke="{ORANGE}" stroke-dasharray="{dash}"')
    p.dots(x, y)
    p.line(*smooth(x, y), f'stroke="{BLUE}" stroke-width="1.6" stroke-dasharray="5 3"')
    return p.show()


def check(title: str, band: Band, xlabel: str, ylabel: str, log: bool = False) -> str:
    """A predictive check: intervals of the simulated quantiles, the observed quantiles as lines, the observations."""
    y = span(band.points[1], band.simulated)
    if log:
        positive = np.concatenate([np.ravel(band.points[1]), np.ravel(band.simulated)])
        positive = positive[np.isfinite(positive) & (positive > 0)]
        y = (float(positive.min()) / 1.2, float(positive.max()) * 1.2)
    p = Panel(title, span(band.points[0], band.time), y, xlabel, ylabel, log)
    for k, interval in enumerate(band.simulated):
        middle = k == len(band.simulated) // 2
        p.ribbon(band.time, interval[0], interval[2], ORANGE if middle else BLUE)
    p.dots(*band.points)
    for k, observed in enumerate(band.observed):
        p.line(band.time, observed, 'class="m"' + ("" if k == len(band.observed) // 2 else ' stroke-dasharray="5 3"'))
    return p.show()


def below(title: str, band: Band, xlabel: str) -> str:
    """Share of observations under the limit, with the interval of the simulated share."""
    p = Panel(title, span(band.points[0], band.time), (0.0, 1.0), xlabel, "share below the limit", size=(430, 190))
    p.ribbon(band.time, band.below_simulated[0], band.below_simulated[2], ORANGE)
    p.line(band.time, band.below)
    return p.show()


def normal(title: str, values: np.ndarray) -> str:
    """Quantiles of values against those of the standard normal distribution."""
    from ketasim.core.gaussian import ndtri

    ordered = np.sort(values[np.isfinite(values)])
    expected = ndtri((np.arange(len(ordered)) + 0.5) / max(len(ordered), 1))
    both = span(ordered, expected)
    p = Panel(title, both, both, "standard normal", "observed")
    p.line(both, both, f'stroke="{ORANGE}" stroke-width="1.2"')
    p.dots(expected, ordered)
    return p.show()


def person(name: str, t: np.ndarray, y: np.ndarray, low: np.ndarray, curves: Sequence[np.ndarray], log: bool) -> str:
    """One person: observations (open triangles at the limit where below it), own and typical prediction."""
    seen = np.where(low, np.nan, y)
    values = [seen, *curves, np.where(low, y, np.nan)]
    area = span(*values)
    if log:
        flat = np.concatenate(values)
        flat = flat[np.isfinite(flat) & (flat > 0)]
        area = (float(flat.min()) / 1.3, float(flat.max()) * 1.3)
    p = Panel(name, span(t), area, log=log, size=(240, 170))
    order = np.argsort(t, kind="stable")
    p.line(t[order], curves[1][order], f'stroke="{BLUE}" stroke-dasharray="4 3"')
    p.line(t[order], curves[0][order], f'stroke="{ORANGE}" stroke-width="1.6"')
    p.dots(t, seen, 2.4)
    for a, b in zip(p.px(t[low]).tolist(), p.py(y[low]).tolist(), strict=True):
        p.body.append(f'<path d="M{a - 3:.1f} {b - 3:.1f}h6l-3 5z" fill="none" class="a"/>')
    return p.show()
