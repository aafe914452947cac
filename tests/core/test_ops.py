"""Functions of equations: the same answer from floats, arrays, the graph and SymPy; safe at the edges."""

import math

import numpy as np
import pytest
import sympy

from ketasim.core import ops
from ketasim.core.evaluate import compile_nodes
from ketasim.core.expression import Expr
from ketasim.core.graph import Graph
from ketasim.core.units import registry

VALUES = [-3.0, -0.2, 0.0, 0.4, 1.0, 2.5, 40.0]
ONE = {
    "exp": (ops.exp, math.exp, VALUES),
    "log": (ops.log, math.log, [0.1, 1.0, 30.0]),
    "sqrt": (ops.sqrt, math.sqrt, [0.0, 0.1, 9.0]),
    "positive": (ops.positive, lambda v: max(v, 0.0), VALUES),
    "expit": (ops.expit, lambda v: 1 / (1 + math.exp(-v)), VALUES),
    "tanh": (ops.tanh, math.tanh, VALUES),
    "softplus": (ops.softplus, lambda v: math.log1p(math.exp(v)), VALUES),
}
TWO = {
    "maximum": (ops.maximum, max),
    "minimum": (ops.minimum, min),
    "where_less": (lambda a, b: ops.where_less(a, b, a * 2.0, b * 3.0), lambda a, b: a * 2 if a < b else b * 3),
}


def traced(function, *values):
    graph = Graph()
    names = [f"x{i}" for i in range(len(values))]
    out = function(*(Expr(graph, graph.symbol("state", n)) for n in names))
    return float(compile_nodes(graph, [out.node], names, ())(list(values), [], 0.0)[0])


@pytest.mark.parametrize("name", ONE)
def test_one_argument_everywhere(name):
    ours, expected, values = ONE[name]
    for v in values:
        want = pytest.approx(expected(v), rel=1e-13, abs=1e-15)
        assert float(ours(v)) == want
        assert float(ours(np.array([v]))[0]) == want
        assert traced(ours, v) == want
        x = sympy.Symbol("x", real=True)
        assert float(ours(x).subs(x, sympy.Float(v, 30)).evalf(30)) == want


@pytest.mark.parametrize("name", TWO)
def test_two_arguments_everywhere(name):
    ours, expected = TWO[name]
    x, y = sympy.symbols("x y", real=True)
    for a in VALUES:
        for b in VALUES:
            want = pytest.approx(expected(a, b), abs=1e-15)
            assert float(ours(a, b)) == want
            assert float(ours(np.array([a]), b)[0]) == want
            assert traced(ours, a, b) == want
            assert float(ours(x, y).subs({x: a, y: b})) == want


@pytest.mark.parametrize("n", [0.6, 1.0, 1, 2.0, 3.4])
def test_hill_against_its_definition(n):
    for c in (1e-6, 0.3, 1.0, 7.0, 1e4):
        want = c**n / (2.0**n + c**n)
        assert float(ops.hill(c, 2.0, n)) == pytest.approx(want, rel=1e-12)
        assert traced(lambda x: ops.hill(x, 2.0, n), c) == pytest.approx(want, rel=1e-12)


@pytest.mark.parametrize("n", [0.5, 1.0, 2.0, 4.5])
@pytest.mark.parametrize("c", [0.0, -1e-12, -0.5])
def test_hill_is_zero_and_finite_at_and_below_zero(n, c):
    assert float(ops.hill(c, 2.0, n)) == pytest.approx(0.0, abs=1e-14)
    graph = Graph()
    node = ops.hill(Expr(graph, graph.symbol("state", "c")), 2.0, Expr(graph, graph.symbol("par", "n"))).node
    slopes = graph.gradients([node])[0]
    for slope in slopes.values():
        assert math.isfinite(float(compile_nodes(graph, [slope], ("c",), ("n",))([c], [n], 0.0)[0]))


def test_softplus_and_expit_do_not_overflow():
    assert float(ops.softplus(800.0)) == 800.0
    assert float(ops.softplus(np.array([-800.0]))[0]) == 0.0
    with np.errstate(over="ignore"):
        assert float(ops.expit(np.array([-800.0]))[0]) == 0.0


def test_pint_quantities_keep_their_units():
    q = registry().Quantity
    assert ops.hill(q(1.0, "umol/L"), q(3000.0, "nmol/L"), 1.0).to("").magnitude == pytest.approx(0.25)
    assert ops.maximum(q(-1.0, "mg"), 0.0).to("mg").magnitude == 0.0
    assert ops.minimum(q(2.0, "g"), q(500.0, "mg")).to("mg").magnitude == 500.0
    assert ops.exp(q(1.0, "mg") / q(1000.0, "ug")).to("").magnitude == pytest.approx(math.e)
    assert ops.sqrt(q(4.0, "m**2")).to("m").magnitude == 2.0


@pytest.mark.parametrize("wrong", [
    lambda q: ops.exp(q(1.0, "mg")),
    lambda q: ops.log(q(1.0, "1/h")),
    lambda q: ops.maximum(q(1.0, "mg"), q(1.0, "h")),
    lambda q: ops.hill(q(1.0, "mg"), q(1.0, "umol/L"), 2.0),
])  # fmt: skip
def test_pint_refuses_what_has_no_meaning(wrong):
    import pint

    with pytest.raises(pint.DimensionalityError):
        wrong(registry().Quantity)
