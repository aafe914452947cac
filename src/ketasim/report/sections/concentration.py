"""Concentration over time of what was given, at the site that models describe best."""

from __future__ import annotations

from ketasim.core.result import Result
from ketasim.report.context import Context
from ketasim.report.numbers import output_name
from ketasim.report.profiles import panels
from ketasim.report.registry import Section
from ketasim.report.text import paragraph


def render(result: Result, context: Context) -> str:
    """The parent drug with its bands, over the whole run and session by session."""
    output = context.site(context.parent)
    if not output:
        return ""
    words = [f"{output_name(output)[:1].upper()}{output_name(output)[1:]}."]
    if context.many:
        words.append(f"The wide band holds the middle 90 % of {len(result):,} simulated people ({context.spread}).")
    if context.doubt is not None:
        words.append(
            "The band with dotted edges holds the middle 90 % of what the typical person's curve could be, "
            "given how well the typical values are known."
        )
    words.append("Marks on the time axis are doses.")
    return paragraph(*words) + panels(context, "concentration", [output], f"{output_name(output)}")


SECTION = Section(
    "concentration", "Concentration over time", render, needs=("*.arterial", "*.venous"), claims=(), nav="Concentration"
)
