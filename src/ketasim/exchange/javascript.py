"""A system as one JavaScript module (ES2020, no import): equations, Jacobian, numbers and a stiff solver.

The module solves in the browser or in node what the engine solves here: the same method (Rodas5P), the same edges.

    import {simulate, typical} from "./model.js";
    simulate({times: [0, 1, 2], edges: [[0, "rate", 0, 100], [1, "rate", 0, -100]]})
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from importlib import resources
from pathlib import Path

import numpy as np

from ketasim import __version__
from ketasim.core.component import Component
from ketasim.core.graph import Graph
from ketasim.core.program import Program
from ketasim.core.schedule import KIND_NAMES, Edges
from ketasim.core.solvers import tableau
from ketasim.core.system import Part, System
from ketasim.core.whole import write_whole
from ketasim.exchange.sbml import refuse_what_cannot_be_written

_FORM = {
    "add": "{0} + {1}",
    "sub": "{0} - {1}",
    "mul": "{0} * {1}",
    "neg": "-{0}",
    "rcp": "1 / {0}",
    "pow": "Math.pow({0}, {1})",
    "exp": "Math.exp({0})",
    "log": "Math.log({0})",
    "sqrt": "Math.sqrt({0})",
    "max": "Math.max({0}, {1})",
    "min": "Math.min({0}, {1})",
    "select": "{0} < {1} ? {2} : {3}",
}


def javascript(
    system: System | Component, parameters: np.ndarray | None = None, edges: Edges | None = None, subject: int = 0
) -> str:
    """Text of the module.

    parameters : (parameters,) or (subjects, parameters), exported as `typical` (the system's typical values by
    default). edges : exported as `given`, what `simulate` applies unless told otherwise. subject : which row of both.
    InputError names the parts that cannot be written as equations.
    """
    if isinstance(system, Component):
        wire = {port: 0.0 for port in system.inputs if port != "t"}
        system = System(type(system).__name__, (Part(system, "model", wire),))
    p = system.program
    refuse_what_cannot_be_written(p, system.name, "JavaScript")
    values = system.typical if parameters is None else np.asarray(parameters, float)
    values = values if values.ndim == 1 else values[subject]
    events = [] if edges is None else [[t, KIND_NAMES[k], g, v] for t, k, g, v in edges.of(subject)]
    jacobian = p.jacobian
    slopes = [
        g.get(p.graph.symbol("time", "t"), p.graph.const(0.0)) for g in p.graph.gradients(p.rhs, p.cuts, role="time")
    ]
    described = [
        {"name": name, "unit": unit, "value": float(v), "source": q.source, "where": q.where, "status": q.status}
        for name, unit, v, q in zip(
            p.parameter_names, p.parameter_units, values.tolist(), system.parameters.values(), strict=True
        )
    ]
    constants = {
        "name": system.name,
        "writtenBy": f"ketasim {__version__}",
        "states": [{"name": n, "unit": u} for n, u in zip(p.state_names, p.state_units, strict=True)],
        "parameters": described,
        "outputs": [{"name": n, "unit": u} for n, (_, u) in p.outputs.items()],
        "channels": list(p.rate_channels),
        "pattern": [list(ij) for ij in jacobian],
        "given": events,
        "method": {"gamma": tableau.GAMMA, "a": tableau.full_a(), "c": tableau.C, "h": tableau.H,
                   "nodes": tableau.NODES, "slope": tableau.TIME_SLOPE},
    }  # fmt: skip
    lines = [f"// {system.name}, written by ketasim {__version__}. Time in hours."]
    lines += [f"export const {key} = {json.dumps(value)};" for key, value in constants.items()]
    lines.append("export const typical = () => Float64Array.from(parameters, q => q.value);")
    lines.append(_function("rhs", "t, y, p, out", p, p.rhs))
    lines.append(_function("jacobian", "t, y, p, out", p, tuple(jacobian.values())))
    lines.append(_function("timeSlope", "t, y, p, out", p, tuple(slopes)))
    lines.append(_function("read", "t, y, p, out", p, tuple(n for n, _ in p.outputs.values())))
    lines.append(_function("initial", "t, y, p, out", p, p.initial))
    jumps = [_function(f"jump{i}", "t, y, p, out", p, nodes) for i, nodes in enumerate(p.jumps.values())]
    lines += jumps
    lines.append(f"export const jumps = [{', '.join(f'jump{i}' for i in range(len(jumps)))}];")
    lines.append(f"export const events = {json.dumps(list(p.jumps))};")
    solver = (resources.files("ketasim.exchange") / "solver.js").read_text(encoding="utf-8")
    return "\n".join(lines) + "\n" + solver


def write(
    system: System | Component, path: str | Path, parameters: np.ndarray | None = None, edges: Edges | None = None,
    subject: int = 0,
) -> Path:  # fmt: skip
    """Write the module; arguments as in `javascript`."""
    return write_whole(path, javascript(system, parameters, edges, subject), "JavaScript file", folders=False)


def _function(name: str, arguments: str, program: Program, nodes: Sequence[int]) -> str:
    body = _body(program.graph, nodes, _indexer(program))
    return f"export function {name}({arguments}) {{\n{body}\n  return out;\n}}"


def _indexer(program: Program) -> Callable[[str, str], str]:
    state = {n: i for i, n in enumerate(program.state_names)}
    parameter = {n: i for i, n in enumerate(program.parameter_names)}

    def index(role: str, name: str) -> str:
        return "t" if role == "time" else f"y[{state[name]}]" if role == "state" else f"p[{parameter[name]}]"

    return index


def _body(graph: Graph, nodes: Sequence[int], index: Callable[[str, str], str]) -> str:
    lines, text = [], {}
    for i in sorted({k for n in nodes for k in graph.below(n)}):
        kind, *rest = graph.nodes[i]
        if kind == "const":
            text[i] = _number(rest[0])
        elif kind == "sym":
            text[i] = index(rest[0], rest[1])
        else:
            form = _FORM[kind].format(*(f"({text[a]})" if text[a].startswith("-") else text[a] for a in rest))
            lines.append(f"  const v{i} = {form};")
            text[i] = f"v{i}"
    lines += [f"  out[{k}] = {text[n]};" for k, n in enumerate(nodes)]
    return "\n".join(lines)


def _number(value: float) -> str:
    if np.isnan(value):
        return "NaN"
    return repr(float(value)) if np.isfinite(value) else ("Infinity" if value > 0 else "-Infinity")
