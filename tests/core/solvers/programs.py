"""Small systems for solver tests, written straight into a graph."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ketasim.core.expression import Expr
from ketasim.core.graph import Graph
from ketasim.core.program import Program

Equations = Callable[..., dict[str, Any]]


def make(
    states: Sequence[str], parameters: Sequence[str], rates: Equations, *, initial: Equations | None = None,
    outputs: Equations | None = None, jumps: dict[str, Equations] | None = None, channels: Sequence[str] = (),
) -> Program:  # fmt: skip
    """A Program from functions of (x, p, t), each a dict of expressions."""
    graph = Graph()
    x = {s: Expr(graph, graph.symbol("state", s)) for s in states}
    p = {s: Expr(graph, graph.symbol("par", s)) for s in parameters}
    t = Expr(graph, graph.symbol("time", "t"))

    def node(value: Any) -> int:
        return value.node if isinstance(value, Expr) else graph.const(float(value))

    d = rates(x, p, t)
    start = initial(x, p, t) if initial else {}
    read = {**x, **(outputs(x, p, t) if outputs else {})}
    moves = {name: {**x, **f(x, p, t)} for name, f in sorted((jumps or {}).items())}
    return Program(
        graph=graph, state_names=tuple(states), state_units=("",) * len(states), parameter_names=tuple(parameters),
        parameter_units=("",) * len(parameters), rhs=tuple(node(d[s]) for s in states),
        outputs={name: (node(v), "") for name, v in read.items()},
        initial=tuple(node(start.get(s, 0.0)) for s in states),
        jumps={name: tuple(node(m[s]) for s in states) for name, m in moves.items()},
        rate_channels=tuple(list(states).index(c) for c in channels),
    )  # fmt: skip


def one_compartment() -> Program:
    """dA/dt = −k A."""
    return make(("A",), ("k",), lambda x, p, t: {"A": -p["k"] * x["A"]}, channels=("A",))


def oral() -> Program:
    """Depot and central compartment, dD/dt = −ka D, dA/dt = ka D − k A; concentration A/V."""
    return make(
        ("D", "A"), ("ka", "k", "V"), lambda x, p, t: {"D": -p["ka"] * x["D"], "A": p["ka"] * x["D"] - p["k"] * x["A"]},
        outputs=lambda x, p, t: {"C": x["A"] / p["V"]}, channels=("D", "A"),
    )  # fmt: skip
