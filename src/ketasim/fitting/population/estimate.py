"""Fit: minimise an objective, then say what was found and whether it can be believed."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ketasim.fitting.population.conditional import Point
from ketasim.fitting.population.covariance import chosen, observed, summarised
from ketasim.fitting.population.objective import Objective
from ketasim.fitting.population.packing import Packing
from ketasim.fitting.population.specification import PopulationModel

GRADIENT_LIMIT = 0.1


@dataclass(frozen=True, eq=False)
class Fit:
    """What a fit found.

    objective : −2 log likelihood without n log 2π (NONMEM's constant); with priors, plus Σ ((θ − mean)/SD)².
    estimates, se, rse : by name (omega entries are covariances, sigma standard deviations). converged : True only where
    every check holds; `problems` says which did not, in sentences. eta : (subjects, etas) modes. shrinkage :
    1 − SD(η̂)/ω by eta, and "epsilon". standard_errors : by kind of covariance (r, s, rsr) and name; `se` is those of
    the kind that was asked for. sampling : of saem: objective_error (Monte-Carlo error of the objective), from_maximum
    (distance from the maximum of the sampled likelihood, standard errors), effective_draws (of the worst subject).
    """

    model: PopulationModel
    method: str
    objective: float
    estimates: Mapping[str, float]
    se: Mapping[str, float]
    covariance: np.ndarray
    correlation: np.ndarray
    condition: float
    converged: bool
    problems: tuple[str, ...]
    gradient: np.ndarray
    point: Point
    eta: np.ndarray
    shrinkage: Mapping[str, float]
    seconds: float
    evaluations: int
    history: tuple[float, ...] = field(default=(), repr=False)
    data: Any = field(default=None, repr=False)
    standard_errors: Mapping[str, Mapping[str, float]] = field(default_factory=dict, repr=False)
    kind: str = "r"
    sampling: Mapping[str, float] = field(default_factory=dict, repr=False)

    def rows(self) -> list[dict[str, Any]]:
        """One row a free quantity: name, estimate, se, rse (%), robust_se (R⁻¹ S R⁻¹)."""
        robust = self.standard_errors.get("rsr", {})
        return [
            {"name": k, "estimate": v, "se": self.se.get(k, np.nan),
             "rse_percent": 100 * abs(self.se.get(k, np.nan) / v) if v else np.nan, "robust_se": robust.get(k, np.nan)}
            for k, v in self.estimates.items()
        ]  # fmt: skip


def estimate(
    model: PopulationModel, data: Any, method: str = "foce-i", *, max_iterations: int = 200,
    covariance: bool | str = True, progress: Callable[[int, float], None] | None = None,
) -> Fit:  # fmt: skip
    """Fit a population model by FO, FOCE-I or Laplace.

    data : ModelOnRecords or ClosedForm. covariance : standard errors from the curvature ("r", or True), from the
    subjects' gradients ("s"), robust ("rsr", R⁻¹ S R⁻¹) or none (False); the first three come together.
    Raises InputError for a specification that cannot be fitted; a fit that ran and did not converge is returned with
    `converged` False and its reasons.
    """
    from scipy.optimize import minimize

    began, kind = time.perf_counter(), chosen(covariance)
    objective = Objective(model, data, method)
    model = objective.model
    x = objective.packing.start()
    history: list[float] = []
    start = objective(x)
    problems: list[str] = []
    if start >= 1e15:
        bad = [data.names[i] for i in np.flatnonzero(~np.isfinite(objective.by_subject(x)))]
        problems.append(f"the start cannot be evaluated for subject {', '.join(bad[:5])}")

    def heard(now: np.ndarray) -> None:
        history.append(objective(now))
        if progress:
            progress(len(history), history[-1])

    if not problems and len(x):
        inverse = None
        for _ in range(4):
            options: dict[str, Any] = {"maxiter": max_iterations, "gtol": 1e-3}
            if inverse is not None:
                options["hess_inv0"] = inverse
            found = minimize(objective, x, jac=objective.gradient, method="BFGS", callback=heard, options=options)
            better = objective(x) - found.fun
            x = found.x if found.fun <= objective(x) else x
            if np.abs(objective.gradient(x)).max() < 1e-2 or better < 1e-6:
                break
    return _summary(model, data, objective, x, problems, history, began, kind)


def _summary(
    model: PopulationModel, data: Any, objective: Objective, x: np.ndarray, problems: list[str],
    history: list[float], began: float, kind: str,
) -> Fit:  # fmt: skip
    packing = objective.packing
    value = objective(x)
    failed = [data.names[i] for i in np.flatnonzero(~np.isfinite(objective.by_subject(x)))]
    if failed:
        problems.append(f"no likelihood for subject {', '.join(failed[:5])}")
    gradient = objective.gradient(x) if not failed and len(x) else np.zeros(len(x))
    if len(x) and not np.abs(gradient).max() < GRADIENT_LIMIT:
        worst = packing.names[int(np.argmax(np.abs(gradient)))]
        problems.append(f"the gradient is not small: {np.abs(gradient).max():.3g} for {worst}")
    problems += at_bounds(packing, packing.point(x))
    begun, ended = packing.point(packing.start()).omega, packing.point(x).omega
    diagonal = [
        (i, n) for (i, j), n in zip(packing.entries, packing.names[len(packing.thetas) :], strict=False) if i == j
    ]
    problems += [f"{n} has run to zero: fix it or leave the random effect out" for i, n in diagonal
                 if ended[i, i] < 1e-5 * begun[i, i]]  # fmt: skip
    cov, cor, condition = np.full((len(x), len(x)), np.nan), np.full((len(x), len(x)), np.nan), np.inf
    se: Mapping[str, float] = {}
    errors: Mapping[str, Mapping[str, float]] = {}
    if kind and len(x) and not failed:
        information = observed(objective, x)
        condition = information.condition
        cov, cor, se, errors, trouble = summarised(information, kind, packing.names)
        problems += trouble
    point = packing.point(x)
    eta = objective.conditional.modes(point, objective.eta)
    return Fit(
        model, objective.method, value, dict(zip(packing.names, packing.reported(x).tolist(), strict=True)), se, cov,
        cor, condition, not problems, tuple(problems), gradient, point, eta, _shrinkage(objective, point, eta),
        time.perf_counter() - began, objective.calls, tuple(history), data, errors, kind,
    )  # fmt: skip


def at_bounds(packing: Packing, point: Point) -> list[str]:
    """A sentence for every typical value that ended at a bound."""
    return [
        f"theta {t.name} is at its bound {bound:g}"
        for t in packing.thetas
        for bound in (t.low, t.high)
        if np.isfinite(bound) and abs(point.theta[t.name] - bound) < 1e-4 * max(abs(bound), abs(t.value), 1e-8)
    ]


def _shrinkage(objective: Objective, point: Point, eta: np.ndarray) -> dict[str, float]:
    sd = np.sqrt(np.diag(point.omega)) if len(point.omega) else np.zeros(0)
    spread = eta.std(axis=0, ddof=1) if len(eta) > 1 else np.full(len(sd), np.nan)
    out = {name: float(1 - spread[k] / sd[k]) for k, name in enumerate(objective.model.etas)}
    from ketasim.fitting.population.diagnostics import iwres

    weighted = iwres(objective.conditional, point, eta)
    out["epsilon"] = float(1 - weighted[objective.data.mask & ~objective.data.blq].std(ddof=1))
    return out
