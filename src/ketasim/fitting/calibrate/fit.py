"""calibrate: numbers of the parameter tables from published rows, with their doubt."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ketasim.core.errors import InputError, KetasimError
from ketasim.core.spread import Floats
from ketasim.fitting.calibrate.arms import Bench, Predictor
from ketasim.fitting.calibrate.identify import Warned, overlap, warnings
from ketasim.fitting.calibrate.noise import Noise, noise, observed, scaled
from ketasim.fitting.calibrate.prior import Prior, prior_of, split
from ketasim.fitting.calibrate.problem import Point, Problem, Soft, Summit, climb, soft_slopes
from ketasim.fitting.calibrate.result import Calibration, Estimate, Line
from ketasim.fitting.calibrate.selection import Studies, Target, gather, select
from ketasim.studies.amounts import Tolerance
from ketasim.studies.catalogue import STATISTICS

Q90 = 1.6448536269514722
ROUNDS = 3
TELLS = 0.005


def calibrate(
    studies: Studies,
    parameters: Sequence[str],
    model: Any = "ketamine",
    *,
    rows: Iterable[str] | None = None,
    priors: Mapping[str, Mapping[str, Any]] | None = None,
    people: int = 200,
    seed: int = 0,
    discrepancy: float = 0.1,
    together: float = 0.5,
    nuisance: bool = True,
    step: float = 0.02,
    starts: int = 1,
    predictors: Mapping[str, Predictor] | None = None,
    engine: str = "native",
    reuse_prior: bool = True,
) -> Calibration:
    """Fit entries of the parameter tables to rows of studies: the maximum of the posterior and its Laplace width.

    Parameters
    ----------
    studies : folders, files, ids of shipped studies, or Study objects. rows : ids to use (default: all rows marked
    `calibrate` that can be simulated). Rows of another use are refused.
    parameters : "table.entry", such as "kinetics/plasma.link"; every part that reads the entry moves with it. A spread
    between people is "table.entry.between.cv" (also sd, omega2, weights.0, factors.1 …) and needs a prior.
    priors : "table.entry" → spread with `value`, instead of the entry's doubt (or the prior kept in it).
    people : pool of simulated people of each arm, the same for all settings; 1 is one typical person, no variability.
    discrepancy : how far a perfect fit may be off because no model is true, as a fraction of each observed value.
    together : share of the variance of that misfit that the rows of one study have in common, 0 to below 1.
    nuisance : widen the rows by the doubt about everything that is not calibrated.
    step : of the finite differences, in prior standard deviations. starts : climbs from further points of the prior.
    predictors : rows that are no arm of people: id → function of the typical values by name.

    Returns
    -------
    Calibration; see its `profile`, `leave_one_study_out`, `sample`, `write` and `report`.

    Raises
    ------
    InputError : a row that may not be used, a number nothing reads, a missing prior. KetasimError : nothing can be run.
    """
    if people < 1:
        raise InputError("people", people, "1 or larger")
    if not parameters:
        raise InputError("parameters", "none", "at least one table.entry")
    if not discrepancy >= 0.0:
        raise InputError("discrepancy", discrepancy, "0 or larger")
    if not 0.0 <= together < 1.0:
        raise InputError("together", together, "from 0 to below 1")
    given = {".".join(split(k)): v for k, v in (priors or {}).items()}
    labels = [".".join(split(p)) for p in parameters]
    for label in (*given, *labels):
        if labels.count(label) != 1:
            raise InputError("parameter", label, "each calibrated number once; a prior only for one of them")
    targets = select(gather(studies), rows)
    beliefs = tuple(prior_of(label, given.get(label), reuse_prior) for label in labels)
    bench = Bench(tuple(targets), beliefs, model, people, seed, engine, predictors)
    if unread := bench.unread():
        raise InputError("parameter", unread[0], "an entry that a part of these arms reads")
    options = {
        "people": people, "seed": seed, "discrepancy": discrepancy, "together": together, "nuisance": nuisance,
        "step": step, "starts": starts,
    }  # fmt: skip
    return solve(bench, options)


def solve(bench: Bench, options: Mapping[str, Any]) -> Calibration:
    """Climb, weigh the rows again where the climb ended, and climb on, until the weights have settled."""
    p = len(bench.priors)
    z = np.clip(np.zeros(p), *np.array([b.bounds for b in bench.priors]).T)
    best: tuple[Problem, Noise, Summit] | None = None
    steps = evaluations = 0
    for turn in range(ROUNDS):
        around = noise(bench, z, options["discrepancy"], options["together"], options["nuisance"])
        problem = problem_of(bench, around, options["step"])
        summit = climb(problem, z)
        for extra in _starts(bench, options) if turn == 0 else ():
            try:
                other = climb(problem, extra)
            except KetasimError:
                continue
            summit = other if other.point.f < summit.point.f else summit
        steps, evaluations = steps + summit.steps, evaluations + summit.evaluations
        moved = float(np.max(np.abs(summit.point.z - z)))
        best, z = (problem, around, summit), summit.point.z
        if turn and moved < 0.1:
            break
    assert best is not None
    return finished(bench, *best, options, steps, evaluations)


def problem_of(bench: Bench, around: Noise, step: float) -> Problem:
    """The objective of a bench with the rows weighed."""
    low, high = np.array([b.bounds for b in bench.priors]).T

    def predict(z: Floats) -> Floats:
        return scaled(bench.targets, bench.predict(z))

    return Problem(predict, observed(bench.targets) - around.shift, around.covariance, low, high,
                   soft_of(bench.targets, around), step)  # fmt: skip


def soft_of(targets: Sequence[Target], around: Noise) -> Soft | None:
    """The signs and ranks among the rows."""
    rows = np.array([k for k, t in enumerate(targets) if t.soft], dtype=int)
    if not len(rows):
        return None
    least = []
    for k in rows:
        band = Tolerance.parse(targets[k].row.tolerance) if targets[k].row.tolerance else None
        least.append(band.value if band is not None and band.kind == "additive" else 0.0)
    side = np.array([1.0 if targets[k].row.statistic == "rank" else float(targets[k].row.value or 0.0) for k in rows])
    return Soft(rows, side, np.array(least), np.maximum(np.sqrt(np.diag(around.covariance)[rows]), 1e-9))


def finished(
    bench: Bench, problem: Problem, around: Noise, summit: Summit, options: Mapping[str, Any], steps: int,
    evaluations: int,
) -> Calibration:  # fmt: skip
    """The result at the summit."""
    point, priors = summit.point, bench.priors
    information = point.hessian - np.eye(len(priors))
    covariance = np.asarray(np.linalg.inv(point.hessian), np.float64)
    learnt = float(np.trace(information @ covariance))
    freedom = max(len(bench.targets) - learnt, 0.0)
    inflation = float(np.sqrt(point.misfit / freedom)) if freedom >= 1.0 and point.misfit > freedom else 1.0
    wide = np.asarray(np.linalg.inv(information / inflation**2 + np.eye(len(priors))), np.float64)
    said = warnings(priors, point.z, wide, information, problem.low, problem.high)
    if not summit.converged:
        text = f"not converged: the Newton decrement is {summit.decrement:.2g} after {steps} steps"
        said.insert(0, Warned("converged", text))
    if summit.rough:
        text = (f"the rows change in steps here (decrement {summit.decrement:.2g}): no point of a mesh is better, but "
                "the width is that of a smooth summit; look at the profiles")  # fmt: skip
        said.append(Warned("rough", text))
    if inflation > 1.0:
        text = (f"the rows miss by more than their errors (χ² {point.misfit:.1f} on {freedom:.1f}); "
                f"the doubt was widened by {inflation:.2f}")  # fmt: skip
        said.append(Warned("misfit", text))
    for text in around.notes:
        said.append(Warned("note", text))
    before = scaled(bench.targets, bench.predict(np.zeros(len(priors))))[0]
    weight = problem.weight + _soft_weight(problem, point)
    pull = np.asarray(np.linalg.solve(point.hessian, point.jacobian.T @ weight), np.float64)
    lines = lines_of(bench, problem, point, before, around, pull)
    for line in lines:
        if not line.moves:
            said.append(Warned("unused", f"row {line.id}: no calibrated number moves it"))
    return Calibration(
        bench, problem, point, around, wide, estimates(priors, point.z, wide), lines, summit.converged,
        summit.decrement, point.misfit, freedom, inflation, steps, evaluations, tuple(said), dict(options),
    )  # fmt: skip


def estimates(priors: Sequence[Prior], z: Floats, covariance: Floats) -> tuple[Estimate, ...]:
    """Each number with its interval and its posterior as a table writes it."""
    out = []
    for i, p in enumerate(priors):
        sd = float(np.sqrt(covariance[i, i]))
        low, high = p.bounds
        value, doubt = p.posterior(float(z[i]), sd)
        span = p.natural(np.clip([-Q90, Q90, z[i] - Q90 * sd, z[i] + Q90 * sd], low, high))
        middle = float(p.natural(0.0))
        a, b, c, d = (float(x) for x in span)
        same = overlap(float(z[i]), sd)
        out.append(Estimate(p.label, p.unit, middle, a, b, value, c, d, float(z[i]), sd, same, doubt))
    return tuple(out)


def lines_of(
    bench: Bench, problem: Problem, point: Point, before: Floats, around: Noise, pull: Floats
) -> tuple[Line, ...]:
    """The rows beside their predictions; pull (p, rows) is the slope of the latents in the observed values."""
    out, rows, jacobian = [], point.rows, point.jacobian
    se = np.sqrt(np.diag(around.covariance))
    sd = np.sqrt(np.diag(np.linalg.inv(point.hessian)))
    for k, t in enumerate(bench.targets):
        back = np.exp if t.log else (lambda x: x)
        moves = tuple(p.label for p, slope in zip(bench.priors, jacobian[k]) if abs(slope) > 1e-3 * se[k])
        informs = tuple(p.label for i, p in enumerate(bench.priors) if abs(pull[i, k]) * se[k] > TELLS * sd[i])
        statistic = t.row.statistic + (f" of {t.row.of}" if t.row.of else "")
        out.append(Line(
            t.row.id, t.study.id, t.row.arm, statistic, t.row.output or t.row.parameter, t.row.unit, t.log, t.row.value,
            float(back(before[k] + around.shift[k])), float(back(rows[k] + around.shift[k])), float(se[k]),
            None if t.soft else float((problem.y[k] - rows[k]) / se[k]), moves, informs,
        ))  # fmt: skip
    return tuple(out)


def _soft_weight(problem: Problem, point: Point) -> Floats:
    """Curvature of the signs and ranks, on the diagonal, (rows, rows)."""
    out = np.zeros(len(point.rows))
    if problem.soft is not None:
        out[problem.soft.rows] = soft_slopes(problem.soft, point.rows)[1]
    return np.diag(out)


def _starts(bench: Bench, options: Mapping[str, Any]) -> list[Floats]:
    generator = np.random.default_rng(options["seed"])
    low, high = np.array([b.bounds for b in bench.priors]).T
    return [np.clip(generator.normal(size=len(low)), low, high) for _ in range(options["starts"] - 1)]


def again(calibration: Calibration, targets: Sequence[Target]) -> Calibration:
    """The same calibration on other rows."""
    return solve(replace(calibration.bench, targets=tuple(targets)), calibration.settings)


__all__ = ["STATISTICS", "again", "calibrate", "estimates", "solve"]
