"""Markov chains of the random effects: all subjects at once, independence and random-walk proposals in turn."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ketasim.fitting.population.conditional import Conditional, Point
from ketasim.fitting.population.importance import deviance


@dataclass
class EtaChain:
    """Current η (n, m), their deviance (n,), and the width of the random walk for each component (m,)."""

    conditional: Conditional
    rng: np.random.Generator
    eta: np.ndarray = field(default_factory=lambda: np.zeros((0, 0)))
    value: np.ndarray = field(default_factory=lambda: np.zeros(0))
    width: np.ndarray = field(default_factory=lambda: np.zeros(0))

    def start(self, point: Point) -> None:
        """Begin at zero."""
        c = self.conditional
        self.eta = np.zeros((c.n, c.m))
        self.value = deviance(c, point, self.eta, c.everyone)
        self.width = np.full(c.m, 0.5)

    def sweep(self, point: Point, repeats: int = 2) -> None:
        """One proposal from the population, then `repeats` of each component alone and of all together."""
        c, n, m = self.conditional, self.conditional.n, self.conditional.m
        self.value = deviance(c, point, self.eta, c.everyone)
        root = np.linalg.cholesky(point.omega)
        inverse = np.linalg.inv(point.omega)
        self._accept(point, self.rng.normal(size=(n, m)) @ root.T, None)
        sd = np.sqrt(np.diag(point.omega))
        for _ in range(repeats):
            for j in range(m):
                trial = self.eta.copy()
                trial[:, j] += self.width[j] * sd[j] * self.rng.normal(size=n)
                rate = self._accept(point, trial, inverse)
                self.width[j] *= np.exp(0.3 * (rate - 0.4))
            step = (self.rng.normal(size=(n, m)) @ root.T) * self.width.mean() * 0.6
            self._accept(point, self.eta + step, inverse)

    def _accept(self, point: Point, trial: np.ndarray, inverse: np.ndarray | None) -> float:
        c = self.conditional
        with np.errstate(all="ignore"):
            new = deviance(c, point, trial, c.everyone)
        change = new - self.value
        if inverse is not None:
            change = change + np.einsum("ni,ij,nj->n", trial, inverse, trial)
            change = change - np.einsum("ni,ij,nj->n", self.eta, inverse, self.eta)
        take = np.log(self.rng.random(c.n)) < -change / 2
        take &= np.isfinite(new)
        self.eta = np.where(take[:, None], trial, self.eta)
        self.value = np.where(take, new, self.value)
        return float(take.mean())
