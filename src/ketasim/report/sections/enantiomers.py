"""S- and R-ketamine side by side, when both were given."""

from __future__ import annotations

from ketasim.core.result import Result
from ketasim.report.context import Context
from ketasim.report.profiles import panels
from ketasim.report.registry import Section
from ketasim.report.text import paragraph


def render(result: Result, context: Context) -> str:
    """Both mirror images at one site."""
    outputs = [context.site("S_ketamine"), context.site("R_ketamine")]
    if not all(outputs) or len({o.rpartition(".")[2] for o in outputs}) != 1:
        return ""
    site = outputs[0].rpartition(".")[2]
    words = "Racemic ketamine is half S and half R; the two are cleared at slightly different rates."
    return paragraph(words) + panels(
        context, "enantiomers", outputs, f"S- and R-ketamine, {site} plasma", names=["S-ketamine", "R-ketamine"],
        whole=False, bands=context.many, doubt=False,
    )  # fmt: skip


SECTION = Section("enantiomers", "Mirror images", render, needs=("S_ketamine.*",), claims=(), nav="S and R")
