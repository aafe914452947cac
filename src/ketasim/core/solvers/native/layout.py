"""The one structure the compiled stepper reads: numbers, pointers to arrays, addresses of the model's functions.

`FIELDS` is the whole agreement between Python and machine code: every field is eight bytes, in this order.
"""

from __future__ import annotations

from ketasim.core.solvers.native.ir import F64, I64, PTR, Function, Value

NUMBERS = (
    "subjects", "states", "padded", "parameters", "slots", "channels", "poles", "timed", "outputs", "times",
    "times_stride", "left_stride", "max_steps", "windows", "reductions", "batched",
)  # fmt: skip
TOLERANCES = ("rtol", "atol", "floor", "first_step", "max_step")
ARRAYS = (
    "all_parameters", "y0", "rate0", "starts", "ends", "edge_ptr", "edge_time", "edge_kind", "edge_target",
    "edge_value", "output_time", "output_left", "values", "final", "final_rate", "status", "failed_at", "counts",
    "next_subject", "window_from", "window_to", "window_first", "reduction_kind", "reduction_output",
    "reduction_threshold", "reduced",
)  # fmt: skip
FUNCTIONS = (
    "hoist", "initial", "begin", "stage", "read_hoist", "interpolate", "read", "collect", "read_batch", "jumps",
)  # fmt: skip
WORKSPACE = (
    "y", "y1", "b", "u", "lu", "p", "rate", "slope", "poles_now", "poles_before", "x", "out", "largest", "moved",
    "scratch", "samples", "sums", "lane", "stage_t", "step", "theta", "at",
    "batch", "batch_t",
)  # fmt: skip
FIELDS: dict[str, str] = {
    **dict.fromkeys(NUMBERS, I64),
    **dict.fromkeys(TOLERANCES, F64),
    **dict.fromkeys((*ARRAYS, *FUNCTIONS, *WORKSPACE), PTR),
}
INDEX = {name: i for i, name in enumerate(FIELDS)}

LANE_NAMES = (
    "t", "stop", "end", "h", "due", "due_left", "rejected", "subject", "edge", "edge_stop", "output", "output_before",
    "accepted", "refused", "fresh", "failed", "queued",
)  # fmt: skip
LANE = {name: i for i, name in enumerate(LANE_NAMES)}
"""What each lane remembers, one vector each: time, end of segment and of the run, step, next output time, …"""

UNROLL = 3
"""States handled per turn of a loop; arrays of states are padded to a multiple of it."""

EMPTY, EXHAUSTED = -2, -1
"""Values of lane "subject": waiting for one, and none left."""


class Frame:
    """A function of the stepper with the fields it reads already loaded."""

    def __init__(self, fn: Function, *fields: str) -> None:
        self.fn = fn
        base = fn["context"]
        self.field = {name: fn.load(base, INDEX[name], FIELDS[name]) for name in fields}
        self._lane = {name: fn.at(self["lane"], i, fn.vec) for name, i in LANE.items()} if "lane" in fields else {}

    def __getitem__(self, name: str) -> Value:
        return self.field[name]

    # one lane
    def get(self, name: str, lane: Value, kind: str = F64) -> Value:
        """A lane's own number."""
        return self.fn.load(self._lane[name], lane, kind)

    def set(self, name: str, lane: Value, value: Value) -> None:
        """Change a lane's own number."""
        self.fn.store(value, self._lane[name], lane)

    # all lanes
    def all(self, name: str, kind: str = "") -> Value:
        """The vector of a lane quantity."""
        return self.fn.load(self._lane[name], 0, kind)

    def put(self, name: str, value: Value) -> None:
        """Store the vector of a lane quantity."""
        self.fn.store(value, self._lane[name])

    def whole(self, name: str) -> Value:
        """Pointer to the vector of a lane quantity."""
        return self._lane[name]

    def cell(self, array: str, index: Value, lane: Value, kind: str = F64) -> Value:
        """Entry of an array of vectors, for one lane."""
        return self.fn.load(self[array], index * self.fn.lanes + lane, kind)

    def set_cell(self, array: str, index: Value, lane: Value, value: Value) -> None:
        """Change it."""
        self.fn.store(value, self[array], index * self.fn.lanes + lane)

    def invoke(self, function: str, *arrays: str | Value) -> None:
        """Call a function of the model; its scratch is added."""
        values = [a if isinstance(a, Value) else self[a] for a in arrays]
        self.fn.call_pointer(self[function].name, "void", *values, self["scratch"])
