"""Graph nodes → instructions, split over several functions where a model is large.

Compile time grows faster than the length of a function, so a long straight run of instructions is cut into
pieces. A value needed in a later piece goes through a scratch array. Pieces do not change any result.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Protocol

from ketasim.core.graph import Graph
from ketasim.core.solvers.native import mathfns
from ketasim.core.solvers.native.ir import Function, Module, Value

PIECE, PIECE_WHEN_LARGE, LARGE = 3000, 1000, 4000
"""Instructions per function: a model of few nodes is left whole, one of more than LARGE is cut finer."""
INLINE_CALLS = 12
"""Above this many uses in a model, exp, log and pow are called instead of written out each time."""
BUNDLE = 4
"""So many exp, log and pow are computed side by side: each alone is one long chain of waiting."""
SPECIAL: dict[str, Callable[..., Value]] = {
    "exp": mathfns.exp, "log": mathfns.log, "pow": mathfns.power, "powp": mathfns.power_of_positive,
}  # fmt: skip
SMALLEST_NORMAL = 2.2250738585072014e-308


class Leaf(Protocol):
    """Says which nodes are found in memory (or are constants), and loads them."""

    def has(self, node: int) -> bool: ...

    def load(self, fn: Function, node: int) -> Value: ...


class Straight:
    """A straight-line program under one signature, in as many pieces as its length asks for."""

    def __init__(self, module: Module, name: str, signature: Mapping[str, str], piece: int = PIECE) -> None:
        self.module, self.name, self.piece = module, name, piece
        self.signature = {**signature, "scratch": "ptr noalias"}
        self.pieces: list[Function] = []
        self._slot: dict[tuple[int, str], int] = {}
        self._loaded: dict[tuple[int, int], Value] = {}
        self._next()

    def _next(self) -> None:
        self.fn = Function(self.module, f"{self.name}_{len(self.pieces)}", self.signature, internal=True)
        self.pieces.append(self.fn)

    def breathe(self) -> None:
        """A place where a new piece may begin."""
        if len(self.fn.body) > self.piece:
            self._next()

    def here(self, value: Value) -> Value:
        """The value, usable in the current piece."""
        if value.fn is self.fn or not value.name.startswith("%"):
            return value if value.fn is self.fn else Value(self.fn, value.name, value.kind)
        home = self.pieces.index(value.fn)
        key = (home, value.name)
        if key not in self._slot:
            self._slot[key] = len(self._slot)
            value.fn.store(value, value.fn["scratch"], self._slot[key])
        slot = self._slot[key]
        loaded = (len(self.pieces), slot)
        if loaded not in self._loaded:
            self._loaded[loaded] = self.fn.load(self.fn["scratch"], slot)
        return self._loaded[loaded]

    def finish(self) -> int:
        """Write the function that calls the pieces; returns the vectors of scratch they need."""
        if len(self.pieces) == 1:
            only = self.pieces[0]
            del self.module.functions[only.name]
            only.name, only.internal = self.name, False
            self.module.functions[self.name] = only
        else:
            whole = Function(self.module, self.name, self.signature)
            for piece in self.pieces:
                whole.call(piece, *whole.args.values())
        return len(self._slot)


class NodeWriter:
    """Writes graph nodes into a Straight program, each once, arguments first, only when asked for."""

    def __init__(self, graph: Graph, program: Straight, leaf: Leaf, roots: Iterable[int], calls: bool) -> None:
        self.graph, self.program, self.leaf, self.calls = graph, program, leaf, calls
        self.value: dict[int, Value] = {}
        self.uses: dict[int, int] = {}
        self._count_uses(roots)

    def _count_uses(self, roots: Iterable[int]) -> None:
        stack = list(roots)
        for root in stack:
            self.uses[root] = self.uses.get(root, 0) + 1
        seen: set[int] = set()
        while stack:
            i = stack.pop()
            if i in seen:
                continue
            seen.add(i)
            for a in self.graph.children(i):
                self.uses[a] = self.uses.get(a, 0) + 1
                stack.append(a)

    def __call__(self, node: int) -> Value:
        """The value of a node in the current piece."""
        stack = [node]
        while stack:
            i = stack[-1]
            if i in self.value:
                stack.pop()
                continue
            if self.leaf.has(i):
                self.value[i] = self.leaf.load(self.program.fn, i)
                stack.pop()
                continue
            missing = [a for a in self._arguments(i) if a not in self.value]
            if missing:
                stack.extend(reversed(missing))
                continue
            self.program.breathe()
            self.value[i] = self._write(i)
            stack.pop()
        return self._get(node)

    def specials_first(self, roots: Iterable[int]) -> None:
        """Write every exp, log and pow below `roots` now, in bundles of independent ones."""
        depth: dict[int, int] = {}
        for i in self._below(roots):
            inner = max((depth[a] for a in self.graph.children(i) if a in depth), default=0)
            depth[i] = inner + (self._kind(i) in SPECIAL)
        special = [i for i in depth if self._kind(i) in SPECIAL and i not in self.value]
        special.sort(key=lambda i: (depth[i], self._kind(i), i))
        while special:
            first = special[0]
            alike = [i for i in special[:BUNDLE] if depth[i] == depth[first]]
            if self.calls:
                alike = [i for i in alike if self._kind(i) == self._kind(first)]
            self._bundle(alike)
            special = special[len(alike) :]

    def _below(self, roots: Iterable[int]) -> list[int]:
        """Nodes to be computed for `roots`, arguments first."""
        seen: set[int] = set()
        stack = list(roots)
        while stack:
            i = stack.pop()
            if i not in seen and not self.leaf.has(i):
                seen.add(i)
                stack.extend(self.graph.children(i))
        return sorted(seen)

    def _kind(self, i: int) -> str:
        """Kind of a node; "powp" for a power whose base is guarded from below, max(x, tiny constant)."""
        kind, *args = self.graph.nodes[i]
        if kind != "pow":
            return kind
        base = self.graph.nodes[args[0]]
        floors = [self.graph.nodes[a] for a in base[1:]] if base[0] == "max" else []
        return "powp" if any(f[0] == "const" and f[1] >= SMALLEST_NORMAL for f in floors) else kind

    def _bundle(self, nodes: list[int]) -> None:
        arguments = [self.graph.children(i) for i in nodes]
        for args in arguments:
            for a in args:
                self(a)
        self.program.breathe()
        values = [[self._get(a) for a in args] for args in arguments]
        if self.calls and len(nodes) == BUNDLE:
            results = call_bundle(self.program.module, self.program.fn, self._kind(nodes[0]), values)
        else:
            results = self.program.fn.side_by_side(
                [partial(self._function, self._kind(i), v) for i, v in zip(nodes, values, strict=True)]
            )
        self.value.update(zip(nodes, results, strict=True))

    def _get(self, node: int) -> Value:
        value = self.value[node]
        if value.fn is not self.program.fn:
            if self.leaf.has(node):
                self.value[node] = value = self.leaf.load(self.program.fn, node)
            else:
                value = self.program.here(value)
        return value

    def _product(self, i: int) -> tuple[int, int] | None:
        """The factors of a product used nowhere else, which can join an addition."""
        node = self.graph.nodes[i]
        if node[0] == "mul" and self.uses.get(i, 0) == 1 and i not in self.value and not self.leaf.has(i):
            return node[1], node[2]
        return None

    def _arguments(self, i: int) -> Sequence[int]:
        kind, *args = self.graph.nodes[i]
        if kind in ("add", "sub"):
            for place in (1, 0):
                factors = self._product(args[place])
                if factors:
                    return (args[1 - place], *factors)
        return args if kind != "const" else ()

    def _write(self, i: int) -> Value:
        kind, *args = self.graph.nodes[i]
        fn = self.program.fn
        if kind in ("add", "sub"):
            for place in (1, 0):
                factors = self._product(args[place])
                if factors:
                    a, b, c = (self._get(x) for x in (*factors, args[1 - place]))
                    if kind == "add":
                        return fn.fma(a, b, c)
                    return fn.fma(-a, b, c) if place == 1 else fn.fma(a, b, -c)
        v = [self._get(a) for a in args]
        if kind in ("add", "sub", "mul"):
            return fn.binary(kind, v[0], v[1])
        if kind == "neg":
            return -v[0]
        if kind == "rcp":
            return 1.0 / v[0]
        if kind == "sqrt":
            return fn.intrinsic("sqrt", v[0])
        if kind == "max":
            return _extremum(fn, "ogt", v[0], v[1])
        if kind == "min":
            return _extremum(fn, "olt", v[0], v[1])
        if kind == "select":
            return fn.select(fn.compare("olt", v[0], v[1]), v[2], v[3])
        return self._function(self._kind(i), v)

    def _function(self, kind: str, v: list[Value]) -> Value:
        if not self.calls:
            return SPECIAL[kind](self.program.fn, *v)
        return call_shared(self.program.module, self.program.fn, kind, v)


def _extremum(fn: Function, how: str, a: Value, b: Value) -> Value:
    """Larger or smaller; NaN in either argument stays NaN."""
    picked = fn.select(fn.compare(how, a, b), a, b)
    return fn.select(fn.compare("uno", a, a), a, picked)


def call_shared(module: Module, fn: Function, kind: str, v: list[Value]) -> Value:
    """Call the one copy of exp, log or pow of a module."""
    name = f"shared_{kind}"
    if name not in module.functions:
        made = Function(module, name, dict.fromkeys(("x", "y")[:len(v)], module.vec), returns=module.vec, internal=True)
        out = SPECIAL[kind](made, *made.args.values())
        made.do(f"ret {out.typed}")
    result = fn.call(module.functions[name], *v)
    assert result is not None
    return result


def call_bundle(module: Module, fn: Function, kind: str, v: list[list[Value]]) -> list[Value]:
    """Call the one copy of BUNDLE exp, log or pow side by side."""
    name = f"shared_{kind}_by_{BUNDLE}"
    record = "{ " + ", ".join([module.vec] * BUNDLE) + " }"
    if name not in module.functions:
        width = len(v[0])
        names = [f"a{k}_{q}" for k in range(BUNDLE) for q in range(width)]
        made = Function(module, name, dict.fromkeys(names, module.vec), returns=record, internal=True)
        args = list(made.args.values())
        groups = [args[k * width : (k + 1) * width] for k in range(BUNDLE)]
        special: Any = SPECIAL[kind]
        results = made.side_by_side([partial(special, made, *g) for g in groups])
        packed = Value(made, "poison", record)
        for k, out in enumerate(results):
            packed = made.emit(f"insertvalue {packed.typed}, {out.typed}, {k}", record)
        made.do(f"ret {packed.typed}")
    result = fn.call(module.functions[name], *(x for group in v for x in group))
    assert result is not None
    return [fn.emit(f"extractvalue {result.typed}, {k}", module.vec) for k in range(BUNDLE)]


def function_count(graph: Graph, roots: Iterable[int]) -> int:
    """How many exp, log and pow the nodes under `roots` hold."""
    seen: set[int] = set()
    stack = list(roots)
    while stack:
        i = stack.pop()
        if i not in seen:
            seen.add(i)
            stack.extend(graph.children(i))
    return sum(graph.nodes[i][0] in ("exp", "log", "pow") for i in seen)
