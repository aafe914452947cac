"""Comparing a prediction with an observation: error, tolerance, coverage, verdict."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np

from .amounts import Tolerance
from .catalogue import STATISTICS
from .curve import Array
from .study import Layer, Observation

KINETIC_DEFAULT = Tolerance("fold", 1.5)


@dataclass(frozen=True)
class Judgement:
    """error : fold (predicted / observed) or difference, by `error_kind`. inside, covered : None where it cannot be
    said."""

    predicted: float
    low: float
    high: float
    error: float
    error_kind: str
    tolerance: str
    tolerance_from: str
    inside: bool | None
    covered: bool | None


def tolerance_of(row: Observation, layer: Layer) -> tuple[Tolerance | None, str]:
    """The row's own tolerance, or the layer's default (1.5-fold for kinetics), and where it comes from."""
    if row.tolerance:
        return Tolerance.parse(row.tolerance), "row"
    if layer == "kinetics" and STATISTICS[row.statistic].error == "fold":
        return KINETIC_DEFAULT, "default of kinetics"
    return None, ""


def interval(values: Array) -> tuple[float, float, float]:
    """Median and 90 % interval of the replicates; NaN when none is finite."""
    finite = values[np.isfinite(values)]
    if not len(finite):
        return math.nan, math.nan, math.nan
    low, middle, high = np.quantile(finite, (0.05, 0.5, 0.95))
    return float(middle), float(low), float(high)


def judge(row: Observation, layer: Layer, values: Array) -> Judgement:
    """Judge the replicates of a row's statistic against the row."""
    middle, low, high = interval(values)
    kind = STATISTICS[row.statistic].error
    if kind == "sign":
        return _sign(row, middle, low, high)
    tolerance, source = tolerance_of(row, layer)
    observed = math.nan if row.value is None else row.value
    if kind == "fold":
        error = middle / observed if observed else math.nan
    else:
        error = middle - observed
    inside = tolerance.inside(middle, observed) if tolerance and math.isfinite(middle) else None
    covered = low <= observed <= high if len(values) > 1 and math.isfinite(low) else None
    return Judgement(middle, low, high, error, kind, str(tolerance or ""), source, inside, covered)


def _sign(row: Observation, middle: float, low: float, high: float) -> Judgement:
    """A sign is right when the 90 % interval lies on its side of zero (for 0: when it includes zero)."""
    said = int(row.value or 0)
    if row.tolerance:  # a band that still counts as none, or the least effect that counts
        band = Tolerance.parse(row.tolerance)
        dead = band.value if band.kind == "additive" else 0.0
    else:
        dead = 0.0
    clear = 1 if low > dead else -1 if high < -dead else 0
    inside = None if math.isnan(middle) else clear == said
    return Judgement(middle, low, high, float(clear - said), "sign", row.tolerance, "sign", inside, inside)


def rank(row: Observation, by_arm: list[Array]) -> Judgement:
    """Arms in the row's order: right when the medians ascend; predicted is the share of replicates that agree."""
    medians = [interval(v)[0] for v in by_arm]
    count = min(len(v) for v in by_arm)
    stacked = np.stack([v[:count] for v in by_arm])
    share = float(np.mean(np.all(np.diff(stacked, axis=0) > 0, axis=0)))
    inside = None if any(math.isnan(m) for m in medians) else all(a < b for a, b in itertools.pairwise(medians))
    return Judgement(share, math.nan, math.nan, math.nan, "rank", "", "order", inside, None)
