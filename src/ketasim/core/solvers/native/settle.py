"""What happens to one lane between steps: a subject comes in, its edges are applied, outputs at that instant are
written, it leaves finished or failed."""

from __future__ import annotations

import math

from ketasim.core.schedule import BOLUS, JUMP, PARAMETER, RATE, RESET, SET
from ketasim.core.solvers.native.ir import F64, I64, PTR, Function, Module, Value
from ketasim.core.solvers.native.layout import EMPTY, EXHAUSTED, Frame
from ketasim.core.solvers.solution import BAD_PARAMETER, NOT_FINITE, OK

TOGETHER = 4
"""Outputs copied per turn of the loop (a power of two)."""
CONTEXT = {"context": PTR}
LANE = {"context": PTR, "l": I64}


def write_settling(module: Module) -> None:
    """Write report, leave, settle and refill."""
    _write_next_output(module)
    _write_flush(module)
    _write_queue(module)
    _write_report(module)
    _write_leave(module)
    _write_settle(module)
    _write_refill(module)


def _write_next_output(module: Module) -> None:
    """next_output(context, l): look up the time (∞ when none is left) and the side of the lane's next output."""
    fn = Function(module, "next_output", LANE, internal=True)
    f = Frame(fn, "lane", "times", "times_stride", "left_stride", "output_time", "output_left")
    lane = fn["l"]
    k = f.get("output", lane, I64)
    subject = f.get("subject", lane, I64)
    f.set("due", lane, fn.const(math.inf, F64))
    f.set("due_left", lane, fn.i64(0))
    with fn.when(fn.compare("slt", k, f["times"])):
        f.set("due", lane, fn.load(f["output_time"], subject * f["times_stride"] + k, F64))
        with fn.when(fn.compare("ne", fn.cast("ptrtoint", f["output_left"], I64), 0)):
            side = fn.load(f["output_left"], subject * f["left_stride"] + k, "i8")
            f.set("due_left", lane, fn.cast("zext", side, I64))


def _copy_column(fn: Function, f: Frame, column: Value, row: Value) -> None:
    """One column of `out` to consecutive places of the results."""
    whole = f["outputs"] & -TOGETHER
    with fn.loop(whole, TOGETHER) as first:
        for q in (first + k if k else first for k in range(TOGETHER)):
            fn.store(f.cell("out", q, column), f["values"], row + q)
    with fn.loop(f["outputs"], start=whole) as q:
        fn.store(f.cell("out", q, column), f["values"], row + q)


def write_row(fn: Function, f: Frame, lane: Value) -> None:
    """Copy the lane's outputs into its row of the results and go to the next output time."""
    k = f.get("output", lane, I64)
    row = (f.get("subject", lane, I64) * f["times"] + k) * f["outputs"]
    _copy_column(fn, f, lane, row)
    f.set("output", lane, k + 1)
    fn.call(fn.module.functions["next_output"], fn["context"], lane)


def _write_flush(module: Module) -> None:
    """flush(context, l): read the outputs of the lane's batch and copy them into its rows of the results."""
    fn = Function(module, "flush", LANE, internal=True)
    f = Frame(
        fn, "lane", "outputs", "times", "values", "out", "read_batch", "p", "batch", "batch_t", "padded", "scratch"
    )
    lane = fn["l"]
    count = f.get("queued", lane, I64)
    with fn.when(fn.compare("sgt", count, 0)):
        states = fn.at(f["batch"], lane * f["padded"], fn.vec)
        f.invoke("read_batch", states, fn.at(f["p"], lane, F64), fn.at(f["batch_t"], lane, fn.vec), "out")
        first = f.get("subject", lane, I64) * f["times"] + f.get("output", lane, I64) - count
        with fn.loop(count) as column:
            _copy_column(fn, f, column, (first + column) * f["outputs"])
        f.set("queued", lane, fn.i64(0))


def _write_queue(module: Module) -> None:
    """queue(context, l, states): keep the lane's states for its next output time; read the batch when it is full."""
    fn = Function(module, "queue", {**LANE, "states": PTR}, internal=True)
    f = Frame(fn, "lane", "batch", "batch_t", "padded", "collect")
    lane = fn["l"]
    count = f.get("queued", lane, I64)
    column = fn.at(fn.at(f["batch"], lane * f["padded"], fn.vec), count, F64)
    fn.call_pointer(f["collect"].name, "void", fn.at(fn["states"], lane, F64), column, f["padded"])
    fn.store(f.get("due", lane), f["batch_t"], lane * fn.lanes + count)
    f.set("queued", lane, count + 1)
    f.set("output", lane, f.get("output", lane, I64) + 1)
    fn.call(module.functions["next_output"], fn["context"], lane)
    with fn.when(fn.compare("sge", count + 1, fn.lanes)):
        fn.call(module.functions["flush"], fn["context"], lane)


def _write_report(module: Module) -> None:
    """report(context, l, only_left): write the outputs due at this instant, from the state as it is now."""
    fn = Function(module, "report", {**LANE, "only_left": I64}, internal=True)
    f = Frame(fn, "lane", "outputs", "times", "values", "out", "read", "y", "p", "scratch", "batched")
    lane = fn["l"]
    t = f.get("t", lane)

    def due() -> Value:
        side = fn.binary("or", fn.compare("eq", fn["only_left"], 0), fn.compare("ne", f.get("due_left", lane, I64), 0))
        return fn.compare("ole", f.get("due", lane), t) & side

    batched = fn.compare("ne", f["batched"], 0)
    with fn.when(due() & fn.negate(batched)):
        f.invoke("read", "y", "p", f.whole("t"), "out")
        with fn.loop_while(due):
            write_row(fn, f, lane)
    with fn.when(batched):
        with fn.loop_while(due):
            fn.call(module.functions["queue"], fn["context"], lane, f["y"])


def _write_leave(module: Module) -> None:
    """leave(context, l, status): store what remains of the subject; outputs not reached become NaN."""
    fn = Function(module, "leave", {**LANE, "code": I64}, internal=True)
    f = Frame(
        fn, "lane", "outputs", "times", "values", "states", "channels", "final", "final_rate", "status", "failed_at",
        "counts", "y", "rate", "reductions", "reduced", "sums",
    )  # fmt: skip
    lane, code = fn["l"], fn["code"]
    fn.call(module.functions["flush"], fn["context"], lane)
    subject = f.get("subject", lane, I64)
    failed = fn.compare("ne", code, OK)
    nan = fn.const(math.nan, F64)
    fn.store(code, f["status"], subject)
    fn.store(fn.select(failed, f.get("t", lane), nan), f["failed_at"], subject)
    fn.store(f.get("accepted", lane, I64), f["counts"], subject * 2)
    fn.store(f.get("refused", lane, I64), f["counts"], subject * 2 + 1)
    with fn.loop(f["states"]) as i:
        fn.store(fn.select(failed, nan, f.cell("y", i, lane)), f["final"], subject * f["states"] + i)
    with fn.loop(f["channels"]) as i:
        fn.store(f.cell("rate", i, lane), f["final_rate"], subject * f["channels"] + i)
    with fn.loop(f["reductions"] * 2) as i:
        fn.store(fn.select(failed, nan, f.cell("sums", i, lane)), f["reduced"], subject * f["reductions"] * 2 + i)
    with fn.when(failed):
        with fn.loop(f["times"] * f["outputs"], start=f.get("output_before", lane, I64) * f["outputs"]) as i:
            fn.store(nan, f["values"], subject * f["times"] * f["outputs"] + i)
    f.set("subject", lane, fn.i64(EMPTY))


def _write_settle(module: Module) -> None:
    """settle(context, l): apply the edges due, write outputs of this instant, set out for the next edge or leave."""
    fn = Function(module, "settle", LANE, internal=True)
    f = Frame(
        fn, "lane", "states", "edge_time", "first_step", "y", "p", "largest", "hoist", "read_hoist", "scratch",
        "edge_kind", "edge_target", "edge_value", "rate", "initial", "moved", "channels", "jumps",
    )  # fmt: skip
    lane = fn["l"]
    t = f.get("t", lane)
    changed = fn.variable(I64, fn.i64(0))

    def next_edge() -> Value:
        e, stop = f.get("edge", lane, I64), f.get("edge_stop", lane, I64)
        there = fn.compare("slt", e, stop)
        safe = fn.select(there, e, f.get("edge_stop", lane, I64) - 1)
        none = fn.compare("sle", stop, 0)
        when = fn.load(f["edge_time"], fn.select(none, 0, safe), F64)
        return fn.select(there, when, math.inf)

    with fn.loop_while(lambda: fn.compare("ole", next_edge(), t)):
        _apply_edge(fn, f, lane, changed)
        f.set("edge", lane, f.get("edge", lane, I64) + 1)
    _rehoist(fn, f, changed)
    upcoming, end = next_edge(), f.get("end", lane)
    f.set("stop", lane, fn.select(fn.compare("olt", upcoming, end), upcoming, end))
    f.set("h", lane, f["first_step"])
    f.set("rejected", lane, fn.const(0.0, F64))
    f.set("fresh", lane, fn.i64(1))
    f.set("output_before", lane, f.get("output", lane, I64))
    finite = fn.variable(I64, fn.i64(1))
    with fn.loop(f["states"]) as i:
        size = fn.abs(f.cell("y", i, lane))
        with fn.when(fn.negate(fn.compare("olt", size, math.inf))):
            fn.store(fn.i64(0), finite)
        f.set_cell("largest", i, lane, fn.larger(size, f.cell("largest", i, lane)))
    broken = fn.compare("eq", fn.load(finite, kind=I64), 0)
    fn.call(module.functions["report"], fn["context"], lane, fn.i64(0))
    with fn.when(broken):
        fn.call(module.functions["leave"], fn["context"], lane, fn.i64(NOT_FINITE))
    with fn.when(fn.negate(broken) & fn.compare("oge", t, end)):
        fn.call(module.functions["leave"], fn["context"], lane, fn.i64(OK))


def _rehoist(fn: Function, f: Frame, changed: Value) -> None:
    with fn.when(fn.compare("ne", fn.load(changed, kind=I64), 0)):
        f.invoke("hoist", "p")
        f.invoke("read_hoist", "p")
        fn.store(fn.i64(0), changed)


def _apply_edge(fn: Function, f: Frame, lane: Value, changed: Value) -> None:
    e = f.get("edge", lane, I64)
    kind = fn.cast("sext", fn.load(f["edge_kind"], e, "i32"), I64)
    target = fn.cast("sext", fn.load(f["edge_target"], e, "i32"), I64)
    value = fn.load(f["edge_value"], e, F64)

    def copy_moved() -> None:
        with fn.loop(f["states"]) as i:
            f.set_cell("y", i, lane, f.cell("moved", i, lane))

    with fn.when(fn.compare("eq", kind, BOLUS)):
        f.set_cell("y", target, lane, f.cell("y", target, lane) + value)
    with fn.when(fn.compare("eq", kind, RATE)):
        total = f.cell("rate", target, lane) + value
        rounding = fn.compare("olt", fn.abs(total), fn.abs(value) * 1e-12)
        f.set_cell("rate", target, lane, fn.select(rounding, 0.0, total))
    with fn.when(fn.compare("eq", kind, JUMP)):
        _rehoist(fn, f, changed)
        pointer = fn.load(f["jumps"], target, PTR)
        fn.call_pointer(pointer.name, "void", f["y"], f["p"], f.whole("t"), f["moved"], f["scratch"])
        copy_moved()
    with fn.when(fn.compare("eq", kind, RESET)):
        _rehoist(fn, f, changed)
        f.invoke("initial", "p", "moved")
        copy_moved()
        with fn.loop(f["channels"]) as i:
            f.set_cell("rate", i, lane, fn.const(0.0, F64))
    with fn.when(fn.compare("eq", kind, SET)):
        f.set_cell("y", target, lane, value)
    with fn.when(fn.compare("eq", kind, PARAMETER)):
        fn.call(fn.module.functions["flush"], fn["context"], lane)
        f.set_cell("p", target, lane, value)
        fn.store(fn.i64(1), changed)


def _write_refill(module: Module) -> None:
    """refill(context): give every empty lane its next subject."""
    fn = Function(module, "refill", CONTEXT, internal=True)
    f = Frame(
        fn, "lane", "subjects", "states", "parameters", "channels", "all_parameters", "y0", "rate0", "starts", "ends",
        "edge_ptr", "next_subject", "y", "p", "rate", "largest", "moved", "hoist", "read_hoist", "initial", "scratch",
        "reductions", "sums",
    )  # fmt: skip
    fresh = fn.variable(I64, fn.i64(0))
    with fn.each_lane(fn.compare("eq", f.all("subject", fn.ivec), EMPTY)) as lane:
        subject = fn.emit(f"atomicrmw add {f['next_subject'].typed}, i64 1 monotonic", I64)
        got = fn.compare("slt", subject, f["subjects"])
        f.set("subject", lane, fn.select(got, subject, EXHAUSTED))
        with fn.when(fn.negate(got)):
            for name, value in (("t", 0.0), ("stop", math.inf), ("h", 1.0), ("due", math.inf)):
                f.set(name, lane, fn.const(value, F64))
        with fn.when(got):
            bit = fn.emit(f"shl i64 1, {lane.name}", I64)
            fn.store(fn.load(fresh, kind=I64) | bit, fresh)
            _load_subject(fn, f, lane, subject)
    f.invoke("hoist", "p")
    f.invoke("read_hoist", "p")
    f.invoke("initial", "p", "moved")
    for begin in (_first_state, _start_subject):  # everybody's state before anybody's jump, which uses `moved` again
        with fn.each_bit(fn.load(fresh, kind=I64)) as lane:
            begin(fn, f, lane)


def _load_subject(fn: Function, f: Frame, lane: Value, subject: Value) -> None:
    with fn.loop(f["parameters"]) as i:
        f.set_cell("p", i, lane, fn.load(f["all_parameters"], subject * f["parameters"] + i, F64))
    with fn.loop(f["channels"]) as i:
        f.set_cell("rate", i, lane, fn.load(f["rate0"], subject * f["channels"] + i, F64))
    f.set("t", lane, fn.load(f["starts"], subject, F64))
    f.set("end", lane, fn.load(f["ends"], subject, F64))
    f.set("edge", lane, fn.load(f["edge_ptr"], subject, I64))
    f.set("edge_stop", lane, fn.load(f["edge_ptr"], subject + 1, I64))
    for name in ("output", "output_before", "accepted", "refused", "queued"):
        f.set(name, lane, fn.i64(0))
    fn.call(fn.module.functions["next_output"], fn["context"], lane)
    with fn.loop(f["reductions"]) as i:
        f.set_cell("sums", i * 2, lane, fn.const(0.0, F64))
        f.set_cell("sums", i * 2 + 1, lane, fn.const(math.nan, F64))


def _first_state(fn: Function, f: Frame, lane: Value) -> None:
    subject = f.get("subject", lane, I64)
    given = fn.compare("ne", fn.cast("ptrtoint", f["y0"], I64), 0)
    with fn.loop(f["states"]) as i:
        f.set_cell("y", i, lane, f.cell("moved", i, lane))
        f.set_cell("largest", i, lane, fn.const(0.0, F64))
    with fn.when(given):
        with fn.loop(f["states"]) as i:
            f.set_cell("y", i, lane, fn.load(f["y0"], subject * f["states"] + i, F64))


def _start_subject(fn: Function, f: Frame, lane: Value) -> None:
    module = fn.module
    finite = fn.variable(I64)
    fn.store(fn.i64(1), finite)

    def check(value: Value) -> None:
        with fn.when(fn.negate(fn.compare("olt", fn.abs(value), math.inf))):
            fn.store(fn.i64(0), finite)

    with fn.loop(f["parameters"]) as i:
        check(f.cell("p", i, lane))
    with fn.loop(f["states"]) as i:
        check(f.cell("y", i, lane))
    good = fn.compare("ne", fn.load(finite, kind=I64), 0)
    with fn.when(fn.negate(good)):
        fn.call(module.functions["leave"], fn["context"], lane, fn.i64(BAD_PARAMETER))
    with fn.when(good):
        fn.call(module.functions["report"], fn["context"], lane, fn.i64(1))
        fn.call(module.functions["settle"], fn["context"], lane)
