"""Rodas5P over all lanes at once, each lane with its own subject, time and step.

The stepper knows no model: it reaches the model's functions through the context, so it is compiled once for a
processor and serves every system. Decisions are taken lane by lane with masks; a result never depends on what the
other lanes hold.

Error of a step: the largest over states of |u_8| / (atol + rtol·max(|y|, |y₁|, floor·largest |y| so far)).
"""

from __future__ import annotations

from ketasim.core.solvers import tableau
from ketasim.core.solvers.native import mathfns
from ketasim.core.solvers.native.ir import I64, Function, Module, Value
from ketasim.core.solvers.native.layout import EMPTY, EXHAUSTED, INDEX, UNROLL, Frame
from ketasim.core.solvers.native.reduce import write_reduce
from ketasim.core.solvers.native.settle import CONTEXT, write_row, write_settling
from ketasim.core.solvers.solution import NOT_FINITE, POLE_CROSSED, STEP_TOO_SMALL, TOO_MANY_STEPS

SAFETY, SHRINK, GROW, GROW_FIRST = 0.9, 0.15, 6.0, 30.0
ALMOST_ALL = 1.0 - 1e-12
SMALLEST_STEP, SMALLEST_RELATIVE = 1e-12, 1e-15
"""A refused step below SMALLEST_STEP (h) + SMALLEST_RELATIVE × time gives the subject up."""

VECTORS = "ptr noalias"


def write_stepper(module: Module) -> None:
    """Write `run(context)`, which integrates all subjects it can take from the shared counter."""
    write_settling(module)
    for stage in range(1, tableau.STAGES):
        _write_combine(module, stage)
    _write_error(module)
    write_reduce(module)
    _write_outputs(module)
    _write_step(module)
    fn = Function(module, "run", CONTEXT)
    f = Frame(fn, "lane")
    f.put("subject", fn.const(EMPTY, fn.ivec))

    def alive() -> Value:
        return fn.any(fn.compare("ne", f.all("subject", fn.ivec), EXHAUSTED))

    with fn.loop_while(alive):
        with fn.when(fn.any(fn.compare("eq", f.all("subject", fn.ivec), EMPTY))):
            fn.call(module.functions["refill"], fn["context"])
        with fn.when(fn.any(fn.compare("sge", f.all("subject", fn.ivec), 0))):
            fn.call(module.functions["step"], fn["context"])


def _write_combine(module: Module, stage: int) -> None:
    """combine<s>: argument y₁ and inhomogeneity b of stage s (counted from 0) from the stages before it."""
    signature = {**dict.fromkeys(("u", "y", "y1", "b", "inverse_h"), VECTORS), "size": I64}
    fn = Function(module, f"combine{stage}", signature, internal=True)
    inverse_h = fn.load(fn["inverse_h"])
    with fn.loop(fn["size"], UNROLL) as first:
        for k in range(UNROLL):
            i = first + k if k else first
            u = [fn.load(fn["u"], fn["size"] * j + i) for j in range(stage)]
            if stage < len(tableau.A):
                value = fn.load(fn["y"], i)
                for j, a in enumerate(tableau.A[stage]):
                    value = fn.fma(u[j], a, value)
            else:
                value = fn.load(fn["y1"], i) + u[stage - 1]
            fn.store(value, fn["y1"], i)
            total = u[0] * tableau.C[stage][0]
            for j in range(1, stage):
                total = fn.fma(u[j], tableau.C[stage][j], total)
            fn.store(total * inverse_h, fn["b"], i)


def _write_error(module: Module) -> None:
    """error: adds the last increment to y₁, keeps the largest |y| seen, and returns the weighted size of the increment
    for each lane. The largest of the quotients is found by cross-multiplication, with one division at the end."""
    names = ("u", "y", "y1", "largest", "tolerance")
    fn = Function(module, "error", {**dict.fromkeys(names, VECTORS), "size": I64}, returns=module.vec, internal=True)
    rtol, atol, floor = (fn.load(fn["tolerance"], k) for k in range(3))
    zero, one = fn.const(0.0, fn.vec), fn.const(1.0, fn.vec)
    with fn.fold(fn["size"], UNROLL, carry=[zero, one] * UNROLL + [zero]) as (first, carried, following):
        undefined = carried[-1]
        for k in range(UNROLL):
            i = first + k if k else first
            change = fn.load(fn["u"], fn["size"] * (tableau.STAGES - 1) + i)
            new = fn.load(fn["y1"], i) + change
            fn.store(new, fn["y1"], i)
            now = fn.abs(fn.load(fn["y"], i))
            largest = fn.larger(now, fn.load(fn["largest"], i))
            fn.store(largest, fn["largest"], i)
            scale = fn.larger(fn.larger(now, fn.abs(new)), largest * floor)
            top, bottom = fn.abs(change), fn.fma(rtol, scale, atol)
            more = fn.compare("ogt", top * carried[2 * k + 1], carried[2 * k] * bottom)
            following += [fn.select(more, top, carried[2 * k]), fn.select(more, bottom, carried[2 * k + 1])]
            undefined = fn.fma(new, 0.0, undefined)
        following.append(undefined)
    total = carried[0] / carried[1]
    for k in range(1, UNROLL):
        total = fn.larger(total, carried[2 * k] / carried[2 * k + 1])
    total = total + carried[-1]
    fn.do(f"ret {total.typed}")


def _write_step(module: Module) -> None:
    """step(context): one step of every lane that holds a subject, accepted or not."""
    fn = Function(module, "step", CONTEXT, internal=True)
    f = Frame(
        fn, "lane", "padded", "poles", "timed", "max_step", "max_steps", "begin", "stage", "scratch", "y", "y1", "b",
        "u", "lu", "p", "rate", "slope", "poles_now", "poles_before", "largest", "stage_t", "step", "theta", "at",
        "reductions",
    )  # fmt: skip
    t, stop = f.all("t"), f.all("stop")
    remaining = stop - t
    wanted = fn.smaller(f.all("h"), fn.splat(f["max_step"]))
    last = fn.compare("oge", wanted, remaining * ALMOST_ALL)
    h = fn.select(last, remaining, fn.smaller(wanted, remaining * 0.5))
    inverse_h = 1.0 / h
    fn.store(inverse_h * (1.0 / tableau.GAMMA), f["step"])
    fn.store(h * tableau.TIME_SLOPE[0], f["step"], 1)
    fn.store(inverse_h, f["at"])
    f.invoke("begin", "y", "p", f.whole("t"), "rate", "lu", "step", "u", "slope", "poles_now")
    _check_poles(fn, f)
    active = fn.compare("sge", f.all("subject", fn.ivec), 0)
    _stages(fn, f, t, h)
    tolerance = fn.at(fn["context"], INDEX["rtol"], I64)
    splatted = fn.at(f["theta"], 1, fn.vec)
    for k in range(3):
        fn.store(fn.splat(fn.load(tolerance, k, "double")), splatted, k)
    error = fn.call(module.functions["error"], f["u"], f["y"], f["y1"], f["largest"], splatted, f["padded"])
    assert error is not None
    accepted = _control(fn, f, h, wanted, error, active, last, t)
    t1 = fn.select(last, stop, t + h)
    _advance(fn, f, accepted, last, t, t1, h)


def _check_poles(fn: Function, f: Frame) -> None:
    """Give up lanes in which a watched denominator changed its sign in the last step."""
    with fn.fold(f["poles"], carry=[fn.const(0.0, fn.vec)]) as (i, (crossed,), following):
        now, before = fn.load(f["poles_now"], i), fn.load(f["poles_before"], i)
        following.append(fn.smaller(now * before, crossed))
        fn.store(now, f["poles_before"], i)
    old = fn.compare("eq", f.all("fresh", fn.ivec), 0)
    held = fn.compare("sge", f.all("subject", fn.ivec), 0)
    bad = fn.compare("olt", crossed, 0.0) & old & held
    with fn.when(fn.any(bad)):
        with fn.each_lane(bad) as lane:
            fn.call(fn.module.functions["leave"], fn["context"], lane, fn.i64(POLE_CROSSED))


def _stages(fn: Function, f: Frame, t: Value, h: Value) -> None:
    """Stages 2 to 8 (the first came with the Jacobian)."""
    for s in range(1, tableau.STAGES):
        combine = fn.module.functions[f"combine{s}"]
        fn.call(combine, f["u"], f["y"], f["y1"], f["b"], f["at"], f["padded"])
        fn.store(fn.fma(h, tableau.NODES[s], t), f["stage_t"])
        if tableau.TIME_SLOPE[s] != 0.0:
            with fn.when(fn.compare("ne", f["timed"], 0)):
                weight = h * tableau.TIME_SLOPE[s]
                with fn.loop(f["padded"]) as i:
                    fn.store(fn.fma(fn.load(f["slope"], i), weight, fn.load(f["b"], i)), f["b"], i)
        f.invoke("stage", "y1", "p", "stage_t", "rate", "lu", "b", fn.at(f["u"], f["padded"] * s, fn.vec))


def _control(
    fn: Function, f: Frame, h: Value, wanted: Value, error: Value, active: Value, last: Value, t: Value
) -> Value:
    """Accept or refuse, choose the next step, and mark lanes that cannot go on. Returns the accepted lanes."""
    finite = fn.compare("olt", error, 1e100)
    error = fn.select(finite, error, 1e10)
    small = fn.select(fn.compare("olt", error, 1e-12), 1e-12, error)
    factor = mathfns.exp(fn, mathfns.log(fn, small) * (-1.0 / tableau.ORDER)) * SAFETY
    fresh = fn.compare("ne", f.all("fresh", fn.ivec), 0)
    factor = fn.smaller(factor, fn.select(fresh, GROW_FIRST, fn.const(GROW, fn.vec)))
    factor = fn.larger(factor, SHRINK)
    good = fn.compare("ole", error, 1.0)
    accepted, refused = good & active, fn.negate(good) & active
    after_refusal = accepted & fn.compare("ogt", f.all("rejected"), 0.0) & fn.compare("ogt", factor, 1.0)
    factor = fn.select(after_refusal, 1.0, factor)
    new = h * factor
    keep = accepted & last & fn.compare("olt", new, wanted)
    new = fn.select(keep, wanted, new)
    new = fn.select(active, new, f.all("h"))
    f.put("h", new)
    f.put("rejected", fn.select(accepted, 0.0, fn.const(1.0, fn.vec)))
    f.put("fresh", fn.select(accepted, fn.const(0, fn.ivec), f.all("fresh", fn.ivec)))
    done = f.all("accepted", fn.ivec) + fn.cast("zext", accepted, fn.ivec)
    wasted = f.all("refused", fn.ivec) + fn.cast("zext", refused, fn.ivec)
    f.put("accepted", done)
    f.put("refused", wasted)
    smallest = fn.fma(fn.abs(t), SMALLEST_RELATIVE, fn.const(SMALLEST_STEP, fn.vec))
    tiny = refused & fn.compare("olt", new, smallest)
    many = active & fn.compare("sgt", done + wasted, fn.splat(f["max_steps"]))
    why = fn.select(finite, fn.const(STEP_TOO_SMALL, fn.ivec), fn.const(NOT_FINITE, fn.ivec))
    why = fn.select(tiny, why, fn.const(TOO_MANY_STEPS, fn.ivec))
    failed = tiny | many
    f.put("failed", fn.select(failed, why, fn.const(0, fn.ivec)))
    return accepted


def _advance(fn: Function, f: Frame, accepted: Value, last: Value, t: Value, t1: Value, h: Value) -> None:
    """Outputs and reductions inside the step, then the new state, then edges and failures."""
    module = fn.module
    before, now = f.all("output_before", fn.ivec), f.all("output", fn.ivec)
    f.put("output_before", fn.select(accepted, now, before))
    fn.store(fn.select(accepted, t1, t), f["stage_t"])
    stop = f.all("stop")
    reducing = fn.compare("ne", f["reductions"], 0)
    inside = fn.compare("olt", f.all("due"), t1)
    at_end = fn.compare("oeq", f.all("due"), t1) & (
        fn.compare("olt", t1, stop) | fn.compare("ne", f.all("due_left", fn.ivec), 0)
    )
    wanted = fn.binary("or", fn.any(accepted & (inside | at_end)), reducing)
    with fn.when(fn.binary("and", wanted, fn.any(accepted))):
        packed = fn.select(accepted, fn.const(1.0, fn.vec), fn.const(0.0, fn.vec))
        fn.store(packed, f["theta"], 4)
        fn.store(h, f["theta"], 5)
        fn.call(module.functions["outputs"], fn["context"])
        with fn.when(reducing):
            fn.call(module.functions["reduce"], fn["context"])
    _accept_states(fn, f, accepted)
    f.put("t", fn.select(accepted, t1, t))
    failed = fn.compare("ne", f.all("failed", fn.ivec), 0)
    with fn.when(fn.any(failed)):
        with fn.each_lane(failed) as lane:
            fn.call(module.functions["leave"], fn["context"], lane, f.get("failed", lane, I64))
    arrived = accepted & last & fn.negate(failed)
    with fn.when(fn.any(arrived)):
        with fn.each_lane(arrived) as lane:
            fn.call(module.functions["settle"], fn["context"], lane)


def _accept_states(fn: Function, f: Frame, accepted: Value) -> None:
    """y ← y₁ in the accepted lanes: by exchanging the two arrays where no lane that holds a subject was refused."""
    held = fn.compare("sge", f.all("subject", fn.ivec), 0)
    refused = fn.any(held & fn.negate(accepted))
    with fn.when(refused):
        with fn.loop(f["padded"]) as i:
            fn.store(fn.select(accepted, fn.load(f["y1"], i), fn.load(f["y"], i)), f["y"], i)
    with fn.when(fn.negate(refused)):
        fn.store(f["y1"], fn["context"], INDEX["y"])
        fn.store(f["y"], fn["context"], INDEX["y1"])


def _write_outputs(module: Module) -> None:
    """outputs(context): write the outputs that fall inside the step just accepted."""
    fn = Function(module, "outputs", CONTEXT, internal=True)
    f = Frame(
        fn, "lane", "padded", "outputs", "times", "values", "out", "read", "interpolate", "y", "y1", "u", "x",
        "p", "theta", "at", "stage_t", "scratch", "batched",
    )  # fmt: skip
    batched = fn.compare("ne", f["batched"], 0)
    accepted = fn.compare("ogt", fn.load(f["theta"], 4), 0.0)
    t, t1, h = f.all("t"), fn.load(f["stage_t"]), fn.load(f["theta"], 5)
    inner_end = fn.compare("olt", t1, f.all("stop"))

    def due() -> Value:
        when = f.all("due")
        at_end = fn.compare("oeq", when, t1) & (inner_end | fn.compare("ne", f.all("due_left", fn.ivec), 0))
        return accepted & (fn.compare("olt", when, t1) | at_end)

    with fn.loop_while(lambda: fn.any(due())):
        mask = due()
        when = fn.select(mask, f.all("due"), t)
        fn.store(when, f["at"])
        fn.store((when - t) / h, f["theta"])
        interpolate(fn, f)
        with fn.when(batched):
            with fn.each_lane(mask) as lane:
                fn.call(module.functions["queue"], fn["context"], lane, f["x"])
        with fn.when(fn.negate(batched)):
            f.invoke("read", "x", "p", "at", "out")
            with fn.each_lane(mask) as lane:
                write_row(fn, f, lane)


def interpolate(fn: Function, f: Frame) -> None:
    """Dense output at `theta` into `x`."""
    arrays = (f["theta"], f["y"], f["y1"], f["u"], f["x"], f["padded"])
    fn.call_pointer(f["interpolate"].name, "void", *arrays)

