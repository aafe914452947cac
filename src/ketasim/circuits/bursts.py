"""Gamma bursts alternating with slow-delta at anaesthetic dose: a relaxation oscillator of cortical activity.

In the active (gamma) state an adaptation variable rises, da/dt = (1 − a)/τ, and ends the state at a = high; in the
silent (slow-delta) state it decays, da/dt = −a/τ, and ends it at a = low. So the gamma state lasts
τ ln((1 − low)/(1 − high)) and the slow-delta state τ ln(high/low). Thresholds vary from cycle to cycle.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ketasim.core import ops, random
from ketasim.core.component import Component, par
from ketasim.core.errors import InputError


class GammaBursts(Component):
    """Probability that the alternation is seen at this block, and its constants (equations in the module).

    Equation    p = B^n / (B50^n + B^n),   T_gamma = τ ln((1 − low)/(1 − high)),   T_delta = τ ln(high/low)
    Assumes     one adaptation variable with one time constant ends and renews activity; it is block of pyramidal
                cells that brings it about
    Fails when  other drugs shape the rhythm
    """

    table = "circuits/bursts"
    inputs = {"B": "fraction"}
    outputs = {"p": "fraction"}
    tau: float = par("h", "adaptation", low=0.0)
    low: float = par("", "adaptation at which activity returns", low=0.0, high=1.0)
    high: float = par("", "adaptation at which activity ends", low=0.0, high=1.0)
    spread: float = par("", "log SD of the time of each state", low=0.0)
    B50: float = par("fraction", "pyramidal block at which the alternation is seen in half of people", low=0.0)
    n: float = par("", "steepness over people", low=0.0)

    def read(self, x, u):
        return {"p": ops.hill(u["B"], self.B50, self.n)}

    @property
    def gamma_s(self) -> float:
        """Median duration of a gamma state, s."""
        return float(self.tau * 3600 * np.log((1 - self.low) / (1 - self.high)))

    @property
    def delta_s(self) -> float:
        """Median duration of a slow-delta state, s."""
        return float(self.tau * 3600 * np.log(self.high / self.low))


@dataclass(frozen=True, eq=False)
class Alternation:
    """States one after another: starts (s), durations (s), and whether each is a gamma state."""

    start_s: np.ndarray
    duration_s: np.ndarray
    gamma: np.ndarray


def alternation(duration_s: float, seed: int = 0, component: GammaBursts | None = None) -> Alternation:
    """States over a stretch of anaesthesia."""
    if not duration_s > 0:
        raise InputError("duration_s", duration_s, "larger than 0")
    c = component or GammaBursts()
    n = int(duration_s / min(c.gamma_s, c.delta_s)) + 10
    z = random.normal(seed, "circuits/bursts", np.array([0]), n)[0]
    gamma = np.arange(n) % 2 == 0
    length = np.where(gamma, c.gamma_s, c.delta_s) * np.exp(c.spread * z)
    start = np.concatenate([[0.0], np.cumsum(length)[:-1]])
    keep = start < duration_s
    return Alternation(start[keep], np.minimum(length, duration_s - start)[keep], gamma[keep])
