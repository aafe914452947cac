"""Graph nodes → SymPy: the oracle for derivatives in tests, and a way to work on equations by hand."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ketasim.core.graph import Graph

if TYPE_CHECKING:
    from ketasim.core.program import Program


def symbol(role: str, name: str) -> Any:
    """The real SymPy symbol of a graph symbol: its name; time is t."""
    import sympy

    return sympy.Symbol("t" if role == "time" else name, real=True)


def to_sympy(graph: Graph, nodes: Iterable[int]) -> list[Any]:
    """SymPy expressions of some nodes, in the order given; shared parts are built once.

    min and max become Min and Max, a choice a Piecewise; constants are floats with all their digits.
    """
    import sympy

    wanted = list(nodes)
    known: dict[int, Any] = {}
    for i in sorted({k for node in wanted for k in graph.below(node)}):
        kind, *rest = graph.nodes[i]
        if kind == "const":
            value = float(rest[0])
            known[i] = (
                sympy.Integer(int(value)) if value == int(value) and abs(value) < 2**53 else sympy.Float(value, 17)
            )
        elif kind == "sym":
            known[i] = symbol(rest[0], rest[1])
        else:
            known[i] = _combine(sympy, kind, [known[a] for a in rest])
    return [known[node] for node in wanted]


def _combine(sympy: Any, kind: str, a: list[Any]) -> Any:
    if kind == "add":
        return a[0] + a[1]
    if kind == "sub":
        return a[0] - a[1]
    if kind == "mul":
        return a[0] * a[1]
    if kind == "neg":
        return -a[0]
    if kind == "rcp":
        return 1 / a[0]
    if kind == "pow":
        return a[0] ** a[1]
    if kind == "max":
        return sympy.Max(*a)
    if kind == "min":
        return sympy.Min(*a)
    if kind == "select":
        return sympy.Piecewise((a[2], a[0] < a[1]), (a[3], True))
    return getattr(sympy, kind)(a[0])


def right_hand_side(program: Program) -> dict[str, Any]:
    """State name → d(state)/dt per hour, without infusions."""
    return dict(zip(program.state_names, to_sympy(program.graph, program.rhs), strict=True))


def outputs(program: Program) -> dict[str, Any]:
    """Output id → expression of states and parameters."""
    names = list(program.outputs)
    return dict(zip(names, to_sympy(program.graph, (program.outputs[n][0] for n in names)), strict=True))


def jacobian(program: Program) -> dict[tuple[str, str], Any]:
    """(state, state) → ∂rhs/∂state, by SymPy itself (not by the graph's own differentiation)."""
    import sympy

    rhs = right_hand_side(program)
    out = {}
    for row, expression in rhs.items():
        for column in program.state_names:
            d = sympy.diff(expression, symbol("state", column))
            if d != 0:
                out[row, column] = d
    return out
