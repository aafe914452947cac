"""Graph nodes → MathML text as SBML wants it; parts that are used more than once get a name of their own."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping

from ketasim.core.graph import Graph

NAMESPACE = "http://www.w3.org/1998/Math/MathML"
_TIME = '<csymbol encoding="text" definitionURL="http://www.sbml.org/sbml/symbols/time">t</csymbol>'
_PLAIN = {"add": "plus", "sub": "minus", "mul": "times", "neg": "minus", "pow": "power", "exp": "exp", "log": "ln",
          "max": "max", "min": "min"}  # fmt: skip


def math_element(inside: str) -> str:
    """A whole <math> element."""
    return f'<math xmlns="{NAMESPACE}">{inside}</math>'


def constant(value: float) -> str:
    """A number with all its digits."""
    if math.isinf(value):
        return "<infinity/>" if value > 0 else "<apply><minus/><infinity/></apply>"
    if math.isnan(value):
        return "<notanumber/>"
    mantissa, _, exponent = repr(float(value)).partition("e")
    if exponent:
        return f'<cn type="e-notation">{mantissa}<sep/>{int(exponent)}</cn>'
    return f"<cn>{mantissa.removesuffix('.0')}</cn>"


def apply(operator: str, *arguments: str) -> str:
    """<apply> of an operator to arguments."""
    return f"<apply><{operator}/>{''.join(arguments)}</apply>"


def identifier(name: str) -> str:
    """A reference to something by its id."""
    return f"<ci>{name}</ci>"


def piecewise(then: str, condition: str, otherwise: str) -> str:
    """`then` where the condition holds, else `otherwise`."""
    return f"<piecewise><piece>{then}{condition}</piece><otherwise>{otherwise}</otherwise></piecewise>"


def shared_nodes(graph: Graph, roots: Iterable[int]) -> list[int]:
    """Nodes below the roots that several others use and that are more than a leaf, arguments first."""
    uses: dict[int, int] = {}
    seen: set[int] = set()
    for root in dict.fromkeys(roots):
        uses[root] = uses.get(root, 0) + 1
        for i in graph.below(root):
            if i not in seen:
                seen.add(i)
                for child in graph.children(i):
                    uses[child] = uses.get(child, 0) + 1
    return sorted(i for i, n in uses.items() if n > 1 and graph.children(i))


class Writer:
    """Writes nodes of one graph; `names` gives the id of every symbol, `shared` the id of every named node."""

    def __init__(self, graph: Graph, names: Callable[[str, str], str], shared: Mapping[int, str]) -> None:
        self.graph = graph
        self.names = names
        self.shared = shared

    def reference(self, node: int) -> str:
        """A node as it appears inside others: by its name where it has one."""
        return identifier(self.shared[node]) if node in self.shared else self.definition(node)

    def definition(self, node: int) -> str:
        """A node written out, its arguments by reference."""
        kind, *rest = self.graph.nodes[node]
        if kind == "const":
            return constant(rest[0])
        if kind == "sym":
            return _TIME if rest[0] == "time" else identifier(self.names(rest[0], rest[1]))
        a = [self.reference(i) for i in rest]
        if kind in _PLAIN:
            return apply(_PLAIN[kind], *a)
        if kind == "rcp":
            return apply("divide", "<cn>1</cn>", a[0])
        if kind == "sqrt":
            return apply("root", f"<degree><cn>2</cn></degree>{a[0]}")
        return piecewise(a[2], apply("lt", a[0], a[1]), a[3])
