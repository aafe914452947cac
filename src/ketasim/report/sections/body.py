"""Vitals as a monitor shows them, and the slow organs: bladder, liver, bile ducts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ketasim.core.result import Result
from ketasim.report.context import Context
from ketasim.report.figure import figure
from ketasim.report.numbers import plain
from ketasim.report.profiles import profile_chart
from ketasim.report.registry import Section
from ketasim.report.text import paragraph, table

WEEK_H = 168.0
Group = tuple[str, tuple[str, ...], tuple[str, ...]]
VITALS: tuple[Group, ...] = (
    ("Blood pressure", ("sbp", "map", "dbp"), ("systolic", "mean", "diastolic")),
    ("Heart rate", ("heart_rate",), ("heart rate",)),
    ("Cardiac output", ("cardiac_output",), ("cardiac output",)),
    ("Noradrenaline in plasma", ("noradrenaline.plasma",), ("noradrenaline",)),
    ("Ventilation", ("ventilation", "ventilation.co2_55"), ("as it is", "if CO2 were 55 mmHg")),
    ("Oxygen saturation", ("spo2",), ("saturation",)),
    ("End-tidal carbon dioxide", ("etco2",), ("end-tidal CO2",)),
    ("Response to carbon dioxide", ("co2_slope",), ("slope",)),
    ("Bispectral index", ("bis",), ("index",)),
    ("Flow of the brain, vapour needed", ("cbf", "mac"), ("blood flow of the brain", "vapour needed")),
)
ORGANS: tuple[Group, ...] = (
    ("Weekly exposure", ("weekly_exposure",), ("as grams a week through the nose",)),
    ("Bladder capacity", ("bladder_capacity",), ("capacity",)),
    ("Bladder wall", ("urothelial_injury", "fibrosis"), ("injury", "scar")),
    ("Urinary symptoms", ("p_luts", "p_cystitis"), ("lower urinary tract symptoms", "ulcerative cystitis")),
    ("Bile ducts and cramps", ("biliary", "p_abdominal_pain"), ("share with wide ducts", "cramps")),
    ("Liver injury", ("p_liver_injury",), ("injured",)),
)
EXTREMES = (
    ("sbp", "Systolic pressure, highest", 1),
    ("dbp", "Diastolic pressure, highest", 1),
    ("heart_rate", "Heart rate, highest", 1),
    ("spo2", "Saturation, lowest", -1),
    ("etco2", "End-tidal CO2, highest", 1),
)  # fmt: skip
SHOWN = ("resp_rate", "svr", "msna", "icp", "iop", "p_apnoea", "p_ischaemia", "p_heart_failure_worsening",
         "p_raised_icp", "p_raised_iop")  # fmt: skip
RISKS = {
    "p_apnoea": "airway or breathing event",
    "p_ischaemia": "ischaemia of the heart",
    "p_heart_failure_worsening": "worsening of heart failure",
    "p_raised_icp": "pressure in the skull above the limit",
    "p_raised_iop": "pressure in the eye above the limit",
}


def _ids(groups: Sequence[Group]) -> tuple[str, ...]:
    return tuple(name for _, names, _ in groups for name in names)


def vitals(result: Result, context: Context) -> str:
    """A table of extremes, the curves, a table of risks."""
    return _extremes(result) + _charts(context, "vitals", VITALS) + _risks(result)


def organs(result: Result, context: Context) -> str:
    """The slow organs, where the run is long enough for them to move."""
    if float(result.times_h[-1]) < WEEK_H:
        return paragraph("Bladder, liver and bile ducts change over weeks; this run is shorter than one.", kind="note")
    words = (
        "Symptoms and capacity follow the weekly exposure to drug and norketamine. Surveys and clinics gave the "
        "numbers, no dose was measured; people differ widely."
    )
    return paragraph(words) + _charts(context, "organs", ORGANS)


def _charts(context: Context, name: str, groups: Sequence[Group]) -> str:
    figures = []
    for title, outputs, words in groups:
        here = [(o, w) for o, w in zip(outputs, words, strict=True) if o in context.shown]
        if not here:
            continue
        ids = [o for o, _ in here]
        views = context.windows(ids)
        window = next((w for w in views if w.detail), views[0]) if name == "vitals" else views[0]
        one = len(ids) == 1
        chart = profile_chart(context, ids, window, title=title, names=[w for _, w in here], bands=one, doubt=one)
        key = f"{name}-{ids[0].replace('.', '-')}"
        figures.append(figure(context, key, chart, size="half", flags=context.flags(ids)))
    return f'<div class="pair">{"".join(figures)}</div>' if figures else ""


def _extremes(result: Result) -> str:
    rows = []
    for output, words, side in EXTREMES:
        if output not in result:
            continue
        values = np.asarray(result[output], float)
        first = values[:, 0]
        most = np.nanmax(values, axis=1) if side > 0 else np.nanmin(values, axis=1)
        low, middle, high = np.nanquantile(most, (0.05, 0.5, 0.95))
        span = f"{plain(round(low))} to {plain(round(high))}" if len(values) > 1 else ""
        start = plain(round(float(np.nanmedian(first))))
        rows.append([words, start, plain(round(float(middle))), span, result.units[output]])
    if not rows:
        return ""
    return table(["", "before", "in the run", "9 in 10 people", "unit"], rows, caption="Extremes of the run")


def _risks(result: Result) -> str:
    rows = [
        [words, f"{100 * float(np.nanmax(np.nanmean(np.asarray(result[name], float), axis=0))):.2g} %"]
        for name, words in RISKS.items()
        if name in result
    ]
    if not rows:
        return ""
    note = "Orders of magnitude: no trial took people with heart failure, ischaemia or raised pressure."
    return table(["risk", "highest share"], rows, caption="Risks") + paragraph(note, kind="note")


SECTIONS = (
    Section("vitals", "Vitals", vitals, needs=_ids(VITALS), claims=(*_ids(VITALS), *SHOWN), nav="Vitals"),
    Section("organs", "Bladder, liver and bile ducts", organs, needs=_ids(ORGANS), nav="Organs"),
)
