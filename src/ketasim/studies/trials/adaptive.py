"""Two stages with a choice of dose between them."""

from __future__ import annotations

from typing import Any

import numpy as np

from .conduction import TrialData
from .design import Design
from .endpoints import analyse
from .power import proportion
from .report import BETTER


def adaptive(design: Design, data: TrialData) -> list[dict[str, Any]]:
    """One row an active arm (how often chosen and found effective), then the whole trial beside one without a choice.

    First stage: the first share of people; the best arms by the primary estimate go on, the others stop. Second stage:
    the remaining people of the arms that go on. One-sided p of both stages are combined by the inverse normal method
    with weights by planned people; the first stage's p are multiplied by the number of arms, which closes the test.
    """
    from scipy.special import ndtri

    assert design.adaptive is not None
    plan, arms = design.adaptive, len(design.active)
    sign = BETTER[design.primary.kind] or -1.0
    first = np.arange(data.arm.shape[1])[None] < round(plan.share * data.arm.shape[1])
    one = analyse(design, data, design.primary, np.broadcast_to(first, data.arm.shape))
    two = analyse(design, data, design.primary, np.broadcast_to(~first, data.arm.shape))
    gain = np.where(np.isfinite(one.estimate), sign * one.estimate, -np.inf)
    rank = np.argsort(np.argsort(-gain, axis=1), axis=1)
    kept = rank < min(plan.keep, arms)
    p1 = np.clip(arms * _one_sided(one.p, sign * one.estimate), 1e-300, 1 - 1e-12)
    p2 = np.clip((plan.keep if plan.keep < arms else arms) * _one_sided(two.p, sign * two.estimate), 1e-300, 1 - 1e-12)
    z = np.sqrt(plan.share) * ndtri(1 - p1) + np.sqrt(1 - plan.share) * ndtri(1 - p2)
    z = np.where(p1 < 1e-15, -np.sqrt(plan.share) * ndtri(p1), z)
    found = kept & (z >= ndtri(1 - design.alpha / 2))
    rows: list[dict[str, Any]] = []
    for j, number in enumerate(design.active):
        chosen, error, _, _ = proportion(kept[:, j])
        rows.append(
            {"arm": design.arms[number].id, "chosen": chosen, "error": error, "found": float(found[:, j].mean())}
        )
    whole = analyse(design, data, design.primary)
    plain = (arms * whole.p < design.alpha) & (sign * whole.estimate > 0)
    power, error, _, _ = proportion(found.any(axis=1))
    stays = np.concatenate([kept, np.ones((len(kept), 1), bool)], axis=1)
    which = np.zeros((len(kept), len(design.arms)), bool)
    which[:, [*design.active, design.control]] = stays
    used = (first | np.take_along_axis(which, data.arm, 1)).sum(axis=1)
    rows.append({"power": power, "error": error, "people_expected": float(used.mean()),
                 "power_without_choice": float(plain.any(axis=1).mean()),
                 "people_without_choice": data.arm.shape[1]})  # fmt: skip
    return rows


def _one_sided(p: np.ndarray, gain: np.ndarray) -> np.ndarray:
    return np.where(np.isfinite(p), np.where(gain > 0, p / 2, 1 - p / 2), 1.0)
