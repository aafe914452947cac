"""EEG as linear noise around the column's steady state: spectra, band powers and slope over a session.

S(f) = |L (2πif − J)⁻¹ D|² with the Jacobian J of the column at its fixed point, noise D on the rates, and L the
synaptic currents that a field electrode sees. Spectra are computed at knots along the path of occupancies and
read between them by cubics of the logarithm of power that never cross a kink of the path; knots are added where they
would change anything by more than 0.05 dB.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
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
TURN, FIRST = 0.3, 9


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

    @cached_property
    def rest(self) -> np.ndarray:
        """The fixed point (11,) without drug."""
        return self.steady(np.zeros((4, 1)), np.full((len(self.names), 1), 2.0))[:, 0]

    def steady(self, occupancy: np.ndarray, start: np.ndarray | None = None) -> np.ndarray:
        """Fixed points (11, n) by damped Newton steps, from a start (11, n) or from rest."""
        y = np.repeat(self.rest[:, None], occupancy.shape[1], axis=1) if start is None else start
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


@lru_cache(maxsize=4)
def at_rest(table: str = "circuits/column") -> dict[str, float]:
    """Bands in dB and the exponent ("slope") of the column without drug."""
    power = spectra(np.zeros((4, 1)), table).power[0]
    return {**{k: float(v) for k, v in band_power(power).items()}, "slope": float(aperiodic_slope(power))}


def spectra(
    occupancy: np.ndarray,
    table: str = "circuits/column",
    of: ColumnMachine | None = None,
    states: np.ndarray | None = None,
) -> Spectra:
    """Spectra at occupancies (4, n): blocks of E, PV and SST, and HCN1.

    of : a traced column, instead of a table's. states : its fixed points there (11, n), where they are known.
    """
    m = of or machine(table)
    if states is None:
        states = m.steady(np.asarray(occupancy, float))
    at = [m.names.index(name) for name in ("rE", "rP", "rS")]
    return Spectra(linear_noise(m, states, m.matrix(states, occupancy), m.column.noise_T), states[at].T)


def linear_noise(m: ColumnMachine, states: np.ndarray, jac: np.ndarray, noise_T: float | np.ndarray) -> np.ndarray:
    """Power (n, frequencies) of the field around fixed points (11, n) with Jacobians (n, 11, 11)."""
    at = {name: i for i, name in enumerate(m.names)}
    noise = np.zeros((jac.shape[0], len(m.names), 3))
    for column, (name, tau, size) in enumerate(
        (("rE", m.column.tau_E, 1.0), ("rP", m.column.tau_P, 0.5), ("rT", m.column.tau_T, noise_T))
    ):
        noise[:, at[name], column] = size / (tau * SECONDS) * np.sqrt(np.maximum(states[at[name]], 0.01))
    values, vectors = np.linalg.eig(jac)
    field = np.zeros(len(m.names))
    for name, weight in FIELD.items():
        field[at[name]] = weight
    right = np.linalg.solve(vectors, noise.astype(complex))
    gain = 1.0 / (2j * np.pi * FREQUENCIES[None, :, None] - values[:, None, :])
    transfer = gain @ ((field @ vectors)[:, :, None] * right)
    return np.asarray((np.abs(transfer) ** 2).sum(axis=2))


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


@dataclass(frozen=True, eq=False)
class Knots:
    """Spectra at a few points of a path, and how to read between them.

    weight : (points, knots) reads values of knots at every point of the path. log_power : (knots, frequencies) natural
    logarithm of power. rates : (knots, 3) of E, PV and SST.
    """

    weight: np.ndarray
    log_power: np.ndarray
    rates: np.ndarray

    def spectra(self) -> Spectra:
        """Spectra at every point."""
        return Spectra(np.exp(self.weight @ self.log_power), self.weight @ self.rates)

    def bands(self) -> dict[str, np.ndarray]:
        """Every band in dB (arbitrary reference) and the exponent ("slope") at every point, read between as such."""
        power = np.exp(self.log_power)
        found = {**band_power(power), "slope": aperiodic_slope(power)}
        read = self.weight @ np.stack(list(found.values()), axis=1)
        return {name: read[:, i] for i, name in enumerate(found)}


def knots_along(path: np.ndarray, table: str = "circuits/column", tolerance_db: float = TOLERANCE_DB) -> Knots:
    """As few spectra along a path of occupancies (4, n) as the tolerance allows.

    The path is cut where it turns (start and end of an infusion). An interval between knots is halved until the cubic
    through its neighbours foretells the spectrum in its middle to a third of the tolerance; what was computed there is
    kept, so that the error left is far smaller.
    """
    path = np.asarray(path, float)
    length = np.abs(np.diff(path, axis=1)).max(axis=0)
    moved = np.concatenate([[True], length > 0])
    arc = np.concatenate([[0.0], np.cumsum(length[length > 0])])
    path, place = path[:, moved], np.cumsum(moved) - 1
    ends = _kinks(path)
    at = np.unique(np.concatenate([ends, *(_spread(arc, *pair) for pair in itertools.pairwise(ends))]))
    m = machine(table)
    states = m.steady(path[:, at])
    found = spectra(path[:, at], of=m, states=states)
    log_power, rates, todo = np.log(found.power), found.rates, np.arange(len(at) - 1)
    while True:
        todo = todo[at[todo + 1] - at[todo] > 1]
        if not len(todo):
            return Knots(_weights(arc, at, ends, np.arange(len(arc)))[place], log_power, rates)
        left, right = at[todo], at[todo + 1]
        middle = np.clip(np.searchsorted(arc, 0.5 * (arc[left] + arc[right])), left + 1, right - 1)
        between = _weights(arc, at, ends, middle)
        fixed = m.steady(path[:, middle], (between @ states.T).T)
        found = spectra(path[:, middle], of=m, states=fixed)
        now = np.log(found.power)
        wrong = np.abs(now - between @ log_power).max(axis=1) * (10 / np.log(10)) > tolerance_db / 3
        order = np.argsort(np.concatenate([at, middle]))
        at = np.concatenate([at, middle])[order]
        log_power, rates = np.concatenate([log_power, now])[order], np.concatenate([rates, found.rates])[order]
        states = np.concatenate([states, fixed], axis=1)[:, order]
        again = np.searchsorted(at, middle[wrong])
        todo = np.unique(np.concatenate([again - 1, again]))


def along_path(path: np.ndarray, table: str = "circuits/column", tolerance_db: float = TOLERANCE_DB) -> Spectra:
    """Spectra at every point of a path of occupancies (4, n), from as few knots as the tolerance allows."""
    return knots_along(path, table, tolerance_db).spectra()


def _kinks(path: np.ndarray) -> np.ndarray:
    """Indices of the points of a path that always moves where its direction jumps, and of its two ends."""
    step = np.diff(path, axis=1)
    way = step / np.abs(step).max(axis=0)
    turned = np.abs(np.diff(way, axis=1)).max(axis=0, initial=0.0) > TURN
    return np.unique(np.concatenate([[0], np.flatnonzero(turned) + 1, [path.shape[1] - 1]]))


def _spread(arc: np.ndarray, first: int, last: int) -> np.ndarray:
    """A few indices from first to last, at equal lengths of the path."""
    inside = np.searchsorted(arc, np.linspace(arc[first], arc[last], FIRST))
    return np.concatenate([[first], np.clip(inside, first, last), [last]])


def _weights(arc: np.ndarray, at: np.ndarray, ends: np.ndarray, points: np.ndarray) -> np.ndarray:
    """(points, knots): Lagrange's cubic through the four knots around a point, all between the same two kinks."""
    if len(at) == 1:
        return np.ones((len(points), 1))
    low, high = np.searchsorted(at, ends[:-1]), np.searchsorted(at, ends[1:])
    stretch = np.clip(np.searchsorted(ends, points, side="right") - 1, 0, len(ends) - 2)
    out = np.zeros((len(points), len(at)))
    left = np.searchsorted(at, points, side="right") - 1
    first = np.clip(left - 1, low[stretch], np.maximum(high[stretch] - 3, low[stretch]))
    chosen = first[:, None] + np.arange(4)
    there = chosen <= high[stretch][:, None]
    x = arc[at][np.minimum(chosen, len(at) - 1)]
    away = np.where(there, arc[points][:, None] - x, 1.0)
    weight = there.astype(float)
    for j, k in itertools.permutations(range(4), 2):
        both = there[:, j] & there[:, k]
        weight[:, j] *= np.where(both, away[:, k] / np.where(both, x[:, j] - x[:, k], 1.0), 1.0)
    np.add.at(out, (np.arange(len(points))[:, None], np.minimum(chosen, len(at) - 1)), weight)
    return out


def session_knots(curves: Mapping[str, np.ndarray], subject: int = 0, variant: str = "column") -> Knots:
    """Knots that read one subject's spectra under one hypothesis at every time."""
    switch = VARIANTS[variant]
    path = np.stack([np.clip(curves[name][subject], 0.0, 0.999) * on for name, on in zip(INPUTS, switch, strict=True)])
    # later sessions of a course repeat the occupancies of earlier ones: each is computed once, to a ten-thousandth
    _, first, place = np.unique(np.round(path / SAME), axis=1, return_index=True, return_inverse=True)
    order = np.argsort(first)
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    found = knots_along(path[:, first[order]])
    return Knots(found.weight[rank[np.asarray(place).reshape(-1)]], found.log_power, found.rates)


def session(curves: Mapping[str, np.ndarray], subject: int = 0, variant: str = "column") -> Spectra:
    """Spectra over time (times, frequencies) of one subject's occupancies under one hypothesis."""
    return session_knots(curves, subject, variant).spectra()
