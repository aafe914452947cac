"""The expression graph against SymPy: values, derivatives, and what folding may and may not do."""

import math

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from ketasim.core.evaluate import compile_nodes
from ketasim.core.expression import Expr
from ketasim.core.graph import Graph
from ketasim.exchange.sympy_form import symbol, to_sympy

STATES, PARAMETERS = ("x", "y"), ("a", "b")
POINT = {"x": 0.7, "y": 1.9, "a": 2.3, "b": 0.4}


def value(graph, node, point=POINT, t=0.0):
    f = compile_nodes(graph, [node], STATES, PARAMETERS)
    return float(f([point[s] for s in STATES], [point[p] for p in PARAMETERS], t)[0])


def leaves(graph):
    return [graph.symbol("state", s) for s in STATES] + [graph.symbol("par", p) for p in PARAMETERS]


KINDS = ["add", "sub", "mul", "neg", "rcp", "exp", "log", "sqrt", "pow", "max", "min", "select", "const"]
PICK = st.integers(0, 99)
OPERATIONS = st.lists(st.tuples(st.sampled_from(KINDS), PICK, PICK, PICK, PICK), min_size=1, max_size=12)


def grow(graph, operations):
    """A random expression, kept in the range where every function is smooth and finite."""
    pool = leaves(graph)
    for kind, *picks in operations:
        a, b, c, d = (pool[k % len(pool)] for k in picks)
        square = graph.add(graph.mul(a, a), graph.const(0.5))
        if kind in ("add", "sub", "mul"):
            new = getattr(graph, kind)(a, b)
        elif kind == "neg":
            new = graph.neg(a)
        elif kind == "rcp":
            new = graph.rcp(square)
        elif kind in ("log", "sqrt"):
            new = graph.unary(kind, square)
        elif kind == "exp":
            new = graph.unary("exp", graph.neg(square))
        elif kind == "pow":
            new = graph.pow(square, graph.rcp(graph.add(graph.mul(b, b), graph.const(1.0))))
        elif kind in ("max", "min"):
            new = graph.extremum(kind, a, b)
        elif kind == "select":
            new = graph.select(a, b, c, d)
        else:
            new = graph.const((picks[0] - 50) / 8)
        pool.append(new)
    return pool[-1]


def numeric(expression):
    got = expression.subs({symbol("state", k): sympy.Float(v, 30) for k, v in POINT.items()})
    return float(got.evalf(30))


@given(OPERATIONS)
def test_value_is_that_of_sympy(operations):
    graph = Graph()
    node = grow(graph, operations)
    expected = numeric(to_sympy(graph, [node])[0])
    if abs(expected) < 1e100:
        assert value(graph, node) == pytest.approx(expected, rel=1e-9, abs=1e-12)


SMOOTH = OPERATIONS.filter(lambda ops: all(k not in ("max", "min", "select") for k, *_ in ops))


@given(SMOOTH)
def test_derivatives_are_those_of_sympy(operations):
    graph = Graph()
    node = grow(graph, operations)
    expression = to_sympy(graph, [node])[0]
    gradient = graph.gradients([node])[0]
    for name in STATES:
        expected = numeric(sympy.diff(expression, symbol("state", name)))
        got = gradient.get(graph.symbol("state", name))
        found = 0.0 if got is None else value(graph, got)
        if abs(expected) < 1e60:
            assert found == pytest.approx(expected, rel=1e-7, abs=1e-9)


@given(OPERATIONS)
def test_derivatives_of_choices_follow_the_branch_taken(operations):
    """Finite differences, for expressions with min, max and select, away from where branches meet."""
    graph = Graph()
    node = grow(graph, operations)
    gradient = graph.gradients([node])[0]
    for name in STATES:
        h = 1e-6
        up, down = ({**POINT, name: POINT[name] + s * h} for s in (1, -1))
        a, b, here = value(graph, node, up), value(graph, node, down), value(graph, node)
        slopes = (a - here) / h, (here - b) / h
        if not all(map(math.isfinite, slopes)) or abs(slopes[0] - slopes[1]) > 1e-3 * (1 + abs(slopes[0])):
            continue  # a kink at this very point
        got = gradient.get(graph.symbol("state", name))
        found = 0.0 if got is None else value(graph, got)
        assert found == pytest.approx((a - b) / (2 * h), rel=2e-3, abs=1e-4 * (1 + abs(here)))


def test_equal_expressions_are_one_node():
    graph = Graph()
    x, y, a, _ = leaves(graph)
    assert graph.add(x, y) == graph.add(y, x)
    assert graph.mul(a, graph.mul(x, y)) == graph.mul(a, graph.mul(y, x))
    assert graph.sub(x, y) != graph.sub(y, x)
    assert graph.const(0.0) != graph.const(-0.0)


@pytest.mark.parametrize(("build", "expected"), [
    (lambda g, x: g.add(x, g.const(0.0)), "x"),
    (lambda g, x: g.mul(x, g.const(1.0)), "x"),
    (lambda g, x: g.sub(x, x), 0.0),
    (lambda g, x: g.mul(x, g.const(0.0)), 0.0),
    (lambda g, x: g.neg(g.neg(x)), "x"),
    (lambda g, x: g.rcp(g.rcp(x)), "x"),
    (lambda g, x: g.pow(x, g.const(0.0)), 1.0),
    (lambda g, x: g.pow(x, g.const(1.0)), "x"),
    (lambda g, x: g.select(g.const(1.0), g.const(2.0), x, g.const(9.0)), "x"),
    (lambda g, x: g.extremum("max", x, x), "x"),
    (lambda g, x: g.unary("exp", g.const(0.0)), 1.0),
])  # fmt: skip
def test_folding(build, expected):
    graph = Graph()
    x = graph.symbol("state", "x")
    node = build(graph, x)
    assert node == (x if expected == "x" else graph.const(expected))


def test_what_would_be_undefined_is_not_folded():
    graph = Graph()
    for node in (
        graph.unary("log", graph.const(-1.0)),
        graph.unary("sqrt", graph.const(-1.0)),
        graph.rcp(graph.const(0.0)),
    ):
        assert graph.nodes[node][0] != "const"
    node = graph.pow(graph.const(-2.0), graph.const(0.5))
    assert graph.nodes[node][0] != "const"


@pytest.mark.parametrize("exponent", [-3, -2, -1, 2, 3, 5, 8])
def test_whole_powers_hold_for_negative_bases(exponent):
    graph = Graph()
    x = graph.symbol("state", "x")
    node = graph.pow(x, graph.const(float(exponent)))
    assert value(graph, node, {**POINT, "x": -1.3}) == pytest.approx((-1.3) ** exponent, rel=1e-13)


def test_static_means_parameters_alone():
    graph = Graph()
    x, _, a, b = leaves(graph)
    t = graph.symbol("time", "t")
    assert graph.static[graph.mul(a, graph.rcp(b))]
    assert not graph.static[graph.mul(a, x)]
    assert not graph.static[graph.mul(a, t)]


def test_parameter_factors_gather_so_that_they_are_computed_once():
    graph = Graph()
    x, _, a, b = leaves(graph)
    node = graph.mul(b, graph.mul(a, x))
    assert node == graph.mul(graph.mul(a, b), x)
    assert any(graph.static[i] for i in graph.children(node))


def test_cuts_change_nothing():
    graph = Graph()
    x, y, a, _ = leaves(graph)
    shared = graph.mul(graph.unary("exp", graph.neg(x)), graph.add(y, a))
    root = graph.add(graph.mul(shared, shared), graph.mul(shared, y))
    plain, cut = graph.gradients([root])[0], graph.gradients([root], [shared])[0]
    assert plain.keys() == cut.keys()
    for key in plain:
        assert value(graph, plain[key]) == pytest.approx(value(graph, cut[key]), rel=1e-14)


def test_time_derivatives_have_their_own_role():
    graph = Graph()
    t = graph.symbol("time", "t")
    x = graph.symbol("state", "x")
    root = graph.mul(x, graph.mul(t, t))
    slope = graph.gradients([root], role="time")[0]
    assert value(graph, slope[t], t=3.0) == pytest.approx(2 * 3.0 * POINT["x"])


def test_compiled_functions_work_on_many_subjects_at_once():
    graph = Graph()
    x, y, a, _ = leaves(graph)
    f = compile_nodes(graph, [graph.select(x, y, graph.mul(a, x), graph.const(-1.0))], STATES, PARAMETERS)
    states = np.array([[1.0, 3.0, np.nan], [2.0, 2.0, 2.0]])
    assert np.array_equal(f(states, np.array([[10.0] * 3, [0.0] * 3]), 0.0)[0], [10.0, -1.0, -1.0])


def test_equations_cannot_branch_on_a_traced_value():
    graph = Graph()
    x = Expr(graph, graph.symbol("state", "x"))
    with pytest.raises(TypeError, match="cannot branch"):
        if x:
            pass
    with pytest.raises(TypeError):
        _ = x > 1.0


def test_operators_of_expressions():
    graph = Graph()
    x = Expr(graph, graph.symbol("state", "x"))
    y = Expr(graph, graph.symbol("state", "y"))
    got = value(graph, (2.0 - x / y + x**2 * 3.0 - (-y) + 1.0 / x + 2.0**y).node)
    a, b = POINT["x"], POINT["y"]
    assert got == pytest.approx(2 - a / b + 3 * a * a + b + 1 / a + 2**b, rel=1e-14)
