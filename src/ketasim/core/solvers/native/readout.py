"""The functions that turn a step into asked outputs; compiled for each set of outputs, apart from the model.

    read_hoist(p)                       parameter-only parts of the outputs, behind the model's own
    interpolate(theta, y, y1, u, x, size)   states at a fraction θ of the step, those that matter
    read(y, p, t, out)                  the outputs of all lanes
    collect(from, to, size)             copy one lane's states into one column of its batch
    read_batch(y, p, t, out)            the outputs of one lane at as many times as there are lanes

Lanes reach their output times at different steps, so evaluating long outputs for all lanes would mostly be waste. Long
outputs are therefore read in batches: a lane's states are kept until a vector of times is full.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ketasim.core.program import Program
from ketasim.core.solvers.native.emit import (
    INLINE_CALLS,
    PIECE,
    PIECE_WHEN_LARGE,
    SPECIAL,
    NodeWriter,
    Straight,
    function_count,
)
from ketasim.core.solvers.native.ir import F64, I64, Function, Module, Value
from ketasim.core.solvers.native.model import POINTER, Leaves, hoistable, leaves
from ketasim.core.solvers.tableau import STAGES, H

UNROLLED_STATES = 12
"""With more states than this in the outputs, all states are interpolated in a loop."""
LONG = 64
"""Arithmetic (an exp, log or pow counts 30) above which outputs are read in batches."""


def is_long(program: Program, nodes: Sequence[int]) -> bool:
    """Outputs with so much arithmetic that reading in batches pays."""
    graph = program.graph
    below = set().union(*(graph.below(n) for n in nodes)) if nodes else set()
    work = [i for i in below if not graph.static[i] and graph.nodes[i][0] not in ("const", "sym")]
    return len(work) + 30 * sum(graph.nodes[i][0] in SPECIAL for i in work) > LONG


def write_readout(
    module: Module, program: Program, nodes: Sequence[int], first_slot: int, batched: bool, lanewise: bool
) -> dict[str, Any]:
    """Write the functions for some output nodes; parameters beyond `first_slot` are theirs to use.

    batched : write collect and read_batch. lanewise : write read.
    """
    graph = program.graph
    hoisted = {node: first_slot + k for k, node in enumerate(hoistable(graph, nodes))}
    hoisted.update(_static_roots(program, nodes, hoisted, first_slot))
    leaf = leaves(program, hoisted)
    scratch = [_write_read_hoist(module, program, hoisted)]
    names = ["read_hoist", "interpolate"]
    states = _states_below(program, nodes)
    chosen = states if len(states) <= UNROLLED_STATES else None
    _write_interpolate(module, chosen)
    if lanewise:
        scratch.append(_write_read(module, program, leaf, nodes, "read"))
        names.append("read")
    if batched:
        one = OneLane(leaf.graph, leaf.state, leaf.parameter, leaf.hoisted)
        scratch.append(_write_read(module, program, one, nodes, "read_batch"))
        _write_collect(module, chosen)
        names += ["collect", "read_batch"]
    return {
        "names": names, "slots": first_slot + len(hoisted), "scratch": max(scratch), "outputs": len(nodes),
        "states": len(states), "batched": int(batched),
    }  # fmt: skip


class OneLane(Leaves):
    """States differ from column to column, parameters are those of one lane: a number spread over the vector."""

    def _parameter(self, fn: Function, slot: int) -> Value:
        return fn.splat(fn.load(fn["p"], slot * fn.lanes, F64))


def _static_roots(program: Program, nodes: Sequence[int], hoisted: dict[int, int], first_slot: int) -> dict[int, int]:
    """Outputs that depend on parameters alone."""
    graph = program.graph
    new = [n for n in dict.fromkeys(nodes) if graph.static[n] and n not in hoisted]
    inner = [n for n in new if graph.nodes[n][0] not in ("const", "sym")]
    return {n: first_slot + len(hoisted) + k for k, n in enumerate(inner)}


def _states_below(program: Program, nodes: Sequence[int]) -> list[int]:
    used = set().union(*(program.graph.symbols(n, "state") for n in nodes)) if nodes else set()
    return [i for i, name in enumerate(program.state_names) if name in used]


def _write_read_hoist(module: Module, program: Program, hoisted: dict[int, int]) -> int:
    out = Straight(module, "read_hoist", {"p": POINTER})
    write = NodeWriter(program.graph, out, leaves(program, {}), hoisted, calls=True)
    for node, slot in hoisted.items():
        value = write(node)
        out.fn.store(value, out.fn["p"], slot)
    return out.finish()


def _write_read(module: Module, program: Program, leaf: Leaves, nodes: Sequence[int], name: str) -> int:
    piece = PIECE if len(nodes) < UNROLLED_STATES else PIECE_WHEN_LARGE
    out = Straight(module, name, dict.fromkeys(("y", "p", "t", "out"), POINTER), piece)
    calls = function_count(program.graph, nodes) > INLINE_CALLS
    write = NodeWriter(program.graph, out, leaf, nodes, calls)
    write.specials_first(nodes)
    for k, node in enumerate(nodes):
        value = write(node)
        out.fn.store(value, out.fn["out"], k)
    return out.finish()


def _write_collect(module: Module, chosen: list[int] | None) -> None:
    fn = Function(module, "collect", {"from": POINTER, "to": POINTER, "size": I64})

    def body(i: Value) -> None:
        place = i * fn.lanes
        fn.store(fn.load(fn["from"], place, F64), fn["to"], place)

    _over_states(fn, chosen)(body)


def _over_states(fn: Function, chosen: list[int] | None) -> Any:
    """Runs a body for the chosen states (written out) or for all of them (a loop)."""

    def run(body: Any) -> None:
        if chosen is None:
            with fn.loop(fn["size"]) as i:
                body(i)
        else:
            for state in chosen:
                body(fn.i64(state))

    return run


def _write_interpolate(module: Module, chosen: list[int] | None) -> None:
    names = ("theta", "y", "y1", "u", "x")
    fn = Function(module, "interpolate", {**dict.fromkeys(names, POINTER), "size": I64})
    theta = fn.load(fn["theta"])
    rest = 1.0 - theta
    bend = theta * rest
    weights = [fn.fma(theta, fn.fma(theta, H[2][s], fn.const(H[1][s], fn.vec)), H[0][s]) * bend for s in range(STAGES)]

    def body(i: Value) -> None:
        total = fn.fma(rest, fn.load(fn["y"], i), theta * fn.load(fn["y1"], i))
        for s, weight in enumerate(weights):
            total = fn.fma(weight, fn.load(fn["u"], fn["size"] * s + i), total)
        fn.store(total, fn["x"], i)

    _over_states(fn, chosen)(body)
