"""Whole brain in full: the stochastic mean field with a BOLD signal, for what linear noise cannot say.

Euler–Maruyama in steps of a millisecond or so, noise from (seed, copy) alone, S_E averaged over 20 ms into the
balloon and windkessel. Measured connectivity is the correlation of the BOLD signals of a scan of finite length, as a
scanner would give it.

Assumes     published noise (0.01 nA per square root of a millisecond), gates held between 0 and 1
Fails when  steps are long against inhibition (10 ms): more than 2 ms is refused
Source      Deco et al., J Neurosci 2014;34:7886
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ketasim.circuits import field_kernel as kernel
from ketasim.circuits.bold import Haemodynamics, bold
from ketasim.circuits.network import (
    A_E,
    A_I,
    B_E,
    B_I,
    D_E,
    D_I,
    PER_SECOND,
    SECONDS,
    Brain,
    correlation,
    fixed_point,
)
from ketasim.core.errors import InputError

SAMPLE_S = 0.02
SETTLE_S = 20.0
PAD_BASE = -40.0


@dataclass(frozen=True, eq=False)
class Scan:
    """A simulated scan: BOLD (volumes, regions) every tr_s seconds, and S_E (samples, regions) every 0.02 s."""

    bold: np.ndarray
    gating: np.ndarray
    tr_s: float

    def connectivity(self, *, global_signal: bool = True, signal: str = "bold") -> np.ndarray:
        """Correlations (n, n) over time of BOLD (or "gating"); global_signal False regresses the mean signal out."""
        if signal not in ("bold", "gating"):
            raise InputError("signal", signal, "bold or gating")
        series = self.bold if signal == "bold" else self.gating
        return correlation(np.cov(series, rowvar=False), global_signal)


def scan(
    brain: Brain, block_e: float | np.ndarray = 0.0, block_i: float | np.ndarray = 0.0, *, seconds: float = 300.0,
    tr_s: float = 0.72, step_ms: float = 1.0, noise: float = 1.0, regional: bool = False, seed: int = 0, copy: int = 0,
    haemodynamics: Haemodynamics | None = None,
) -> Scan:  # fmt: skip
    """Simulate `seconds` of rest after 20 s to settle.

    block_e, block_i, regional : as in `network.covariance`. tr_s : time between volumes. noise : multiple of the
    published noise (small values approach the linear solution). seed, copy : the noise depends on these two alone.
    Raises InputError for a scan of less than ten volumes, a step over 2 ms or that does not divide 20 ms, and where the
    drugged brain has no stable state.
    """
    every = round(SAMPLE_S * 1000.0 / step_ms) if step_ms > 0 else 0
    if not 0 < step_ms <= 2.0 or abs(every * step_ms - SAMPLE_S * 1000.0) > 1e-9:
        raise InputError("step_ms", step_ms, "a step of at most 2 ms that divides 20 ms")
    if tr_s < SAMPLE_S or seconds < 10 * tr_s:
        raise InputError("seconds", seconds, f"at least ten volumes of {tr_s:g} s (each at least {SAMPLE_S:g} s)")
    if not noise > 0:
        raise InputError("noise", noise, "above 0")
    gains = brain.gains(block_e, regional), brain.gains(block_i, regional)
    state, jacobian = fixed_point(brain, *gains)
    if np.linalg.eigvals(jacobian).real.max() >= 0:
        raise InputError("block", f"{np.mean(block_e):g} / {np.mean(block_i):g}", "a stable whole-brain state")
    n = len(brain.coupling)
    field, size = _field(brain, *gains, step_ms / 1000.0), kernel.padded(n)
    s_e, s_i = kernel.aligned(size), kernel.aligned(size)
    s_e[:n], s_i[:n] = state[:n], state[n:]
    samples, settle = round(seconds / SAMPLE_S), round(SETTLE_S / SAMPLE_S)
    rng = np.random.Generator(np.random.Philox(np.random.SeedSequence([seed, copy])))
    scale = noise * brain.field.sigma * np.sqrt(step_ms / 1000.0 * PER_SECOND)
    blocks, left, chunk = [], samples + settle, max(1, round(1000.0 / (every * step_ms)))
    while left > 0:
        now = min(chunk, left)
        blocks.append(kernel.advance(field, s_e, s_i, _noise(rng, now * every, n, size, scale, brain), every, n)[:, :n])
        left -= now
    gating = np.concatenate(blocks)
    signal = bold(gating, SAMPLE_S, haemodynamics)
    at = np.round(np.arange(int(seconds / tr_s)) * tr_s / SAMPLE_S).astype(int) + settle
    return Scan(signal[at], gating[settle:], tr_s)


def _noise(rng: np.random.Generator, steps: int, n: int, size: int, scale: float, brain: Brain) -> np.ndarray:
    """Increments (steps, 2, padded regions): independent, and shared between the excitatory cells of all regions."""
    out = kernel.aligned(steps, 2, size)
    out[:, :, :n] = rng.standard_normal((steps, 2, n))
    out[:, 0, :n] += brain.field.shared * rng.standard_normal(steps)[:, None]
    out *= scale
    return out


def _field(brain: Brain, gain_e: np.ndarray, gain_i: np.ndarray, step_s: float) -> kernel.Field:
    """The step of one brain under drug gains, padded."""
    f, n = brain.field, len(brain.coupling)
    size = kernel.padded(n)
    matrix, base, inhibition, to_i = (kernel.aligned(*shape) for shape in ((n, size), (size,), (size,), (size,)))
    matrix[:, :n] = A_E * brain.excitation(gain_e).T
    base[:] = PAD_BASE
    base[:n] = A_E * f.I0 - B_E
    inhibition[:n] = A_E * brain.inhibition
    to_i[:n] = f.J_N * gain_i
    tau_e, tau_i = f.tau_E * SECONDS, f.tau_I * SECONDS
    constants = np.array([
        A_I, B_I, D_E, D_I, 1.0 - step_s / tau_e, 1.0 - step_s / tau_i, step_s * f.gamma, step_s, f.W_I * f.I0,
    ])  # fmt: skip
    return kernel.Field(matrix, base, inhibition, to_i, constants)
