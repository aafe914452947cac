"""Profile likelihood: how much the misfit grows when one number is held elsewhere and the others follow.

2Δf is compared with 3.84, the 95 % point of χ² with one degree of freedom (Venzon and Moolgavkar 1988). The prior takes
no part unless it is asked to; the other numbers stay within eight prior standard deviations, held by a thousandth of
the prior where the rows say nothing at all. A side that never reaches 3.84 is open: the rows do not bound the number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ketasim.core.errors import InputError
from ketasim.core.spread import Floats
from ketasim.fitting.calibrate.identify import Warned
from ketasim.fitting.calibrate.problem import Point, Problem, climb

if TYPE_CHECKING:
    from ketasim.fitting.calibrate.result import Calibration

LIMIT, HELD = 3.841458820694124, 1e-3


@dataclass(frozen=True)
class Profile:
    """values : of the number, in its unit. rise : 2Δf over the inflation squared. low, high : where the rise is 3.84,
    None where it never is. others : latents of all numbers at each value, (values, p)."""

    name: str
    unit: str
    values: tuple[float, ...]
    rise: tuple[float, ...]
    low: float | None
    high: float | None
    others: tuple[tuple[float, ...], ...]


def with_profiles(
    calibration: Calibration, names: Sequence[str] | None = None, *, prior: bool = False, most: int = 8
) -> Calibration:
    """The calibration with profiles of some numbers (all by default), and a warning for every open side.

    prior : profile the posterior instead of the likelihood. most : steps to each side.
    """
    known = [e.name for e in calibration.estimates]
    for name in names or ():
        if name not in known:
            raise InputError("profile of", name, ", ".join(known))
    problem = replace(calibration.problem, prior=1.0 if prior else HELD)
    top = climb(problem, calibration.point.z).point
    found = tuple(_profile(calibration, problem, top, known.index(n), most) for n in (names or known))
    said = [
        Warned("flat", f"profile of {p.name} is open {'below' if p.low is None else 'above'}: the rows do not bound it")
        for p in found for side in ("low", "high") if getattr(p, side) is None
        for _ in (0,) if side == "low" or p.low is not None
    ]  # fmt: skip
    kept = tuple(p for p in calibration.profiles if p.name not in {f.name for f in found})
    return replace(calibration, profiles=(*kept, *found), warnings=(*calibration.warnings, *said))


def held(problem: Problem, i: int, value: float) -> Problem:
    """The problem in the other numbers, with number i at a latent value."""

    def predict(z: Floats) -> Floats:
        return problem.predict(np.insert(z, i, value, axis=1))

    return replace(problem, predict=predict, low=np.delete(problem.low, i), high=np.delete(problem.high, i))


def _profile(c: Calibration, problem: Problem, top: Point, i: int, most: int) -> Profile:
    belief, scale = c.bench.priors[i], c.inflation**2
    width = float(np.sqrt(np.linalg.inv(top.hessian)[i, i])) * c.inflation
    stride = float(np.clip(0.65 * width, 1e-4, 1.0))
    sides: dict[int, list[tuple[float, float, Floats]]] = {-1: [], 1: []}
    for sign, seen in sides.items():
        z = top.z.copy()
        for k in range(1, most + 1):
            value = float(np.clip(top.z[i] + sign * stride * k, problem.low[i], problem.high[i]))
            f, z = _others(problem, i, value, z)
            seen.append((value, max(2.0 * (f - top.f), 0.0) / scale, z))
            if seen[-1][1] > 1.3 * LIMIT or value in (problem.low[i], problem.high[i]):
                break
            stride = stride if seen[-1][1] > 0.05 * k**2 else min(2.0 * stride, 1.0)
    points = [*reversed(sides[-1]), (float(top.z[i]), 0.0, top.z), *sides[1]]
    edges = [_edge(float(top.z[i]), sides[s]) for s in (-1, 1)]
    low, high = (None if e is None else float(belief.natural(e)) for e in edges)
    natural = belief.natural(np.array([p[0] for p in points]))
    return Profile(
        belief.label, belief.unit, tuple(float(v) for v in natural), tuple(p[1] for p in points), low, high,
        tuple(tuple(float(x) for x in p[2]) for p in points),
    )  # fmt: skip


def _others(problem: Problem, i: int, value: float, start: Floats) -> tuple[float, Floats]:
    """(f, all latents) of the best point with number i held."""
    own = 0.5 * problem.prior * value**2
    if len(start) == 1:
        return problem.value(np.array([value])), np.array([value])
    best = climb(held(problem, i, value), np.delete(start, i), most=15, tol=1e-3).point
    return best.f + own, np.insert(best.z, i, value)


def _edge(middle: float, seen: Sequence[tuple[float, float, Floats]]) -> float | None:
    """Where the rise reaches the limit, from the signed root, which is close to a straight line."""
    before = (middle, 0.0)
    for value, rise, _ in seen:
        root = np.sqrt(rise)
        if rise >= LIMIT:
            a, b = before
            return float(a + (value - a) * (np.sqrt(LIMIT) - b) / (root - b))
        before = (value, root)
    return None
