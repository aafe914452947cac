"""Outputs that no other section shows: every one drawn, small, so that nothing asked for is missing."""

from __future__ import annotations

from ketasim.core.result import Result
from ketasim.report.context import Context
from ketasim.report.figure import figure
from ketasim.report.numbers import output_name
from ketasim.report.profiles import profile_chart
from ketasim.report.registry import Section
from ketasim.report.text import paragraph


def render(result: Result, context: Context) -> str:
    """One half-width chart an output over the whole run."""
    rest = [o for o in context.shown if o not in context.claimed]
    silent = [o for o in result if o not in context.shown]
    html = ""
    if rest:
        window = next((w for w in context.windows() if not w.detail), context.windows()[0])
        figures = []
        for o in rest:
            name = output_name(o)
            chart = profile_chart(context, [o], window, title=name[:1].upper() + name[1:])
            figures.append(figure(context, f"other-{o.replace('.', '-')}", chart, size="half", flags=context.flags([o])))
        html = f'<div class="pair">{"".join(figures)}</div>'
    if silent:
        html += paragraph("Zero or without a value throughout, and therefore not drawn: " + ", ".join(silent) + ".", kind="note")
    return html


SECTION = Section("others", "Other outputs", render, claims=())
