"""The reader's own observations against the curves."""

from __future__ import annotations

from ketasim.core.result import Result
from ketasim.report.context import Context
from ketasim.report.numbers import count, number, output_name
from ketasim.report.observations import agreement
from ketasim.report.profiles import panels
from ketasim.report.registry import Section
from ketasim.report.text import paragraph, table


def render(result: Result, context: Context) -> str:
    """A chart for every observed output and a table of fold errors."""
    observed = context.observed
    if observed is None:
        return ""
    rows = []
    for output in observed.outputs:
        a = agreement(observed.rows, output, result)
        inside = "–" if a.inside_band is None else f"{a.inside_band:.0%}"
        rows.append(
            [output_name(output), str(a.n), number(a.fold), number(a.typical_fold), f"{a.within_1_5:.0%}", inside]
        )
    words = [f"{count(len(observed.rows), 'observation')} from {observed.name}. The curves were not fitted to them."]
    if observed.beyond:
        words.append(f"{count(len(observed.beyond), 'row')} outside the time of the run could not be compared.")
    head = ["output", "n", "predicted / observed", "typical fold error", "within 1.5-fold", "inside the 90 % band"]
    html = paragraph(*words) + table(head, rows, kind="numbers", caption="Agreement with the median curve")
    for i, output in enumerate(observed.outputs):
        if output in context.shown:
            html += panels(context, f"observed-{i + 1}", [output], f"{output_name(output)}, observed and simulated")
    return html


SECTION = Section("observed", "Your observations", render, nav="Observations")
