"""Mood over weeks: scores, response and remission, relapse, who gains, rival explanations, intervals."""

from __future__ import annotations

from typing import Any

import numpy as np

from ketasim.core.errors import KetasimError
from ketasim.core.result import Result
from ketasim.outcomes.courses import MINIMAL_DIFFERENCE, number_needed, relapse_free, remission, response
from ketasim.report.charts.chart import Chart, Line
from ketasim.report.context import Context
from ketasim.report.figure import figure
from ketasim.report.numbers import number
from ketasim.report.profiles import panels
from ketasim.report.registry import Section
from ketasim.report.text import esc, paragraph, table

DAYS = 3.0
MAINTENANCE = (("no further dose", ""), ("every 28 d", "28 d x4"), ("every 14 d", "14 d x8"), ("every 7 d", "7 d x16"))


def render(result: Result, context: Context) -> str:
    """Scores, then what lies beneath them, then the questions a clinic asks."""
    html = ""
    days = float(result.times_h[-1]) / 24.0
    scores = context.matching("madrs", "hdrs", "qids")
    if "madrs" in scores:
        html += panels(context, "madrs", ["madrs"], "MADRS", whole=True) + _lines(result, context)
    for name, outputs, title in (
        ("benefit", ("benefit",), "Latent benefit"),
        ("synapses", ("bdnf", "mtorc1", "spines", "synapse"), "Plasticity, ratio to the start"),
        ("relapse-hazard", ("relapse_hazard",), "Rate of relapse for a person who is well"),
    ):
        found = context.matching(*outputs)
        if found:
            html += panels(context, name, found, title, whole=True, bands=len(found) == 1, doubt=len(found) == 1)
    if days >= DAYS and "madrs" in scores and context.many:
        html += _survival(result, context, days) + _waterfall(result)
    if days >= DAYS and "madrs" in scores:
        html += _runs(result, context, days)
    return html


def _lines(result: Result, context: Context) -> str:
    end = float(result.times_h[-1])
    start = float(np.nanmedian(result["madrs"][:, 0]))
    words = f"Half of the start is {number(start / 2)} points (response); 10 or less counts as remission."
    if context.many:
        got, well = response(result, end), remission(result, end)
        words += f" At the end {np.mean(got):.0%} had responded and {np.mean(well):.0%} were in remission."
    least = number(MINIMAL_DIFFERENCE["madrs"])
    words += f" A difference of {least} points between arms is called the smallest that counts."
    return paragraph(words)


def _survival(result: Result, context: Context, days: float) -> str:
    if "relapse_hazard" not in result:
        return ""
    last = max((d["start_h"] for d in result.doses), default=0.0)
    begin = min(last + 24.0, 0.8 * float(result.times_h[-1]))
    t, share = relapse_free(result, begin)
    if np.isnan(share).all() or len(t) < 3:
        return ""
    chart = Chart(
        title="Still well, of those who had responded a day after the last dose",
        description="Share of responders without relapse over days.",
        x_unit="d", y_unit="fraction", lines=[Line("without relapse", t / 24.0, share, 0, 0)],
        x_range=(0.0, float(t[-1]) / 24.0), x_label="days since the response was counted",
    )  # fmt: skip
    return figure(context, "relapse-survival", chart)


def _waterfall(result: Result) -> str:
    change = np.sort(result["madrs"][:, -1] - result["madrs"][:, 0])
    change = change[np.isfinite(change)]
    if len(change) < 20:
        return ""
    rows = []
    for i, part in enumerate(np.array_split(change, 10)):
        m = float(part.mean())
        bar = (
            f'<span class="meter" aria-hidden="true"><i style="width:{min(max(-m, 0) / 40, 1) * 100:.0f}%"></i></span>'
        )
        rows.append([f"{10 * i} to {10 * (i + 1)} %", f"{bar}{number(m)}"])
    lead = paragraph("Who gains: people in order of their change, a tenth a row.")
    return lead + table(["people", "mean change of MADRS"], rows, caption="Change by tenth", raw=True)


def _person(result: Result) -> Any:
    from ketasim.patients import Patient

    diagnosis = next((k[10:] for k, v in result.covariates.items() if k.startswith("diagnosis.") and v[0]), "trd")
    weight = float(np.median(result.covariates["weight_kg"]))
    return Patient(weight_kg=weight, diagnosis=diagnosis)


def _runs(result: Result, context: Context, days: float) -> str:
    """Typical person under every explanation, and under other intervals of maintenance."""
    from ketasim.models.layers.plasticity import HYPOTHESES
    from ketasim.simulate import simulate

    if result.manifest.get("model") != "ketamine" or not result.doses:
        return ""
    settings = result.manifest.get("settings") or None
    times = np.unique(np.concatenate([np.linspace(0, 24, 13), np.linspace(0, float(result.times_h[-1]), 120)]))
    times = times[times <= float(result.times_h[-1])]
    lines = []
    try:
        for i, name in enumerate(HYPOTHESES):
            run = simulate(patient=_person(result), regimen=result.manifest["regimen"], times_h=times,
                           outputs=("madrs",), options={"hypothesis": name}, settings=settings)  # fmt: skip
            lines.append(Line(name.replace("_", " "), times / 24.0, run["madrs"][0], i % 8, i % 8))
    except KetasimError:
        return ""
    chart = Chart(
        title="MADRS of a typical person under each explanation",
        description="The same course under every rival explanation of the effect.",
        x_unit="d", y_unit="points", lines=lines, x_range=(0.0, float(times[-1]) / 24.0), x_label="days",
    )  # fmt: skip
    html = figure(context, "explanations", chart) + paragraph(
        "The explanations are scaled to agree a day after one infusion; trials so far do not tell them apart "
        "(ketasim compare --hypotheses)."
    )
    return html + _maintenance(result, context)


def _maintenance(result: Result, context: Context) -> str:
    from ketasim.simulate import simulate

    d = result.doses[-1]
    if d["drug"] not in ("ketamine", "esketamine", "arketamine"):
        return ""
    amount = f"{d['amount']:g} {d['basis'].partition('_')[0]}" if d["basis"] != "mg" else f"{d['amount']:g} mg"
    over = f" over {60 * d['duration_h']:g} min" if d["duration_h"] > 0 else ""
    one = f"{d['drug']} {amount} {d['route']}{over}"
    times = np.linspace(0, 24 * 24 * 6.0, 289)
    lines: list[Line] = []
    rows: list[tuple[str, float, float, float]] = []
    without: Any = None
    for i, (words, more) in enumerate(MAINTENANCE):
        sentence = f"{one}, 2/week for 4 weeks" + (f" then {one}, every {more}" if more else "")
        try:
            run = simulate(patient=_person(result), regimen=sentence, times_h=times, seed=1, subjects=200,
                           outputs=("madrs", "relapse_hazard"))  # fmt: skip
        except KetasimError:
            return ""
        middle = run.quantiles("madrs", (0.5,))[0]
        lines.append(Line(words, times / 24.0, middle, i, i))
        _, share = relapse_free(run, 24 * 28.0)
        end = float(times[-1])
        well = response(run, end)
        without = well if without is None else without
        rows.append((words, float(share[-1]), float(well.mean()), number_needed(well, without).nnt if i else np.inf))
    chart = Chart(
        title="What if: four weeks twice a week, then intervals of maintenance",
        description="Median MADRS of 200 people under four intervals.",
        x_unit="d", y_unit="points", lines=lines, x_range=(0.0, float(times[-1]) / 24.0), x_label="days",
    )  # fmt: skip
    cells = [[esc(w), f"{s:.0%}", f"{r:.0%}", number(n) if np.isfinite(n) else "–"] for w, s, r, n in rows]
    head = ["interval", "responders still well at the end", "response at the end", "number needed to treat"]
    return figure(context, "maintenance", chart) + table(head, cells, caption="Maintenance", raw=True)


SECTION = Section(
    "weeks", "Weeks after", render,
    needs=("madrs", "spines", "benefit", "relapse_hazard"),
    claims=("madrs", "hdrs", "qids", "bdnf", "trkb", "mtorc1", "eef2k", "spines", "synapse", "benefit",
            "relapse_hazard", "unblinding", "spine_formation", "bdnf_drive"),
)  # fmt: skip
