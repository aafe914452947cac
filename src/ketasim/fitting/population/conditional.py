"""Conditional modes of the random effects and the objectives built on them: FO, FOCE with interaction, Laplace.

All subjects and all finite-difference perturbations are lanes of one prediction call. Around the mode the prediction
is held as a quadratic in η, so that the derivative of an objective with respect to Ω and σ costs no model run, and
with respect to θ costs only the change of f and ∂f/∂η at the mode.

Source: Wang Y, Derivation of various NONMEM estimation methods, J Pharmacokinet Pharmacodyn 2007;34:575-593;
Almquist J et al. 2015 (exact gradients through the modes).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ketasim.core.errors import InputError
from ketasim.fitting.population import residual
from ketasim.fitting.population.specification import PopulationModel

STEP = 1e-4
MAX_INNER = 40
SETTLED = 1e-6
FARTHEST = 3.0  # one step of the search for a mode, in standard deviations between people


@dataclass(frozen=True)
class Point:
    """Values at which an objective is asked: theta by name, omega (m, m), sigma by name."""

    theta: Mapping[str, float]
    omega: np.ndarray
    sigma: Mapping[str, float]


@dataclass(frozen=True, eq=False)
class Local:
    """Quadratic picture of the predictions around η̂: f (n, w), a = ∂f/∂η (n, w, m), b = ∂²f/∂η² (n, w, m, m)."""

    eta: np.ndarray
    f: np.ndarray
    a: np.ndarray
    b: np.ndarray

    def at(self, d: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(f, a) at η̂ + d, d (n, m)."""
        bd = np.einsum("nwij,nj->nwi", self.b, d)
        return self.f + np.einsum("nwi,ni->nw", self.a + 0.5 * bd, d), self.a + bd


class Conditional:
    """A model with its data."""

    def __init__(self, model: PopulationModel, data: Any) -> None:
        self.model, self.data = model.resolved(data), data
        self.n, self.m = data.subjects, len(self.model.etas)
        self.everyone = np.arange(self.n)
        low = data.mask & ~data.blq & (data.y <= 0)
        if model.residual.kind == "log" and low.any():
            i, j = np.argwhere(low)[0]
            raise InputError(f"subject {data.names[i]}: DV", float(data.y[i, j]), "above 0 with the residual log")

    # ---- predictions
    def predict(self, theta: Mapping[str, Any], eta: np.ndarray, lanes: np.ndarray) -> np.ndarray:
        """(lanes, width) for eta (lanes, m)."""
        model = self.model
        named = {name: eta[:, k] for k, name in enumerate(model.etas[: model.between])}
        for j, name in enumerate(model.occasion if model.occasions else ()):
            named[name] = named[name][:, None] + eta[:, model.between + j :: len(model.occasion)]
        return self.data.predict(lanes, self.model.individual, theta, named)

    def _lifted(self, theta: Mapping[str, Any], eta: np.ndarray, moves: np.ndarray) -> np.ndarray:
        """Predictions (moves, n, width) at eta + each row of moves (k, m)."""
        k = len(moves)
        lanes = np.tile(self.everyone, k)
        shifted = (eta[None] + moves[:, None]).reshape(k * self.n, self.m)
        return self.predict(theta, shifted, lanes).reshape(k, self.n, -1)

    def slopes(self, theta: Mapping[str, Any], eta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(f, a) by central differences."""
        eye = np.eye(self.m) * STEP
        both = self._lifted(theta, eta, np.concatenate([np.zeros((1, self.m)), eye, -eye]))
        a = (both[1 : self.m + 1] - both[self.m + 1 :]) / (2 * STEP)
        return both[0], np.moveaxis(a, 0, -1)

    def local(self, theta: Mapping[str, Any], eta: np.ndarray) -> Local:
        """The quadratic picture, with a step wide enough for second differences."""
        h, m = 1e-3, self.m
        moves, pairs = [np.zeros(m)], [(i, j) for i in range(m) for j in range(i + 1)]
        for i in range(m):
            moves += [h * np.eye(m)[i], -h * np.eye(m)[i]]
        for i, j in pairs:
            if i != j:
                moves += [h * (np.eye(m)[i] + np.eye(m)[j]), -h * (np.eye(m)[i] + np.eye(m)[j])]
        values = self._lifted(theta, eta, np.array(moves))
        f = values[0]
        b = np.zeros((*f.shape, m, m))
        for i in range(m):
            b[..., i, i] = (values[1 + 2 * i] - 2 * f + values[2 + 2 * i]) / h**2
        k = 1 + 2 * m
        for i, j in pairs:
            if i != j:
                mixed = (values[k] + values[k + 1] - 2 * f) / h**2
                b[..., i, j] = b[..., j, i] = 0.5 * (mixed - b[..., i, i] - b[..., j, j])
                k += 2
        _, a = self.slopes(theta, eta)
        return Local(eta, f, a, b)

    # ---- the joint −2 log density of one subject's data and its random effects
    def joint(self, point: Point, f: np.ndarray, eta: np.ndarray) -> np.ndarray:
        """(n,) without constants: deviance + ηᵀ Ω⁻¹ η."""
        d, *_ = residual.terms(self.model.residual.kind, self.data, self.everyone, f, point.sigma)
        return d.sum(axis=1) + np.einsum("ni,ij,nj->n", eta, np.linalg.inv(point.omega), eta)

    def modes(self, point: Point, start: np.ndarray | None = None) -> np.ndarray:
        """η̂ (n, m): damped Gauss–Newton for all subjects at once, ended by Newton steps with exact curvature."""
        eta = np.zeros((self.n, self.m)) if start is None else start.copy()
        if not self.m:
            return eta
        if start is not None:  # a warm start from a place that has become worse than the typical person is given up
            both = [self.joint(point, self.predict(point.theta, e, self.everyone), e) for e in (eta, 0.0 * eta)]
            eta = np.where((both[0] <= both[1])[:, None], eta, 0.0)
        width = FARTHEST * np.sqrt(np.diag(point.omega))
        damping, curvature = np.full(self.n, 1e-4), None
        f, a = self.slopes(point.theta, eta)
        value = self.joint(point, f, eta)
        for step_number in range(MAX_INNER):
            g, h = self.curvature(point, f, a, curvature, eta)
            diagonal = np.eye(self.m) * np.einsum("nii->ni", h)[:, None, :]
            step = -np.linalg.solve(h + damping[:, None, None] * diagonal, g[..., None])[..., 0]
            size = np.sqrt(np.maximum(np.einsum("ni,nij,nj->n", step, h, step), 0.0))
            if curvature is None and (size.max() < 0.1 or step_number == 10):
                curvature = self.local(point.theta, eta).b
                continue
            far = np.abs(step / width).max(axis=1, initial=0.0)
            step = step / np.maximum(far, 1.0)[:, None]
            trial = eta + step
            f2, a2 = self.slopes(point.theta, trial)
            new = self.joint(point, f2, trial)
            better = new <= value + 1e-9 * (1.0 + np.abs(value))
            eta, value = np.where(better[:, None], trial, eta), np.where(better, new, value)
            f, a = np.where(better[:, None], f2, f), np.where(better[:, None, None], a2, a)
            damping = np.where(better, np.maximum(damping / 10, 1e-14), np.minimum(damping * 10 + 1e-6, 1e8))
            if (size < SETTLED).all():
                break
        return eta

    def curvature(
        self, point: Point, f: np.ndarray, a: np.ndarray, b: np.ndarray | None, eta: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Half the gradient and half the Hessian of the joint in η; expected information where b is not known or the
        exact Hessian is not positive definite."""
        d1, d2, w = residual.terms(self.model.residual.kind, self.data, self.everyone, f, point.sigma)[1:]
        inverse = np.linalg.inv(point.omega) if self.m else np.zeros((0, 0))
        g = np.einsum("nw,nwi->ni", d1, a) / 2 + eta @ inverse
        expected = np.einsum("nw,nwi,nwj->nij", w, a, a) + inverse
        if b is None or not self.m:
            return g, expected
        exact = (np.einsum("nw,nwi,nwj->nij", d2, a, a) + np.einsum("nw,nwij->nij", d1, b)) / 2 + inverse
        finite = np.isfinite(exact).all(axis=(1, 2))
        bad = ~(np.linalg.eigvalsh(np.where(finite[:, None, None], exact, -np.eye(self.m))).min(axis=1) > 0)
        exact[bad] = expected[bad]
        return g, exact

    # ---- objectives
    def foce(self, point: Point, eta: np.ndarray, f: np.ndarray, a: np.ndarray) -> np.ndarray:
        """(n,) FOCE-I objective."""
        d, _, _, w = residual.terms(self.model.residual.kind, self.data, self.everyone, f, point.sigma)
        return self._sum(point, d, eta, np.einsum("nw,nwi,nwj->nij", w, a, a))

    def laplace(self, point: Point, eta: np.ndarray, f: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """(n,) Laplace objective with the exact Hessian."""
        d, d1, d2, _ = residual.terms(self.model.residual.kind, self.data, self.everyone, f, point.sigma)
        h = (np.einsum("nw,nwi,nwj->nij", d2, a, a) + np.einsum("nw,nwij->nij", d1, b)) / 2
        return self._sum(point, d, eta, h)

    def fo(self, point: Point, f: np.ndarray, a: np.ndarray) -> np.ndarray:
        """(n,) first-order objective: the model linearised at η = 0."""
        kind, mask = self.model.residual.kind, self.data.mask
        if kind == "log":
            a, shift = a / f[..., None], 2 * np.log(np.where(mask, self.data.y, 1.0))
            z, y = np.log(f), np.log(np.where(mask, self.data.y, 1.0))
        else:
            z, y, shift = f, self.data.y, np.zeros(f.shape)
        r, _ = residual.variance(kind, z, point.sigma)
        c = np.einsum("nwi,ij,nvj->nwv", a, point.omega, a) + np.einsum("nw,wv->nwv", r, np.eye(f.shape[1]))
        both = mask[:, :, None] & mask[:, None, :]
        c = np.where(both, c, np.eye(f.shape[1])[None])
        e = np.where(mask, y - z, 0.0)
        _, logdet = np.linalg.slogdet(c)
        return (
            logdet
            + np.einsum("nw,nw->n", e, np.linalg.solve(c, e[..., None])[..., 0])
            + np.where(mask, shift, 0).sum(1)
        )

    def _sum(self, point: Point, d: np.ndarray, eta: np.ndarray, information: np.ndarray) -> np.ndarray:
        if not self.m:
            return d.sum(axis=1)
        inverse = np.linalg.inv(point.omega)
        sign, logdet = np.linalg.slogdet(information + inverse)
        prior = np.einsum("ni,ij,nj->n", eta, inverse, eta)
        out = d.sum(axis=1) + prior + np.linalg.slogdet(point.omega)[1] + logdet
        return np.where(sign > 0, out, np.inf)
