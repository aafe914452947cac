"""A small writer of LLVM IR text: values with Python operators, structured loops and branches.

Only what the engine needs: vectors of doubles with one lane per subject, 64-bit integers, masks, memory. Every
floating-point operation is strict IEEE (no fast-math flag of any kind), so results do not depend on the number of
lanes nor on how the compiler schedules; where a fused multiply-add is wanted it is asked for by name.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import zip_longest

F64, I64, I1, PTR = "double", "i64", "i1", "ptr"
STACK = '"frame-pointer"="all" "stackrealign"'
"""Align the stack to whole vectors: a spilled vector would otherwise straddle two cache lines."""


def double_literal(x: float) -> str:
    """LLVM's exact hexadecimal spelling of a double."""
    return "0x" + struct.pack(">d", x).hex().upper()


def is_vector(kind: str) -> bool:
    """Whether a type is a vector, as in `<8 x double>`."""
    return kind.startswith("<")


def element(kind: str) -> str:
    """`<8 x double>` -> `double`; scalars are themselves."""
    return kind.split(" x ")[1][:-1] if is_vector(kind) else kind


class Value:
    """One SSA value: the function it lives in, its spelling and its LLVM type."""

    __slots__ = ("fn", "kind", "name")

    def __init__(self, fn: Function, name: str, kind: str) -> None:
        self.fn, self.name, self.kind = fn, name, kind

    @property
    def typed(self) -> str:
        return f"{self.kind} {self.name}"

    def _with(self, op: str, other: Value | float, swap: bool = False) -> Value:
        right = other if isinstance(other, Value) else self.fn.const(other, self.kind)
        return self.fn.binary(op, right, self) if swap else self.fn.binary(op, self, right)

    def __add__(self, other: Value | float) -> Value:
        return self._with("add", other)

    def __radd__(self, other: float) -> Value:
        return self._with("add", other, True)

    def __sub__(self, other: Value | float) -> Value:
        return self._with("sub", other)

    def __rsub__(self, other: float) -> Value:
        return self._with("sub", other, True)

    def __mul__(self, other: Value | float) -> Value:
        return self._with("mul", other)

    def __rmul__(self, other: float) -> Value:
        return self._with("mul", other, True)

    def __truediv__(self, other: Value | float) -> Value:
        return self._with("div", other)

    def __rtruediv__(self, other: float) -> Value:
        return self._with("div", other, True)

    def __neg__(self) -> Value:
        return self.fn.emit(f"fneg {self.typed}", self.kind)

    def __and__(self, other: Value | int) -> Value:
        return self._with("and", other)

    def __or__(self, other: Value | int) -> Value:
        return self._with("or", other)

    def __xor__(self, other: Value | int) -> Value:
        return self._with("xor", other)


class Function:
    """One function under construction. `args` maps names to LLVM types; pointers may be declared `ptr noalias`."""

    def __init__(
        self, module: Module, name: str, args: dict[str, str], returns: str = "void", internal: bool = False
    ) -> None:
        self.module, self.name, self.returns, self.internal = module, name, returns, internal
        self.signature = args
        self.lanes = module.lanes
        self.vec, self.ivec, self.mask = module.vec, module.ivec, module.mask
        self.args = {n: Value(self, f"%{n}", kind.split(" ")[0] if "ptr" in kind else kind) for n, kind in args.items()}
        self.body: list[str] = []
        self.stack: list[str] = []
        self.block = "entry"
        self._count = 0
        module.functions[name] = self

    def __getitem__(self, name: str) -> Value:
        return self.args[name]

    # ---- instructions
    def fresh(self) -> int:
        self._count += 1
        return self._count

    def emit(self, text: str, kind: str) -> Value:
        name = f"%v{self.fresh()}"
        self.body.append(f"  {name} = {text}")
        return Value(self, name, kind)

    def do(self, text: str) -> None:
        self.body.append("  " + text)

    def const(self, x: float, kind: str) -> Value:
        base = element(kind)
        literal = double_literal(float(x)) if base == F64 else str(int(x))
        return Value(self, f"splat ({base} {literal})" if is_vector(kind) else literal, kind)

    def like(self, x: Value | float, model: Value) -> Value:
        return x if isinstance(x, Value) else self.const(x, model.kind)

    def i64(self, x: int) -> Value:
        return self.const(x, I64)

    def binary(self, op: str, a: Value, b: Value) -> Value:
        if a.kind != b.kind:
            raise TypeError(f"{op}: {a.kind} and {b.kind}")
        return self.emit(f"{'f' if element(a.kind) == F64 else ''}{op} {a.typed}, {b.name}", a.kind)

    def compare(self, how: str, a: Value, b: Value | float) -> Value:
        b = self.like(b, a)
        word = "fcmp" if element(a.kind) == F64 else "icmp"
        return self.emit(f"{word} {how} {a.typed}, {b.name}", self.mask if is_vector(a.kind) else I1)

    def select(self, mask: Value, a: Value | float, b: Value | float) -> Value:
        model = a if isinstance(a, Value) else b
        kind = model.kind if isinstance(model, Value) else (self.vec if is_vector(mask.kind) else F64)
        left, right = (x if isinstance(x, Value) else self.const(x, kind) for x in (a, b))
        return self.emit(f"select {mask.typed}, {left.typed}, {right.typed}", kind)

    def negate(self, mask: Value) -> Value:
        return self.binary("xor", mask, self.const(1, mask.kind))

    def shift(self, direction: str, a: Value, bits: int) -> Value:
        return self.emit(f"{direction} {a.typed}, {self.const(bits, a.kind).name}", a.kind)

    def cast(self, how: str, a: Value, kind: str) -> Value:
        return self.emit(f"{how} {a.typed} to {kind}", kind)

    def bits_of(self, a: Value) -> Value:
        return self.cast("bitcast", a, self.ivec if is_vector(a.kind) else I64)

    def double_of(self, a: Value) -> Value:
        return self.cast("bitcast", a, self.vec if is_vector(a.kind) else F64)

    def side_by_side(self, writers: Sequence[Callable[[], Value]]) -> list[Value]:
        """Interleave straight-line code that does not depend on each other, so that none waits alone."""
        results, bodies, whole = [], [], self.body
        for write in writers:
            self.body = []
            results.append(write())
            bodies.append(self.body)
        self.body = whole
        for lines in zip_longest(*bodies):
            self.body.extend(line for line in lines if line is not None)
        return results

    # ---- intrinsics and calls
    def intrinsic(self, name: str, *args: Value | float) -> Value:
        model = next(a for a in args if isinstance(a, Value))
        values = [self.like(a, model) for a in args]
        suffix = f"v{self.lanes}f64" if is_vector(model.kind) else "f64"
        self.module.declare(f"declare {model.kind} @llvm.{name}.{suffix}({', '.join([model.kind] * len(values))})")
        return self.emit(f"call {model.kind} @llvm.{name}.{suffix}({', '.join(v.typed for v in values)})", model.kind)

    def fma(self, a: Value | float, b: Value | float, c: Value | float) -> Value:
        return self.intrinsic("fma", a, b, c)

    def abs(self, a: Value) -> Value:
        return self.intrinsic("fabs", a)

    def larger(self, a: Value, b: Value | float) -> Value:
        """a where a > b, else b (b also where a is NaN)."""
        return self.select(self.compare("ogt", a, b), a, self.like(b, a))

    def smaller(self, a: Value, b: Value | float) -> Value:
        """a where a < b, else b (b also where a is NaN)."""
        return self.select(self.compare("olt", a, b), a, self.like(b, a))

    def call(self, target: Function, *args: Value) -> Value | None:
        return self.call_pointer(f"@{target.name}", target.returns, *args)

    def call_pointer(self, where: str, returns: str, *args: Value) -> Value | None:
        text = f"call {returns} {where}({', '.join(a.typed for a in args)})"
        if returns == "void":
            self.do(text)
            return None
        return self.emit(text, returns)

    # ---- memory
    def at(self, base: Value, index: Value | int, kind: str) -> Value:
        if isinstance(index, int):
            if index == 0:
                return base
            index = self.i64(index)
        return self.emit(f"getelementptr {kind}, ptr {base.name}, {index.typed}", PTR)

    def load(self, base: Value, index: Value | int = 0, kind: str = "") -> Value:
        kind = kind or self.vec
        return self.emit(f"load {kind}, {self.at(base, index, kind).typed}, align {self.module.alignment(kind)}", kind)

    def store(self, value: Value, base: Value, index: Value | int = 0) -> None:
        where = self.at(base, index, value.kind)
        self.do(f"store {value.typed}, {where.typed}, align {self.module.alignment(value.kind)}")

    def variable(self, kind: str, start: Value | None = None) -> Value:
        """A stack slot (becomes a register); `start` is stored where the variable is declared."""
        name = f"%s{self.fresh()}"
        self.stack.append(f"  {name} = alloca {kind}, align {self.module.alignment(kind)}")
        slot = Value(self, name, PTR)
        if start is not None:
            self.store(start, slot)
        return slot

    # ---- lanes
    def splat(self, scalar: Value) -> Value:
        kind = f"<{self.lanes} x {scalar.kind}>"
        first = self.emit(f"insertelement {kind} poison, {scalar.typed}, i64 0", kind)
        return self.emit(
            f"shufflevector {first.typed}, {kind} poison, <{self.lanes} x i32> zeroinitializer", kind
        )

    def lane_bits(self, mask: Value) -> Value:
        """The mask as an integer, bit l for lane l."""
        packed = self.cast("bitcast", mask, f"i{self.lanes}")
        return packed if self.lanes == 64 else self.cast("zext", packed, I64)

    def any(self, mask: Value) -> Value:
        return self.compare("ne", self.lane_bits(mask), 0)

    # ---- control
    def label(self, name: str) -> None:
        self.body.append(f"{name}:")
        self.block = name

    def jump(self, name: str) -> None:
        self.do(f"br label %{name}")

    def branch(self, condition: Value, then: str, otherwise: str) -> None:
        self.do(f"br {condition.typed}, label %{then}, label %{otherwise}")

    @contextmanager
    def loop(self, stop: Value | int, step: int = 1, start: Value | int = 0) -> Iterator[Value]:
        """for i in range(start, stop, step)."""
        with self.fold(stop, step, start) as (i, _, _):
            yield i

    @contextmanager
    def fold(
        self, stop: Value | int, step: int = 1, start: Value | int = 0, carry: Sequence[Value] = ()
    ) -> Iterator[tuple[Value, list[Value], list[Value]]]:
        """A loop that carries values from turn to turn: (i, values at the start of the turn, list to fill with the
        next ones). After the loop the first list holds the final values."""
        k = self.fresh()
        first = start if isinstance(start, Value) else self.i64(start)
        before = self.block
        self.jump(f"head{k}")
        self.label(f"head{k}")
        place = len(self.body)
        i = Value(self, f"%i{k}", I64)
        carried = [Value(self, f"%c{k}_{q}", v.kind) for q, v in enumerate(carry)]
        self.branch(self.compare("slt", i, stop), f"body{k}", f"end{k}")
        self.label(f"body{k}")
        following: list[Value] = []
        yield i, carried, following
        after = self.emit(f"add {i.typed}, {step}", I64)
        phi = [f"  {i.name} = phi i64 [ {first.name}, %{before} ], [ {after.name}, %{self.block} ]"]
        for old, begin, new in zip(carried, carry, following, strict=True):
            phi.append(f"  {old.name} = phi {old.kind} [ {begin.name}, %{before} ], [ {new.name}, %{self.block} ]")
        self.jump(f"head{k}")
        self.body[place:place] = phi
        self.label(f"end{k}")

    @contextmanager
    def loop_while(self, condition: Callable[[], Value]) -> Iterator[None]:
        k = self.fresh()
        self.jump(f"head{k}")
        self.label(f"head{k}")
        self.branch(condition(), f"body{k}", f"end{k}")
        self.label(f"body{k}")
        yield
        self.jump(f"head{k}")
        self.label(f"end{k}")

    @contextmanager
    def when(self, condition: Value) -> Iterator[None]:
        k = self.fresh()
        self.branch(condition, f"then{k}", f"end{k}")
        self.label(f"then{k}")
        yield
        self.jump(f"end{k}")
        self.label(f"end{k}")

    @contextmanager
    def each_lane(self, mask: Value) -> Iterator[Value]:
        """Run the body once per set lane, lowest first, with the lane's number."""
        with self.each_bit(self.lane_bits(mask)) as lane:
            yield lane

    @contextmanager
    def each_bit(self, bits: Value) -> Iterator[Value]:
        """Run the body once per set bit of an integer, lowest first, with its number."""
        left = self.variable(I64, bits)
        self.module.declare("declare i64 @llvm.cttz.i64(i64, i1)")
        with self.loop_while(lambda: self.compare("ne", self.load(left, kind=I64), 0)):
            bits = self.load(left, kind=I64)
            lane = self.emit(f"call i64 @llvm.cttz.i64({bits.typed}, i1 true)", I64)
            self.store(bits & (bits - 1), left)
            yield lane

    def text(self) -> str:
        args = ", ".join(f"{kind} %{name}" for name, kind in self.signature.items())
        lines = ["entry:", *self.stack, *self.body]
        if self.returns == "void":
            lines.append("  ret void")
        head = f"define {'internal ' if self.internal else ''}{self.returns} @{self.name}({args}) nounwind {STACK}"
        return head + " {\n" + "\n".join(lines) + "\n}\n"


class Module:
    """A set of functions for one number of lanes."""

    def __init__(self, lanes: int) -> None:
        self.lanes = lanes
        self.vec, self.ivec, self.mask = f"<{lanes} x double>", f"<{lanes} x i64>", f"<{lanes} x i1>"
        self.functions: dict[str, Function] = {}
        self._declared: dict[str, None] = {}

    def declare(self, line: str) -> None:
        self._declared[line] = None

    def alignment(self, kind: str) -> int:
        if is_vector(kind):
            return min(64, 8 * self.lanes)
        return {"i32": 4, "i8": 1}.get(kind, 8)

    def text(self) -> str:
        return "\n".join([*self._declared, "", *(f.text() for f in self.functions.values())])
