"""Whole brain: the dynamic mean field of Deco and colleagues as linear noise around its fixed point.

I_E,i = I0 + w₊ J_N (1 − m_i B_E) S_E,i + G J_N (1 − m_i B_E) Σ_j C_ij S_E,j − J_i S_I,i
I_I,i = W_I I0 + J_N (1 − m_i B_I) S_E,i − S_I,i
dS_E/dt = −S_E/τ_E + (1 − S_E) γ r_E,   dS_I/dt = −S_I/τ_I + r_I,   r = (a I − b) / (1 − e^{−d (aI − b)})

The inhibitory weights J_i are set once, undrugged, so that every region fires at 3 Hz, and stay there under drug.
Functional connectivity is the correlation of S_E from the Lyapunov equation of the linearised system with independent
and shared noise.

Assumes     blocked NMDA channels scale excitatory coupling; maps m of channel density may be uniform or regional
Fails when  fluctuations are large or the system is close to instability; the sign of drug effects depends on the
            ratio of block on inhibitory and excitatory cells and on removal of the global signal, which is why both
            are named beside every number
Source      Deco et al., J Neurosci 2014;34:7886; Deco et al., Curr Biol 2018;28:3065
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ketasim.core.component import Component, par
from ketasim.core.errors import InputError


class MeanField(Component):
    """Constants of the regional mean field (see the module for the equations).

    Equation    r = (a I − b) / (1 − e^{−d (a I − b)})
    Assumes     identical regions but for connectivity and channel density
    Fails when  regions differ in cell types or time constants
    """

    table = "circuits/mean_field"
    exportable = False
    tau_E: float = par("h", "NMDA gating", low=0.0)
    tau_I: float = par("h", "GABA gating", low=0.0)
    gamma: float = par("", "gating per spike")
    J_N: float = par("nA", "NMDA coupling", low=0.0)
    w_plus: float = par("", "recurrent strength", low=0.0)
    I0: float = par("nA", "background drive")
    W_I: float = par("", "share of the drive to inhibition", low=0.0)
    G: float = par("", "global coupling", low=0.0)
    sigma: float = par("nA", "independent noise", low=0.0)
    shared: float = par("", "shared noise relative to independent noise", low=0.0)
    homotopic: float = par("", "extra coupling of mirror regions, relative to a region's total", low=0.0)
    local: float = par("", "weight of short local fibres against tractography", low=0.0)
    local_mm: float = par("", "length over which local fibres fall off, mm", low=0.0)
    rate: float = par("Hz", "rate that inhibition is tuned to", low=0.0)


A_E, B_E, D_E = 310.0, 125.0, 0.16
A_I, B_I, D_I = 615.0, 177.0, 0.087
SECONDS = 3600.0


@dataclass(frozen=True, eq=False)
class Brain:
    """A connectome with the mean field on it: coupling (n, n) with row mean one per region, density z-scores (n,),
    network labels (n,), inhibition weights (n,) tuned without drug."""

    field: MeanField
    coupling: np.ndarray
    density: np.ndarray
    labels: tuple[str, ...]
    inhibition: np.ndarray
    note: str = ""

    @staticmethod
    def of(
        strength: np.ndarray, density: np.ndarray | None = None, labels: tuple[str, ...] = (), note: str = "",
        field: MeanField | None = None, length_mm: np.ndarray | None = None,
    ) -> Brain:  # fmt: skip
        """A brain from structural strengths (n, n), symmetric, non-negative, and fibre lengths in mm where known.

        Two defects of tractography are mended: short local fibres (a term that decays with length) and commissures
        (mirror regions, the first half of the regions being the left hemisphere).
        """
        c = np.asarray(strength, float)
        if c.ndim != 2 or c.shape[0] != c.shape[1] or not np.allclose(c, c.T) or (c < 0).any():
            raise InputError("connectome", f"array of shape {c.shape}", "a symmetric matrix without negative entries")
        mf, n = field or MeanField(), len(c)
        coupling = c / c.mean()
        if length_mm is not None:
            far = np.where(length_mm > 0, length_mm, length_mm.max())
            local = np.exp(-(far + far.T) / 2 / mf.local_mm)
            coupling = coupling + mf.local * local / local.mean()
        np.fill_diagonal(coupling, 0.0)
        coupling = coupling / coupling.sum(axis=1).mean()
        half = n // 2
        if n % 2 == 0 and mf.homotopic > 0:
            mirror = np.zeros_like(coupling)
            mirror[np.arange(half), np.arange(half) + half] = mf.homotopic
            coupling = coupling + mirror + mirror.T
        brain = Brain(mf, coupling, np.zeros(n) if density is None else density, labels, np.ones(n), note)
        return replace(brain, inhibition=_tuned(brain))

    def gains(self, block: float, regional: bool) -> np.ndarray:
        """1 − m B per region."""
        m = 1.0 + 0.3 * self.density if regional else np.ones(len(self.density))
        return 1.0 - np.clip(m, 0.0, None) * block


def _rate(i: np.ndarray, a: float, b: float, d: float) -> np.ndarray:
    x = a * i - b
    safe = np.where(np.abs(x) < 1e-9, 1e-9, x)
    return safe / (1.0 - np.exp(-d * safe))


def _slope(i: np.ndarray, a: float, b: float, d: float) -> np.ndarray:
    x = a * i - b
    safe = np.where(np.abs(x) < 1e-9, 1e-9, x)
    e = np.exp(-d * safe)
    return a * (1.0 / (1.0 - e) - safe * d * e / (1.0 - e) ** 2)


def _tuned(brain: Brain) -> np.ndarray:
    """Inhibition that puts every region at the wanted rate."""
    f = brain.field
    tau_e, tau_i, r = f.tau_E * SECONDS, f.tau_I * SECONDS, f.rate
    s = f.gamma * r * tau_e / (1.0 + f.gamma * r * tau_e)
    low, high = 0.2, 0.6
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if _rate(np.array(middle), A_E, B_E, D_E) < r else (low, middle)
    current = (low + high) / 2
    s_i = 0.05
    for _ in range(400):
        s_i = 0.9 * s_i + 0.1 * tau_i * float(_rate(np.array(f.W_I * f.I0 + f.J_N * s - s_i), A_I, B_I, D_I))
    drive = f.I0 + f.w_plus * f.J_N * s + f.G * f.J_N * brain.coupling.sum(axis=1) * s
    return (drive - current) / s_i


def fixed_point(brain: Brain, gain_e: np.ndarray, gain_i: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(state (2n,), Jacobian (2n, 2n) in 1/s) under drug gains."""
    f, n = brain.field, len(brain.coupling)
    tau_e, tau_i = f.tau_E * SECONDS, f.tau_I * SECONDS
    s = np.concatenate([np.full(n, 0.16), np.full(n, 0.1)])
    coupling = f.J_N * gain_e[:, None] * (f.w_plus * np.eye(n) + f.G * brain.coupling)
    for _ in range(200):
        e, i = s[:n], s[n:]
        current_e = f.I0 + coupling @ e - brain.inhibition * i
        current_i = f.W_I * f.I0 + f.J_N * gain_i * e - i
        r_e, r_i = _rate(current_e, A_E, B_E, D_E), _rate(current_i, A_I, B_I, D_I)
        k_e, k_i = _slope(current_e, A_E, B_E, D_E), _slope(current_i, A_I, B_I, D_I)
        flow = np.concatenate([-e / tau_e + (1 - e) * f.gamma * r_e, -i / tau_i + r_i])
        open_e = (1 - e) * f.gamma * k_e
        jac = np.block([
            [np.diag(-1 / tau_e - f.gamma * r_e) + open_e[:, None] * coupling, np.diag(-open_e * brain.inhibition)],
            [np.diag(k_i * f.J_N * gain_i), np.diag(-1 / tau_i - k_i)],
        ])  # fmt: skip
        step = np.linalg.solve(jac, -flow)
        s = s + np.clip(step, -0.05, 0.05)
        if np.abs(step).max() < 1e-12:
            break
    return s, jac


def connectivity(
    brain: Brain, block_e: float = 0.0, block_i: float = 0.0, *, regional: bool = False, global_signal: bool = True
) -> np.ndarray:
    """Functional connectivity (n, n): correlations of S_E.

    block_e, block_i : fraction of NMDA channels blocked on excitatory and inhibitory cells. regional : scale the block
    by the density map. global_signal : False removes the mean signal by regression, as many pipelines do.
    Raises InputError where the drugged brain has no stable state.
    """
    from scipy.linalg import solve_continuous_lyapunov

    n, f = len(brain.coupling), brain.field
    _, jac = fixed_point(brain, brain.gains(block_e, regional), brain.gains(block_i, regional))
    if np.linalg.eigvals(jac).real.max() >= 0:
        raise InputError("block", f"{block_e:g} / {block_i:g}", "values at which the whole-brain state is stable")
    noise = np.diag(np.concatenate([np.full(n, f.sigma**2), np.full(n, f.sigma**2)]))
    noise[:n, :n] += (f.shared * f.sigma) ** 2
    cov = solve_continuous_lyapunov(jac, -noise)[:n, :n]
    if not global_signal:
        mean = cov.mean(axis=1)
        cov = cov - np.outer(mean, mean) / mean.mean()
    sd = np.sqrt(np.diag(cov))
    return cov / np.outer(sd, sd)


def global_brain_connectivity(fc: np.ndarray) -> np.ndarray:
    """Mean Fisher z of each region's correlations with the others, (n,)."""
    z = np.arctanh(np.clip(fc - np.eye(len(fc)), -0.999999, 0.999999))
    return z.sum(axis=1) / (len(fc) - 1)


def network_means(values: np.ndarray, labels: tuple[str, ...]) -> dict[str, float]:
    """Mean of a regional quantity (n,) over each named network, less the mean over regions."""
    names = np.array(labels)
    return {name: float(values[names == name].mean() - values.mean()) for name in dict.fromkeys(labels)}
