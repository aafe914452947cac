"""Leave one study out: fit without it, predict it, and see where its rows lie in the predictive distribution."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ketasim.core.gaussian import ndtr
from ketasim.core.spread import Floats
from ketasim.fitting.calibrate.fit import Q90, again, problem_of
from ketasim.fitting.calibrate.noise import noise

if TYPE_CHECKING:
    from ketasim.fitting.calibrate.result import Calibration


@dataclass(frozen=True)
class LeftOut:
    """One row of a study that took no part.

    predicted, low, high : median and 90 % predictive interval (doubt of the calibrated and of the other numbers,
    sampling error, discrepancy). error : in predictive standard deviations. covered : inside the interval.
    inside : inside the row's tolerance, None without one. right : for signs, the chance the model gives to that side.
    fitted_to : rows the prediction rests on; 0 means the prior alone.
    """

    study: str
    row: str
    unit: str
    observed: float | None
    predicted: float
    low: float
    high: float
    error: float | None
    covered: bool | None
    inside: bool | None
    right: float | None
    fitted_to: int
    values: tuple[float, ...]


def with_left_out(calibration: Calibration, *, progress: Callable[[int, int, str], None] | None = None) -> Calibration:
    """The calibration with every one of its studies predicted from the others."""
    studies = list(dict.fromkeys(t.study.id for t in calibration.bench.targets))
    out: list[LeftOut] = []
    for i, study in enumerate(studies):
        if progress is not None:
            progress(i, len(studies), study)
        out += _study(calibration, study)
    return replace(calibration, left_out=tuple(out))


def _study(c: Calibration, study: str) -> list[LeftOut]:
    mine = [t for t in c.bench.targets if t.study.id == study]
    rest = [t for t in c.bench.targets if t.study.id != study]
    p = len(c.bench.priors)
    z, covariance = np.clip(np.zeros(p), c.problem.low, c.problem.high), np.eye(p)
    if rest:
        other = again(c, rest)
        z, covariance = other.point.z, other.covariance
    bench = replace(c.bench, targets=tuple(mine))
    around = noise(bench, z, *(c.settings[k] for k in ("discrepancy", "together", "nuisance")))
    point = problem_of(bench, around, c.settings["step"]).at(z)
    spread = point.jacobian @ covariance @ point.jacobian.T + around.covariance
    values = tuple(float(b.natural(x)) for b, x in zip(c.bench.priors, z))
    return [_row(t, point.rows[k] + around.shift[k], float(np.sqrt(spread[k, k])), len(rest), values)
            for k, t in enumerate(mine)]  # fmt: skip


def _row(t, m: Floats, sd: float, rows: int, values: tuple[float, ...]) -> LeftOut:  # type: ignore[no-untyped-def]
    from ketasim.studies.verdict import tolerance_of

    def back(x: float) -> float:
        return float(np.exp(x)) if t.log else float(x)

    middle, low, high = back(float(m)), back(float(m) - Q90 * sd), back(float(m) + Q90 * sd)
    if t.soft:
        side = 1.0 if t.row.statistic == "rank" else float(t.row.value or 0.0)
        right = float(ndtr(np.array(side * m / sd))) if side else None
        return LeftOut(t.study.id, t.row.id, t.row.unit, t.row.value, middle, low, high, None, None, None, right,
                       rows, values)  # fmt: skip
    value = float(t.row.value)
    y = np.log(value) if t.log else value
    tolerance, _ = tolerance_of(t.row, t.row.layer or t.study.layer)
    return LeftOut(
        t.study.id, t.row.id, t.row.unit, value, middle, low, high, float((y - m) / sd), low <= value <= high,
        tolerance.inside(middle, value) if tolerance else None, None, rows, values,
    )  # fmt: skip
