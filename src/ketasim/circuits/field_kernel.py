"""Machine code for the stochastic mean field: Euler–Maruyama over regions, as many at once as a vector holds.

One call advances the state by `samples × every` steps and writes the mean of S_E over every `every` steps. The noise is
made outside, so a run does not depend on the processor. `plain` is the same step in NumPy: the oracle of the tests, and
what runs where there is no fused multiply-add.
"""

from __future__ import annotations

import ctypes
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from ketasim.core.solvers.native import compile as machine
from ketasim.core.solvers.native import mathfns
from ketasim.core.solvers.native.cpu import processor
from ketasim.core.solvers.native.ir import F64, I64, Function, Module, Value

BLOCK = 4  # vectors of rows that share one pass over the columns
TINY = 1e-9
CONSTANTS = ("a_i", "b_i", "d_e", "d_i", "leak_e", "leak_i", "rise_e", "rise_i", "external_i")
POINTERS = ("s_e", "s_i", "matrix", "base", "inhibition", "to_i", "noise", "mean", "scratch", "constants")


@dataclass(frozen=True, eq=False)
class Field:
    """What a step needs, for n regions padded to a whole number of blocks: `matrix` (columns, rows) and `base`,
    `inhibition` already multiplied by the slope of the excitatory transfer function; `to_i` excites the inhibitory
    cells; constants in the order of CONSTANTS, per step."""

    matrix: np.ndarray
    base: np.ndarray
    inhibition: np.ndarray
    to_i: np.ndarray
    constants: np.ndarray


def padded(n: int) -> int:
    """Regions in whole blocks of the widest vector used here."""
    return -(-n // (8 * BLOCK)) * 8 * BLOCK


def aligned(*shape: int) -> np.ndarray:
    """Zeros that begin on a cache line."""
    size = int(np.prod(shape))
    memory = np.zeros(size + 8)
    start = (-memory.ctypes.data % 64) // 8
    return memory[start : start + size].reshape(shape)


def advance(field: Field, s_e: np.ndarray, s_i: np.ndarray, noise: np.ndarray, every: int, n: int) -> np.ndarray:
    """Mean of S_E (samples, padded regions); the states are moved on in place. noise : (steps, 2, padded regions)."""
    samples = noise.shape[0] // every
    mean = aligned(samples, len(s_e))
    run = _native(min(processor().lanes, 8)) if _usable() else plain
    run(field, s_e, s_i, noise, mean, every, n)
    return mean


def plain(
    field: Field, s_e: np.ndarray, s_i: np.ndarray, noise: np.ndarray, mean: np.ndarray, every: int, n: int
) -> None:
    """The same steps in NumPy."""
    a_i, b_i, d_e, d_i, leak_e, leak_i, rise_e, rise_i, external_i = field.constants
    rows = field.matrix[:n].T
    for k in range(mean.shape[0]):
        for step in range(k * every, (k + 1) * every):
            mean[k] += s_e
            r_e = _rate(field.base + rows @ s_e[:n] - field.inhibition * s_i, d_e)
            r_i = _rate(a_i * (external_i + field.to_i * s_e - s_i) - b_i, d_i)
            s_e[:] = np.clip(s_e * leak_e + (1.0 - s_e) * rise_e * r_e + noise[step, 0], 0.0, 1.0)
            s_i[:] = np.maximum(s_i * leak_i + rise_i * r_i + noise[step, 1], 0.0)
    mean /= every


def _rate(x: np.ndarray, d: float) -> np.ndarray:
    safe = np.where(np.abs(x) < TINY, TINY, x)
    return safe / (1.0 - np.exp(-d * safe))


def _usable() -> bool:
    try:
        return processor().usable
    except (ImportError, OSError):
        return False


@cache
def _native(lanes: int) -> Callable[..., None]:
    """The compiled kernel for this processor."""

    def write() -> tuple[str, dict[str, Any]]:
        module = Module(lanes)
        write_kernel(module)
        return module.text(), {"names": ["advance"]}

    source = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()
    loaded = machine.build(machine.object_key("mean_field", lanes, source), write, passes=0, codegen=2)
    kernel = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * len(POINTERS), *[ctypes.c_int64] * 4)(
        loaded.address["advance"]
    )

    def run(
        field: Field, s_e: np.ndarray, s_i: np.ndarray, noise: np.ndarray, mean: np.ndarray, every: int, n: int
    ) -> None:
        scratch = aligned(2 * len(s_e))
        held = (s_e, s_i, field.matrix, field.base, field.inhibition, field.to_i, noise, mean, scratch, field.constants)
        kernel(*(x.ctypes.data for x in held), len(s_e) // lanes, n, every, mean.shape[0])

    return run


def write_kernel(module: Module) -> None:
    """IR of `advance(states, field, noise, mean, scratch, constants, vectors, columns, every, samples)`."""
    signature = {**dict.fromkeys(POINTERS, "ptr noalias"), **dict.fromkeys(("vectors", "columns", "every"), I64)}
    fn = Function(module, "advance", {**signature, "samples": I64})
    p = {name: fn[name] for name in POINTERS}
    constant = {name: fn.splat(fn.load(p["constants"], k, F64)) for k, name in enumerate(CONSTANTS)}
    vectors, every = fn["vectors"], fn["every"]
    share = fn.splat(fn.emit(f"sitofp {every.typed} to double", F64))
    with fn.loop(fn["samples"]) as sample:
        total = fn.at(p["mean"], sample * vectors, module.vec)
        with fn.loop(every) as turn:
            noise = fn.at(p["noise"], (sample * every + turn) * vectors * 2, module.vec)
            _currents(fn, p, vectors)
            _step(fn, p, noise, total, constant, vectors)
        with fn.loop(vectors) as i:
            fn.store(fn.load(total, i) / share, total, i)


def _currents(fn: Function, p: dict[str, Value], vectors: Value) -> None:
    """scratch ← base + matrix · S_E, block of rows by block of rows."""
    with fn.loop(vectors, BLOCK) as first:
        rows = [first + k if k else first for k in range(BLOCK)]
        with fn.fold(fn["columns"], carry=[fn.load(p["base"], i) for i in rows]) as (j, sums, following):
            value = fn.splat(fn.load(p["s_e"], j, F64))
            column = fn.at(p["matrix"], j * vectors, fn.vec)
            following += [fn.fma(fn.load(column, i), value, s) for i, s in zip(rows, sums, strict=True)]
        for i, s in zip(rows, sums, strict=True):
            fn.store(s, p["scratch"], i)


def _step(fn: Function, p: dict[str, Value], noise: Value, total: Value, c: dict[str, Value], vectors: Value) -> None:
    """New states from the currents in scratch; S_E before the step is added to the running total."""
    with fn.loop(vectors) as i:
        s_e, s_i = fn.load(p["s_e"], i), fn.load(p["s_i"], i)
        fn.store(fn.load(total, i) + s_e, total, i)
        x_e = fn.fma(-fn.load(p["inhibition"], i), s_i, fn.load(p["scratch"], i))
        inner = fn.fma(fn.load(p["to_i"], i), s_e, c["external_i"]) - s_i
        x_i = fn.fma(c["a_i"], inner, -c["b_i"])
        r_e, r_i = fn.side_by_side([lambda: _rate_ir(fn, x_e, c["d_e"]), lambda: _rate_ir(fn, x_i, c["d_i"])])
        e = fn.fma(s_e, c["leak_e"], (1.0 - s_e) * c["rise_e"] * r_e) + fn.load(noise, i)
        inhibitory = fn.at(noise, vectors, fn.vec)
        h = fn.fma(s_i, c["leak_i"], c["rise_i"] * r_i) + fn.load(inhibitory, i)
        fn.store(fn.smaller(fn.larger(e, 0.0), 1.0), p["s_e"], i)
        fn.store(fn.larger(h, 0.0), p["s_i"], i)


def _rate_ir(fn: Function, x: Value, d: Value) -> Value:
    safe = fn.select(fn.compare("olt", fn.abs(x), TINY), TINY, x)
    return safe / (1.0 - mathfns.exp(fn, -(d * safe)))
