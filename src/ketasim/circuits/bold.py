"""BOLD signal of synaptic activity: the balloon and windkessel of Friston and colleagues.

ds/dt = x − κ s − γ (f − 1),   df/dt = s,   τ dv/dt = f − v^{1/α},   τ dq/dt = f (1 − (1 − ρ)^{1/f})/ρ − q v^{1/α − 1}
y = V0 [k1 (1 − q) + k2 (1 − q/v) + k3 (1 − v)],   k1 = 7ρ, k2 = 2, k3 = 2ρ − 0.2

Assumes     one vascular response everywhere, untouched by the drug itself
Fails when  the drug moves blood flow or breathing: ketamine raises both cerebral blood flow and arterial CO2 can change
Source      Friston et al., Neuroimage 2003;19:1273; used with the dynamic mean field by Deco et al. 2014
"""

from __future__ import annotations

import numpy as np

from ketasim.core.component import Component, par
from ketasim.core.errors import InputError

SECONDS = 3600.0


class Haemodynamics(Component):
    """Constants of the balloon and windkessel (see the module for the equations).

    Equation    y = V0 [k1 (1 − q) + k2 (1 − q/v) + k3 (1 − v)]
    Assumes     one vascular response everywhere, untouched by the drug itself
    Fails when  the drug moves blood flow or breathing
    """

    table = "circuits/haemodynamics"
    exportable = False
    kappa: float = par("1/h", "decay of the vasodilating signal", low=0.0)
    gamma: float = par("1/h^2", "feedback by flow", low=0.0)
    tau: float = par("h", "mean transit time", low=0.0)
    alpha: float = par("", "stiffness of the balloon", low=0.0)
    rho: float = par("fraction", "oxygen taken up at rest", low=0.0, high=1.0)
    V0: float = par("fraction", "blood volume at rest", low=0.0, high=1.0)


def bold(activity: np.ndarray, step_s: float, constants: Haemodynamics | None = None) -> np.ndarray:
    """BOLD signal (times, regions) of synaptic activity (times, regions) sampled every step_s seconds (at most 0.05).

    Starts at rest for the first sample's activity, so that there is no vascular transient but that of fluctuations.
    """
    if not 0.0 < step_s <= 0.05:
        raise InputError("step_s", step_s, "above 0 and at most 0.05 s")
    c = constants or Haemodynamics()
    kappa, gamma, tau = c.kappa / SECONDS, c.gamma / SECONDS**2, c.tau * SECONDS
    x = np.asarray(activity, float)
    mean = x.mean(axis=0)
    s, f = np.zeros(x.shape[1]), 1.0 + mean / gamma
    v = f**c.alpha
    q = v * (1.0 - (1.0 - c.rho) ** (1.0 / f)) / c.rho
    k1, k2, k3 = 7.0 * c.rho, 2.0, 2.0 * c.rho - 0.2
    log_left, power = np.log1p(-c.rho), 1.0 / c.alpha
    out = np.empty_like(x)
    for i, drive in enumerate(x):
        out[i] = c.V0 * (k1 * (1.0 - q) + k2 * (1.0 - q / v) + k3 * (1.0 - v))
        flow_out = v**power
        extracted = (1.0 - np.exp(log_left / f)) / c.rho
        s, f, v, q = (
            s + step_s * (drive - kappa * s - gamma * (f - 1.0)),
            f + step_s * s,
            v + step_s * (f - flow_out) / tau,
            q + step_s * (f * extracted - flow_out * q / v) / tau,
        )
    return out
