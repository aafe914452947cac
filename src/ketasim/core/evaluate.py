"""Graph nodes → a plain NumPy function (generated source, so that one call costs one pass)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ketasim.core.graph import Graph

_TEMPLATE = {
    "add": "{0} + {1}",
    "sub": "{0} - {1}",
    "mul": "{0} * {1}",
    "pow": "np.power({0}, {1})",
    "max": "np.maximum({0}, {1})",
    "min": "np.minimum({0}, {1})",
    "neg": "-{0}",
    "rcp": "1.0 / {0}",
    "exp": "np.exp({0})",
    "log": "np.log({0})",
    "sqrt": "np.sqrt({0})",
    "select": "np.where({0} < {1}, {2}, {3})",
}


def compile_nodes(
    graph: Graph, nodes: Sequence[int], state_names: Sequence[str], parameter_names: Sequence[str]
) -> Callable[[Any, Any, Any], list[Any]]:
    """A function of (states, parameters, t) that returns the value of every asked node.

    `states` and `parameters` are indexed along their first axis (so (states, subjects) arrays vectorise).
    """
    source = source_of(graph, nodes, state_names, parameter_names)
    space: dict[str, Any] = {"np": np}
    exec(compile(source, "<ketasim equations>", "exec"), space)
    return space["f"]


def source_of(graph: Graph, nodes: Sequence[int], state_names: Sequence[str], parameter_names: Sequence[str]) -> str:
    """The Python text of `compile_nodes`."""
    state_at = {name: i for i, name in enumerate(state_names)}
    parameter_at = {name: i for i, name in enumerate(parameter_names)}
    needed: set[int] = set()
    for node in nodes:
        needed.update(graph.below(node))
    lines = ["def f(y, p, t):", "  with np.errstate(all='ignore'):"]
    for i in sorted(needed):
        kind, *rest = graph.nodes[i]
        if kind == "const":
            text = f"np.float64({rest[0]!r})" if np.isfinite(rest[0]) else f"np.float64('{rest[0]}')"
        elif kind == "sym":
            role, name = rest
            text = "t" if role == "time" else f"y[{state_at[name]}]" if role == "state" else f"p[{parameter_at[name]}]"
        else:
            text = _TEMPLATE[kind].format(*(f"v{a}" for a in rest))
        lines.append(f"    v{i} = {text}")
    lines.append(f"    return [{', '.join(f'v{n}' for n in nodes)}]")
    return "\n".join(lines)
