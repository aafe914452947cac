"""Chart → Drawing: where everything goes on a sheet of a given size."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ketasim.report.charts.chart import DASHES, Band, Chart, Line, Points
from ketasim.report.charts.marks import (
    GRID,
    INK,
    PAPER,
    SOFT,
    Dot,
    Drawing,
    Fill,
    Mark,
    Stroke,
    Words,
    series_colour,
    simplify,
)
from ketasim.report.charts.scale import TIME_NAMES, Scale, linear_range, linear_ticks, log_range, log_ticks, time_ticks
from ketasim.report.numbers import tick, unit_text

FONT = 12.5
_EM = 0.54  # mean width of a character of the report's font, in its size
_BAND = {"between": 0.17, "doubt": 0.30, "models": 0.13}


def lay_out(chart: Chart, width: float, height: float, log: bool = False) -> Drawing:
    """Marks of a chart on a sheet of width × height pixels."""
    x_low, x_high = chart.span()
    if x_high <= x_low:
        x_low, x_high = x_low - 0.5, x_high + 0.5
    rows = list(_legend_rows(chart, width - 16))
    top = 30.0 + 20.0 * len(rows)
    rough = max(3, int((height - top) / 48))
    if log:
        y_low, y_high = log_range(*chart.extent(positive=True), chart.decades)
        labelled, small = log_ticks(y_low, y_high)
    else:
        y_low, y_high = linear_range(*chart.extent(), rough)
        labelled, small = linear_ticks(y_low, y_high, rough), []
    texts = [tick(v) for v in labelled]
    left = 14.0 + max((len(t) for t in texts), default=1) * FONT * _EM
    plot = (left, top, width - 12.0, height - 44.0)
    x, y = Scale(x_low, x_high, plot[0], plot[2]), Scale(y_low, y_high, plot[3], plot[1], log)
    marks: list[Mark] = []
    for v in small:
        marks.append(_rule(plot[0], float(y(v)), plot[2], float(y(v)), GRID, 0.5))
    for v, text in zip(labelled, texts, strict=True):
        marks.append(_rule(plot[0], float(y(v)), plot[2], float(y(v)), GRID, 1.0))
        marks.append(Words(plot[0] - 7, float(y(v)) + 4.2, text, "end", SOFT, FONT))
    marks += _bottom(chart, plot, x, x_low, x_high)
    marks += _series(chart, x, y)
    marks += _doses(chart, x, plot)
    heading = chart.y_label or unit_text(chart.y_unit) or chart.y_unit
    marks.append(Words(plot[0] - 7 if len(heading) < 3 else 4.0, top - 11, heading, "start", SOFT, FONT))
    marks += _legend(rows)
    return Drawing(width, height, plot, tuple(marks), (x_low, x_high), (y_low, y_high), log)


def _rule(x1: float, y1: float, x2: float, y2: float, colour: str, width: float) -> Stroke:
    return Stroke(np.array([x1, x2], float), np.array([y1, y2], float), colour, width)


def _bottom(chart: Chart, plot: tuple[float, float, float, float], x: Scale, low: float, high: float) -> list[Mark]:
    left, _, right, bottom = plot
    count = max(3, int((right - left) / 62))
    ticks = time_ticks(low, high, chart.x_unit, count) if chart.x_is_time else linear_ticks(low, high, count)
    marks: list[Mark] = [_rule(left, bottom, right, bottom, SOFT, 1.0)]
    for v in ticks:
        at = float(x(v))
        marks.append(_rule(at, bottom, at, bottom + 5, SOFT, 1.0))
        marks.append(Words(at, bottom + 19, tick(v), "middle", SOFT, FONT))
    label = chart.x_label or (f"time, {TIME_NAMES[chart.x_unit]}" if chart.x_is_time else unit_text(chart.x_unit))
    marks.append(Words((left + right) / 2, bottom + 37, label, "middle", SOFT, FONT))
    return marks


def _runs(*arrays: np.ndarray) -> Iterator[slice]:
    """Stretches over which every array is finite."""
    good = np.all([np.isfinite(a) for a in arrays], axis=0)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], good, [False]]).astype(int)))
    for a, b in zip(edges[::2], edges[1::2], strict=True):
        if b - a > 1:
            yield slice(int(a), int(b))


def _series(chart: Chart, x: Scale, y: Scale) -> list[Mark]:
    marks: list[Mark] = []
    for band in sorted(chart.bands, key=lambda b: b.kind == "doubt"):
        px, low, high = x(band.x), y(band.low), y(band.high)
        colour = series_colour(band.colour)
        for run in _runs(px, low, high):
            (ux, uy), (lx, ly) = simplify(px[run], high[run]), simplify(px[run], low[run])
            marks.append(Fill(np.append(ux, lx[::-1]), np.append(uy, ly[::-1]), colour, _BAND[band.kind], True))
            if band.kind == "doubt":
                marks += [Stroke(ux, uy, colour, 0.9, "2 2", 0.9, True), Stroke(lx, ly, colour, 0.9, "2 2", 0.9, True)]
    for line in chart.lines:
        px, py = x(line.x), y(line.y)
        for run in _runs(px, py):
            marks.append(
                Stroke(
                    *simplify(px[run], py[run]),
                    series_colour(line.colour),
                    line.width,
                    DASHES[line.dash % 8],
                    1.0,
                    True,
                )
            )
    for points in chart.points:
        for a, b in zip(points.x.tolist(), points.y.tolist(), strict=True):
            shown = x.low <= a <= x.high and np.isfinite(b) and (b > 0 or not y.log)
            if shown and min(y.start, y.end) - 1 <= float(y(b)) <= max(y.start, y.end) + 1:
                marks.append(Dot(float(x(a)), float(y(b)), 4.0, series_colour(points.colour), points.shape))
    return marks


def _doses(chart: Chart, x: Scale, plot: tuple[float, float, float, float]) -> list[Mark]:
    marks: list[Mark] = []
    for dose in chart.doses:
        if dose.start + dose.duration < x.low or dose.start > x.high:
            continue
        a, b = float(x(max(dose.start, x.low))), float(x(min(dose.start + dose.duration, x.high)))
        bottom = plot[3]
        if b - a > 2:
            marks.append(
                Fill(np.array([a, b, b, a]), np.array([bottom - 5.0, bottom - 5.0, bottom, bottom]), INK, 0.75)
            )
        else:
            marks.append(
                Fill(np.array([a - 3.5, a + 3.5, a]), np.array([bottom + 0.0, bottom + 0.0, bottom - 8.0]), INK, 0.75)
            )
    return marks


def _entries(chart: Chart) -> list[tuple[str, object]]:
    seen: dict[str, object] = {}
    series: list[Line | Band | Points] = [*chart.lines, *chart.bands, *chart.points]
    for item in series:
        if item.label:
            seen.setdefault(item.label, item)
    if chart.doses:
        seen["dose"] = "dose"
    return list(seen.items())


def _legend_rows(chart: Chart, room: float) -> Iterator[list[tuple[float, str, object]]]:
    """Legend entries in rows that fit: (x, text, what to draw)."""
    row: list[tuple[float, str, object]] = []
    at = 0.0
    for text, item in _entries(chart):
        size = 30.0 + len(text) * FONT * _EM + 16.0
        if row and at + size > room:
            yield row
            row, at = [], 0.0
        row.append((at, text, item))
        at += size
    if row:
        yield row


def _legend(rows: list[list[tuple[float, str, object]]]) -> list[Mark]:
    marks: list[Mark] = []
    for r, row in enumerate(rows):
        base = 14.0 + 20.0 * r
        for offset, text, item in row:
            a = 4.0 + offset
            marks += _key(item, a, base)
            marks.append(Words(a + 30, base + 4.2, text, "start", INK, FONT))
    return marks


def _key(item: object, a: float, base: float) -> list[Mark]:
    if item == "dose":
        return [
            Fill(np.array([a + 2, a + 24, a + 24, a + 2]), np.array([base - 2.5] * 2 + [base + 2.5] * 2), INK, 0.75)
        ]
    colour = series_colour(getattr(item, "colour", 0))
    if isinstance(item, Band):
        box = Fill(
            np.array([a, a + 24, a + 24, a]), np.array([base - 6] * 2 + [base + 6] * 2), colour, _BAND[item.kind]
        )
        edges: list[Mark] = []
        if item.kind == "doubt":
            edges = [
                Stroke(np.array([a, a + 24]), np.array([v, v]), colour, 0.9, "2 2", 0.9) for v in (base - 6, base + 6)
            ]
        return [box, *edges]
    if hasattr(item, "shape"):
        return [Dot(a + 12, base, 4.0, colour, getattr(item, "shape", 0))]
    dash, width = getattr(item, "dash", 0), getattr(item, "width", 2.0)
    return [Stroke(np.array([a, a + 24]), np.array([base, base]), colour, width, DASHES[dash % 8])]


__all__ = ["FONT", "PAPER", "lay_out"]
