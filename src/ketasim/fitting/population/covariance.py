"""Covariance of estimates: R⁻¹ (curvature), S⁻¹ (cross products of the subjects' gradients), R⁻¹ S R⁻¹ (robust).

R is half the Hessian of −2 log L, S a quarter of the sum of the outer products of the subjects' gradients of it. All
three agree where the model is true and subjects are many; R⁻¹ S R⁻¹ is what NONMEM prints unless told otherwise.

Source: White H, Maximum likelihood estimation of misspecified models, Econometrica 1982;50:1-25.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ketasim.core.errors import InputError
from ketasim.fitting.population.objective import Objective

KINDS = ("r", "s", "rsr")
STEP = 1e-2
SINGULAR = 1e6


@dataclass(frozen=True, eq=False)
class Information:
    """R and S (p, p) on the scale of the packed vector, and the jacobian (p, p) from there to the reported scale."""

    r: np.ndarray
    s: np.ndarray
    jacobian: np.ndarray

    @property
    def definite(self) -> bool:
        """Whether R is the curvature at a minimum."""
        return bool(np.isfinite(self.r).all() and np.linalg.eigvalsh(self.r).min() > 0)

    @property
    def condition(self) -> float:
        """Ratio of the largest to the smallest eigenvalue of R scaled to ones on its diagonal."""
        if not self.definite:
            return np.inf
        spectrum = np.linalg.eigvalsh(self.r / np.sqrt(np.outer(np.diag(self.r), np.diag(self.r))))
        return float(spectrum.max() / spectrum.min())

    def covariance(self, kind: str) -> np.ndarray:
        """(p, p) on the reported scale; NaN where a matrix cannot be inverted (S wants more subjects than numbers)."""
        nothing = np.full_like(self.r, np.nan)
        if kind == "s":
            fine = np.isfinite(self.s).all() and np.linalg.matrix_rank(self.s) == len(self.s)
            inner = np.linalg.inv(self.s) if fine else nothing
        elif not self.definite:
            return nothing
        else:
            inner = np.linalg.inv(self.r)
            inner = inner @ self.s @ inner if kind == "rsr" else inner
        return np.asarray(self.jacobian @ inner @ self.jacobian.T)

    def errors(self, names: tuple[str, ...]) -> dict[str, dict[str, float]]:
        """kind → name → standard error."""
        out = {}
        for kind in KINDS:
            with np.errstate(invalid="ignore"):
                out[kind] = dict(zip(names, np.sqrt(np.diag(self.covariance(kind))).tolist(), strict=True))
        return out


def observed(objective: Objective, x: np.ndarray) -> Information:
    """R by differences of the gradient, S from the subjects' gradients."""
    rows = [(objective.gradient(x + e) - objective.gradient(x - e)) / (2 * STEP) for e in np.eye(len(x)) * STEP]
    each = objective.gradients(x)
    r = np.array(rows)
    return Information((r + r.T) / 4, each.T @ each / 4, objective.packing.jacobian(x))


def chosen(covariance: Any) -> str:
    """The kind of standard error asked for: "r" for True, "" for False."""
    if isinstance(covariance, bool):
        return "r" if covariance else ""
    if covariance not in KINDS:
        raise InputError("covariance", covariance, "r, s, rsr or False")
    return str(covariance)


def summarised(
    information: Information, kind: str, names: tuple[str, ...]
) -> tuple[np.ndarray, np.ndarray, dict[str, float], Mapping[str, Mapping[str, float]], list[str]]:
    """(covariance, correlation, standard errors of the kind asked for, those of every kind, what is wrong)."""
    empty = np.full_like(information.r, np.nan)
    if not information.definite:
        return empty, empty, {}, {}, ["the information matrix is not positive definite: no standard errors"]
    condition = information.condition
    if condition > SINGULAR:
        return empty, empty, {}, {}, [f"the covariance is nearly singular (condition {condition:.2g})"]
    errors, cov = information.errors(names), information.covariance(kind)
    if not np.isfinite(cov).all():
        return empty, empty, {}, errors, [f"the matrix S of {len(names)} numbers is singular: too few subjects"]
    sd = np.sqrt(np.diag(cov))
    return cov, cov / np.outer(sd, sd), errors[kind], errors, []
