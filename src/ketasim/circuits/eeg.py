"""EEG as linear noise around the column's steady state: spectra, band powers and slope over a session.

S(f) = |L (2πif − J)⁻¹ D|² with the Jacobian J of the column at its fixed point, noise D on the rates, and L the
synaptic currents that a field electrode sees. Spectra are computed at knots along the path of occupancies and
interpolated in the logarithm of power; knots are added until they change nothing by more than 0.05 dB.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from ketasim.circuits.column import Column
from ketasim.core.evaluate import compile_nodes
from ketasim.core.expression import Expr
from ketasim.core.graph import Graph

BANDS = {"delta": (1.0, 4.0), "theta": (4.0, 8.0), "alpha": (8.0, 13.0), "beta": (13.0, 30.0), "gamma": (30.0, 80.0)}
FREQUENCIES = np.concatenate([np.arange(1, 13, 0.5), np.arange(13, 81, 1.0)])
SLOPE_RANGE = (2.0, 40.0)
FIELD = {"sA": 1.0, "sN": 0.5, "sP": -0.3, "sS": -0.2}
INPUTS = ("nmda.block.pyramidal", "nmda.block.pv", "nmda.block.sst", "occupancy.HCN1")
VARIANTS = {"column": (1, 1, 1, 1), "disinhibition": (1, 1, 1, 0), "hcn1": (0, 0, 0, 1), "direct": (1, 0, 0, 0)}
TOLERANCE_DB = 0.05
SECONDS = 3600.0
SAME = 1e-4


@dataclass(frozen=True, eq=False)
class Spectra:
    """Power (n, frequencies) in arbitrary units and rates (n, 3) of E, PV and SST at some occupancies."""

    power: np.ndarray
    rates: np.ndarray


@dataclass(frozen=True, eq=False)
class ColumnMachine:
    """The column as functions of states (11, n) and occupancies (4, n)."""

    column: Column
    names: tuple[str, ...]
    rhs: Callable[..., list[Any]]
    jacobian: Callable[..., list[Any]]
    entries: np.ndarray
    typical: np.ndarray

    @staticmethod
    def of(column: Column) -> ColumnMachine:
        """Trace once."""
        g, names = Graph(), tuple(column.states)
        parameters = list(column.parameters())
        x = {s: Expr(g, g.symbol("state", s)) for s in names}
        u = {p: Expr(g, g.symbol("par", p)) for p in column.inputs}
        bound = column.with_values({k: Expr(g, g.symbol("par", k)) for k in parameters})
        rates = bound.rates(x, u)
        nodes = [rates[s].node for s in names]
        place = {g.symbol("state", s): j for j, s in enumerate(names)}
        found = {(i, place[s]): d for i, row in enumerate(g.gradients(nodes)) for s, d in row.items()}
        order = [*column.inputs, *parameters]
        return ColumnMachine(
            column, names, compile_nodes(g, nodes, names, order), compile_nodes(g, list(found.values()), names, order),
            np.array(list(found)), np.array([getattr(column, k) for k in parameters]),
        )  # fmt: skip

    def _parameters(self, occupancy: np.ndarray) -> np.ndarray:
        n = occupancy.shape[1]
        return np.concatenate([occupancy, np.broadcast_to(self.typical[:, None], (len(self.typical), n))])

    def matrix(self, states: np.ndarray, occupancy: np.ndarray) -> np.ndarray:
        """Jacobians (n, 11, 11), 1/s."""
        n, k = states.shape[1], len(self.names)
        out = np.zeros((n, k, k))
        values = self.jacobian(states, self._parameters(occupancy), 0.0)
        for (i, j), value in zip(self.entries, values, strict=True):
            out[:, i, j] = value
        return out / SECONDS

    def steady(self, occupancy: np.ndarray) -> np.ndarray:
        """Fixed points (11, n) by damped Newton steps from a common start."""
        y = np.full((len(self.names), occupancy.shape[1]), 2.0)
        for _ in range(80):
            f = (
                np.array([np.broadcast_to(v, y.shape[1:]) for v in self.rhs(y, self._parameters(occupancy), 0.0)])
                / SECONDS
            )
            step = np.linalg.solve(self.matrix(y, occupancy), -f.T[..., None])[..., 0].T
            size = np.abs(step).max(axis=0)
            y = y + step * np.minimum(1.0, 3.0 / np.maximum(size, 1e-300))
            if size.max() < 1e-10:
                break
        return y


@lru_cache(maxsize=4)
def machine(table: str = "circuits/column") -> ColumnMachine:
    """The column of a table, traced."""
    return ColumnMachine.of(Column(table=table))


def spectra(occupancy: np.ndarray, table: str = "circuits/column", of: ColumnMachine | None = None) -> Spectra:
    """Spectra at occupancies (4, n): blocks of E, PV and SST, and HCN1. of : a traced column, instead of a table's."""
    m = of or machine(table)
    states = m.steady(np.asarray(occupancy, float))
    jac = m.matrix(states, occupancy)
    at = {name: i for i, name in enumerate(m.names)}
    noise = np.zeros((jac.shape[0], len(m.names), 3))
    for column, (name, tau, size) in enumerate(
        (("rE", m.column.tau_E, 1.0), ("rP", m.column.tau_P, 0.5), ("rT", m.column.tau_T, m.column.noise_T))
    ):
        noise[:, at[name], column] = size / (tau * SECONDS) * np.sqrt(np.maximum(states[at[name]], 0.01))
    values, vectors = np.linalg.eig(jac)
    field = np.zeros(len(m.names))
    for name, weight in FIELD.items():
        field[at[name]] = weight
    left = np.einsum("i,nij->nj", field, vectors)
    right = np.linalg.solve(vectors, noise.astype(complex))
    gain = 1.0 / (2j * np.pi * FREQUENCIES[None, :, None] - values[:, None, :])
    transfer = np.einsum("nfj,nj,njc->nfc", gain, left, right)
    return Spectra((np.abs(transfer) ** 2).sum(axis=2), states[[at["rE"], at["rP"], at["rS"]]].T)


def band_power(power: np.ndarray) -> dict[str, np.ndarray]:
    """Power (…, frequencies) → dB of each band (arbitrary reference)."""
    out = {}
    for name, (low, high) in BANDS.items():
        inside = (FREQUENCIES >= low) & (FREQUENCIES < high)
        out[name] = 10 * np.log10(np.trapezoid(power[..., inside], FREQUENCIES[inside], axis=-1))
    return out


def aperiodic_slope(power: np.ndarray) -> np.ndarray:
    """Exponent of 1/f between 2 and 40 Hz (larger is steeper) by least squares on logarithms."""
    inside = (FREQUENCIES >= SLOPE_RANGE[0]) & (FREQUENCIES <= SLOPE_RANGE[1])
    x = np.log10(FREQUENCIES[inside])
    x = x - x.mean()
    return -(np.log10(power[..., inside]) * x).sum(axis=-1) / (x * x).sum()


def along_path(path: np.ndarray, table: str = "circuits/column", tolerance_db: float = TOLERANCE_DB) -> Spectra:
    """Spectra at every point of a path of occupancies (4, n), from as few knots as the tolerance allows."""
    moved = np.abs(np.diff(path, axis=1)).max(axis=0)
    key = np.concatenate([[0.0], np.cumsum(moved)])
    known: dict[int, tuple[np.ndarray, np.ndarray]] = {}
    previous: np.ndarray | None = None
    n = 9
    while True:
        at = np.unique(np.clip(np.searchsorted(key, np.linspace(0.0, key[-1], n)), 0, len(key) - 1))
        new = [int(i) for i in at if int(i) not in known]
        if new:
            found = spectra(path[:, new], table)
            known.update({i: (np.log(found.power[k]), found.rates[k]) for k, i in enumerate(new)})
        log_power, rates = (np.stack([known[int(i)][part] for i in at]) for part in (0, 1))
        now = _interpolated(key, key[at], log_power)
        close = previous is not None and np.abs(now - previous).max() * 10 / np.log(10) < tolerance_db / 2
        if close or n >= len(key):
            return Spectra(np.exp(now), _interpolated(key, key[at], rates))
        previous, n = now, 2 * n - 1


def _interpolated(x: np.ndarray, knots: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Linear interpolation of rows of `values` at x."""
    if len(knots) == 1:
        return np.repeat(values, len(x), axis=0)
    i = np.clip(np.searchsorted(knots, x, side="right") - 1, 0, len(knots) - 2)
    span = np.maximum(knots[i + 1] - knots[i], 1e-300)
    w = np.clip((x - knots[i]) / span, 0.0, 1.0)[:, None]
    return values[i] * (1 - w) + values[i + 1] * w


def session(curves: Mapping[str, np.ndarray], subject: int = 0, variant: str = "column") -> Spectra:
    """Spectra over time (times, frequencies) of one subject's occupancies under one hypothesis."""
    switch = VARIANTS[variant]
    path = np.stack([np.clip(curves[name][subject], 0.0, 0.999) * on for name, on in zip(INPUTS, switch, strict=True)])
    # later sessions of a course repeat the occupancies of earlier ones: each is computed once, to a ten-thousandth
    _, first, place = np.unique(np.round(path / SAME), axis=1, return_index=True, return_inverse=True)
    order = np.argsort(first)
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    found = along_path(path[:, first[order]])
    back = rank[np.asarray(place).reshape(-1)]
    return Spectra(found.power[back], found.rates[back])
