"""One arm simulated: everybody's own doses, the outputs a trial looks at, at the times it looks."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Protocol

import numpy as np

from ketasim.core.errors import InputError

CHUNK = 4096
SESSION_LOOKS_H = (0.33, 0.67, 1.0, 1.5)


class Numbers(Protocol):
    """What a design or a search says about the model and the draws."""

    @property
    def model(self) -> str: ...
    @property
    def seed(self) -> int: ...
    @property
    def vary(self) -> tuple[Any, ...]: ...
    @property
    def options(self) -> dict[str, Any]: ...
    @property
    def values(self) -> dict[str, float]: ...


class _Given:
    """A dose of which each person gets a share of their own (0: missed or stopped)."""

    def __init__(self, dose: Any, share: np.ndarray) -> None:
        self._dose, self._share = dose, share

    def __getattr__(self, name: str) -> Any:
        return getattr(self._dose, name)

    def amount_mg(self, weight_kg: Any, ibw_kg: Any = None) -> Any:
        return self._dose.amount_mg(weight_kg, ibw_kg) * self._share


@lru_cache(maxsize=64)
def regimen(sentence: str) -> Any:
    """The parsed regimen. InputError where a trial cannot give it."""
    from ketasim.dosing import Regimen

    course = Regimen.parse(sentence)
    if course.targets:
        raise InputError("regimen", sentence, "doses of fixed size; a trial does not run a target-controlled pump")
    return course


@lru_cache(maxsize=64)
def sessions_h(sentence: str) -> tuple[float, ...]:
    """Start of each session, h."""
    starts: dict[int, float] = {}
    for dose in regimen(sentence).doses:
        starts[dose.session_index] = min(dose.start_h, starts.get(dose.session_index, np.inf))
    return tuple(starts[k] for k in sorted(starts))


def looks(sentence: str, last_h: float) -> np.ndarray:
    """Times at which the peaks of sessions are read, h."""
    times = [s + x for s in sessions_h(sentence) for x in SESSION_LOOKS_H]
    return np.array([t for t in times if t <= last_h])


def simulate_people(
    design: Numbers,
    sentence: str,
    cohort: Any,
    replicate: np.ndarray,
    shares: np.ndarray,
    times_h: np.ndarray,
    outputs: tuple[str, ...],
    settings: Mapping[str, float],
    threads: int = 1,
) -> dict[str, np.ndarray]:
    """Curves of people who get shares (n, sessions) of the doses of a regimen: output → (n, times).

    replicate : (n,); people of one replicate share the draw of doubt, where the design varies it. A person who cannot
    be simulated has NaN.
    """
    from ketasim.core import variability
    from ketasim.core.solvers import solver
    from ketasim.simulate import build, dose_edges

    course = regimen(sentence)
    times, back = np.unique(times_h, return_inverse=True)
    doses = [d for d in course.fixed_doses if d.start_h <= times[-1]]
    built, _ = build(design.model, course.fixed_doses, outputs, design.options)
    program = built.system.program
    for name in outputs:
        if name not in program.outputs:
            raise InputError("output", name, f"an output integrated with the course: {', '.join(program.outputs)}")
    drawn: dict[str, Any] = {}
    if design.vary:
        parameters = built.system.parameters
        drawn = variability.draw(parameters, design.seed, cohort.ids, layers=design.vary, doubt_draws=replicate)
    n = len(cohort)
    for name, value in design.values.items():
        if name in built.system.parameters:
            drawn[name] = np.full(n, float(value))
    number = {s: i for i, s in enumerate(sorted({d.session_index for d in course.doses}))}
    cov = {**cohort.covariates, **{f"setting_{k}": np.full(n, float(v)) for k, v in settings.items()}}
    individual = built.system.individual(drawn, cov, n)
    run, out = solver("native"), {name: np.empty((n, len(times_h))) for name in outputs}
    for a in range(0, n, CHUNK):
        rows = slice(a, a + CHUNK)
        here = {k: np.asarray(v)[rows] for k, v in cov.items()}
        own = [_Given(d, shares[rows, number[d.session_index]]) for d in doses]
        edges = dose_edges(built, own, individual[rows], here)
        found = run(program, individual[rows], edges, times, outputs, end_h=float(times[-1]), threads=threads)
        for i, name in enumerate(outputs):
            out[name][rows] = found.values[:, i][:, back]
    return out
