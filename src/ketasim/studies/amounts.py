"""Short written amounts of the study format: times ("40 min", "7 d", "inf") and tolerances ("fold 1.5", "±3",
"range 4 12")."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Literal

from ketasim.core.errors import InputError

HOURS = {
    "s": 1 / 3600, "sec": 1 / 3600,
    "min": 1 / 60,
    "h": 1.0, "hour": 1.0, "hours": 1.0,
    "d": 24.0, "day": 24.0, "days": 24.0,
    "wk": 168.0, "week": 168.0, "weeks": 168.0,
    "month": 730.5, "months": 730.5,
    "y": 8766.0, "year": 8766.0, "years": 8766.0,
}  # fmt: skip
_TIME = re.compile(r"^\s*(-?\d+(?:\.\d+)?(?:e-?\d+)?)\s*([a-z]+)\s*$", re.IGNORECASE)
_NUMBER = r"(\d+(?:\.\d+)?(?:e-?\d+)?)"
TIME_HELP = (
    'a number and a unit of s, min, h, d, wk, month or y, such as "40 min" (or "inf" where a window may stay open)'
)
TOLERANCE_HELP = '"fold 1.5", "±3" (also "+/-3"), "±20 %" or "range 4 12"'


def hours(text: str, field: str = "time") -> float:
    """Hours of a written time. `inf` is infinity. Raises InputError on anything else."""
    if text.strip().lower() == "inf":
        return math.inf
    match = _TIME.match(text)
    if match is None or match.group(2).lower() not in HOURS:
        raise InputError(field, text, TIME_HELP)
    return float(match.group(1)) * HOURS[match.group(2).lower()]


@dataclass(frozen=True)
class Tolerance:
    """How far a prediction may lie from the observation and still count as right.

    kind : additive (|p − o| ≤ value, in the row's unit), relative (|p − o| ≤ value·|o|), fold (1/value ≤ p/o ≤ value)
        or range (low ≤ p ≤ high, in the row's unit).
    """

    kind: Literal["additive", "relative", "fold", "range"]
    value: float = 0.0
    low: float = -math.inf
    high: float = math.inf

    @classmethod
    def parse(cls, text: str, field: str = "tolerance") -> Tolerance:
        """Read a written tolerance; raises InputError naming what is allowed."""
        plain = text.strip().lower().replace("+/-", "±").replace("x/÷", "fold ").replace("±", "± ")
        if match := re.match(rf"^fold\s+{_NUMBER}$", plain):
            if float(match.group(1)) < 1.0:
                raise InputError(field, text, "a fold of at least 1")
            return cls("fold", float(match.group(1)))
        if match := re.match(rf"^(?:±\s*)?{_NUMBER}\s*%$", plain):
            return cls("relative", float(match.group(1)) / 100)
        if match := re.match(rf"^±\s*{_NUMBER}$", plain):
            return cls("additive", float(match.group(1)))
        if match := re.match(r"^range\s+(-?[\d.e]+|-inf)\s+(?:to\s+)?(-?[\d.e]+|inf)$", plain):
            try:
                low, high = float(match.group(1)), float(match.group(2))
            except ValueError:
                raise InputError(field, text, TOLERANCE_HELP) from None
            if low > high:
                raise InputError(field, text, "a range whose first number is not above its second")
            return cls("range", low=low, high=high)
        raise InputError(field, text, TOLERANCE_HELP)

    def __str__(self) -> str:
        if self.kind == "range":
            return f"range {self.low:g} {self.high:g}"
        if self.kind == "relative":
            return f"±{100 * self.value:g} %"
        return f"fold {self.value:g}" if self.kind == "fold" else f"±{self.value:g}"

    def inside(self, predicted: float, observed: float) -> bool:
        """Whether a prediction counts as right; NaN never does."""
        if not (math.isfinite(predicted) and (self.kind == "range" or math.isfinite(observed))):
            return False
        if self.kind == "additive":
            return abs(predicted - observed) <= self.value * (1 + 1e-12)
        if self.kind == "relative":
            return abs(predicted - observed) <= self.value * abs(observed) * (1 + 1e-12)
        if self.kind == "range":
            return self.low <= predicted <= self.high
        if predicted <= 0 or observed <= 0:
            return predicted == observed
        return max(predicted / observed, observed / predicted) <= self.value * (1 + 1e-12)
