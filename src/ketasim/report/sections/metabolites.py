"""Norketamine, hydroxynorketamine and dehydronorketamine."""

from __future__ import annotations

from ketasim.core.result import Result
from ketasim.report.context import Context
from ketasim.report.numbers import analyte_name
from ketasim.report.profiles import panels
from ketasim.report.registry import Section
from ketasim.report.text import paragraph

CHAIN = ("norketamine", "HNK", "DHNK")


def render(result: Result, context: Context) -> str:
    """The chain of metabolites (totals; one enantiomer's where only that was given) with the parent."""

    def find(analyte: str) -> str:
        return next((o for p in ("", "S_", "R_") if (o := context.site(p + analyte))), "")

    outputs = [o for o in map(find, CHAIN) if o]
    if not outputs:
        return ""
    parent = context.site(context.parent)
    shown = [o for o in (parent, *outputs) if o and result.units[o] == result.units[outputs[0]]]
    site = outputs[0].rpartition(".")[2]
    words = "HNK is hydroxynorketamine, DHNK dehydronorketamine. Metabolites outlast the parent."
    names = [analyte_name(o.rpartition(".")[0]) for o in shown]
    title = f"Parent and metabolites, {site} plasma"
    return paragraph(words) + panels(context, "metabolites", shown, title, names=names, bands=False, doubt=False)


NEEDS = tuple(f"*{m}.*" for m in CHAIN)
SECTION = Section("metabolites", "Metabolites", render, needs=NEEDS, claims=("*.arterial", "*.venous"))
