"""Charts of outputs over time: medians, bands of people and of doubt, observations and doses, in one window."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ketasim.report.charts.chart import Band, Chart, DoseMark, Line, Points
from ketasim.report.charts.scale import HOURS, TIME_NAMES, time_unit
from ketasim.report.context import Context, is_probability
from ketasim.report.figure import figure
from ketasim.report.numbers import duration, number, output_name, unit_text
from ketasim.report.sessions import Window
from ketasim.report.text import esc


def profile_chart(
    context: Context, outputs: Sequence[str], window: Window, *, title: str, names: Sequence[str] = (),
    bands: bool = True, doubt: bool = True, observed: bool = True,
) -> Chart:  # fmt: skip
    """A chart of some outputs (one unit) in a window of the run."""
    result = context.result
    unit = time_unit(window.end_h - window.start_h)
    scale = HOURS[unit]
    names = names or [output_name(o) for o in outputs]
    doubt = doubt and (window.detail or len(context.windows(outputs)) == 1)
    title = title[:1].upper() + title[1:]
    lead = 0.0 if window.start_h <= window.origin_h else window.start_h - window.origin_h
    x_range = ((window.start_h - window.origin_h) / scale, (window.end_h - window.origin_h) / scale)
    lines, shades, points = [], [], []
    single = len(outputs) == 1
    for i, (output, name) in enumerate(zip(outputs, names, strict=True)):
        x, keep = _x(result.times_h, window, scale)
        low, middle, high = (q[keep] for q in context.typical(output))
        what = "" if single and context.many else name
        lines.append(
            Line(
                (what + (", mean" if is_probability(output) else ", median")).strip(", ") if context.many else name,
                x,
                middle,
                i,
                i,
            )
        )
        if context.many and bands:
            label = "9 in 10 people" if single else f"{name}, 9 in 10 people"
            shades.append(Band(label, x, low, high, i, "between"))
        if doubt and context.doubt is not None and output in context.doubt:
            xd, kd = _x(context.doubt.times_h, window, scale)
            dl, _, dh = (q[kd] for q in context.typical(output, context.doubt))
            label = "typical person, 90 % doubt" if single else f"{name}, 90 % doubt"
            shades.append(Band(label, xd, dl, dh, i, "doubt"))
        if observed and context.observed is not None:
            rows = [r for r in context.observed.of(output) if window.start_h <= r.time_h <= window.end_h]
            if rows:
                xs = np.array([(r.time_h - window.origin_h) / scale for r in rows])
                label = "observed" if single else f"{name}, observed"
                points.append(Points(label, xs, np.array([r.value for r in rows]), 6 if single else i, i))
    return Chart(
        title=title,
        description=describe(context, outputs, names, window),
        x_unit=unit,
        y_unit=result.units[outputs[0]],
        lines=lines,
        bands=shades,
        points=points,
        doses=dose_marks(context, window, scale),
        x_range=x_range,
        x_label=_x_label(window, unit, lead),
    )


def _x(times_h: np.ndarray, window: Window, scale: float) -> tuple[np.ndarray, np.ndarray]:
    keep = (times_h >= window.start_h - 1e-9) & (times_h <= window.end_h + 1e-9)
    return (times_h[keep] - window.origin_h) / scale, keep


def _x_label(window: Window, unit: str, lead: float) -> str:
    since = "since the start of the session" if window.detail and window.origin_h > 0 else ""
    return f"{TIME_NAMES[unit]} {since}".strip() if since else f"time, {TIME_NAMES[unit]}"


def dose_marks(context: Context, window: Window, scale: float) -> list[DoseMark]:
    """Doses inside a window, on its axis."""
    return [
        DoseMark((float(d["start_h"]) - window.origin_h) / scale, float(d.get("duration_h", 0.0)) / scale)
        for d in context.result.doses
        if window.start_h - 1e-9 <= float(d["start_h"]) <= window.end_h
    ]


def describe(context: Context, outputs: Sequence[str], names: Sequence[str], window: Window) -> str:
    """What the chart shows, for a reader who cannot see it."""
    result, parts = context.result, []
    for output, name in zip(outputs, names, strict=True):
        _, keep = _x(result.times_h, window, 1.0)
        middle = context.typical(output)[1][keep]
        if len(middle) and np.isfinite(middle).any():
            k = int(np.nanargmax(middle))
            at = result.times_h[keep][k] - window.start_h
            parts.append(f"{name} peaks at {number(middle[k])} {unit_text(result.units[output])} after {duration(at)}")
    return f"Curves over time, {window.title}. " + "; ".join(parts) + "."


def panels(
    context: Context, name: str, outputs: Sequence[str], title: str, *, names: Sequence[str] = (), note: str = "",
    whole: bool = True, bands: bool = True, doubt: bool = True,
) -> str:  # fmt: skip
    """One figure a window: the whole run across the page, single sessions side by side."""
    out: list[str] = []
    halves: list[str] = []
    flags = context.flags(outputs)
    chosen = [w for w in context.windows(outputs) if whole or w.detail] or list(context.windows(outputs))
    sessions = [w for w in chosen if w.detail]
    for i, window in enumerate(chosen):
        only = len(chosen) == 1 or not window.detail or len(sessions) == 1
        full = title if len(chosen) == 1 else f"{title}: {window.title}"
        chart = profile_chart(context, outputs, window, title=full, names=names, bands=bands, doubt=doubt)
        heading = "" if only else window.title[:1].upper() + window.title[1:]
        first = i == 0
        html = figure(context, f"{name}-{i + 1}", chart, size="full" if only else "half",
                      note=note if first else "", flags=flags if first else (), heading=heading)  # fmt: skip
        (out if only else halves).append(html)
    if halves:
        if not out:
            out.append(f"<h3>{esc(title[:1].upper() + title[1:])}</h3>")
        out.append(f'<div class="pair">{"".join(halves)}</div>')
    return "".join(out)
