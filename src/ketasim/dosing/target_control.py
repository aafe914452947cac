"""Target control: the rates a pump gives, from its own linear model of the patient.

The pump knows only its model: what the person's own kinetics make of the rates is the point of studying it. Plasma
targets are met at the end of every period; effect-site targets as fast as possible without overshoot, by the rate
whose predicted later peak equals the target.

Source: Shafer SL, Gregg KM, J Pharmacokinet Biopharm 1992;20:147-169 (effect site); Bailey JM, Shafer SL, IEEE Trans
Biomed Eng 1991;38:522-525 (plasma).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ketasim.core.errors import InputError
from ketasim.dosing.records.matrix import expm

HORIZON_H = 0.75


@dataclass(frozen=True)
class Pump:
    """A syringe pump: largest rate (mL/h), concentration in the syringe (mg/mL), how often it may change (s)."""

    max_ml_h: float = 1200.0
    mg_ml: float = 10.0
    period_s: float = 10.0

    def __post_init__(self) -> None:
        for name, value, top in (
            ("max_ml_h", self.max_ml_h, 2000.0), ("mg_ml", self.mg_ml, 100.0), ("period_s", self.period_s, 600.0),
        ):  # fmt: skip
            if not 0 < value <= top:
                raise InputError(f"pump {name}", value, f"more than 0 and at most {top:g}")

    @property
    def max_mg_h(self) -> float:
        """Largest rate of drug."""
        return self.max_ml_h * self.mg_ml


@dataclass(frozen=True)
class Hold:
    """A level to hold: from start_h for duration_h, ng/mL, at "plasma" or "effect"."""

    start_h: float
    duration_h: float
    ng_ml: float
    site: str = "plasma"


@dataclass(frozen=True, eq=False)
class PumpModel:
    """The pump's model for n people: dy/dt = A y + b·rate (mg/h), level = c·y (ng/mL); A (n, k, k), b, c (n, k).
    The last state may be an effect site whose level is e·y."""

    a: np.ndarray
    b: np.ndarray
    c: np.ndarray
    e: np.ndarray


def with_effect_site(a: np.ndarray, b: np.ndarray, c: np.ndarray, ke0: float) -> PumpModel:
    """The model with an effect site (rate ke0, 1/h) behind the level c·y."""
    n, k = b.shape
    big = np.zeros((n, k + 1, k + 1))
    big[:, :k, :k] = a
    big[:, k, :k] = ke0 * c
    big[:, k, k] = -ke0
    zero = np.zeros((n, 1))
    effect = np.zeros((n, k + 1))
    effect[:, k] = 1.0
    return PumpModel(big, np.concatenate([b, zero], 1), np.concatenate([c, zero], 1), effect)


def programme(model: PumpModel, holds: Sequence[Hold], pump: Pump) -> tuple[np.ndarray, np.ndarray]:
    """(starts (m,) in hours, rates (m, n) in mg/h): each rate holds until the next start; the last one is zero."""
    dt = pump.period_s / 3600.0
    step, gain = _flow(model, dt)
    n, k = model.b.shape
    y, starts, rates = np.zeros((n, k)), [], []
    t = min((h.start_h for h in holds), default=0.0)
    end = max((h.start_h + h.duration_h for h in holds), default=0.0)
    ahead = _ahead(model, step, gain, dt)
    while t < end - 1e-9:
        hold = next((h for h in holds if h.start_h - 1e-9 <= t < h.start_h + h.duration_h - 1e-9), None)
        if hold is None:
            rate = np.zeros(n)
        elif hold.site == "plasma":
            predicted = np.einsum("nk,nkj,nj->n", model.c, step, y)
            rate = (hold.ng_ml - predicted) / np.einsum("nk,nk->n", model.c, gain)
        else:
            rate = ahead(y, hold.ng_ml)
        rate = np.clip(rate, 0.0, pump.max_mg_h)
        starts.append(t)
        rates.append(rate)
        y = np.einsum("nkj,nj->nk", step, y) + gain * rate[:, None]
        t += dt
    return np.array([*starts, t]), np.array([*rates, np.zeros(n)])


def _flow(model: PumpModel, dt: float) -> tuple[np.ndarray, np.ndarray]:
    """(Φ, Γ) of one period: y ← Φ y + Γ·rate."""
    n, k = model.b.shape
    big = np.zeros((n, k + 1, k + 1))
    big[:, :k, :k], big[:, :k, k] = model.a * dt, model.b * dt
    out = expm(big)
    return out[:, :k, :k], out[:, :k, k]


def _ahead(model: PumpModel, step: np.ndarray, gain: np.ndarray, dt: float):  # type: ignore[no-untyped-def]
    """The rule for effect-site targets: the largest rate whose later peak stays at the target."""
    m = max(2, int(HORIZON_H / dt))
    rows = np.empty((m, *model.e.shape))
    rows[0] = np.einsum("nk,nkj->nj", model.e, step)
    for i in range(1, m):
        rows[i] = np.einsum("nk,nkj->nj", rows[i - 1], step)
    unit = np.concatenate([np.einsum("nk,nk->n", model.e, gain)[None], np.einsum("mnk,nk->mn", rows[:-1], gain)])
    useful = unit > 1e-6 * unit.max(axis=0)

    def rule(y: np.ndarray, target: float) -> np.ndarray:
        free = np.einsum("mnk,nk->mn", rows, y)
        with np.errstate(divide="ignore", invalid="ignore"):
            allowed = np.where(useful, (target - free) / unit, np.inf)
        return allowed.min(axis=0)

    return rule
