"""Group-sequential looks: boundaries by alpha spending (Lan and DeMets 1983), and what they do to the trial."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from .conduction import TrialData
from .design import Design
from .endpoints import analyse
from .power import proportion

POINTS = 4001
WIDEST = 9.0


@lru_cache(maxsize=32)
def boundaries(shares: tuple[float, ...], alpha: float, kind: str) -> tuple[float, ...]:
    """|z| to stop at each look, two-sided, symmetric: each side spends half of alpha by the chosen function.

    The density of the score of trials that go on is carried from look to look on a grid (Armitage, McPherson and Rowe
    1969).
    """
    from scipy.optimize import brentq
    from scipy.special import ndtr, ndtri

    side = alpha / 2.0
    out: list[float] = []
    grid = density = np.zeros(0)
    before = spent_before = 0.0
    for t in shares:
        spend = _one_sided(t, side, kind) - spent_before
        root, step = np.sqrt(t), np.sqrt(t - before)
        if not len(grid):
            z = -float(ndtri(spend))
        else:
            weight = density * (grid[1] - grid[0])
            z = brentq(lambda c: float((weight * ndtr((grid - c * root) / step)).sum()) - spend, 0.0, WIDEST)  # noqa: B023
        new = np.linspace(-z * root, z * root, POINTS)
        if not len(grid):
            density = np.exp(-0.5 * (new / step) ** 2) / (step * np.sqrt(2 * np.pi))
        else:
            kernel = np.exp(-0.5 * ((new[:, None] - grid) / step) ** 2) / (step * np.sqrt(2 * np.pi))
            density = kernel @ weight
        grid, before, spent_before = new, t, _one_sided(t, side, kind)
        out.append(float(z))
    return tuple(out)


def _one_sided(share: float, side: float, kind: str) -> float:
    """Alpha of one side spent at a share; `side` is the whole of that side."""
    from scipy.special import ndtr, ndtri

    if kind == "pocock":
        return float(side * np.log1p(np.expm1(1.0) * share))
    return float(2.0 * (1.0 - ndtr(ndtri(1.0 - side / 2.0) / np.sqrt(share))))


def conditional_power(z: np.ndarray, share: float, last: float) -> np.ndarray:
    """Chance to pass `last` at the end, when the trend of z so far goes on (Lan and Wittes 1988). share < 1."""
    from scipy.special import ndtr

    so_far = np.asarray(z, float) * np.sqrt(share)
    return np.asarray(ndtr((so_far / share - last) / np.sqrt(1.0 - share)))


def sequential(design: Design, data: TrialData) -> list[dict[str, Any]]:
    """Rows of each active arm: one a look (boundary, share of replicates that stop there, for benefit and, where the
    design has futility, in vain), the last the whole trial.

    Each arm is followed as if it were the only one, at the trial's alpha. People count in order of entry; a look sees
    those who have come to the endpoint's visit.
    """
    from .report import BETTER

    assert design.looks is not None
    plan, sign = design.looks, BETTER[design.primary.kind]
    limits = boundaries(plan.shares, design.alpha, plan.spending)
    people = data.arm.shape[1]
    order = np.arange(people)[None]
    sizes = [round(share * people) for share in plan.shares]
    seen = [analyse(design, data, design.primary, np.broadcast_to(order < n, data.arm.shape)) for n in sizes]
    rows: list[dict[str, Any]] = []
    for column, number in enumerate(design.active):
        arm = design.arms[number].id
        stopped, won = np.zeros(data.arm.shape[0], bool), np.zeros(data.arm.shape[0], bool)
        used, estimate = np.zeros(data.arm.shape[0]), np.full(data.arm.shape[0], np.nan)
        for share, limit, n, found in zip(plan.shares, limits, sizes, seen, strict=True):
            z = _normal(found.p[:, column])
            now = ~stopped & (z >= limit)
            vain = np.zeros_like(stopped)
            if plan.futility is not None and share < 1.0:
                side = z * (np.sign(sign * np.nan_to_num(found.estimate[:, column])) if sign else 1.0)
                vain = ~stopped & ~now & (conditional_power(side, share, limits[-1]) < plan.futility)
            ends = now | vain | (~stopped & (share == 1.0))
            used[ends] = n
            estimate[ends] = found.estimate[ends, column]
            stopped |= now | vain
            won |= now
            p, error, _, _ = proportion(now)
            row = {
                "arm": arm, "share": share, "people": n, "z_boundary": limit, "p_boundary": _p(limit), "stops": p,
                "error": error,
            }  # fmt: skip
            rows.append(row if plan.futility is None else {**row, "stops_in_vain": float(vain.mean())})
        p, error, _, _ = proportion(won)
        mean = float(np.nanmean(estimate)) if np.isfinite(estimate).any() else float("nan")
        rows.append({"arm": arm, "power": p, "error": error, "people_expected": float(used.mean()), "estimate": mean})
    return rows


def _p(z: float) -> float:
    from scipy.special import ndtr

    return float(2.0 * ndtr(-z))


def _normal(p: np.ndarray) -> np.ndarray:
    """|z| of a two-sided p; NaN counts as 0."""
    from scipy.special import ndtri

    return np.abs(ndtri(np.clip(np.nan_to_num(p, nan=1.0), 1e-300, 1.0) / 2.0))
