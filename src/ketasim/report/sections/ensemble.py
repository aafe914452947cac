"""Every published model that applies, one chart a sampling site: the spread a single model hides."""

from __future__ import annotations

import numpy as np

from ketasim.core.result import Result
from ketasim.report.charts.chart import Band, Chart, Line
from ketasim.report.charts.scale import HOURS, time_unit
from ketasim.report.context import Context
from ketasim.report.figure import figure
from ketasim.report.numbers import analyte_name, count, number, unit_text
from ketasim.report.profiles import dose_marks
from ketasim.report.registry import Section
from ketasim.report.sessions import Window
from ketasim.report.text import paragraph

OWN = "this run"


def render(result: Result, context: Context) -> str:
    """One chart a site: each model's typical curve, the room between them, and the default model in black."""
    if not context.ensemble:
        return ""
    views = context.windows([o for o in (context.site(context.parent),) if o])
    window = next((w for w in views if w.detail), views[0])
    parts = []
    for site, found in context.ensemble.items():
        models = [m for m in found if m[1] is not None]
        left_out = [f"{name}: {reason}" for name, times, reason in found if times is None]
        if left_out:
            parts.append(paragraph(f"Left out, {site}: " + "; ".join(left_out) + ".", kind="note"))
        if not models:
            continue
        chart, peaks = _chart(context, site, models, window)
        low, high = min(peaks), max(peaks)
        unit = unit_text(chart.y_unit)
        note = (
            f"{count(len(models), 'published model')}, each as printed, for the typical person. Peaks run from "
            f"{number(low)} to {number(high)} {unit}, a factor of {number(high / low, 2)}."
        )
        own = [line for line in chart.lines if line.label == OWN]
        if own and not low <= (peak := float(np.nanmax(own[0].y))) <= high:
            note += f" This run peaks at {number(peak)}, {'above' if peak > high else 'below'} all of them."
        parts.append(figure(context, f"ensemble-{site}", chart, note=note))
    words = (
        "Published models of the same drug disagree, through their subjects, assays and sampling sites. "
        "Arterial and venous models are never mixed in one band."
    )
    return paragraph(words) + "".join(parts) if parts else ""


def _chart(context: Context, site: str, models: object, window: Window) -> tuple[Chart, list[float]]:
    unit = time_unit(window.end_h - window.start_h)
    scale = HOURS[unit]
    start, stop = window.start_h, window.end_h
    lines, grids, peaks = [], [], []
    for i, (name, times, values) in enumerate(models):  # type: ignore[arg-type, var-annotated]
        t, y = np.asarray(times, float), np.asarray(values, float)
        inside = (t >= start - 1e-9) & (t <= stop + 1e-9)
        t, y = t[inside], y[inside]
        peaks.append(float(np.nanmax(y)))
        colour = i % 8 if i % 8 < 6 else 7
        lines.append(Line(str(name), (t - window.origin_h) / scale, y, colour, (i + i // 6) % 8, 1.6))
        grids.append((t, y))
    shared = np.unique(np.concatenate([t for t, _ in grids]))
    first, last = max(t[0] for t, _ in grids), min(t[-1] for t, _ in grids)
    shared = shared[(shared >= first) & (shared <= last)]
    stack = np.stack([np.interp(shared, t, y) for t, y in grids])
    band = Band(
        "range of models", (shared - window.origin_h) / scale, stack.min(axis=0), stack.max(axis=0), 7, "models"
    )
    output = f"{context.ensemble_output}.{site}"
    analyte = analyte_name(context.ensemble_output)
    own = []
    if output in context.shown:
        t = context.result.times_h
        keep = (t >= start) & (t <= stop)
        own = [Line(OWN, (t[keep] - window.origin_h) / scale, context.typical(output)[1][keep], 6, 0, 2.6)]
    chart = Chart(
        title=f"{analyte[:1].upper()}{analyte[1:]}, {site} plasma: {count(len(lines), 'published model')}",
        description=f"Typical curves of {', '.join(x.label for x in lines)} for {analyte} in {site} plasma.",
        x_unit=unit, y_unit=context.result.units.get(output, "ng/mL"), lines=[*lines, *own],
        bands=[band] if len(lines) > 1 else [], doses=dose_marks(context, window, scale),
        x_range=((start - window.origin_h) / scale, (stop - window.origin_h) / scale),
    )  # fmt: skip
    return chart, peaks


SECTION = Section("ensemble", "What other models say", render, nav="Other models")
