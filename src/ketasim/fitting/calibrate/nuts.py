"""The posterior sampled by NUTS (NumPyro): on polynomials that stand for the model, or on the engine itself.

The polynomials are fitted to engine runs around the Laplace posterior and refused where they miss other runs by more
than a quarter of a row's error. With `exact` every leapfrog step is one engine call for value and gradient.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ketasim.core.errors import InputError, KetasimError
from ketasim.core.spread import Floats
from ketasim.fitting.calibrate.emulator import emulate
from ketasim.fitting.calibrate.fit import estimates
from ketasim.fitting.calibrate.identify import Warned
from ketasim.fitting.calibrate.problem import Problem

if TYPE_CHECKING:
    from ketasim.fitting.calibrate.result import Calibration

MISS, RHAT = 0.25, 1.05


def with_samples(
    calibration: Calibration, draws: int = 1000, *, warmup: int = 500, chains: int = 2, exact: bool = False,
    seed: int | None = None,
) -> Calibration:  # fmt: skip
    """The calibration with estimates from NUTS draws.

    draws, warmup : a chain. exact : follow the engine instead of polynomials (slow). seed : default the calibration's.
    KetasimError where the polynomials miss, or the extra `fit` is not installed.
    """
    for name, value in (("draws", draws), ("warmup", warmup), ("chains", chains)):
        if value < (2 if name == "draws" else 1):
            raise InputError(name, value, "a positive number")
    _jax()
    c = calibration
    key = int(c.settings["seed"] if seed is None else seed)
    problem = replace(c.problem, covariance=c.problem.covariance * c.inflation**2)
    how: dict[str, Any] = {"sampler": "NUTS", "draws": draws, "warmup": warmup, "chains": chains, "exact": exact,
                           "seed": key}  # fmt: skip
    if exact:
        z, more = sample_exact(problem, c.point.z, c.covariance, draws, warmup, chains, key)
    else:
        stand = emulate(problem, c.point.z, c.covariance, key)
        how |= {"emulator_error": stand.error, "emulator_runs": stand.runs}
        if stand.error > MISS:
            text = f"the polynomials miss the model by {stand.error:.2f} of a row's error (at most {MISS})"
            raise KetasimError(f"{text}; sample with exact=True")
        z, more = sample_emulated(problem, stand, draws, warmup, chains, key)
    how |= more
    covariance = np.atleast_2d(np.cov(z.T))
    told = estimates(c.bench.priors, z.mean(axis=0), covariance)
    spans = [b.natural(np.quantile(z[:, i], (0.05, 0.95))) for i, b in enumerate(c.bench.priors)]
    told = tuple(replace(e, low=float(s[0]), high=float(s[1])) for e, s in zip(told, spans, strict=True))
    said = list(c.warnings)
    if more["rhat"] > RHAT:
        said.append(Warned("converged", f"NUTS: the chains disagree (R-hat {more['rhat']:.3f})"))
    if more["divergent"]:
        said.append(Warned("converged", f"NUTS: {more['divergent']} of {len(z)} draws diverged"))
    return replace(c, estimates=told, covariance=covariance, samples=z, sampler=how, warnings=tuple(said))


def sample_emulated(
    problem: Problem, stand: Any, draws: int, warmup: int, chains: int, seed: int
) -> tuple[Floats, dict[str, Any]]:
    """Latents (draws · chains, p) and diagnostics, with the rows from the polynomials."""
    jax, jnp, _ = _jax()
    with _double(jax):
        weights, powers = jnp.asarray(stand.weights), np.asarray(stand.powers)
        inverse, centre = jnp.asarray(np.linalg.inv(stand.root)), jnp.asarray(stand.centre)
        density = _density(problem, jnp)

        def rows(z: Any) -> Any:
            x = inverse @ (z - centre)
            power = [jnp.ones_like(x), x, x**2, x**3]
            value = jnp.ones(len(powers))
            for i in range(powers.shape[1]):
                value = value * jnp.stack([power[k][i] for k in powers[:, i]])
            return value @ weights

        return _run(lambda z: density(z, rows(z)), problem, stand.centre, draws, warmup, chains, seed, "vectorized")


def sample_exact(
    problem: Problem, start: Floats, covariance: Floats, draws: int, warmup: int, chains: int, seed: int
) -> tuple[Floats, dict[str, Any]]:
    """Latents (draws · chains, p) and diagnostics, with value and gradient from the engine."""
    jax, jnp, _ = _jax()

    def both(z: Any) -> tuple[np.ndarray, np.ndarray]:
        point = problem.at(np.asarray(z, float))
        if not np.isfinite(point.f):
            return np.array(1e30), np.zeros(len(start))
        return np.array(point.f, float), np.asarray(point.gradient, float)

    with _double(jax):
        shapes = (jax.ShapeDtypeStruct((), jnp.float64), jax.ShapeDtypeStruct((len(start),), jnp.float64))

        @jax.custom_vjp
        def f(z: Any) -> Any:
            return jax.pure_callback(both, shapes, z)[0]

        def forward(z: Any) -> Any:
            value, slope = jax.pure_callback(both, shapes, z)
            return value, slope

        f.defvjp(forward, lambda slope, g: (g * slope,))
        return _run(f, problem, start, draws, warmup, chains, seed, "sequential")


def _density(problem: Problem, jnp: Any) -> Callable[[Any, Any], Any]:
    """f(z, rows) of the problem in JAX."""
    from jax.scipy.stats import norm

    y, weight = jnp.asarray(problem.y), jnp.asarray(problem.weight)
    soft = problem.soft

    def f(z: Any, m: Any) -> Any:
        e = y - m
        out = 0.5 * e @ weight @ e + 0.5 * problem.prior * z @ z
        if soft is not None:
            x = m[soft.rows]
            u = (soft.side * x - soft.least) / soft.sigma
            inside = 0.5 * (jnp.maximum(jnp.abs(x) - soft.least, 0.0) / soft.sigma) ** 2
            out = out + jnp.sum(jnp.where(soft.side == 0, inside, -norm.logcdf(u)))
        return out

    return f


def _run(
    f: Callable[[Any], Any],
    problem: Problem,
    start: Floats,
    draws: int,
    warmup: int,
    chains: int,
    seed: int,
    method: str,
) -> tuple[Floats, dict[str, Any]]:
    """NUTS on an unbounded version of the latents: z = low + (high − low) σ(x)."""
    jax, jnp, infer = _jax()
    from numpyro.diagnostics import effective_sample_size, split_gelman_rubin

    low, span = jnp.asarray(problem.low), jnp.asarray(problem.high - problem.low)

    def natural(x: Any) -> Any:
        return low + span * jax.nn.sigmoid(x)

    def potential(x: Any) -> Any:
        return f(natural(x)) - jnp.sum(jnp.log(span) + jax.nn.log_sigmoid(x) + jax.nn.log_sigmoid(-x))

    inner = np.clip((start - problem.low) / (problem.high - problem.low), 1e-3, 1 - 1e-3)
    x0 = np.log(inner / (1 - inner))
    jitter = np.random.default_rng(seed).normal(size=(chains, len(x0))) * 0.01
    kernel = infer.NUTS(potential_fn=potential, dense_mass=True)
    run = infer.MCMC(kernel, num_warmup=warmup, num_samples=draws, num_chains=chains, chain_method=method,
                     progress_bar=False)  # fmt: skip
    init = jnp.asarray(x0 + jitter) if chains > 1 else jnp.asarray(x0 + jitter[0])
    run.run(jax.random.PRNGKey(seed), init_params=init, extra_fields=("diverging",))
    z = np.asarray(natural(run.get_samples(group_by_chain=True)), float)
    split = (
        z if chains > 1 else z.reshape(2, -1, z.shape[-1]) if draws % 2 == 0 else z[:, :-1].reshape(2, -1, z.shape[-1])
    )
    diagnostics = {
        "rhat": float(np.max(split_gelman_rubin(split))),
        "ess": float(np.min(effective_sample_size(split))),
        "divergent": int(np.sum(np.asarray(run.get_extra_fields()["diverging"]))),
    }
    return z.reshape(-1, z.shape[-1]), diagnostics


@contextmanager
def _double(jax: Any) -> Iterator[None]:
    """Double precision in every thread (callbacks run in another one), and back to what it was."""
    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", True)
    try:
        yield
    finally:
        jax.config.update("jax_enable_x64", before)


def _jax() -> tuple[Any, Any, Any]:
    try:
        import jax
        import jax.numpy as jnp
        from numpyro import infer
    except ImportError:
        raise KetasimError("sampling needs the fit extra: pip install 'ketasim[fit]'") from None
    return jax, jnp, infer
