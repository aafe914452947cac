"""Which doubts decide: the typical values that differ between replicates, beside the effect that was found."""

from __future__ import annotations

from typing import Any

import numpy as np

from .conduction import TrialData
from .course import regimen
from .design import Design
from .endpoints import analyse

SHOWN = 8


def draws(design: Design) -> dict[str, np.ndarray]:
    """The doubt of each replicate, parameter → (replicates,), for the first active arm's system."""
    from ketasim.core import variability
    from ketasim.simulate import build

    arm = design.arms[design.active[0]]
    outputs = (design.visits.output, "felt")
    built, _ = build(design.model, regimen(arm.regimen).fixed_doses, outputs, design.options)
    who = np.arange(design.replicates)
    found = variability.draw(built.system.parameters, design.seed, who, layers=("doubt",), doubt_draws=who)
    return {k: v for k, v in found.items() if np.ptp(v) > 0 and k not in design.values}


def drivers(design: Design, data: TrialData) -> list[dict[str, Any]]:
    """Rank correlation of each doubtful number with the primary estimate, largest first, with the power in the lower
    and the upper third of the number. Only what is beyond chance (5 % over all numbers, Bonferroni) is listed."""
    from scipy.special import ndtri
    from scipy.stats import rankdata

    found = analyse(design, data, design.primary)
    e, p = found.estimate[:, 0], found.p[:, 0]
    fine = np.isfinite(e)
    if fine.sum() < 10:
        return []
    ranks = rankdata(e[fine])
    rows: list[dict[str, Any]] = []
    numbers = draws(design)
    chance = float(ndtri(1.0 - 0.025 / max(len(numbers), 1))) / np.sqrt(fine.sum() - 1)
    for name, value in numbers.items():
        v = value[fine]
        rank = float(np.corrcoef(rankdata(v), ranks)[0, 1])
        if not abs(rank) > chance:
            continue
        low, high = np.quantile(v, (1 / 3, 2 / 3))
        hit = (p[fine] < design.alpha).astype(float)
        rows.append(
            {
                "parameter": name, "rank_correlation": rank,
                "power_low_third": float(hit[v <= low].mean()), "power_high_third": float(hit[v >= high].mean()),
            }
        )  # fmt: skip
    rows.sort(key=lambda r: -abs(float(r["rank_correlation"])))
    return rows[:SHOWN]
