"""The same trial under other explanations and other numbers: does the conclusion stand?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .batch import run
from .design import Design
from .endpoints import analyse
from .power import power
from .report import BETTER


def under_hypotheses(
    design: Design, *, workers: int = 1, progress: Callable[[int, int], None] | None = None
) -> list[dict[str, Any]]:
    """Effect and power of the primary endpoint for each hypothesis of the design and each active arm."""
    rows = []
    for one in design.hypotheses:
        other = design.changed(
            options={**design.options, **one.options}, values={**design.values, **one.values}, hypotheses=()
        )
        data = run(other, workers=workers, progress=progress)
        found = analyse(other, data, other.primary)
        for j, number in enumerate(other.active):
            got = power(found.p[:, j], found.estimate[:, j], found.se[:, j], design.alpha, BETTER[other.primary.kind])
            rows.append(
                {
                    "hypothesis": one.name, "arm": other.arms[number].id, "estimate": got.estimate, "sd": got.sd,
                    "power": got.power, "error": got.error,
                }
            )  # fmt: skip
    return rows
