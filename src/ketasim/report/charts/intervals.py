"""Intervals side by side: one row an estimate, with what was printed beside it where that is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ketasim.report.charts import svg
from ketasim.report.charts.layout import FONT
from ketasim.report.charts.marks import GRID, INK, SOFT, Dot, Drawing, Mark, Stroke, Words, series_colour
from ketasim.report.charts.scale import Scale, linear_range, linear_ticks
from ketasim.report.numbers import number, tick
from ketasim.report.text import details, esc, table

ROW = 26.0
SIZES = {"wide": 860.0, "narrow": 360.0}


@dataclass(frozen=True)
class Interval:
    """An estimate with its interval; `printed` is what a paper reports (NaN: nothing); colour and shape tell groups."""

    label: str
    value: float
    low: float
    high: float
    printed: float = float("nan")
    colour: int = 0


def intervals(
    rows: Sequence[Interval], name: str, title: str, x_label: str, *, words: tuple[str, str] = ("", ""),
    zero: bool = True,
) -> str:  # fmt: skip
    """HTML of the figure with its table. words : what a dot with its line is, and what a diamond is."""
    if not rows:
        return ""
    sheets = "".join(
        svg.write(
            _lay_out(rows, width, x_label, words, zero), f"{name}-{fit}-linear", title, f"{title}: {len(rows)} rows.",
            classes=f"{fit} linear",
        )
        for fit, width in SIZES.items()
    )  # fmt: skip
    printed = any(np.isfinite(r.printed) for r in rows)
    head = [x_label, words[0] or "estimate", "from", "to", *([words[1] or "printed"] if printed else [])]
    body = [
        [r.label, number(r.value), number(r.low), number(r.high), *([number(r.printed)] if printed else [])]
        for r in rows
    ]
    return (
        f'<figure class="fig full" id="fig-{name}" data-scale="linear" data-name="{name}">'
        f'<figcaption><h3>{esc(title)}</h3></figcaption><div class="sheet">{sheets}</div>'
        f"{details('Numbers behind this chart', table(head, body, kind='numbers', caption=title))}</figure>"
    )


def _lay_out(rows: Sequence[Interval], width: float, x_label: str, words: tuple[str, str], zero: bool) -> Drawing:
    side = width < 500
    room = 12.0 if side else min(360.0, 18.0 + 0.6 * FONT * max(len(r.label) for r in rows))
    step = ROW + (14.0 if side else 0.0)
    top = 34.0 if any(words) else 12.0
    height = top + step * len(rows) + 46.0
    seen = np.array([[r.value, r.low, r.high, r.printed] for r in rows], float)
    seen = seen[np.isfinite(seen)]
    low, high = (float(seen.min()), float(seen.max())) if len(seen) else (0.0, 1.0)
    low, high = (min(low, 0.0), max(high, 0.0)) if zero else (low, high)
    low, high = linear_range(low, high, 6 if side else 8)
    plot = (room, top, width - 14.0, height - 46.0)
    x = Scale(low, high, plot[0], plot[2])
    marks: list[Mark] = []
    for v in linear_ticks(low, high, 4 if side else 8):
        at = float(x(v))
        strong = zero and v == 0
        marks.append(_line(at, plot[1], at, plot[3], SOFT if strong else GRID, 1.2 if strong else 1.0))
        marks.append(Words(at, plot[3] + 18, tick(v), "middle", SOFT, FONT))
    marks.append(Words((plot[0] + plot[2]) / 2, plot[3] + 37, x_label, "middle", SOFT, FONT))
    for i, r in enumerate(rows):
        y = plot[1] + step * (i + (0.7 if side else 0.5))
        colour = series_colour(r.colour)
        place = (plot[0], y - 10.0, "start") if side else (room - 10.0, y + 4.2, "end")
        marks.append(Words(place[0], place[1], r.label, place[2], INK, FONT))
        if np.isfinite(r.low) and np.isfinite(r.high):
            marks.append(_line(float(x(r.low)), y, float(x(r.high)), y, colour, 2.4))
        if np.isfinite(r.value):
            marks.append(Dot(float(x(r.value)), y, 4.5, colour, r.colour))
        if np.isfinite(r.printed):
            marks.append(Dot(float(x(r.printed)), y, 5.0, series_colour(6), 3))
    at = 4.0
    for word, shape, colour in ((words[0], 0, series_colour(0)), (words[1], 3, series_colour(6))):
        if word:
            marks += [Dot(at + 8, 14.0, 4.5, colour, shape), Words(at + 20, 18.2, word, "start", INK, FONT)]
            at += 44.0 + len(word) * FONT * 0.54
    return Drawing(width, height, plot, tuple(marks), (low, high), (0.0, float(len(rows))), False)


def _line(a: float, b: float, c: float, d: float, colour: str, width: float) -> Stroke:
    return Stroke(np.array([a, c], float), np.array([b, d], float), colour, width)
