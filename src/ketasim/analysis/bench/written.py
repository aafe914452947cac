"""A traced program written for other solvers: DiffSL for diffsol, SBML for libRoadRunner.

Both are written from the same graph as the native engine's code, with every shared expression as a definition of its
own, so no peer is handed more work than we have. Minimal on purpose: the product's own SBML export is in `exchange`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ketasim.core.graph import Graph
from ketasim.core.program import Program


def shared_nodes(graph: Graph, roots: Sequence[int]) -> list[int]:
    """Non-leaf nodes used more than once below `roots`, arguments first."""
    uses: dict[int, int] = {}
    seen: set[int] = set()
    stack = list(roots)
    for root in roots:
        uses[root] = uses.get(root, 0) + 1
    while stack:
        i = stack.pop()
        if i in seen:
            continue
        seen.add(i)
        for a in graph.children(i):
            uses[a] = uses.get(a, 0) + 1
            stack.append(a)
    return sorted(i for i in seen if uses[i] > 1 and graph.nodes[i][0] not in ("const", "sym"))


INFIX = {"add": "({0} + {1})", "sub": "({0} - {1})", "mul": "({0} * {1})", "neg": "(-{0})", "rcp": "(1.0 / {0})",
         "pow": "pow({0}, {1})", "exp": "exp({0})", "log": "log({0})", "sqrt": "sqrt({0})"}  # fmt: skip


def texts(
    graph: Graph, roots: Sequence[int], leaf: Callable[[int], str], form: Callable[[str, list[str]], str],
    reference: str = "{}",
) -> tuple[list[tuple[str, str]], list[str]]:  # fmt: skip
    """(name, text) of the shared definitions, and the text of each root."""
    shared = shared_nodes(graph, roots)
    known: dict[int, str] = {}

    def text(i: int) -> str:
        if i not in known:
            kind = graph.nodes[i][0]
            known[i] = leaf(i) if kind in ("const", "sym") else form(kind, [text(a) for a in graph.children(i)])
        return known[i]

    definitions = []
    for i in shared:
        definitions.append((f"v{i}", text(i)))
        known[i] = reference.format(f"v{i}")
    return definitions, [text(r) for r in roots]


def diffsl(program: Program) -> str:
    """DiffSL code with inputs: parameters, initial states, one rate for each channel."""
    graph = program.graph
    names = {graph.symbol("state", s): f"y{i}" for i, s in enumerate(program.state_names)}
    names |= {graph.symbol("par", s): f"p{i}" for i, s in enumerate(program.parameter_names)}

    def leaf(i: int) -> str:
        node = graph.nodes[i]
        return repr(node[1]) if node[0] == "const" else names[i]

    definitions, rates = texts(graph, program.rhs, leaf, lambda kind, a: INFIX[kind].format(*a))
    for k, state in enumerate(program.rate_channels):
        rates[state] = f"({rates[state]} + r{k})"
    inputs = [f"p{i}" for i in range(len(program.parameter_names))]
    inputs += [f"s{i}" for i in range(len(program.state_names))] + [f"r{k}" for k in range(len(program.rate_channels))]
    states = ", ".join(f"y{i} = s{i}" for i in range(len(program.state_names)))
    lines = [f"in_i {{ {', '.join(f'{n} = 1' for n in inputs)} }}", f"u_i {{ {states} }}"]
    lines += [f"{name} {{ {value} }}" for name, value in definitions]
    lines.append(f"F_i {{ {', '.join(rates)} }}")
    return "\n".join(lines) + "\n"


MATHML = {"add": "plus", "sub": "minus", "mul": "times", "neg": "minus", "pow": "power", "exp": "exp", "log": "ln"}


def _mathml(kind: str, arguments: list[str]) -> str:
    if kind == "rcp":
        return f"<apply><divide/><cn>1</cn>{arguments[0]}</apply>"
    if kind == "sqrt":
        return f"<apply><root/>{arguments[0]}</apply>"
    return f"<apply><{MATHML[kind]}/>{''.join(arguments)}</apply>"


def sbml(program: Program, infusions: Sequence[tuple[float, float]]) -> str:
    """SBML with rate rules; each (start, stop) switches every rate channel k to its parameter `level<k>` by events."""
    graph = program.graph
    names = {graph.symbol("state", s): f"y{i}" for i, s in enumerate(program.state_names)}
    names |= {graph.symbol("par", s): f"p{i}" for i, s in enumerate(program.parameter_names)}

    def leaf(i: int) -> str:
        node = graph.nodes[i]
        return f"<cn>{node[1]!r}</cn>" if node[0] == "const" else f"<ci>{names[i]}</ci>"

    definitions, rates = texts(graph, program.rhs, leaf, _mathml, "<ci>{}</ci>")
    channels = range(len(program.rate_channels))
    for k, state in enumerate(program.rate_channels):
        rates[state] = f"<apply><plus/>{rates[state]}<ci>r{k}</ci></apply>"
    varying = [f"y{i}" for i in range(len(rates))] + [f"r{k}" for k in channels] + [n for n, _ in definitions]
    fixed = [f"p{i}" for i in range(len(program.parameter_names))] + [f"level{k}" for k in channels]
    parts = [f'<parameter id="{n}" value="0" constant="false"/>' for n in varying]
    parts += [f'<parameter id="{n}" value="1" constant="true"/>' for n in fixed]
    math = '<math xmlns="http://www.w3.org/1998/Math/MathML">{}</math>'
    rules = [f'<assignmentRule variable="{n}">{math.format(t)}</assignmentRule>' for n, t in definitions]
    rules += [f'<rateRule variable="y{i}">{math.format(r)}</rateRule>' for i, r in enumerate(rates)]
    events = []
    for start, stop in infusions:
        for when, level in ((start, "<ci>level{}</ci>"), (stop, "<cn>0</cn>")):
            moved = "".join(
                f'<eventAssignment variable="r{k}">{math.format(level.format(k))}</eventAssignment>' for k in channels
            )
            time = '<csymbol encoding="text" definitionURL="http://www.sbml.org/sbml/symbols/time">t</csymbol>'
            trigger = math.format(f"<apply><geq/>{time}<cn>{when!r}</cn></apply>")
            events.append(
                '<event useValuesFromTriggerTime="true">'
                f'<trigger initialValue="true" persistent="true">{trigger}</trigger>'
                f"<listOfEventAssignments>{moved}</listOfEventAssignments></event>"
            )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><sbml xmlns="http://www.sbml.org/sbml/level3/version1/core" level="3" '
        f'version="1"><model id="m"><listOfParameters>{"".join(parts)}</listOfParameters><listOfRules>{"".join(rules)}'
        f"</listOfRules><listOfEvents>{''.join(events)}</listOfEvents></model></sbml>"
    )
