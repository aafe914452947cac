"""From a curve to the one number an analysis is about: Cmax, Tmax, AUC, the value at a time, the extreme."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ketasim.core.errors import InputError
from ketasim.core.result import Result
from ketasim.timeline import hours

NAMES = "cmax, cmin, tmax, auc, last, or at:<time> such as at:24h"


def reduction(text: str) -> Callable[[Result, str], np.ndarray]:
    """The function (result, output) → (subjects,) that a word names."""
    word, _, argument = text.partition(":")
    if word == "at" and argument:
        when = hours(argument, "reduction at:")
        return lambda r, o: np.array([np.interp(when, r.times_h, row) for row in r[o]])
    simple: dict[str, Callable[[Result, str], np.ndarray]] = {
        "cmax": lambda r, o: r[o].max(axis=1),
        "cmin": lambda r, o: r[o].min(axis=1),
        "tmax": lambda r, o: r.tmax(o),
        "auc": lambda r, o: r.auc(o),
        "last": lambda r, o: r[o][:, -1],
    }
    if text not in simple:
        raise InputError("reduction", text, NAMES)
    return simple[text]
