"""Unbound concentration in brain beside total concentration in plasma."""

from __future__ import annotations

from ketasim.core.result import Result
from ketasim.report.context import Context
from ketasim.report.numbers import analyte_name
from ketasim.report.profiles import panels
from ketasim.report.registry import Section
from ketasim.report.text import paragraph


def render(result: Result, context: Context) -> str:
    """Unbound brain concentrations of parent drug and metabolites."""
    order = ("ketamine.brain", "S_ketamine.brain", "R_ketamine.brain", "norketamine.brain", "S_norketamine.brain")
    found = context.matching(*order, *MOIETIES)
    if not found:
        return ""
    main = f"{context.parent}.brain"
    parents = [main] if main in found else found[:1]
    words = (
        "Unbound drug is what a receptor can meet: the part of plasma drug that is not held by proteins, after the "
        "blood–brain barrier. It is in µmol/L so that it can be set beside binding constants."
    )
    html = paragraph(words) + panels(
        context, "brain", parents, f"{analyte_name(parents[0].rpartition('.')[0])}, unbound in brain"
    )
    parts = (
        "S_ketamine",
        "R_ketamine",
        *(next((p + m for p in ("", "S_", "R_") if f"{p + m}.brain" in found), m) for m in CHAIN),
    )
    rest = [
        o
        for p in parts
        if (o := f"{p}.brain") in found and o not in parents and result.units[o] == result.units[parents[0]]
    ]
    if rest:
        names = [analyte_name(o.rpartition(".")[0]) for o in rest]
        html += panels(context, "brain-all", rest, "Enantiomers and metabolites, unbound in brain", names=names,
                       whole=False, bands=False, doubt=False)  # fmt: skip
    return html


MOIETIES = ("ketamine.brain", "*_ketamine.brain", "*norketamine.brain", "*HNK.brain", "midazolam.brain")
CHAIN = ("norketamine", "HNK", "DHNK")
SECTION = Section("brain", "Brain, unbound", render, needs=MOIETIES, nav="Brain")
