"""The expression graph that every equation is traced into once.

Nodes are hash-consed (equal expressions are one node), constants fold, and products group their parameter-only
factors so that a solver can compute those once per person. From the graph come generated code, derivatives,
SBML, JavaScript and SymPy.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

Node = tuple[Any, ...]
BINARY = ("add", "sub", "mul", "pow", "max", "min")
UNARY = ("neg", "rcp", "exp", "log", "sqrt")


class Graph:
    """A growing directed acyclic graph of scalar expressions.

    `nodes[i]` is a tuple whose first entry is the kind:
    ``const v`` | ``sym role name`` (role: state, par, time) | ``add sub mul pow max min a b`` |
    ``neg rcp exp log sqrt a`` | ``select a b c d`` (c where a < b, else d). Arguments always precede their node.
    `static[i]` says that node i depends on parameters and constants alone.
    """

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.static: list[bool] = []
        self._index: dict[Node, int] = {}

    def _make(self, *node: Any) -> int:
        key = node if node[0] != "const" else ("const", float(node[1]), math.copysign(1.0, node[1]))
        found = self._index.get(key)
        if found is not None:
            return found
        i = self._index[key] = len(self.nodes)
        self.nodes.append(node)
        kind = node[0]
        if kind == "const":
            static = True
        elif kind == "sym":
            static = node[1] == "par"
        else:
            known = self.static
            static = known[node[1]] and known[node[-1]] and (len(node) < 4 or all(known[a] for a in node[2:-1]))
        self.static.append(static)
        return i

    # ---- leaves
    def const(self, value: float) -> int:
        return self._make("const", float(value))

    def symbol(self, role: str, name: str) -> int:
        return self._make("sym", role, name)

    def is_const(self, i: int, value: float | None = None) -> bool:
        node = self.nodes[i]
        return node[0] == "const" and (value is None or node[1] == value)

    def children(self, i: int) -> tuple[int, ...]:
        node = self.nodes[i]
        return () if node[0] in ("const", "sym") else node[1:]

    # ---- arithmetic
    def add(self, a: int, b: int) -> int:
        n = self.nodes
        if self.is_const(a) and self.is_const(b):
            return self.const(n[a][1] + n[b][1])
        if self.is_const(a, 0.0):
            return b
        if self.is_const(b, 0.0):
            return a
        if n[b][0] == "neg":
            return self.sub(a, n[b][1])
        if n[a][0] == "neg":
            return self.sub(b, n[a][1])
        return self._make("add", min(a, b), max(a, b))

    def sub(self, a: int, b: int) -> int:
        n = self.nodes
        if a == b:
            return self.const(0.0)
        if self.is_const(a) and self.is_const(b):
            return self.const(n[a][1] - n[b][1])
        if self.is_const(b, 0.0):
            return a
        if self.is_const(a, 0.0):
            return self.neg(b)
        if n[b][0] == "neg":
            return self.add(a, n[b][1])
        return self._make("sub", a, b)

    def neg(self, a: int) -> int:
        node = self.nodes[a]
        if node[0] == "const":
            return self.const(-node[1])
        if node[0] == "neg":
            return node[1]
        if node[0] == "sub":
            return self._make("sub", node[2], node[1])
        return self._make("neg", a)

    def mul(self, a: int, b: int) -> int:
        n = self.nodes
        if self.is_const(a) and self.is_const(b):
            return self.const(n[a][1] * n[b][1])
        for x, y in ((a, b), (b, a)):
            if self.is_const(x, 0.0):
                return x
            if self.is_const(x, 1.0):
                return y
            if self.is_const(x, -1.0):
                return self.neg(y)
            if n[x][0] == "neg":
                return self.neg(self.mul(n[x][1], y))
        for x, y in ((a, b), (b, a)):
            if self.static[x] and n[y][0] == "mul" and not self.static[y]:
                for s, rest in (n[y][1:], n[y][:0:-1]):
                    if self.static[s]:
                        return self.mul(self.mul(x, s), rest)
        return self._make("mul", min(a, b), max(a, b))

    def rcp(self, a: int) -> int:
        node = self.nodes[a]
        if node[0] == "const" and node[1] != 0.0:
            return self.const(1.0 / node[1])
        if node[0] == "rcp":
            return node[1]
        return self._make("rcp", a)

    def div(self, a: int, b: int) -> int:
        return self.mul(a, self.rcp(b))

    def pow(self, a: int, b: int) -> int:
        n = self.nodes
        if self.is_const(b):
            exponent = n[b][1]
            if self.is_const(a) and (n[a][1] > 0 or exponent == int(exponent)):
                return self.const(n[a][1] ** exponent)
            if exponent == 0.0:
                return self.const(1.0)
            if exponent == 0.5:
                return self.unary("sqrt", a)
            if exponent == int(exponent) and abs(exponent) < 9:
                out = self._integer_power(a, int(abs(exponent)))
                return out if exponent > 0 else self.rcp(out)
        return self._make("pow", a, b)

    def _integer_power(self, a: int, k: int) -> int:
        if k == 1:
            return a
        half = self._integer_power(a, k // 2)
        square = self.mul(half, half)
        return self.mul(square, a) if k % 2 else square

    def unary(self, kind: str, a: int) -> int:
        if self.is_const(a):
            v = self.nodes[a][1]
            if kind == "exp":
                return self.const(math.exp(v))
            if kind == "log" and v > 0:
                return self.const(math.log(v))
            if kind == "sqrt" and v >= 0:
                return self.const(math.sqrt(v))
        return self._make(kind, a)

    def extremum(self, kind: str, a: int, b: int) -> int:
        if a == b:
            return a
        if self.is_const(a) and self.is_const(b):
            return self.const((max if kind == "max" else min)(self.nodes[a][1], self.nodes[b][1]))
        return self._make(kind, min(a, b), max(a, b))

    def select(self, a: int, b: int, c: int, d: int) -> int:
        """c where a < b, else d."""
        if c == d:
            return c
        if self.is_const(a) and self.is_const(b):
            return c if self.nodes[a][1] < self.nodes[b][1] else d
        return self._make("select", a, b, c, d)

    # ---- derivatives
    def partials(self, i: int) -> list[tuple[int, int]]:
        """[(argument, ∂node/∂argument)] of one node."""
        node = self.nodes[i]
        kind = node[0]
        one = self.const(1.0)
        if kind == "add":
            return [(node[1], one), (node[2], one)]
        if kind == "sub":
            return [(node[1], one), (node[2], self.const(-1.0))]
        if kind == "neg":
            return [(node[1], self.const(-1.0))]
        if kind == "mul":
            return [(node[1], node[2]), (node[2], node[1])]
        if kind == "rcp":
            return [(node[1], self.neg(self.mul(i, i)))]
        if kind == "exp":
            return [(node[1], i)]
        if kind == "log":
            return [(node[1], self.rcp(node[1]))]
        if kind == "sqrt":
            return [(node[1], self.mul(self.const(0.5), self.rcp(i)))]
        if kind == "pow":
            a, b = node[1:]
            down = self.pow(a, self.sub(b, one)) if self.is_const(b) else self.mul(i, self.rcp(a))
            out = [(a, self.mul(b, down))]
            return out if self.is_const(b) else [*out, (b, self.mul(i, self.unary("log", a)))]
        if kind in ("max", "min"):
            a, b = node[1:]
            zero = self.const(0.0)
            low, high = self.select(a, b, one, zero), self.select(a, b, zero, one)
            return [(a, high), (b, low)] if kind == "max" else [(a, low), (b, high)]
        if kind == "select":
            a, b, c, d = node[1:]
            zero = self.const(0.0)
            return [(c, self.select(a, b, one, zero)), (d, self.select(a, b, zero, one))]
        return []

    def gradients(self, roots: Iterable[int], cuts: Iterable[int] = (), role: str = "state") -> list[dict[int, int]]:
        """Sparse gradient of every root with respect to the symbols of one role: {symbol node: derivative node}.

        `cuts` are shared intermediate nodes (a component's outputs): each is differentiated once and chained.
        """
        known: dict[int, dict[int, int]] = {}
        for i, node in enumerate(self.nodes):
            if node[0] == "sym" and node[1] == role:
                known[i] = {i: self.const(1.0)}
        for cut in sorted(set(cuts)):
            if cut not in known:
                known[cut] = self._gradient(cut, known)
        return [known[r] if r in known else self._gradient(r, known) for r in roots]

    def _gradient(self, root: int, known: dict[int, dict[int, int]]) -> dict[int, int]:
        adjoint = {root: self.const(1.0)}
        out: dict[int, int] = {}
        for i in reversed(self.below(root, known)):
            weight = adjoint.get(i)
            if weight is None:
                continue
            if i in known:
                for symbol, d in known[i].items():
                    term = self.mul(weight, d)
                    out[symbol] = self.add(out[symbol], term) if symbol in out else term
                continue
            for arg, d in self.partials(i):
                term = self.mul(weight, d)
                adjoint[arg] = self.add(adjoint[arg], term) if arg in adjoint else term
        return {s: d for s, d in out.items() if not self.is_const(d, 0.0)}

    def below(self, root: int, stop: Any = ()) -> list[int]:
        """Nodes that `root` is made of, arguments first, not going below nodes in `stop`."""
        seen: set[int] = set()
        stack = [root]
        while stack:
            i = stack.pop()
            if i in seen:
                continue
            seen.add(i)
            if i not in stop:
                stack.extend(self.children(i))
        return sorted(seen)

    def symbols(self, root: int, role: str) -> set[str]:
        """Names of the symbols of one role that `root` depends on."""
        return {self.nodes[i][2] for i in self.below(root) if self.nodes[i][0] == "sym" and self.nodes[i][1] == role}
