"""Summaries taken while the solver walks: integral, extremes, time above a threshold, first crossing.

Each accepted step is sampled at the five Gauss–Lobatto points of its part inside the window; the quartic through them
(exact for a state, whose dense output is a quartic) gives the integral, the stationary points and the crossings. So a
summary is as accurate as the solution and needs no stored times.
"""

from __future__ import annotations

import math

import numpy as np

from ketasim.core.solvers.native.ir import F64, I64, PTR, Function, Module, Value
from ketasim.core.solvers.native.layout import Frame
from ketasim.core.solvers.reductions import ABOVE, AUC, MAXIMUM, MINIMUM

POINTS = (-1.0, -math.sqrt(3 / 7), 0.0, math.sqrt(3 / 7), 1.0)
WEIGHTS = (1 / 10, 49 / 90, 32 / 45, 49 / 90, 1 / 10)
ROOT_STEPS = 8


def _monomials() -> tuple[tuple[float, ...], ...]:
    """Rows: coefficient of z^k from the five samples."""
    return tuple(map(tuple, np.linalg.inv(np.vander(POINTS, increasing=True)).tolist()))


def write_reduce(module: Module) -> None:
    """Write `reduce(context)`."""
    _write_root(module)
    fn = Function(module, "reduce", {"context": PTR}, internal=True)
    f = Frame(
        fn, "lane", "windows", "window_from", "window_to", "window_first", "outputs", "samples", "sums", "out", "read",
        "interpolate", "y", "y1", "u", "x", "p", "padded", "theta", "at", "stage_t", "scratch", "reduction_kind",
        "reduction_output", "reduction_threshold",
    )  # fmt: skip
    t, t1, h = f.all("t"), fn.load(f["stage_t"]), fn.load(f["theta"], 5)
    accepted = fn.compare("ogt", fn.load(f["theta"], 4), 0.0)
    with fn.loop(f["windows"]) as w:
        begin = fn.splat(fn.load(f["window_from"], w, F64))
        end = fn.splat(fn.load(f["window_to"], w, F64))
        start, stop = fn.larger(t, begin), fn.smaller(t1, end)
        mask = accepted & fn.compare("olt", start, stop)
        with fn.when(fn.any(mask)):
            half = fn.select(mask, (stop - start) * 0.5, 0.0)
            middle = fn.select(mask, (start + stop) * 0.5, t)
            for j, z in enumerate(POINTS):
                _sample(fn, f, j, fn.fma(half, z, middle), t, h)
            with fn.loop(fn.load(f["window_first"], w + 1, I64), start=fn.load(f["window_first"], w, I64)) as r:
                _reduce_one(fn, f, r, mask, middle, half)


def _sample(fn: Function, f: Frame, j: int, when: Value, t: Value, h: Value) -> None:
    fn.store(when, f["at"])
    fn.store((when - t) / h, f["theta"])
    arrays = (f["theta"], f["y"], f["y1"], f["u"], f["x"], f["padded"])
    fn.call_pointer(f["interpolate"].name, "void", *arrays)
    f.invoke("read", "x", "p", "at", "out")
    with fn.loop(f["outputs"]) as q:
        fn.store(fn.load(f["out"], q), f["samples"], q * 5 + j)


def _reduce_one(fn: Function, f: Frame, r: Value, mask: Value, middle: Value, half: Value) -> None:
    kind = fn.load(f["reduction_kind"], r, I64)
    first = fn.load(f["reduction_output"], r, I64) * 5
    sums = fn.at(f["sums"], r * 2, fn.vec)
    s = [fn.load(f["samples"], first + j) for j in range(5)]
    with fn.when(fn.compare("eq", kind, AUC)):
        total = s[0] * WEIGHTS[0]
        for j in range(1, 5):
            total = fn.fma(s[j], WEIGHTS[j], total)
        fn.store(fn.fma(total, half, fn.load(sums)), sums)
    with fn.when(fn.compare("eq", kind, MAXIMUM)):
        _extreme(fn, sums, s, mask, middle, half, sign=1.0)
    with fn.when(fn.compare("eq", kind, MINIMUM)):
        _extreme(fn, sums, s, mask, middle, half, sign=-1.0)
    with fn.when(fn.compare("eq", kind, ABOVE)):
        threshold = fn.splat(fn.load(f["reduction_threshold"], r, F64))
        _above(fn, sums, s, threshold, mask, middle, half)


def _coefficients(fn: Function, s: list[Value]) -> list[Value]:
    out = []
    for row in _monomials():
        total = s[0] * row[0]
        for j in range(1, 5):
            total = fn.fma(s[j], row[j], total)
        out.append(total)
    return out


def _at(fn: Function, c: list[Value], z: Value | float) -> Value:
    total = c[-1]
    for a in reversed(c[:-1]):
        total = fn.fma(total, z, a)
    return total


def _offer(fn: Function, sums: Value, value: Value, time: Value, valid: Value, sign: float) -> None:
    """Keep the value and its time where it beats the one kept (or none is)."""
    best, when = fn.load(sums), fn.load(sums, 1)
    better = fn.compare("ogt" if sign > 0 else "olt", value, best) | fn.compare("uno", when, when)
    better = better & valid & fn.compare("ord", value, value)
    fn.store(fn.select(better, value, best), sums)
    fn.store(fn.select(better, time, when), sums, 1)


def _extreme(fn: Function, sums: Value, s: list[Value], mask: Value, middle: Value, half: Value, sign: float) -> None:
    for j, z in enumerate(POINTS):
        _offer(fn, sums, s[j], fn.fma(half, z, middle), mask, sign)
    c = _coefficients(fn, s)
    slope = [c[k] * (sign * k) for k in range(1, 5)]
    at = [_at(fn, slope, z) for z in POINTS]
    for j in range(4):
        turning = mask & fn.compare("ogt", at[j], 0.0) & fn.compare("olt", at[j + 1], 0.0)
        with fn.when(fn.any(turning)):
            root = _root(fn, [-a for a in slope], j)
            _offer(fn, sums, _at(fn, c, root), fn.fma(half, root, middle), turning, sign)


def _above(
    fn: Function, sums: Value, s: list[Value], threshold: Value, mask: Value, middle: Value, half: Value
) -> None:
    c = _coefficients(fn, s)
    c[0] = c[0] - threshold
    above = [fn.compare("ogt", v, threshold) for v in s]
    for j in range(4):
        low, high = POINTS[j], POINTS[j + 1]
        up = mask & above[j + 1] & fn.negate(above[j])
        down = mask & above[j] & fn.negate(above[j + 1])
        cross = fn.variable(fn.vec, fn.const(0.0, fn.vec))
        with fn.when(fn.any(up | down)):
            rising = fn.select(up, fn.const(1.0, fn.vec), fn.const(-1.0, fn.vec))
            fn.store(_root(fn, [a * rising for a in c], j), cross)
        z = fn.load(cross)
        begin = fn.select(up, z, low)
        length = fn.select(down, z, fn.const(high, fn.vec)) - begin
        counted = mask & (above[j] | above[j + 1])
        fn.store(fn.fma(fn.select(counted, length, 0.0), half, fn.load(sums)), sums)
        first = fn.load(sums, 1)
        fresh = counted & fn.compare("uno", first, first)
        fn.store(fn.select(fresh, fn.fma(half, begin, middle), first), sums, 1)


def _root(fn: Function, c: list[Value], j: int) -> Value:
    padded = [*c, *([fn.const(0.0, fn.vec)] * (5 - len(c)))]
    low, high = (fn.const(POINTS[k], fn.vec) for k in (j, j + 1))
    out = fn.call(fn.module.functions["root"], *padded, low, high)
    assert out is not None
    return out


def _write_root(module: Module) -> None:
    """root(c0 … c4, low, high): zero of a rising polynomial between low (negative) and high (positive): Newton's
    method, replaced by bisection wherever it would leave the bracket."""
    names = [*(f"c{k}" for k in range(5)), "low", "high"]
    fn = Function(module, "root", dict.fromkeys(names, module.vec), returns=module.vec, internal=True)
    c = [fn[f"c{k}"] for k in range(5)]
    slope = [c[k] * float(k) for k in range(1, 5)]
    low, high = fn.variable(fn.vec, fn["low"]), fn.variable(fn.vec, fn["high"])
    z = fn.variable(fn.vec, (fn["low"] + fn["high"]) * 0.5)
    with fn.loop(ROOT_STEPS):
        x = fn.load(z)
        value = _at(fn, c, x)
        negative = fn.compare("olt", value, 0.0)
        fn.store(fn.select(negative, x, fn.load(low)), low)
        fn.store(fn.select(negative, fn.load(high), x), high)
        newton = x - value / _at(fn, slope, x)
        inside = fn.compare("oge", newton, fn.load(low)) & fn.compare("ole", newton, fn.load(high))
        fn.store(fn.select(inside, newton, (fn.load(low) + fn.load(high)) * 0.5), z)
    fn.do(f"ret {fn.load(z).typed}")
