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
    gradient: float = par("", "recurrent excitation gained per standard deviation of hierarchy")


A_E, B_E, D_E = 310.0, 125.0, 0.16
A_I, B_I, D_I = 615.0, 177.0, 0.087
HYPOTHESES = {
    "receptors": "block of each cell class as the receptor layer gives it; inhibition is half PV, half SST cells",
    "disinhibition": "block counts on inhibitory cells only (Anticevic 2012)",
    "direct": "block counts on excitatory cells only",
    "sst": "inhibition is that of SST cells, the most blocked class",
}
SECONDS = 3600.0
PER_SECOND = 1000.0  # the published noise is per square root of a millisecond
FIRST_STEP_S, LARGEST_MOVE, SETTLED = 0.05, 0.02, 1e-10  # s; gate; gate per second
HIGH = 0.45  # an excitatory gate above this (13 Hz) has left the state of low rates


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
    hierarchy: np.ndarray | None = None

    @staticmethod
    def of(
        strength: np.ndarray, density: np.ndarray | None = None, labels: tuple[str, ...] = (), note: str = "",
        field: MeanField | None = None, length_mm: np.ndarray | None = None, hierarchy: np.ndarray | None = None,
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
        brain = Brain(mf, coupling, np.zeros(n) if density is None else density, labels, np.ones(n), note, hierarchy)
        return replace(brain, inhibition=_tuned(brain))

    def gains(self, block: float | np.ndarray, regional: bool) -> np.ndarray:
        """1 − m B per region."""
        m = 1.0 + 0.3 * self.density if regional else np.ones(len(self.density))
        return 1.0 - np.clip(m, 0.0, None) * block

    def excitation(self, gain_e: np.ndarray) -> np.ndarray:
        """Excitatory coupling (n, n) in nA per unit of gating, under drug gains (n,)."""
        f = self.field
        return f.J_N * gain_e[:, None] * (np.diag(self.recurrence()) + f.G * self.coupling)

    def recurrence(self) -> np.ndarray:
        """Recurrent strength w₊ of each region (n,); rises with hierarchy where a gradient is given."""
        up = np.zeros(len(self.coupling)) if self.hierarchy is None else self.hierarchy
        return self.field.w_plus * np.clip(1.0 + self.field.gradient * up, 0.0, None)

    def rest(self) -> np.ndarray:
        """The state (2n,) without drug: every region at the rate that inhibition was tuned to."""
        e, i = _resting_gates(self.field)
        return np.repeat([e, i], len(self.coupling))


def blocks(pyramidal: float, pv: float, sst: float, hypothesis: str = "receptors") -> tuple[float, float]:
    """Block of excitatory and inhibitory cells of the mean field under one of HYPOTHESES."""
    if hypothesis not in HYPOTHESES:
        raise InputError("option network_block", hypothesis, ", ".join(HYPOTHESES))
    inhibitory = sst if hypothesis == "sst" else (pv + sst) / 2
    return (0.0 if hypothesis == "disinhibition" else pyramidal), (0.0 if hypothesis == "direct" else inhibitory)


def _rate(i: np.ndarray, a: float, b: float, d: float) -> np.ndarray:
    x = a * i - b
    safe = np.where(np.abs(x) < 1e-9, 1e-9, x)
    return safe / (1.0 - np.exp(-d * safe))


def _slope(i: np.ndarray, a: float, b: float, d: float) -> np.ndarray:
    x = a * i - b
    safe = np.where(np.abs(x) < 1e-9, 1e-9, x)
    e = np.exp(-d * safe)
    return a * (1.0 / (1.0 - e) - safe * d * e / (1.0 - e) ** 2)


def _resting_gates(f: MeanField) -> tuple[float, float]:
    """S_E and S_I of a region that fires at the wanted rate."""
    tau_e, tau_i, r = f.tau_E * SECONDS, f.tau_I * SECONDS, f.rate
    e = f.gamma * r * tau_e / (1.0 + f.gamma * r * tau_e)
    i = 0.05
    for _ in range(50):
        current = np.array(f.W_I * f.I0 + f.J_N * e - i)
        off = i - tau_i * float(_rate(current, A_I, B_I, D_I))
        i -= off / (1.0 + tau_i * float(_slope(current, A_I, B_I, D_I)))
    return e, i


def _tuned(brain: Brain) -> np.ndarray:
    """Inhibition that puts every region at the wanted rate."""
    f = brain.field
    low, high = 0.2, 0.6
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if _rate(np.array(middle), A_E, B_E, D_E) < f.rate else (low, middle)
    e, i = _resting_gates(f)
    drive = f.I0 + (brain.recurrence() + f.G * brain.coupling.sum(axis=1)) * f.J_N * e
    return (drive - (low + high) / 2) / i


def fixed_point(brain: Brain, gain_e: np.ndarray, gain_i: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(state (2n,), Jacobian (2n, 2n) in 1/s) that the brain settles into from rest under drug gains (n,).

    The dynamics are followed by implicit steps that grow as the state comes to rest: with strong coupling there are
    several fixed points, and Newton's method from rest may end in one that the brain never reaches. InputError where
    the state of low rates has ended.
    """
    state, step = brain.rest(), FIRST_STEP_S
    unit = np.eye(len(state))
    for _ in range(400):
        flow, jac = _linearised(brain, state, gain_e, gain_i)
        if np.abs(flow).max() < SETTLED:
            break
        move = np.linalg.solve(unit / step - jac, flow)
        size = float(np.abs(move).max())
        if size > LARGEST_MOVE:
            step /= 4.0
            continue
        state = state + move
        step *= 2.0 if size < LARGEST_MOVE / 4 else 1.0
    if not state[: len(state) // 2].max() < HIGH:
        raise InputError(
            "block", " / ".join(f"{1 - np.mean(g):.3g}" for g in (gain_e, gain_i)),
            "values below those at which the whole-brain state of low rates ends (excitatory / inhibitory)",
        )  # fmt: skip
    return state, _linearised(brain, state, gain_e, gain_i)[1]


def _linearised(
    brain: Brain, state: np.ndarray, gain_e: np.ndarray, gain_i: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Rates of change (2n,), 1/s, and their Jacobian (2n, 2n)."""
    f, n = brain.field, len(brain.coupling)
    tau_e, tau_i = f.tau_E * SECONDS, f.tau_I * SECONDS
    coupling = brain.excitation(gain_e)
    e, i = state[:n], state[n:]
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
    return flow, jac


def covariance(
    brain: Brain, block_e: float | np.ndarray = 0.0, block_i: float | np.ndarray = 0.0, *, regional: bool = False
) -> np.ndarray:
    """Covariance (2n, 2n) of S_E and S_I from the Lyapunov equation J P + P Jᵀ + Q = 0 of the linearised field.

    block_e, block_i : fraction of NMDA channels blocked on excitatory and inhibitory cells, one number or (n,).
    regional : scale the block by the density map. Noise Q in nA² per second, as `MeanField` declares it.
    Raises InputError where the drugged brain has no stable state.
    """
    n = len(brain.coupling)
    _, jac = fixed_point(brain, brain.gains(block_e, regional), brain.gains(block_i, regional))
    poles, vectors = np.linalg.eig(jac)
    if poles.real.max() >= 0:
        words = " / ".join(f"{np.mean(b):g}" for b in (block_e, block_i))
        raise InputError("block", words, "values at which the whole-brain state is stable")
    variance = brain.field.sigma**2 * PER_SECOND
    noise = variance * np.eye(2 * n)
    noise[:n, :n] += brain.field.shared**2 * variance
    left = np.linalg.inv(vectors)
    inner = -(left @ noise @ left.T) / (poles[:, None] + poles[None, :])
    found = (vectors @ inner @ vectors.T).real
    return (found + found.T) / 2


def connectivity(
    brain: Brain, block_e: float | np.ndarray = 0.0, block_i: float | np.ndarray = 0.0, *, regional: bool = False,
    global_signal: bool = True,
) -> np.ndarray:  # fmt: skip
    """Functional connectivity (n, n): correlations of S_E.

    block_e, block_i, regional : as in `covariance`. global_signal : False removes the mean signal by regression, as
    many pipelines do. Raises InputError where the drugged brain has no stable state.
    """
    n = len(brain.coupling)
    return correlation(covariance(brain, block_e, block_i, regional=regional)[:n, :n], global_signal)


def correlation(cov: np.ndarray, global_signal: bool = True) -> np.ndarray:
    """Correlations (n, n) of a covariance (n, n), with or without (False) the mean signal."""
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
