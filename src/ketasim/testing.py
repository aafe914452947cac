"""The contract every mechanism must pass: `check_component`.

It checks that generated code equals plain Python, that derivatives equal finite differences, that units close, that
SymPy reads the same equation, that declared positivity, linearity and balances hold, that every number has a source,
and that the docstring says the equation, what it assumes and when it fails.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ketasim.core import citations, units
from ketasim.core.component import Component
from ketasim.core.evaluate import compile_nodes
from ketasim.core.expression import Expr
from ketasim.core.graph import Graph

SECTIONS = ("Equation", "Assumes", "Fails when")


def check_component(component: Component, *, seed: int = 0, points: int = 5, scale: float = 1.0) -> None:
    """Raise AssertionError, naming the component and the clause, where the contract is broken.

    `points` random states are drawn, log-uniform over a factor of thirty around `scale` (or the initial value).
    """
    name = type(component).__name__
    doc = type(component).__doc__ or ""
    for section in SECTIONS:
        assert section in doc, f"{name}: the docstring has no '{section}'"
    check_provenance(component)
    rng = np.random.default_rng(seed)
    traced = _Traced(component)
    for _ in range(points):
        point = _Point(component, rng, scale)
        _same_as_plain(name, component, traced, point)
        _gradients(name, traced, point)
        _sympy_agrees(name, component, point)
        _balances(name, component, point)
        _positivity(name, component, point)
    check_units(component, rng=rng, scale=scale)
    if component.linear:
        assert all(traced.graph.static[d] or not traced.graph.symbols(d, "state") for d in traced.jacobian.values()), (
            f"{name} declares linear = True, but its Jacobian depends on the states"
        )


def check_provenance(component: Component) -> None:
    """Every number: unit known, source in the bibliography, or assumed with a note that says why."""
    known = citations.references()
    for key, p in component.parameters().items():
        where = f"{type(component).__name__}.{key}"
        units.parse(p.unit)
        if p.source in ("assumed", "user", "definition"):
            assert p.note or p.source != "assumed", f"{where} is assumed without a note"
            assert p.source != "assumed" or p.assumed, f"{where} has source 'assumed' but is not marked as assumed"
        else:
            assert p.source in known, f"{where} cites {p.source}, which is not in the bibliography"


class _Point:
    """Random states, inputs and the typical parameters."""

    def __init__(self, component: Component, rng: np.random.Generator, scale: float) -> None:
        start = {k: float(v) for k, v in component.initial().items()}

        def around(base: float) -> float:
            return float((abs(base) or scale) * np.exp(rng.uniform(-1.7, 1.7)))

        self.x = {s: around(start.get(s, scale)) for s in component.states}
        self.u = {port: around(component.optional.get(port, scale)) for port in component.inputs}
        self.p = {k: v.value for k, v in component.parameters().items()}


class _Traced:
    """The component alone in a graph, with its inputs as parameters."""

    def __init__(self, component: Component) -> None:
        g = self.graph = Graph()
        self.parameter_names = [*component.parameters(), *(f"in.{p}" for p in component.inputs)]
        self.state_names = list(component.states)
        bound = component.with_values({k: Expr(g, g.symbol("par", k)) for k in component.parameters()})
        x = {s: Expr(g, g.symbol("state", s)) for s in component.states}
        u = {p: Expr(g, g.symbol("par", f"in.{p}")) for p in component.inputs}

        def node(value: Any) -> int:
            return value.node if isinstance(value, Expr) else g.const(float(value))

        rates, out = bound.rates(x, u), bound.read(x, u)
        assert set(rates) == set(component.states), f"{type(component).__name__}.rates names other states than declared"
        assert set(out) == set(component.outputs), f"{type(component).__name__}.read names other outputs than declared"
        self.rates = [node(rates[s]) for s in component.states]
        self.outputs = [node(out[o]) for o in component.outputs]
        jumps = [bound.jump(event, x, u) for event in component.jump_events]
        self.jumps = [node(j[s]) for j in jumps for s in sorted(j)]
        gradients = g.gradients(self.rates)
        column = {g.symbol("state", s): j for j, s in enumerate(self.state_names)}
        self.jacobian = {(i, column[s]): d for i, row in enumerate(gradients) for s, d in row.items()}
        self.f = compile_nodes(g, [*self.rates, *self.outputs, *self.jumps], self.state_names, self.parameter_names)
        self.j = compile_nodes(g, list(self.jacobian.values()), self.state_names, self.parameter_names)

    def vectors(self, point: _Point) -> tuple[np.ndarray, np.ndarray]:
        return np.array(list(point.x.values())), np.array([*point.p.values(), *point.u.values()])


def _plain(component: Component, point: _Point) -> list[float]:
    bound = component.with_values(point.p)
    rates, out = bound.rates(point.x, point.u), bound.read(point.x, point.u)
    jumps = [bound.jump(event, point.x, point.u) for event in component.jump_events]
    values = [*(rates[s] for s in component.states), *(out[o] for o in component.outputs)]
    return [float(v) for v in [*values, *(j[s] for j in jumps for s in sorted(j))]]


def _same_as_plain(name: str, component: Component, traced: _Traced, point: _Point) -> None:
    y, p = traced.vectors(point)
    got, want = np.array([float(v) for v in traced.f(y, p, 0.0)]), np.array(_plain(component, point))
    assert np.all(np.isfinite(want)), f"{name}: not finite at {point.x}, {point.u}"
    size = np.abs(want) + 1e-9 * np.abs(want).max(initial=0.0) + 1e-300
    assert np.all(np.abs(got - want) <= 1e-9 * size), f"{name}: generated code differs from plain Python"


def _gradients(name: str, traced: _Traced, point: _Point) -> None:
    y, p = traced.vectors(point)
    n = len(y)
    jac = np.zeros((n, n))
    for (i, j), value in zip(traced.jacobian, traced.j(y, p, 0.0), strict=True):
        jac[i, j] = float(value)
    for j in range(n):
        step = 1e-6 * max(abs(y[j]), 1e-6)
        up, down = y.copy(), y.copy()
        up[j] += step
        down[j] -= step
        high, low = (np.array([float(v) for v in traced.f(z, p, 0.0)[:n]]) for z in (up, down))
        finite = (high - low) / (2 * step)
        noise = 1e-9 * (np.abs(high) + np.abs(low)) / step
        assert np.all(np.abs(finite - jac[:, j]) <= 1e-4 * np.abs(jac[:, j]) + noise + 1e-9), (
            f"{name}: derivative with respect to {traced.state_names[j]} differs from finite differences"
        )


def _sympy_agrees(name: str, component: Component, point: _Point) -> None:
    import sympy

    def symbols(prefix: str, values: dict[str, float]) -> dict[str, Any]:
        return {k: sympy.Symbol(f"{prefix}_{k}", real=True) for k in values}

    x, u, p = symbols("x", point.x), symbols("u", point.u), symbols("p", point.p)
    rates = component.with_values(p).rates(x, u)
    numbers = {
        s: v
        for table, given in ((x, point.x), (u, point.u), (p, point.p))
        for s, v in zip(table.values(), given.values(), strict=True)
    }
    plain = component.with_values(point.p).rates(point.x, point.u)
    for s in component.states:
        value = float(sympy.sympify(rates[s]).subs(numbers))
        assert abs(value - plain[s]) <= 1e-8 * abs(plain[s]) + 1e-12, f"{name}: SymPy reads d{s}/dt differently"


def _balances(name: str, component: Component, point: _Point) -> None:
    at_rest = {port: component.optional.get(port, 0.0) for port in point.u}
    bound = component.with_values(point.p)
    rates = {**bound.read(point.x, at_rest), **bound.rates(point.x, at_rest)}  # a balance may name outflows (outputs)
    for weights in component.conserves:
        total = sum(w * rates[s] for s, w in weights.items())
        size = max(abs(w * rates[s]) for s, w in weights.items())
        assert abs(total) <= 1e-12 * size + 1e-300, f"{name}: {' + '.join(weights)} is not conserved"


def _positivity(name: str, component: Component, point: _Point) -> None:
    for s in component.positive:
        at_zero = {**point.x, s: 0.0}
        rate = component.with_values(point.p).rates(at_zero, point.u)[s]
        assert rate >= 0, f"{name}: {s} = 0 would become negative"


def check_units(component: Component, *, rng: np.random.Generator | None = None, scale: float = 1.0) -> None:
    """Run the equations on pint quantities: every rate must be its state's unit per hour, every output its unit."""
    import pint

    name = type(component).__name__
    ureg = units.registry()
    point = _Point(component, rng or np.random.default_rng(0), scale)
    parameters = component.parameters()
    p = {k: ureg.Quantity(v, _pint(parameters[k].unit)) for k, v in point.p.items()}
    x = {s: ureg.Quantity(v, _pint(component.states[s])) for s, v in point.x.items()}
    u = {s: ureg.Quantity(v, _pint(component.inputs[s])) for s, v in point.u.items()}
    bound = component.with_values(p)
    plain = component.with_values(point.p)
    for method, declared, per in (("rates", component.states, "/hour"), ("read", component.outputs, "")):
        want = getattr(plain, method)(point.x, point.u)
        try:
            got = getattr(bound, method)(x, u)
        except pint.DimensionalityError as error:
            raise AssertionError(f"{name}.{method}: units do not fit: {error}") from None
        for key, unit in declared.items():
            quantity = got[key] if hasattr(got[key], "to") else ureg.Quantity(got[key], "")
            target = f"({_pint(unit) or 'dimensionless'}){per}"
            try:
                value = quantity.to(target).magnitude
            except Exception as error:  # pint raises several kinds; each names the units
                if float(quantity.magnitude) == 0.0:
                    continue
                raise AssertionError(f"{name}.{method}: {key} should be in {unit or '1'}{per}: {error}") from None
            assert abs(value - want[key]) <= 1e-6 * abs(want[key]) + 1e-12, (
                f"{name}.{method}: {key} is right only in other units"
            )


def _pint(unit: str) -> str:
    """Our unit string as pint reads it."""
    if unit in (
        "",
        "1",
        "fraction",
        "ratio",
        "points",
        "point",
        "score",
        "dB",
        "count",
        "logit",
        "z",
        "log",
        "devices",
        "category",
        "odds",
        "bispectral",
    ):
        return ""
    return unit.replace("%", "percent")
