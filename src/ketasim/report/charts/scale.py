"""Axes: from values to pixels, and where the ticks stand."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
_TIME_STEPS = {
    "min": (1, 2, 5, 10, 15, 20, 30, 60, 120, 180),
    "h": (0.25, 0.5, 1, 2, 3, 4, 6, 8, 12, 24, 48),
    "d": (0.25, 0.5, 1, 2, 3, 4, 7, 14, 28, 56, 91, 182, 364),
}
STILL = 1e-3  # of its own size: a curve that moves less is drawn as a level line
HOURS = {"min": 1 / 60, "h": 1.0, "d": 24.0}
TIME_NAMES = {"min": "minutes", "h": "hours", "d": "days"}


@dataclass(frozen=True)
class Scale:
    """A linear or logarithmic map of [low, high] to pixels [start, end]; values of zero or less fall off a log axis."""

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def __call__(self, values: Any) -> np.ndarray:
        v = np.asarray(values, float)
        if self.log:
            floor = self.low * 1e-3
            v = np.log10(np.where(np.isnan(v), np.nan, np.maximum(v, floor)))
            low, high = math.log10(self.low), math.log10(self.high)
        else:
            low, high = self.low, self.high
        return self.start + (v - low) / ((high - low) or 1.0) * (self.end - self.start)


def time_unit(span_h: float) -> str:
    """The unit in which a span reads best: min, h or d."""
    return "min" if span_h <= 3.0 else "h" if span_h <= 72.0 else "d"


def linear_ticks(low: float, high: float, count: int = 5) -> list[float]:
    """About `count` round numbers inside [low, high]."""
    span = high - low
    if not math.isfinite(span) or span <= 0:
        return [low]
    raw = span / max(count, 1)
    magnitude = 10.0 ** math.floor(math.log10(raw))
    step = next(s * magnitude for s in _STEPS if s * magnitude >= raw * 0.999)
    return _multiples(low, high, step)


def time_ticks(low: float, high: float, unit: str, count: int = 8) -> list[float]:
    """Ticks of a time axis whose values are already in `unit`."""
    steps = [s for s in _TIME_STEPS[unit] if (high - low) / s <= count]
    return _multiples(low, high, steps[0]) if steps else linear_ticks(low, high, count)


def log_ticks(low: float, high: float) -> tuple[list[float], list[float]]:
    """(labelled, small) ticks of a logarithmic axis."""
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    every = [m * 10.0**k for k in range(first, last + 1) for m in range(1, 10)]
    inside = [v for v in every if low * 0.999 <= v <= high * 1.001]
    decades = [v for v in inside if abs(math.log10(v) - round(math.log10(v))) < 1e-9]
    if len(decades) >= 3:
        return decades, [v for v in inside if v not in decades]
    wanted = (1, 2, 5) if len(inside) > 6 else tuple(range(1, 10))
    labelled = [v for v in inside if round(v / 10.0 ** math.floor(math.log10(v) + 1e-9)) in wanted]
    return labelled, [v for v in inside if v not in labelled]


def _multiples(low: float, high: float, step: float) -> list[float]:
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [float(f"{k * step:.12g}") for k in range(first, last + 1)]


def linear_range(low: float, high: float, count: int = 5) -> tuple[float, float]:
    """[low, high] widened to whole ticks; starts at zero where the data come near it; what hardly moves looks flat."""
    if -1e-6 * abs(high) <= low < 0.45 * high:
        low = 0.0
    if high - low <= STILL * max(abs(low), abs(high)):
        pad = abs(high) * 0.1 or 1.0
        low, high = (low - pad if low else 0.0), high + pad
    raw = (high - low) / count
    magnitude = 10.0 ** math.floor(math.log10(raw))
    step = next(s * magnitude for s in _STEPS if s * magnitude >= raw * 0.999)
    return math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step


def log_range(low: float, high: float, decades: float = 4.0) -> tuple[float, float]:
    """A range of at most `decades` below the largest value, ending on a 1, 2 or 5."""
    low = max(low, high * 10.0**-decades)
    if high <= low:
        low, high = high / 10, high * 2
    return _round_log(low, down=True), _round_log(high, down=False)


def _round_log(value: float, down: bool) -> float:
    power = 10.0 ** math.floor(math.log10(value) + 1e-12)
    steps = (1, 2, 5, 10)
    m = value / power
    return power * (max(s for s in steps if s <= m * 1.000001) if down else min(s for s in steps if s >= m * 0.999999))
