"""A chart on the page: drawn wide and narrow, linear and logarithmic, with its numbers in a table behind it."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np

from ketasim.report.charts import svg
from ketasim.report.charts.chart import Band, Chart, Line
from ketasim.report.charts.layout import lay_out
from ketasim.report.charts.scale import TIME_NAMES
from ketasim.report.context import Context
from ketasim.report.numbers import number, tick, unit_text
from ketasim.report.text import chip, details, esc, table

SIZES = {
    "full": {"wide": (860, 360), "narrow": (360, 320)},
    "half": {"wide narrow": (400, 300)},  # one drawing fits half a page and a phone
}
TABLE_ROWS = 24
DATA_POINTS = 240


def figure(
    context: Context, name: str, chart: Chart, *, size: str = "full", note: str = "", flags: Sequence[str] = (),
    log: bool = False, heading: str = "",
) -> str:  # fmt: skip
    """HTML of one figure; the chart is also kept in the context, so that it can be written to a file.

    heading : what stands over it on the page, where the chart's own title would repeat what stands above.
    """
    context.figures[name] = chart
    both = chart.loggable()
    log = log and both
    sheets = []
    for fit, (width, height) in SIZES[size].items():
        for axis in ("linear", "log") if both else ("linear",):
            key = f"{name}-{fit.split()[0]}-{axis}"
            drawing = lay_out(chart, width, height, axis == "log")
            sheets.append(svg.write(drawing, key, chart.title, chart.description, classes=f"{fit} {axis}"))
    buttons = ""
    if both:
        buttons = (
            '<span class="switch" role="group" aria-label="vertical axis">'
            f'<button type="button" data-scale="linear" aria-pressed="{str(not log).lower()}">linear</button>'
            f'<button type="button" data-scale="log" aria-pressed="{str(log).lower()}">log</button></span>'
        )
    buttons += "".join(
        f'<button type="button" class="save" data-save="{what}" aria-label="Save {esc(chart.title)} as {what.upper()}">'
        f"{what.upper()}</button>"
        for what in ("svg", "png", "csv")
    )
    marks = "".join(chip(f, "warn") for f in flags)
    caption = f'<p class="note">{esc(note)} {marks}</p>' if note or marks else ""
    return (
        f'<figure class="fig {size}" id="fig-{name}" data-scale="{"log" if log else "linear"}" data-name="{name}">'
        f'<figcaption><h3>{esc(heading or chart.title)}</h3><div class="tools">{buttons}</div></figcaption>'
        f'<div class="sheet">{"".join(sheets)}<div class="tip" hidden></div></div>{caption}'
        f"{details('Numbers behind this chart', _table(chart))}"
        f'<script type="application/json">{_data(chart)}</script></figure>'
    )


def _heads(chart: Chart) -> tuple[str, str]:
    unit = unit_text(chart.y_unit)
    time = chart.x_label or (f"time, {TIME_NAMES[chart.x_unit]}" if chart.x_is_time else chart.x_unit)
    return time, f", {unit}" if unit else ""


def _series(chart: Chart) -> list[Line | Band]:
    lines = [x for x in chart.lines if x.label]
    return [*lines, *(b for b in chart.bands if b.label)]


def _table(chart: Chart) -> str:
    low, high = chart.span()
    series = _series(chart)
    if series:
        grid = np.unique(np.concatenate([s.x for s in series]))
        grid = grid[(grid >= low) & (grid <= high)]
        grid = grid[np.unique(np.linspace(0, len(grid) - 1, TABLE_ROWS).round().astype(int))] if len(grid) else grid
    else:
        grid = np.zeros(0)
    time, unit = _heads(chart)
    rows = [[tick(float(f"{t:.5g}")), *(_cell(s, t) for s in series)] for t in grid]
    head = [time, *(f"{s.label}{unit}" for s in series)]
    parts = [table(head, rows, kind="numbers", caption=chart.title)] if series else []
    for points in chart.points:
        shown = [[tick(float(f"{a:.5g}")), number(b)] for a, b in zip(points.x, points.y, strict=True)]
        parts.append(table([time, f"{points.label}{unit}"], shown, kind="numbers", caption=points.label))
    return "".join(parts)


def _cell(series: Line | Band, t: float) -> str:
    if t < series.x[0] - 1e-9 or t > series.x[-1] + 1e-9:
        return "–"
    if isinstance(series, Band):
        return f"{number(np.interp(t, series.x, series.low))} to {number(np.interp(t, series.x, series.high))}"
    return number(float(np.interp(t, series.x, series.y)))


def _data(chart: Chart) -> str:
    """What the pointer reads and the CSV button writes: every series thinned to at most DATA_POINTS points."""
    low, high = chart.span()
    time, _ = _heads(chart)
    out: list[dict[str, object]] = []
    for s in _series(chart):
        inside = np.flatnonzero((s.x >= low - 1e-9) & (s.x <= high + 1e-9))
        if len(inside) > DATA_POINTS:
            inside = inside[np.unique(np.linspace(0, len(inside) - 1, DATA_POINTS).round().astype(int))]
        entry: dict[str, object] = {"label": s.label, "colour": s.colour % 8, "x": _numbers(s.x[inside], 6)}
        if isinstance(s, Band):
            entry |= {"low": _numbers(s.low[inside], 4), "high": _numbers(s.high[inside], 4)}
        else:
            entry["y"] = _numbers(s.y[inside], 4)
        out.append(entry)
    for p in chart.points:
        out.append(
            {"label": p.label, "colour": p.colour % 8, "points": True, "x": _numbers(p.x, 6), "y": _numbers(p.y, 4)}
        )
    text = json.dumps({"x": time, "unit": unit_text(chart.y_unit), "series": out}, separators=(",", ":"))
    return text.replace("<", "\\u003c")


def _numbers(values: np.ndarray, digits: int) -> list[float | None]:
    return [float(f"{v:.{digits}g}") if np.isfinite(v) else None for v in np.asarray(values, float).tolist()]
