"""What a solver returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

OK, STEP_TOO_SMALL, TOO_MANY_STEPS, NOT_FINITE, BAD_PARAMETER, POLE_CROSSED = range(6)
STATUS_TEXT = {
    OK: "finished",
    STEP_TOO_SMALL: "the step became too small (a pole or a discontinuity)",
    TOO_MANY_STEPS: "too many steps",
    NOT_FINITE: "a state became infinite or undefined",
    BAD_PARAMETER: "a parameter or initial state is not finite",
    POLE_CROSSED: "a denominator went through zero (the equations have no solution beyond)",
}


@dataclass(frozen=True, eq=False)
class Solution:
    """Values (subjects, outputs, times), one status a subject (0 is well) with the time of failure, the state at the
    end (subjects, states), and what else the solver counted or reduced."""

    outputs: tuple[str, ...]
    times_h: np.ndarray
    values: np.ndarray
    status: np.ndarray
    failed_at_h: np.ndarray
    final_state: np.ndarray
    stats: Mapping[str, Any] = field(default_factory=dict)
    reductions: Mapping[str, np.ndarray] = field(default_factory=dict)

    @property
    def failures(self) -> list[str]:
        """One sentence for each failed subject."""
        return [
            f"subject {i} failed at {self.failed_at_h[i]:.4g} h: {STATUS_TEXT.get(int(self.status[i]), 'unknown')}"
            for i in np.flatnonzero(self.status)
        ]
