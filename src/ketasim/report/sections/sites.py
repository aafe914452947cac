"""Arterial beside venous: the same drug at the same moment, from two needles."""

from __future__ import annotations

import numpy as np

from ketasim.core.result import Result
from ketasim.report.context import Context
from ketasim.report.numbers import analyte_name
from ketasim.report.profiles import panels
from ketasim.report.registry import Section
from ketasim.report.text import paragraph


def render(result: Result, context: Context) -> str:
    """Both sites of the parent drug in one chart, without bands."""
    outputs = [f"{context.parent}.{s}" for s in ("arterial", "venous")]
    if any(o not in context.shown for o in outputs):
        return ""
    if np.allclose(result[outputs[0]], result[outputs[1]], rtol=1e-6, atol=1e-9, equal_nan=True):
        flags = "; ".join(context.flags(outputs))
        return paragraph(f"This model does not tell the two sites apart{f' ({flags})' if flags else ''}.")
    words = (
        "While drug goes in, venous plasma lags behind arterial plasma, because tissue is still taking drug up; "
        "afterwards the order turns round. A study that sampled a vein must be compared with the venous curve."
    )
    name = analyte_name(context.parent)
    return paragraph(words) + panels(
        context,
        "sites",
        outputs,
        f"{name}, artery and vein",
        names=["arterial", "venous"],
        whole=False,
        bands=False,
        doubt=False,
    )


SECTION = Section("sites", "Arterial beside venous", render, needs=("*.venous",), claims=(), nav="Artery and vein")
