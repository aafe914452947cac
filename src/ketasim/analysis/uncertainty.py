"""How much of the spread is people and how much is doubt: a nested design and its variance components.

For k worlds (draws of the doubt about typical values) with m people each, the one-way random-effects analysis of
variance gives the variance between worlds (doubt) and within them (people).

Source: Searle SR, Casella G, McCulloch CE, Variance components, Wiley 1992, chapter 3 (balanced one-way layout).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ketasim.analysis.reduction import reduction as read_reduction
from ketasim.core import variability
from ketasim.core.errors import InputError, SolverError

if TYPE_CHECKING:
    from ketasim.patients import Patient


@dataclass(frozen=True)
class Decomposition:
    """Variance components of one number, in the output's unit squared, and shares of the total."""

    output: str
    reduction: str
    worlds: int
    people: int
    mean: float
    between: float
    doubt: float

    @property
    def share_doubt(self) -> float:
        """Share of the variance that is doubt."""
        total = self.between + self.doubt
        return self.doubt / total if total > 0 else 0.0


def components(y: np.ndarray) -> tuple[float, float]:
    """(variance within worlds, variance between worlds) of y (worlds, people)."""
    k, m = y.shape
    if k < 2 or m < 2:
        raise InputError("worlds × people", f"{k} × {m}", "at least 2 × 2")
    within = float(y.var(axis=1, ddof=1).mean())
    between = float(y.mean(axis=1).var(ddof=1)) - within / m
    return within, max(between, 0.0)


def decompose(
    regimen: str,
    output: str,
    *,
    reduction: str = "auc",
    model: str = "ketamine",
    patient: Patient | None = None,
    worlds: int = 40,
    people: int = 40,
    seed: int = 0,
    until: str | float | None = None,
    threads: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> Decomposition:
    """Split the variance of a number into people and doubt with worlds × people runs."""
    from ketasim.dosing import Regimen
    from ketasim.patients import Cohort, Patient
    from ketasim.simulate import build, simulate

    course = Regimen.parse(regimen) if isinstance(regimen, str) else regimen
    built, _ = build(model, course.doses, (output,))
    subjects, world = variability.nested(worlds, np.arange(people))
    values = variability.draw(built.system.parameters, seed, subjects, layers=("doubt", "between"), doubt_draws=world)
    result = simulate(
        model,
        Cohort.from_patient(patient or Patient(), len(subjects)),
        course,
        seed=seed,
        vary=(),
        outputs=(output,),
        values=values,
        until=until,
        threads=threads,
        progress=progress,
    )
    if result.failures:
        raise SolverError(f"{len(result.failures)} of {len(subjects)} runs failed; {result.failures[0]}")
    y = read_reduction(reduction)(result, output).reshape(worlds, people)
    between, doubt = components(y)
    return Decomposition(output, reduction, worlds, people, float(y.mean()), between, doubt)
