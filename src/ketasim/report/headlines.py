"""One sentence for each effect a reader looks for first, with its grade: how far it goes, or where it ends."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ketasim.core.result import Result
from ketasim.report.context import Context
from ketasim.report.numbers import duration, plain, unit_text


class Headline(NamedTuple):
    """An output, how a sentence calls it, and what to say: its peak, its rise above the start, its low or its end."""

    output: str
    name: str
    say: str
    unit: str = ""


TABLE = (
    Headline("cadss", "Dissociation (CADSS)", "peak", "points"),
    Headline("sbp", "Systolic blood pressure", "rise", "mmHg"),
    Headline("spo2", "Oxygen saturation", "low", "%"),
    Headline("sedation", "Alertness (MOAA/S, 5 is awake)", "low", ""),
    Headline("madrs", "Depression (MADRS)", "end", "points"),
)


def headlines(result: Result, context: Context) -> list[str]:
    """Sentences for the outputs of the table that the result has."""
    return [_sentence(result, context, h) for h in TABLE if h.output in context.shown and _moves(result[h.output])]


def _moves(values: np.ndarray) -> bool:
    """Whether the middle person's value changes by more than a hundredth of itself."""
    middle = np.nanmedian(values, axis=0)
    middle = middle[np.isfinite(middle)]
    return bool(len(middle)) and float(np.ptp(middle)) > 0.01 * float(np.abs(middle).max())


def _sentence(result: Result, context: Context, h: Headline) -> str:
    values = result[h.output]
    start = values[:, 0]
    if h.say == "end":
        words = f"{h.name} goes from {_span(start, h, context)} to {_span(values[:, -1], h, context)} after "
        words += duration(float(result.times_h[-1] - result.times_h[0]))
    else:
        with np.errstate(all="ignore"):
            extreme = np.nanmin(values, axis=1) if h.say == "low" else np.nanmax(values, axis=1)
        verb = {"peak": "peaks at", "rise": "rises by up to", "low": "falls to"}[h.say]
        words = f"{h.name} {verb} {_span(extreme - start if h.say == 'rise' else extreme, h, context)}"
    grade = context.flags([h.output])
    return f"{words}{f' ({grade[0]})' if grade else ''}."


def _span(values: np.ndarray, h: Headline, context: Context) -> str:
    low, middle, high = np.nanquantile(values, (0.05, 0.5, 0.95))
    unit = h.unit or unit_text(context.result.units[h.output])
    text = f"{plain(middle, 2)} {unit}".strip()
    return f"{text} ({plain(low, 2)} to {plain(high, 2)} in nine of ten people)" if context.many else text
