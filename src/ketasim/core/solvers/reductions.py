"""Summaries of an output over time that a solver can take without storing the course."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ketasim.core.errors import InputError

AUC, MAXIMUM, MINIMUM, ABOVE = range(4)
"""What has to be followed: the integral, an extreme (value and time), time above (and its first moment)."""
KINDS = {"auc": AUC, "mean": AUC, "cmax": MAXIMUM, "tmax": MAXIMUM, "cmin": MINIMUM, "tmin": MINIMUM,
         "time_above": ABOVE, "first_above": ABOVE}  # fmt: skip


@dataclass(frozen=True)
class Reduction:
    """One number a subject from one output.

    kind : auc (unit × h), mean, cmax, tmax (h), cmin, tmin (h), time_above (h), first_above (h; NaN where never).
    threshold : for the last two. from_h, to_h : the window (by default the whole run).
    """

    output: str
    kind: str
    threshold: float = float("nan")
    from_h: float = -np.inf
    to_h: float = np.inf
    name: str = ""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise InputError("reduction", self.kind, ", ".join(KINDS))
        if self.kind.endswith("above") and not np.isfinite(self.threshold):
            raise InputError(f"threshold of {self.kind}({self.output})", self.threshold, "a finite number")
        if not self.from_h < self.to_h:
            raise InputError(f"window of {self.kind}({self.output})", (self.from_h, self.to_h), "from_h before to_h")

    @property
    def key(self) -> str:
        """Name under which the result is returned."""
        return self.name or f"{self.kind}({self.output})"


def check_unique(reductions: Sequence[Reduction]) -> None:
    """InputError where two reductions would share a name."""
    keys = [r.key for r in reductions]
    for key in keys:
        if keys.count(key) > 1:
            raise InputError("reduction name", key, "names used once", "Give one of them a `name`.")
