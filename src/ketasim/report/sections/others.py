"""Outputs that no other section shows: every one drawn, so that nothing asked for is missing."""

from __future__ import annotations

from ketasim.core.result import Result
from ketasim.report.context import Context
from ketasim.report.figure import figure
from ketasim.report.numbers import analyte_name, output_name
from ketasim.report.profiles import profile_chart
from ketasim.report.registry import Section
from ketasim.report.text import paragraph

MOST = 6


def render(result: Result, context: Context) -> str:
    """One half-width chart for every family of outputs (same first word, same unit), at most six curves each."""
    rest = [o for o in context.shown if o not in context.claimed]
    silent = [o for o in result if o not in context.shown]
    figures = [_family(context, head, names) for head, names in _families(result, rest)]
    html = f'<div class="pair">{"".join(figures)}</div>' if figures else ""
    if silent:
        html += paragraph(
            "Zero or without a value throughout, and therefore not drawn: " + ", ".join(silent) + ".", kind="note"
        )
    return html


def _families(result: Result, outputs: list[str]) -> list[tuple[str, list[str]]]:
    groups: dict[tuple[str, str], list[str]] = {}
    for o in outputs:
        groups.setdefault((o.partition(".")[0], result.units[o]), []).append(o)
    return [(head, names[i : i + MOST]) for (head, _), names in groups.items() for i in range(0, len(names), MOST)]


def _family(context: Context, head: str, outputs: list[str]) -> str:
    views = context.windows(outputs)
    window = next((w for w in views if not w.detail), views[0])
    one = len(outputs) == 1
    title = output_name(outputs[0]) if one else analyte_name(head)
    names = [output_name(outputs[0])] if one else [o.partition(".")[2].replace("_", " ") for o in outputs]
    chart = profile_chart(context, outputs, window, title=title, names=names, bands=one, doubt=one)
    return figure(context, f"other-{outputs[0].replace('.', '-')}", chart, size="half", flags=context.flags(outputs))


SECTION = Section("others", "Other outputs", render, claims=())
