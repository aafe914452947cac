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
    return html + _occupancies(result, context)


def _occupancies(result: Result, context: Context) -> str:
    found = context.matching("occupancy.*")
    if not found:
        return ""
    peaks = {o: np.nanquantile(np.nanmax(result[o], axis=1), (0.05, 0.5, 0.95)) for o in found}
    rows = []
    for o in sorted(found, key=lambda o: -peaks[o][1]):
        low, middle, high = (float(v) for v in peaks[o])
        meter = (
            f'<span class="meter" aria-hidden="true"><i style="width:{100 * min(middle, 1):.1f}%"></i>'
            f'<b style="left:{100 * min(low, 1):.1f}%;width:{100 * max(min(high, 1) - low, 0):.1f}%"></b></span>'
        )
        spread = f' <span class="soft">({_percent(low)} to {_percent(high)})</span>' if context.many else ""
        words = "negligible at this dose" if high < NEGLIGIBLE else "small" if high < SMALL else ""
        marks = " ".join(chip(f, "warn") for f in context.flags([o]))
        rows.append([esc(o.partition(".")[2]), f"{meter}{_percent(middle)}{spread}", esc(words), marks])
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
