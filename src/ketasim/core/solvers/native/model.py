"""The functions of one model: parameter-only parts, initial state, factorised Jacobian, stage, jumps.

All take pointers to vectors with one lane per subject. `p` holds the parameters and, behind them, everything that
depends on parameters alone (`hoist` fills it once per subject and after every parameter change).

    hoist(p)                    p[np:] ← parameter-only expressions
    initial(p, y)               y ← states at the start
    begin(y, p, t, rate, lu, step, u, slope, poles)
                                lu ← factors of I/(hγ) − J; u ← first stage; slope ← ∂f/∂t;
                                poles ← denominators to watch; step holds 1/(hγ) and h d₁
    stage(y, p, t, rate, lu, b, u)
                                u ← (I/(hγ) − J)⁻¹ (f(t, y) + rate + b)
    jump<k>(y, p, t, out)       states after event number k
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from ketasim.core.elimination import Elimination, plan
from ketasim.core.graph import Graph
from ketasim.core.program import Program
from ketasim.core.solvers.native.emit import (
    INLINE_CALLS,
    LARGE,
    PIECE,
    PIECE_WHEN_LARGE,
    NodeWriter,
    Straight,
    function_count,
)
from ketasim.core.solvers.native.ir import Function, Module, Value

POINTER = "ptr noalias"


@dataclass(frozen=True)
class Leaves:
    """Where the symbols and the hoisted nodes of a program are found."""

    graph: Graph
    state: dict[int, int]
    parameter: dict[int, int]
    hoisted: dict[int, int]

    def has(self, node: int) -> bool:
        """The node needs no arithmetic."""
        return node in self.hoisted or self.graph.nodes[node][0] in ("const", "sym")

    def load(self, fn: Function, node: int) -> Value:
        """Its value."""
        slot = self.hoisted.get(node)
        if slot is not None:
            return self._parameter(fn, slot)
        kind = self.graph.nodes[node]
        if kind[0] == "const":
            return fn.const(kind[1], fn.vec)
        if kind[1] == "time":
            return fn.load(fn["t"])
        return fn.load(fn["y"], self.state[node]) if kind[1] == "state" else self._parameter(fn, self.parameter[node])

    def _parameter(self, fn: Function, slot: int) -> Value:
        return fn.load(fn["p"], slot)


def leaves(program: Program, hoisted: dict[int, int]) -> Leaves:
    """The leaves of a program."""
    graph = program.graph
    state = {graph.symbol("state", s): i for i, s in enumerate(program.state_names)}
    parameter = {graph.symbol("par", s): i for i, s in enumerate(program.parameter_names)}
    return Leaves(graph, state, parameter, hoisted)


def hoistable(graph: Graph, roots: Iterable[int]) -> list[int]:
    """The largest parameter-only expressions used by expressions that are not: worth computing once per subject."""
    found: dict[int, None] = {}
    seen: set[int] = set()
    stack = list(roots)
    while stack:
        i = stack.pop()
        if i in seen:
            continue
        seen.add(i)
        if graph.static[i]:
            if graph.nodes[i][0] not in ("const", "sym"):
                found[i] = None
        else:
            stack.extend(graph.children(i))
    return sorted(found)


def watched_denominators(graph: Graph, roots: Iterable[int]) -> list[int]:
    """State-dependent denominators whose change of sign within a step means that a pole was crossed.

    Not those behind a select (a guard may discard the quotient), nor those that cannot change sign.
    """
    found: dict[int, None] = {}
    seen: set[int] = set()
    stack = list(roots)
    while stack:
        i = stack.pop()
        if i in seen:
            continue
        seen.add(i)
        kind, *args = graph.nodes[i]
        if kind == "select":
            stack.extend(args[:2])
            continue
        if kind == "rcp" and not graph.static[i] and not _one_sign(graph, args[0]):
            found[args[0]] = None
        if kind not in ("const", "sym"):
            stack.extend(args)
    return sorted(found)


def _one_sign(graph: Graph, node: int) -> bool:
    kind, *args = graph.nodes[node]
    if kind in ("exp", "sqrt"):
        return True
    if kind == "const":
        return args[0] != 0.0
    if kind == "mul":
        return args[0] == args[1] or all(_one_sign(graph, a) for a in args)
    if kind in ("rcp", "neg"):
        return _one_sign(graph, args[0])
    if kind == "pow":
        return True
    if kind == "max":
        return any(graph.nodes[a][0] == "const" and graph.nodes[a][1] > 0 for a in args)
    if kind == "add":
        return all(_positive(graph, a) for a in args)
    return False


def _positive(graph: Graph, node: int) -> bool:
    """Certainly not negative, whatever the states (parameters are not presumed positive)."""
    kind, *args = graph.nodes[node]
    if kind in ("exp", "sqrt", "pow"):
        return True
    if kind == "const":
        return args[0] >= 0
    if kind == "max":
        return any(graph.nodes[a][0] == "const" and graph.nodes[a][1] >= 0 for a in args)
    if kind in ("add", "mul"):
        return all(_positive(graph, a) for a in args) or (kind == "mul" and args[0] == args[1])
    return kind == "rcp" and _positive(graph, args[0])


def write_model(module: Module, program: Program) -> dict[str, Any]:
    """Write all functions of a program; returns what a caller must know about them."""
    graph = program.graph
    size = len(program.state_names)
    jacobian = program.jacobian
    slope = graph.gradients(program.rhs, program.cuts, role="time")
    by_time = {i: d for i, row in enumerate(slope) for d in row.values()}
    live = [*program.rhs, *jacobian.values(), *by_time.values()]
    first = len(program.parameter_names)
    hoisted = {node: first + k for k, node in enumerate(hoistable(graph, live))}
    leaf = leaves(program, hoisted)
    calls = function_count(graph, [*program.rhs]) > INLINE_CALLS
    poles = watched_denominators(graph, program.rhs)
    elimination = plan(size, jacobian)
    scratch = [
        _write_hoist(module, graph, leaf, hoisted),
        _write_initial(module, graph, leaf, program, "initial", program.initial),
        _write_begin(module, graph, leaf, elimination, program, by_time, poles, calls),
        _write_stage(module, graph, leaf, elimination, program, calls),
    ]
    for k, nodes in enumerate(program.jumps.values()):
        scratch.append(_write_initial(module, graph, leaf, program, f"jump{k}", nodes))
    names = ["hoist", "initial", "begin", "stage", *(f"jump{k}" for k in range(len(program.jumps)))]
    return {
        "names": names, "states": size, "parameters": first, "slots": first + len(hoisted),
        "factors": len(elimination.entries),
        "fill": len(elimination.entries) - len({*jacobian, *((i, i) for i in range(size))}), "jacobian": len(jacobian),
        "channels": len(program.rate_channels), "poles": len(poles),
        "timed": any(graph.symbols(r, "time") for r in program.rhs),
        "scratch": max(scratch), "nodes": len(graph.nodes),
    }  # fmt: skip


def _piece(graph: Graph) -> int:
    return PIECE if len(graph.nodes) < LARGE else PIECE_WHEN_LARGE


def _write_hoist(module: Module, graph: Graph, leaf: Leaves, hoisted: dict[int, int]) -> int:
    out = Straight(module, "hoist", {"p": POINTER})
    plain = Leaves(leaf.graph, leaf.state, leaf.parameter, {})
    write = NodeWriter(graph, out, plain, hoisted, calls=function_count(graph, hoisted) > INLINE_CALLS)
    for node, slot in hoisted.items():
        value = write(node)
        out.fn.store(value, out.fn["p"], slot)
    return out.finish()


def _write_initial(
    module: Module, graph: Graph, leaf: Leaves, program: Program, name: str, nodes: tuple[int, ...]
) -> int:
    arguments = {"p": POINTER, "out": POINTER} if name == "initial" else dict.fromkeys(("y", "p", "t", "out"), POINTER)
    out = Straight(module, name, arguments)
    write = NodeWriter(graph, out, leaf, nodes, calls=True)
    for i, node in enumerate(nodes):
        value = write(node)
        out.fn.store(value, out.fn["out"], i)
    return out.finish()


def _write_begin(
    module: Module, graph: Graph, leaf: Leaves, elimination: Elimination, program: Program, by_time: dict[int, int],
    poles: list[int], calls: bool,
) -> int:  # fmt: skip
    names = ("y", "p", "t", "rate", "lu", "step", "u", "slope", "poles")
    out = Straight(module, "begin", dict.fromkeys(names, POINTER), _piece(graph))
    jacobian = program.jacobian
    roots = [*program.rhs, *jacobian.values(), *by_time.values(), *poles]
    write = NodeWriter(graph, out, leaf, roots, calls)
    write.specials_first(roots)
    for k, node in enumerate(poles):
        value = write(node)
        out.fn.store(value, out.fn["poles"], k)
    slope: dict[int, Value] = {}
    for i in range(len(elimination.order) if by_time else 0):
        slope[i] = write(by_time[i]) if i in by_time else out.fn.const(0.0, out.fn.vec)
        out.fn.store(slope[i], out.fn["slope"], i)
    at = elimination.position
    entry: dict[tuple[int, int], Value] = {}
    for (i, j), node in jacobian.items():
        value = write(node)
        entry[at[i], at[j]] = out.fn.load(out.fn["step"]) - value if i == j else -value
    for k in range(len(elimination.order)):
        if (k, k) not in entry:
            entry[k, k] = out.fn.load(out.fn["step"])
    _factorise(out, elimination, entry)

    def inhomogeneity(state: int) -> Value | None:
        return out.here(slope[state]) * out.fn.load(out.fn["step"], 1) if state in slope else None

    _solve(out, write, program, elimination, lambda i, j: out.here(entry[i, j]), inhomogeneity)
    return out.finish()


def _factorise(out: Straight, elimination: Elimination, entry: dict[tuple[int, int], Value]) -> None:
    """(L with unit diagonal) (diagonal, stored inverted) (U with unit diagonal), stored compactly: with both triangles
    unit, each unknown waits for one multiply-add only."""
    here = out.here
    touched = {i for rows, columns in elimination.updates for i in rows if i in columns}
    known_inverse = _invert_together(out, {k: entry[k, k] for k in range(len(elimination.order)) if k not in touched})
    for k, (rows, columns) in enumerate(elimination.updates):
        out.breathe()
        entry[k, k] = inverse = known_inverse[k] if k in known_inverse else 1.0 / here(entry[k, k])
        for i in rows:
            out.breathe()
            entry[i, k] = factor = here(entry[i, k]) * here(inverse)
            for j in columns:
                known = entry.get((i, j))
                right = here(entry[k, j])
                minus = -here(factor)
                entry[i, j] = out.fn.fma(minus, right, here(known)) if known is not None else minus * right
        for j in columns:
            entry[k, j] = here(entry[k, j]) * here(inverse)
        for place in [(k, k), *((k, j) for j in columns), *((i, k) for i in rows)]:
            out.fn.store(here(entry[place]), out.fn["lu"], elimination.slot[place])


def _invert_together(out: Straight, values: dict[int, Value]) -> dict[int, Value]:
    """Reciprocals of pivots that elimination leaves as they are, three for one division."""
    inverse: dict[int, Value] = {}
    places = list(values)
    for group in (places[n : n + 3] for n in range(0, len(places), 3)):
        out.breathe()
        a = [out.here(values[k]) for k in group]
        if len(group) < 3:
            inverse.update((k, 1.0 / v) for k, v in zip(group, a, strict=True))
            continue
        pair = a[0] * a[1]
        whole = 1.0 / (pair * a[2])
        rest = whole * a[2]
        inverse.update(zip(group, (rest * a[1], rest * a[0], whole * pair), strict=True))
    return inverse


def _write_stage(
    module: Module, graph: Graph, leaf: Leaves, elimination: Elimination, program: Program, calls: bool
) -> int:
    names = ("y", "p", "t", "rate", "lu", "b", "u")
    out = Straight(module, "stage", dict.fromkeys(names, POINTER), _piece(graph))
    write = NodeWriter(graph, out, leaf, program.rhs, calls)
    write.specials_first(program.rhs)

    def factor(i: int, j: int) -> Value:
        return out.fn.load(out.fn["lu"], elimination.slot[i, j])

    _solve(out, write, program, elimination, factor, lambda state: out.fn.load(out.fn["b"], state))
    return out.finish()


def _solve(
    out: Straight, write: NodeWriter, program: Program, elimination: Elimination, factor: Callable[[int, int], Value],
    inhomogeneity: Callable[[int], Value | None],
) -> None:  # fmt: skip
    """u ← solution of L D U u = f + rate + inhomogeneity, forwards and backwards in the order of elimination."""
    channel = {state: k for k, state in enumerate(program.rate_channels)}
    solved: dict[int, Value] = {}
    here = out.here

    def minus(row: int, columns: tuple[int, ...], value: Value) -> Value:
        for j in columns:
            value = out.fn.fma(-factor(row, j), here(solved[j]), value)
        return value

    for k, state in enumerate(elimination.order):
        out.breathe()
        value = write(program.rhs[state])
        more = inhomogeneity(state)
        value = value if more is None else value + more
        if state in channel:
            value = value + out.fn.load(out.fn["rate"], channel[state])
        solved[k] = minus(k, elimination.lower[k], value)
    for k in reversed(range(len(elimination.order))):
        out.breathe()
        value = here(solved[k]) * factor(k, k)
        solved[k] = minus(k, elimination.upper[k][::-1], value)
        out.fn.store(solved[k], out.fn["u"], elimination.order[k])
