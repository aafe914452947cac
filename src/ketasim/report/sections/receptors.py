"""Block of NMDA receptors over time, and how much of every other target is occupied at the peak."""

from __future__ import annotations

import numpy as np

from ketasim.core.result import Result
from ketasim.report.context import Context
from ketasim.report.profiles import panels
from ketasim.report.registry import Section
from ketasim.report.text import chip, esc, paragraph, table

SUBUNITS = ("nmda.block.2A", "nmda.block.2B", "nmda.block.2C", "nmda.block.2D")
CELLS = ("nmda.block.pyramidal", "nmda.block.pv", "nmda.block.sst")
CELL_NAMES = {"pyramidal": "pyramidal cells", "pv": "parvalbumin cells", "sst": "somatostatin cells"}
NEGLIGIBLE, SMALL = 0.02, 0.10
LATER = ((0.0, "end of the dose"), (1.0, "an hour later"), (4.0, "four hours later"))


def render(result: Result, context: Context) -> str:
    """Curves of NMDA block by subunit and by cell, then a table of peak occupancies with their evidence."""
    html = ""
    for name, outputs, title in (
        ("nmda", SUBUNITS, "NMDA receptor block by subunit"),
        ("nmda-cells", CELLS, "NMDA receptor block by cell"),
    ):
        found = context.matching(*outputs)
        if found:
            ends = [o.rpartition(".")[2] for o in found]
            names = [CELL_NAMES.get(e, f"Glu{'N' + e}") for e in ends]
            html += panels(context, name, found, title, names=names, whole=False, bands=False, doubt=False)
    return html + _moments(result, context) + _occupancies(result, context)


def _moments(result: Result, context: Context) -> str:
    """Bars at the end of the first session's dose and some hours later, with the interval of people or of doubt."""
    targets = [*context.matching(*SUBUNITS), *context.matching("occupancy.*")]
    source = result if context.many or context.doubt is None else context.doubt
    if not context.sessions or not targets:
        return ""
    end, last = context.sessions[0].end_h, float(result.times_h[-1])
    moments = [(words, end + later) for later, words in LATER if end + later <= last]
    found = []
    for o in targets:
        shown = source if o in source else result
        bars = []
        for _, hour in moments:
            low, _, high = (float(np.interp(hour, shown.times_h, q)) for q in context.typical(o, shown))
            bars.append((low, float(np.interp(hour, result.times_h, context.typical(o)[1])), high))
        if max(middle for _, middle, _ in bars) >= NEGLIGIBLE:
            found.append((o, bars))
    found.sort(key=lambda row: (not row[0].startswith("nmda"), -row[1][0][1]))
    rows = [
        [_target(o, context), *(f"{_meter(*b)}<br>{_percent(b[1])}{_spread(*b)}" for b in bars)] for o, bars in found
    ]
    if not rows:
        return ""
    kind = "of people" if context.many else "of doubt about this person"
    return (
        "<h3>Occupied at chosen times</h3>"
        + paragraph(
            f"Bars are the middle, the paler stretch and the brackets the middle 90 % {kind}. Targets that stay "
            f"below {100 * NEGLIGIBLE:.0f} % are left out. For NMDA receptors it is the share of channels blocked."
        )
        + table(["target", *(words for words, _ in moments)], rows, kind="stack", caption="Occupancy", raw=True)
    )


def _meter(low: float, middle: float, high: float) -> str:
    return (
        f'<span class="meter" aria-hidden="true"><i style="width:{100 * min(middle, 1):.1f}%"></i>'
        f'<b style="left:{100 * min(low, 1):.1f}%;width:{100 * max(min(high, 1) - low, 0):.1f}%"></b></span>'
    )


def _spread(low: float, _: float, high: float) -> str:
    return f' <span class="soft">({_percent(low)} to {_percent(high)})</span>' if high > low else ""


def _target(output: str, context: Context) -> str:
    """Name of a target, with the letter of its grade."""
    name = esc(output.replace("nmda.block.", "NMDA, GluN").replace("occupancy.", ""))
    grade = next((f.partition(":")[0] for f in context.flags([output]) if f.startswith("grade ")), "")
    return f'{name} <span class="soft">{esc(grade)}</span>'


def _occupancies(result: Result, context: Context) -> str:
    found = context.matching("occupancy.*")
    if not found:
        return ""
    peaks = {o: np.nanquantile(np.nanmax(result[o], axis=1), (0.05, 0.5, 0.95)) for o in found}
    rows = []
    for o in sorted(found, key=lambda o: -peaks[o][1]):
        low, middle, high = (float(v) for v in peaks[o])
        meter = _meter(low, middle, high)
        spread = f' <span class="soft">({_percent(low)} to {_percent(high)})</span>' if context.many else ""
        words = "negligible at this dose" if high < NEGLIGIBLE else "small" if high < SMALL else ""
        marks = " ".join(chip(f, "warn") for f in context.flags([o]))
        share = f'{meter}<span style="white-space:nowrap">{_percent(middle)}</span>{spread}'
        rows.append([esc(o.partition(".")[2]), share, esc(words), marks])
    lead = "Occupancy of each target at its own peak: how much of it the drug and its metabolites hold."
    return (
        "<h3>Other targets</h3>"
        + paragraph(lead)
        + table(
            ["target", "peak occupancy", "in words", "evidence"], rows, kind="stack", caption="Peak occupancy", raw=True
        )
    )


def _percent(value: float) -> str:
    return f"{100 * value:.0f} %" if value >= 0.1 else f"{100 * value:.1f} %" if value >= 0.001 else "< 0.1 %"


SECTION = Section("receptors", "Receptors", render, needs=("nmda.block.*", "occupancy.*"))
