"""Estimated quantities as one unconstrained vector: θ by its bounds, Ω by its Cholesky factor, σ by its logarithm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ketasim.core.errors import InputError
from ketasim.fitting.population.conditional import Point
from ketasim.fitting.population.specification import PopulationModel, Theta


def _out(t: Theta, value: float) -> float:
    """Bounded → unbounded."""
    if np.isfinite(t.low) and np.isfinite(t.high):
        u = (value - t.low) / (t.high - t.low)
        return float(np.log(u / (1 - u)))
    if np.isfinite(t.low):
        return float(np.log(value - t.low))
    if np.isfinite(t.high):
        return float(-np.log(t.high - value))
    return value / _scale(t)


def _scale(t: Theta) -> float:
    return abs(t.value) if abs(t.value) > 1e-8 else 1.0


def _back(t: Theta, x: float) -> float:
    """Unbounded → bounded."""
    if np.isfinite(t.low) and np.isfinite(t.high):
        return t.low + (t.high - t.low) / (1 + np.exp(-x))
    if np.isfinite(t.low):
        return t.low + float(np.exp(x))
    if np.isfinite(t.high):
        return t.high - float(np.exp(-x))
    return x * _scale(t)


@dataclass(frozen=True)
class Packing:
    """How a model's free quantities are laid out."""

    model: PopulationModel

    @cached_property
    def thetas(self) -> tuple[Theta, ...]:
        """Free typical values."""
        return tuple(t for t in self.model.thetas if not t.fixed)

    @cached_property
    def entries(self) -> tuple[tuple[int, int], ...]:
        """Free entries of the Cholesky factor: the diagonal and what is not structurally zero."""
        if self.model.omega_fixed:
            return ()
        own = self.model.between + (len(self.model.occasion) if self.model.occasions else 0)
        return tuple((i, j) for i in range(own) for j in range(i + 1) if self.model.omega[i, j] != 0)

    @cached_property
    def sigmas(self) -> tuple[str, ...]:
        """Free residual sizes."""
        return () if self.model.residual.fixed else self.model.residual.names

    @cached_property
    def names(self) -> tuple[str, ...]:
        """One name a free quantity, on the reported scale."""
        m = self.model.between
        etas, kind = (*self.model.etas[:m], *self.model.occasion), ("omega", "occasion")
        omega = tuple(
            f"{kind[i >= m]}({etas[i]},{etas[j]})" if i != j else f"{kind[i >= m]}({etas[i]})" for i, j in self.entries
        )
        return (*(t.name for t in self.thetas), *omega, *(f"sigma({s})" for s in self.sigmas))

    def start(self) -> np.ndarray:
        """The vector of the model's own values."""
        residual = self.model.residual
        sizes = {s: getattr(residual, s) for s in residual.names}
        return self.vector(Point({t.name: t.value for t in self.model.thetas}, self.model.omega, sizes))

    def vector(self, p: Point) -> np.ndarray:
        """The vector that stands for a point."""
        factor = np.linalg.cholesky(p.omega) if len(p.omega) else p.omega
        chol = [np.log(factor[i, i]) if i == j else factor[i, j] / factor[i, i] for i, j in self.entries]
        sigma = [np.log(p.sigma[s]) for s in self.sigmas]
        return np.array([*(_out(t, p.theta[t.name]) for t in self.thetas), *chol, *sigma])

    def point(self, x: np.ndarray) -> Point:
        """The values that a vector stands for."""
        theta = {t.name: t.value for t in self.model.thetas}
        theta |= {t.name: _back(t, v) for t, v in zip(self.thetas, x, strict=False)}
        k = len(self.thetas)
        omega = self.model.omega
        if self.entries:
            factor = np.zeros_like(omega)
            for (i, j), v in zip(self.entries, x[k:], strict=False):
                factor[i, j] = np.exp(v) if i == j else v
            for i, j in self.entries:
                if i != j:
                    factor[i, j] *= factor[i, i]
            m, q = self.model.between, len(self.model.occasion)
            for at in range(m + q, len(omega), q or 1):
                factor[at : at + q, at : at + q] = factor[m : m + q, m : m + q]
            omega = factor @ factor.T
        k += len(self.entries)
        residual = self.model.residual
        sigma = {s: getattr(residual, s) for s in residual.names}
        sigma |= {s: float(np.exp(v)) for s, v in zip(self.sigmas, x[k:], strict=True)}
        return Point(theta, omega, sigma)

    def reported(self, x: np.ndarray) -> np.ndarray:
        """Values on the reported scale, in the order of `names` (omega as covariances, sigma as SDs)."""
        return self.listed(self.point(x))

    def named(self, values: Mapping[str, float]) -> Point:
        """A point from values by their reported names; an InputError where a name is missing."""
        missing = [n for n in self.names if n not in values]
        if missing:
            raise InputError("estimates", "without " + ", ".join(missing), ", ".join(self.names))
        p = self.point(self.start())
        omega, m, q = p.omega.copy(), self.model.between, len(self.model.occasion)
        found = [values[n] for n in self.names]
        theta = dict(p.theta) | {t.name: v for t, v in zip(self.thetas, found, strict=False)}
        for (i, j), v in zip(self.entries, found[len(self.thetas) :], strict=False):
            omega[i, j] = omega[j, i] = v
        for at in range(m + q, len(omega), q or 1):
            omega[at : at + q, at : at + q] = omega[m : m + q, m : m + q]
        sizes = found[len(self.thetas) + len(self.entries) :]
        return Point(theta, omega, dict(p.sigma) | dict(zip(self.sigmas, sizes, strict=True)))

    def listed(self, p: Point) -> np.ndarray:
        """The values of a point in the order of `names`."""
        return np.array([*(p.theta[t.name] for t in self.thetas), *(p.omega[i, j] for i, j in self.entries),
                         *(p.sigma[s] for s in self.sigmas)])  # fmt: skip

    def jacobian(self, x: np.ndarray) -> np.ndarray:
        """∂reported/∂x, (names, names), by central differences."""
        eye = np.eye(len(x)) * 1e-5
        return np.stack([(self.reported(x + e) - self.reported(x - e)) / 2e-5 for e in eye], axis=1)
