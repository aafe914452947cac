"""Sketch: quantiles over people at every time, from counts that add up exactly in any order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

BINS = 512


@dataclass(frozen=True, eq=False)
class Sketch:
    """Counts of values in equal bins between `low` and `high` for each (output, time), with the true extremes.

    counts : (outputs, times, bins + 2) integers, the outer bins for what lies outside; minimum, maximum : (outputs,
    times). A quantile is right to one bin width, (high − low) / 512, inside the range.
    """

    low: np.ndarray
    high: np.ndarray
    counts: np.ndarray
    minimum: np.ndarray
    maximum: np.ndarray

    @staticmethod
    def ranges(pilot: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Bin limits (outputs, times) from pilot values (subjects, outputs, times): their range, widened by half."""
        low, high = np.nanmin(pilot, axis=0), np.nanmax(pilot, axis=0)
        spread = np.maximum(high - low, 1e-12 * np.maximum(np.abs(high), 1e-300))
        return low - 0.5 * spread, high + 0.5 * spread

    @staticmethod
    def of(values: np.ndarray, low: np.ndarray, high: np.ndarray, before: Sketch | None = None) -> Sketch:
        """Count values (subjects, outputs, times) on top of `before`; NaN (failed subjects) is not counted."""
        width = (high - low) / BINS
        with np.errstate(invalid="ignore"):
            index = np.clip(np.floor((values - low) / width) + 1, 0, BINS + 1)
        cell = np.arange(low.size).reshape(low.shape) * (BINS + 2)
        held = np.isfinite(index)
        flat = (index + cell)[held].astype(np.int64)
        counts = np.bincount(flat, minlength=low.size * (BINS + 2)).reshape(*low.shape, BINS + 2)
        minimum = np.where(held, values, np.inf).min(axis=0, initial=np.inf)
        maximum = np.where(held, values, -np.inf).max(axis=0, initial=-np.inf)
        new = Sketch(low, high, counts, minimum, maximum)
        return new if before is None else before + new

    def __add__(self, other: Sketch) -> Sketch:
        return Sketch(
            self.low,
            self.high,
            self.counts + other.counts,
            np.minimum(self.minimum, other.minimum),
            np.maximum(self.maximum, other.maximum),
        )

    def quantile(self, q: float) -> np.ndarray:
        """(outputs, times) quantile, linear inside its bin and never outside the true extremes."""
        total = self.counts.cumsum(axis=2)
        n = total[..., -1:]
        rank = q * n
        bin_index = np.argmax(total >= np.maximum(rank, 1), axis=2)
        below = np.take_along_axis(total, np.maximum(bin_index - 1, 0)[..., None], 2)[..., 0] * (bin_index > 0)
        inside = np.take_along_axis(self.counts, bin_index[..., None], 2)[..., 0]
        fraction = np.clip((rank[..., 0] - below) / np.maximum(inside, 1), 0, 1)
        width = (self.high - self.low) / BINS
        value = self.low + (bin_index - 1 + fraction) * width
        return np.clip(value, self.minimum, self.maximum)
