"""An approximate marginal likelihood as a function of one vector, with its gradient."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ketasim.core.errors import InputError
from ketasim.fitting.population.conditional import Conditional, Local
from ketasim.fitting.population.packing import Packing
from ketasim.fitting.population.specification import PopulationModel

METHODS = ("fo", "foce-i", "laplace")
DELTA = 1e-4


@dataclass
class Objective:
    """−2 log likelihood (without n log 2π) of a method; keeps the modes of the last call to start the next from."""

    model: PopulationModel
    data: Any
    method: str = "foce-i"
    eta: np.ndarray | None = None
    calls: int = 0
    _cache: dict[bytes, np.ndarray] = field(default_factory=dict)
    _settled: dict[bytes, np.ndarray] = field(default_factory=dict)
    _course: tuple[np.ndarray, np.ndarray, np.ndarray] | None = None

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise InputError("method", self.method, ", ".join(METHODS))
        self.model = self.model.resolved(self.data)
        self.packing = Packing(self.model)
        self.conditional = Conditional(self.model, self.data)

    def by_subject(self, x: np.ndarray) -> np.ndarray:
        """(n,) contributions; their sum is the objective."""
        key = np.asarray(x).tobytes()
        if key in self._cache:
            return self._cache[key]
        self.calls += 1
        c, point = self.conditional, self.packing.point(x)
        with np.errstate(all="ignore"):
            if self.method == "fo":
                out = c.fo(point, *c.slopes(point.theta, np.zeros((c.n, c.m))))
            else:
                eta = self.modes(x)
                if self.method == "foce-i":
                    out = c.foce(point, eta, *c.slopes(point.theta, eta))
                else:
                    local = c.local(point.theta, eta)
                    out = c.laplace(point, eta, local.f, local.a, local.b)
        self._cache = {key: out}
        return out

    def modes(self, x: np.ndarray) -> np.ndarray:
        """η̂ (n, m), started where the last gradient says they go."""
        key = np.asarray(x).tobytes()
        if key not in self._settled:
            c, point, start = self.conditional, self.packing.point(x), self.eta
            if self._course is not None:
                x0, eta0, slope = self._course
                move = np.einsum("nix,x->ni", slope, x - x0)
                start = eta0 + np.where(np.abs(move) < np.sqrt(np.diag(point.omega)), move, 0.0)
            eta = c.modes(point, start)
            if np.isfinite(eta).all():
                self.eta = eta
            self._settled = {key: eta}
        return self._settled[key]

    def __call__(self, x: np.ndarray) -> float:
        total = float(self.by_subject(x).sum()) + self.penalty(x)
        return total if np.isfinite(total) else 1e15

    def gradients(self, x: np.ndarray) -> np.ndarray:
        """(n, len(x)) gradient of every subject's contribution."""
        if self.method == "foce-i":
            return self._through_modes(x)
        columns = []
        for e in np.eye(len(x)) * DELTA:
            columns.append((self.by_subject(x + e) - self.by_subject(x - e)) / (2 * DELTA))
        return np.stack(columns, axis=1)

    def gradient(self, x: np.ndarray) -> np.ndarray:
        """(len(x),) gradient of the objective."""
        out = self.gradients(x).sum(axis=0)
        if any(t.prior for t in self.packing.thetas):
            eye = np.eye(len(x)) * DELTA
            out = out + [(self.penalty(x + e) - self.penalty(x - e)) / (2 * DELTA) for e in eye]
        return np.asarray(out)

    def penalty(self, x: np.ndarray) -> float:
        """Σ ((θ − mean)/SD)² over typical values with a prior: −2 log prior, without constants."""
        theta = self.packing.point(x).theta
        return float(sum(((theta[t.name] - t.prior[0]) / t.prior[1]) ** 2 for t in self.packing.thetas if t.prior))

    def course(self, x: np.ndarray, eta: np.ndarray) -> np.ndarray:
        """∂η̂/∂x (n, m, len(x)) at x, with η̂ given to start from; zero where it cannot be found."""
        self.eta, self._settled = eta.copy(), {np.asarray(x).tobytes(): eta}
        self._through_modes(x)
        known = self._course is not None and (self._course[0] == x).all()
        return self._course[2] if known and self._course is not None else np.zeros((*eta.shape, len(x)))

    def _through_modes(self, x: np.ndarray) -> np.ndarray:
        c, point = self.conditional, self.packing.point(x)
        with np.errstate(all="ignore"):
            eta = self.modes(x)
            local = c.local(point.theta, eta)
            _, hessian = c.curvature(point, local.f, local.a, local.b, eta)
            shifted = self._shifted(x, eta)
            out, slope_of_modes = np.zeros((c.n, len(x))), np.zeros((c.n, c.m, len(x)))
            for k in range(len(x)):
                for sign in (1.0, -1.0):
                    moved = self.packing.point(x + sign * DELTA * np.eye(len(x))[k])
                    f, a = shifted.get((k, sign), (local.f, local.a))
                    there = Local(eta, f, a, local.b)
                    slope, _ = c.curvature(moved, f, a, None, eta)
                    d = -np.linalg.solve(hessian, slope[..., None])[..., 0] if c.m else eta
                    slope_of_modes[:, :, k] += sign * d / (2 * DELTA)
                    f2, a2 = there.at(d) if c.m else (f, a)
                    out[:, k] += sign * c.foce(moved, eta + d, f2, a2) / (2 * DELTA)
        if np.isfinite(slope_of_modes).all():
            self._course = (np.array(x), eta, slope_of_modes)
        return out

    def _shifted(self, x: np.ndarray, eta: np.ndarray) -> dict[tuple[int, float], tuple[np.ndarray, np.ndarray]]:
        """(f, a) at η̂ with each free θ moved up and down, from one call of the model."""
        c, step = self.conditional, 1e-4
        moves = np.concatenate([np.zeros((1, c.m)), np.eye(c.m) * step, -np.eye(c.m) * step])
        keys = [(k, sign) for k in range(len(self.packing.thetas)) for sign in (1.0, -1.0)]
        if not keys:
            return {}
        points = [self.packing.point(x + sign * DELTA * np.eye(len(x))[k]) for k, sign in keys]
        block = len(moves) * c.n
        theta = {name: np.repeat([p.theta[name] for p in points], block) for name in points[0].theta}
        lanes = np.tile(c.everyone, len(moves) * len(keys))
        shifted = np.tile((eta[None] + moves[:, None]).reshape(block, c.m), (len(keys), 1))
        values = c.predict(theta, shifted, lanes).reshape(len(keys), len(moves), c.n, -1)
        a = (values[:, 1 : c.m + 1] - values[:, c.m + 1 :]) / (2 * step)
        return {key: (values[i, 0], np.moveaxis(a[i], 0, -1)) for i, key in enumerate(keys)}
