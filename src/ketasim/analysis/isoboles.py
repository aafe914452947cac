"""Isoboles: which pairs of levels of two drugs have the same effect at steady state."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ketasim.core.component import Component
from ketasim.core.errors import InputError

Effect = Callable[[float, float], float]


@dataclass(frozen=True)
class Isobole:
    """Levels of the first drug `a` (k,), levels of the second `b` (k,) that together have the effect `level`.

    `b` is NaN where no level of the second drug will do. `index` (k,) is a/A + b/B with A and B the levels that have
    the effect alone: 1 adds up, below is more than additive, above less; NaN where a drug alone never has the effect.
    """

    level: float
    a: np.ndarray
    b: np.ndarray
    alone_a: float
    alone_b: float

    @property
    def index(self) -> np.ndarray:
        """Interaction index at every pair."""
        return self.a / self.alone_a + self.b / self.alone_b


def isobole(effect: Effect, level: float, a: Sequence[float], most_b: float, most_a: float | None = None) -> Isobole:
    """The isobole of an effect that rises or falls steadily with each drug.

    effect(a, b) → value. level : of the effect. a : levels of the first drug. most_b, most_a : highest levels searched
    (most_a: ten times the last of `a`). InputError where `a` is empty, negative or not rising.
    """
    levels = np.asarray(a, float)
    if not len(levels) or (levels < 0).any() or (np.diff(levels) <= 0).any():
        raise InputError("levels of the first drug", list(a), "rising numbers from 0 upwards")

    def other(x: float) -> float:
        return _root(lambda b: effect(x, b) - level, most_b)

    found = np.array([other(float(x)) for x in levels])
    top = most_a if most_a is not None else 10.0 * float(levels[-1])
    alone_a, alone_b = _root(lambda x: effect(x, 0.0) - level, top), _root(lambda x: effect(0.0, x) - level, most_b)
    return Isobole(level, levels, found, alone_a, alone_b)


def read(component: Component, output: str, **inputs: float) -> float:
    """One output of a component that has no states, with the named inputs and the rest as the component defaults."""
    u = {port: component.optional.get(port, 0.0) for port in component.inputs} | inputs
    return float(component.read({}, u)[output])


def hypnosis(ketamine_ng_mL: float, propofol_ng_mL: float) -> float:
    """Probability of not answering a command with racemate and propofol at steady levels (ng/mL)."""
    from ketasim.core.parameters import ParameterTable
    from ketasim.outcomes.consciousness import Consciousness

    C50 = ParameterTable.load("outcomes/acute/site_propofol")["C50"].to("ng/mL").value
    half = 0.5 * ketamine_ng_mL
    return read(Consciousness(), "p_unresponsive", S=half, R=half, hypnotic=propofol_ng_mL / C50)


def co2_response(S_ketamine_ng_mL: float, remifentanil_ng_mL: float) -> float:
    """Share of the slope of the CO2 response left by remifentanil beside S-ketamine (ng/mL), ketamine's own passing
    depression set aside."""
    from ketasim.core.parameters import ParameterTable
    from ketasim.organs.respiration import Breathing

    C50 = ParameterTable.load("organs/site_remifentanil")["C50"].to("ng/mL").value
    breath = Breathing()
    u = {port: breath.optional.get(port, 0.0) for port in breath.inputs}
    u |= {"S": S_ketamine_ng_mL, "opioid": remifentanil_ng_mL / C50}
    return float(breath.read({"P": breath.P0, "O": breath.O0}, u)["co2_slope"] / breath.g0)


def _root(f: Callable[[float], float], most: float) -> float:
    from scipy.optimize import brentq

    low, high = f(0.0), f(most)
    if low == 0.0:
        return 0.0
    return float(brentq(f, 0.0, most, xtol=1e-9 * most)) if low * high < 0 else float("nan")
