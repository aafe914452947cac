"""Fits of several models to the same data, side by side: objective, information criteria, likelihood-ratio test."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ketasim.core.errors import InputError
from ketasim.fitting.population.estimate import Fit


@dataclass(frozen=True)
class Compared:
    """One model. numbers : how many were estimated. change : objective minus that of the first model. p : of the
    likelihood-ratio test against the first one (χ², one degree of freedom a number more or less); it holds where one
    model is a special case of the other; NaN where both have as many numbers. bic counts observations.
    """

    name: str
    objective: float
    numbers: int
    aic: float
    bic: float
    change: float
    p: float
    converged: bool


def compared(fits: Mapping[str, Fit]) -> list[Compared]:
    """A row a model, the first being the reference. InputError where methods or data differ."""
    from scipy.stats import chi2

    first = next(iter(fits.values()), None)
    if first is None or len(fits) < 2:
        raise InputError("fits", len(fits), "two models or more")
    seen = int(first.data.mask.sum())
    out = []
    for name, fit in fits.items():
        if fit.method != first.method:
            raise InputError(f"method of {name}", fit.method, f"{first.method}, as that of the first: objectives of "
                             "different methods cannot be compared")  # fmt: skip
        same = fit.data.mask.shape == first.data.mask.shape and (fit.data.mask == first.data.mask).all()
        if not same or not np.allclose(fit.data.y[fit.data.mask], first.data.y[first.data.mask], rtol=1e-9):
            raise InputError(f"data of {name}", "other observations", "those of the first model")
        k, more = len(fit.estimates), len(fit.estimates) - len(first.estimates)
        change = fit.objective - first.objective
        p = float(chi2.sf(max(np.sign(-change * more), 0.0) * abs(change), abs(more))) if more else np.nan
        aic, bic = fit.objective + 2 * k, fit.objective + k * float(np.log(seen))
        out.append(Compared(name, fit.objective, k, aic, bic, change, p, fit.converged))
    return out
