"""Full Bayes by Metropolis within Gibbs.

Each sweep moves the random effects (as SAEM does), shifts each θ together with the η beside it (a conjugate normal
draw that leaves every prediction as it is), walks the other θ and log σ, and draws the covariances from their inverse
Wishart distribution. Beliefs: the normal prior of a θ where it has one, otherwise flat on the scale it is estimated on
(log θ where θ has a lower bound); flat on log σ; inverse Wishart with `degrees` above the smallest proper one and the
starting covariance as its mean.

Source: Gelman A et al., Bayesian Data Analysis, 3rd ed., chapters 11 and 15; Vehtari A et al., Bayesian Anal
2021;16:667-718 (split R-hat, effective sample size).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ketasim.core.errors import InputError
from ketasim.fitting.population import residual
from ketasim.fitting.population.chain import EtaChain
from ketasim.fitting.population.conditional import Conditional, Point
from ketasim.fitting.population.convergence import effective_size, split_rhat
from ketasim.fitting.population.packing import Packing
from ketasim.fitting.population.saem import beside
from ketasim.fitting.population.specification import PopulationModel


@dataclass(frozen=True, eq=False)
class Posterior:
    """Draws of a posterior.

    draws : name → (chains, draws) on the reported scale (covariances, residual SDs). eta : mean of every subject's
    random effects, (subjects, etas). converged : every R-hat below 1.05 and every effective size above 25 a chain;
    `problems` says which are not.
    """

    model: PopulationModel
    draws: Mapping[str, np.ndarray]
    eta: np.ndarray
    rhat: Mapping[str, float]
    ess: Mapping[str, float]
    problems: tuple[str, ...]
    point: Point
    seconds: float
    method: str = "bayes"
    data: Any = field(default=None, repr=False)

    @property
    def converged(self) -> bool:
        """Whether the chains agree and are long enough."""
        return not self.problems

    def rows(self) -> list[dict[str, Any]]:
        """One row a quantity: mean, SD, 2.5 %, 50 %, 97.5 %, R-hat, effective sample size."""
        out = []
        for k, v in self.draws.items():
            low, middle, high = np.quantile(v, (0.025, 0.5, 0.975))
            out.append({"name": k, "mean": float(v.mean()), "sd": float(v.std(ddof=1)), "q2.5": float(low),
                        "median": float(middle), "q97.5": float(high), "rhat": self.rhat[k],
                        "ess": self.ess[k]})  # fmt: skip
        return out

    def to_arviz(self) -> Any:
        """The draws as ArviZ InferenceData (extra `fit`)."""
        try:
            import arviz
        except ImportError:
            raise InputError("arviz", "not installed", "an installation of ketasim[fit]") from None
        return arviz.from_dict(posterior={k: np.asarray(v) for k, v in self.draws.items()})


def bayes(
    model: PopulationModel, data: Any, *, draws: int = 1000, burn: int = 500, chains: int = 4, degrees: float = 1.0,
    seed: int = 0, progress: Callable[[int, float], None] | None = None,
) -> Posterior:  # fmt: skip
    """Sample the posterior of typical values, covariances and residual sizes."""
    for name, value, least in (("draws", draws, 100), ("burn", burn, 50), ("chains", chains, 2)):
        if value < least:
            raise InputError(name, value, f"{least} or more")
    if not degrees > 0:
        raise InputError("degrees", degrees, "more than 0")
    began = time.perf_counter()
    walks = []
    for k in range(chains):
        walk = _Walk(model, data, degrees, np.random.default_rng([seed, k]))
        walk.run(burn, draws, progress, k * (burn + draws))
        walks.append(walk)
    packing = walks[0].packing
    table = np.array([w.kept for w in walks])
    named = {name: table[:, :, j] for j, name in enumerate(packing.names)}
    rhat = {k: split_rhat(v) for k, v in named.items()}
    ess = {k: effective_size(v) for k, v in named.items()}
    problems = [f"R-hat of {k} is {v:.3f}: the chains do not agree" for k, v in rhat.items() if not v < 1.05]
    problems += [f"the effective sample size of {k} is {v:.0f}" for k, v in ess.items() if not v > 25 * chains]
    points = [w.mean_point() for w in walks]
    point = Point(
        {k: float(np.mean([p.theta[k] for p in points])) for k in points[0].theta},
        np.mean([p.omega for p in points], axis=0),
        {k: float(np.mean([p.sigma[k] for p in points])) for k in points[0].sigma},
    )
    eta = np.mean([w.eta_mean for w in walks], axis=0)
    return Posterior(
        walks[0].model, named, eta, rhat, ess, tuple(problems), point, time.perf_counter() - began, data=data
    )


class _Walk:
    """One chain."""

    def __init__(self, model: PopulationModel, data: Any, degrees: float, rng: np.random.Generator) -> None:
        self.model = model.resolved(data)
        self.c, self.packing, self.rng = Conditional(model, data), Packing(self.model), rng
        self.chain = EtaChain(self.c, rng)
        self.x = self.packing.start()
        first = self.packing.point(self.x)
        self.omega = first.omega
        self.pairs = beside(self.packing, self.c, self.x)
        t, entries = len(self.packing.thetas), len(self.packing.entries)
        sigma = np.arange(t + entries, len(self.x))
        self.loose = [*(k for k in range(t) if k not in self.pairs), *sigma]
        self.width = dict.fromkeys(self.loose, 0.1)
        self.blocks = _blocks(self.model)
        self.degrees, self.start = degrees, self.omega.copy()
        self.x[[*range(t), *sigma]] += 0.1 * rng.normal(size=t + len(sigma))  # chains begin apart
        self.chain.start(self.point())
        self.kept: list[np.ndarray] = []
        self.eta_mean = np.zeros_like(self.chain.eta)
        self._sum: list[Point] = []

    def point(self, x: np.ndarray | None = None) -> Point:
        p = self.packing.point(self.x if x is None else x)
        return Point(p.theta, self.omega, p.sigma)

    def run(self, burn: int, draws: int, progress: Callable[[int, float], None] | None, done: int) -> None:
        for k in range(burn + draws):
            self.chain.sweep(self.point(), repeats=1)
            self._shift()
            self._walk(adapt=k < burn)
            if self.c.m and not self.model.omega_fixed:
                self._covariances()
            if k >= burn:
                p = self.point()
                self.kept.append(self.packing.listed(p))
                self._sum.append(p)
                self.eta_mean += self.chain.eta / draws
            if progress:
                progress(done + k + 1, float(self.chain.value.sum()))

    def mean_point(self) -> Point:
        names, sizes = self._sum[0].theta, self._sum[0].sigma
        return Point(
            {k: float(np.mean([p.theta[k] for p in self._sum])) for k in names},
            np.mean([p.omega for p in self._sum], axis=0),
            {k: float(np.mean([p.sigma[k] for p in self._sum])) for k in sizes},
        )

    def _prior(self, x: np.ndarray, some: list[int] | None = None) -> float:
        """−2 log prior of the vector (or some of it), with the change of scale where the belief is about θ itself."""
        total, theta = 0.0, self.packing.point(x).theta
        for k, t in enumerate(self.packing.thetas):
            if t.prior is None or (some is not None and k not in some):
                continue
            e = np.zeros(len(x))
            e[k] = 1e-5
            slope = (self.packing.point(x + e).theta[t.name] - self.packing.point(x - e).theta[t.name]) / 2e-5
            total += ((theta[t.name] - t.prior[0]) / t.prior[1]) ** 2 - 2 * np.log(abs(slope))
        return float(total)

    def _shift(self) -> None:
        """θ + δ and η − δ: predictions stay, so that δ given the individual values is normal."""
        if not self.pairs:
            return
        js = [j for j, _ in self.pairs.values()]
        inverse = np.linalg.inv(self.omega)
        precision = self.c.n * inverse[np.ix_(js, js)]
        pull = (self.chain.eta @ inverse)[:, js].sum(axis=0)
        believed = {k: self.packing.thetas[k] for k in self.pairs if self.packing.thetas[k].prior}
        plain = [k for k, t in believed.items() if not (np.isfinite(t.low) or np.isfinite(t.high))]
        for i, k in enumerate(self.pairs):
            if k in plain:  # a normal prior of an unbounded θ is conjugate too
                t = believed[k]
                mean, sd = t.prior or (0.0, 1.0)
                precision[i, i] += sd**-2
                pull[i] += (mean - self.packing.point(self.x).theta[t.name]) / sd**2
        cov = np.linalg.inv(precision)
        delta = cov @ pull + np.linalg.cholesky((cov + cov.T) / 2) @ self.rng.normal(size=len(js))
        moved = self.x.copy()
        for (k, (_, unit)), d in zip(self.pairs.items(), delta, strict=True):
            moved[k] += d / unit
        rest = [k for k in believed if k not in plain]
        if not rest or np.log(self.rng.random()) < -(self._prior(moved, rest) - self._prior(self.x, rest)) / 2:
            self.x = moved
            self.chain.eta = self.chain.eta.copy()
            self.chain.eta[:, js] -= delta

    def _walk(self, adapt: bool) -> None:
        kind, data, c, thetas = self.model.residual.kind, self.c.data, self.c, len(self.packing.thetas)

        def deviance(x: np.ndarray, f: np.ndarray) -> float:
            with np.errstate(all="ignore"):
                d, *_ = residual.terms(kind, data, c.everyone, f, self.packing.point(x).sigma)
            return float(d.sum()) + self._prior(x)

        f = c.predict(self.point().theta, self.chain.eta, c.everyone)
        now = deviance(self.x, f)
        for k in self.loose:
            for _ in range(1 if k < thetas else 3):
                trial = self.x.copy()
                trial[k] += self.width[k] * self.rng.normal()
                g = c.predict(self.packing.point(trial).theta, self.chain.eta, c.everyone) if k < thetas else f
                new = deviance(trial, g)
                taken = bool(np.isfinite(new) and np.log(self.rng.random()) < -(new - now) / 2)
                if taken:
                    self.x, f, now = trial, g, new
                if adapt:
                    self.width[k] *= float(np.exp(0.1 * (taken - 0.44)))

    def _covariances(self) -> None:
        """Inverse Wishart draws of the blocks; the occasions' blocks are one."""
        from scipy.stats import invwishart

        omega, model = self.omega.copy(), self.model
        q, m = len(model.occasion), model.between
        for block in self.blocks:
            copies = [block]
            if model.occasions and block[0] >= m:
                copies = [[i + k * q for i in block] for k in range(model.occasions)]
            eta = np.concatenate([self.chain.eta[:, b] for b in copies])
            size = len(block)
            df = size + 1 + self.degrees
            scale = self.degrees * self.start[np.ix_(block, block)] + eta.T @ eta
            drawn = np.atleast_2d(invwishart.rvs(df + len(eta), scale, random_state=self.rng))
            for b in copies:
                omega[np.ix_(b, b)] = drawn
        self.omega = omega


def _blocks(model: PopulationModel) -> list[list[int]]:
    """Groups of etas that covary; refused where a group is not full, which an inverse Wishart cannot be."""
    own = model.between + (len(model.occasion) if model.occasions else 0)
    pattern = model.omega[:own, :own] != 0
    reach = pattern.copy()
    for _ in range(own):
        reach = reach | (reach @ reach)
    out = []
    for i in range(own):
        block = [int(j) for j in np.flatnonzero(reach[i])]
        if block[0] != i:
            continue
        if not pattern[np.ix_(block, block)].all():
            names = ", ".join(model.etas[j] for j in block)
            raise InputError("omega", f"zeros within {names}", "full blocks of covariances for bayes")
        out.append(block)
    return out
