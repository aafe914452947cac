"""The terminal phase: a straight line through ln C against time.

Automatic choice: of all runs of at least `min_points` quantifiable samples that end at the last one and begin after
Tmax (from C0 on after a bolus, never before the end of an infusion), the one with the highest adjusted R²; a longer
run whose adjusted R² is within `tolerance` of the best is preferred; a rising line is never taken.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ketasim.core.errors import InputError

Array = NDArray[np.float64]


@dataclass(frozen=True)
class TerminalPhase:
    """A fitted terminal phase; rate per unit of time, `used` the times it rests on."""

    rate: float
    intercept: float
    r2: float
    r2_adjusted: float
    used: tuple[float, ...]
    manual: bool

    @property
    def half_life(self) -> float:
        return float(np.log(2.0) / self.rate)

    @property
    def span(self) -> float:
        """Length of the fitted stretch in half-lives."""
        return (self.used[-1] - self.used[0]) / self.half_life

    def at(self, time: float) -> float:
        """Predicted concentration at a time from the dose."""
        return float(np.exp(self.intercept - self.rate * time))


@dataclass(frozen=True)
class LambdaZ:
    """How the terminal phase is chosen.

    Parameters
    ----------
    points : how many of the last samples to use (manual).
    start, end : first and last time to use, in the unit of time from the dose (manual).
    times : the exact times to use (manual).
    exclude : times never used, in any mode.
    min_points : least number of points of the automatic choice; 3 or more.
    tolerance : a longer run may lose this much adjusted R².
    min_r2_adjusted, min_span : below these the phase is reported as not acceptable and nothing is extrapolated.
    """

    points: int | None = None
    start: float | None = None
    end: float | None = None
    times: tuple[float, ...] = ()
    exclude: tuple[float, ...] = ()
    min_points: int = 3
    tolerance: float = 1e-4
    min_r2_adjusted: float | None = None
    min_span: float | None = None

    def __post_init__(self) -> None:
        if self.min_points < 3:
            raise InputError("lambda_z.min_points", self.min_points, "3 or more")
        if self.points is not None and self.points < 3:
            raise InputError("lambda_z.points", self.points, "3 or more")
        if self.times and len(set(self.times)) < 3:
            raise InputError("lambda_z.times", self.times, "three or more different times")
        if sum((self.points is not None, self.start is not None or self.end is not None, bool(self.times))) > 1:
            raise InputError("lambda_z", self, "one of points, start/end or times")

    @property
    def manual(self) -> bool:
        return self.points is not None or self.start is not None or self.end is not None or bool(self.times)


def _fit(t: Array, c: Array, manual: bool) -> TerminalPhase | None:
    y = np.log(c)
    dt, dy = t - t.mean(), y - y.mean()
    slope = float(dt @ dy / (dt @ dt))
    total = float(dy @ dy)
    if not slope < 0 or total == 0.0:
        return None
    r2 = float((dt @ dy) ** 2 / (dt @ dt) / total)
    adjusted = 1 - (1 - r2) * (t.size - 1) / (t.size - 2)
    return TerminalPhase(-slope, float(y.mean() - slope * t.mean()), r2, adjusted, tuple(t.tolist()), manual)


def _choose(t: Array, c: Array, rule: LambdaZ) -> TerminalPhase | None:
    fits = [f for n in range(rule.min_points, t.size + 1) if (f := _fit(t[-n:], c[-n:], False)) is not None]
    if not fits:
        return None
    best = max(f.r2_adjusted for f in fits)
    return max((f for f in fits if f.r2_adjusted >= best - rule.tolerance), key=lambda f: len(f.used))


def _manual(t: Array, c: Array, rule: LambdaZ) -> TerminalPhase | None:
    if rule.times:
        missing = [x for x in rule.times if not np.isclose(t, x, rtol=1e-9, atol=1e-12).any()]
        if missing:
            raise InputError("lambda_z.times", missing, "times with a quantifiable, not excluded sample")
        take = np.array([np.isclose(rule.times, x, rtol=1e-9, atol=1e-12).any() for x in t])
    elif rule.points is not None:
        if rule.points > t.size:
            raise InputError("lambda_z.points", rule.points, f"at most the {t.size} quantifiable samples there are")
        take = np.arange(t.size) >= t.size - rule.points
    else:
        take = (t >= (-np.inf if rule.start is None else rule.start)) & (
            t <= (np.inf if rule.end is None else rule.end)
        )
    if take.sum() < 3:
        raise InputError("lambda_z", f"a window with {int(take.sum())} quantifiable samples", "three or more samples")
    return _fit(t[take], c[take], True)


def terminal_phase(
    t: Array, c: Array, quantified: NDArray[np.bool_], tmax: float, bolus: bool, dose_end: float, rule: LambdaZ
) -> tuple[TerminalPhase | None, str]:
    """The terminal phase, or None with the reason why there is none."""
    usable = quantified & (c > 0)
    if rule.exclude:
        usable &= ~np.array([np.isclose(rule.exclude, x, rtol=1e-9, atol=1e-12).any() for x in t])
    if rule.manual:
        found = _manual(t[usable], c[usable], rule)
    else:
        usable &= (t >= tmax if bolus else t > tmax) & (t >= dose_end)
        if usable.sum() < rule.min_points:
            return None, (
                f"lambda z needs {rule.min_points} quantifiable samples after Tmax, there are {int(usable.sum())}"
            )
        found = _choose(t[usable], c[usable], rule)
    if found is None:
        return None, "lambda z not estimable: ln C does not fall over the terminal samples"
    if rule.min_r2_adjusted is not None and found.r2_adjusted < rule.min_r2_adjusted:
        return None, f"lambda z refused: adjusted R2 {found.r2_adjusted:.4f} is below {rule.min_r2_adjusted:g}"
    if rule.min_span is not None and found.span < rule.min_span:
        return None, f"lambda z refused: the span is {found.span:.2f} half-lives, below {rule.min_span:g}"
    return found, ""
