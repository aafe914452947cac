"""Predictions on records: one row of outputs for every record."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ketasim.core.errors import InputError
from ketasim.core.schedule import RESET
from ketasim.dosing.records.dataset import RecordSet
from ketasim.dosing.records.doses import Inputs, inputs_of
from ketasim.dosing.records.events import (
    Collector,
    Events,
    add_changes,
    add_doses,
    add_observations,
    add_pending,
    add_resets,
    add_sessions,
    add_steady,
    first_sum,
    next_reset,
)
from ketasim.dosing.records.linear import states_on_records
from ketasim.dosing.records.steady import linear_steady
from ketasim.dosing.records.target import Compartment, Target, as_system

ENGINES = ("auto", "exact", "native", "vectorised", "reference")


@dataclass(frozen=True, eq=False)
class RecordPlan:
    """A system and a data set, ready to predict for any parameters.

    Attributes
    ----------
    engine : "auto" solves linear systems exactly (matrix exponentials) and others with the native engine.
    ss2 : what an SS 2 record does to infusions in progress: "stop" or "add" (they run on).
    """

    target: Target
    records: RecordSet
    engine: str = "auto"
    rtol: float = 1e-8
    atol: float = 1e-10
    ss2: str = "stop"

    @cached_property
    def exact(self) -> bool:
        """Whether the matrix-exponential path is taken."""
        if self.engine == "exact" and not self.target.program.linear:
            raise InputError("engine", "exact", "auto, native, vectorised or reference", "The system is not linear.")
        return self.engine in ("auto", "exact") and self.target.program.linear

    @cached_property
    def timed(self) -> bool:
        """Whether the equations depend on time itself; times are then absolute."""
        program = self.target.program
        return any(program.graph.symbols(node, "time") for node in program.rhs)

    @cached_property
    def first(self) -> np.ndarray:
        """First record of every subject."""
        return self.records.ptr[:-1]

    @cached_property
    def _cut(self) -> np.ndarray:
        return next_reset(self.records)

    def events(self, parameters: np.ndarray) -> Events:
        """All events for individual parameters (records, parameters)."""
        r = self.records
        inputs = inputs_of(self.target, r, parameters)
        out = Collector()
        add_changes(out, r, parameters)
        if self.timed:
            out.add(np.arange(r.subjects), r.clock[self.first], -1, -2, RESET, 0, 0.0)
        add_resets(out, r)
        stop = self.ss2 == "stop"
        add_doses(out, r, inputs, self._cut, stop)
        add_observations(out, r)
        jumps = list(self.target.program.jumps)
        if "session_start" in jumps:
            add_sessions(out, r, jumps.index("session_start"), self._cut)
        if (r.dosing & (r.ss > 0)).any():
            if self.target.program.linear:
                rows, state = linear_steady(self.target.program, r, inputs, parameters)
            else:
                from ketasim.dosing.records.periodic import nonlinear_steady

                rows, state = nonlinear_steady(self, inputs, parameters)
            add_pending(out, r, inputs, self._cut, stop)
            add_steady(out, r, inputs, rows, state, self._cut, stop)
            if stop:
                self._warn_stopped(inputs)
        return out.sorted()

    def _warn_stopped(self, inputs: Inputs) -> None:
        """Say where an SS 2 record ends somebody's infusion: programs differ here."""
        r = self.records
        k = np.flatnonzero((inputs.duration > 0) & np.isfinite(inputs.duration))
        start = r.clock[inputs.record[k]] + inputs.lag[k]
        last = start + r.addl[inputs.record[k]] * r.ii[inputs.record[k]] + inputs.duration[k]
        met = first_sum(r, inputs.record[k], start)
        hit = met[(met >= 0) & (r.clock[np.maximum(met, 0)] < last)]
        if len(hit):
            warnings.warn(
                f"row {int(r.row[hit[0]])}: an SS 2 record may meet an infusion in progress, which it stops; "
                'ss2="add" lets it run on', stacklevel=4,
            )  # fmt: skip

    def states(self, parameters: np.ndarray) -> np.ndarray:
        """States on every record, (records, states), for individual parameters (records, parameters)."""
        p = np.asarray(parameters, dtype=float)
        shape = (len(self.records), len(self.target.program.parameter_names))
        if p.shape != shape:
            raise InputError("parameters", f"shape {p.shape}", f"{shape}: one row per record")
        if self.exact:
            return states_on_records(self.target.program, p, self.events(p), self.first)
        from ketasim.dosing.records.general import states_by_solver

        return states_by_solver(self, p)

    def predict(self, parameters: np.ndarray, outputs: Sequence[str] | None = None) -> np.ndarray:
        """Outputs on every record, (records, outputs), with the parameters that hold on that record."""
        p = np.asarray(parameters, dtype=float)
        names = self.outputs(outputs)
        y = self.states(p)
        program = self.target.program
        values = program.function(tuple(program.outputs[n][0] for n in names))(y.T, p.T, self.records.time)
        return np.stack([np.broadcast_to(np.asarray(v, dtype=float), (len(p),)) for v in values], axis=1)

    def outputs(self, wanted: Sequence[str] | None = None) -> tuple[str, ...]:
        """Global names of outputs: all that the system publishes, or those asked for (states by their name too)."""
        known = self.target.outputs
        if wanted is None:
            return known
        states = self.target.states
        out = []
        for name in [wanted] if isinstance(wanted, str) else wanted:
            if name in self.target.program.outputs:
                out.append(name)
                continue
            try:
                out.append(self.target.full(name, known, "output"))
            except InputError as error:
                try:
                    out.append(f"state:{self.target.full(name, states, 'output')}")
                except InputError:
                    raise error from None
        return tuple(out)


def plan(
    model: Any, records: RecordSet, *, compartments: Mapping[int | str, Compartment | str] | None = None,
    engine: str = "auto", rtol: float = 1e-8, atol: float = 1e-10, ss2: str = "stop",
) -> RecordPlan:  # fmt: skip
    """A RecordPlan of a component or system on a data set; see `simulate_records` for the arguments."""
    if engine not in ENGINES:
        raise InputError("engine", engine, ", ".join(ENGINES))
    if ss2 not in ("stop", "add"):
        raise InputError("ss2", ss2, "stop, add")
    if not isinstance(records, RecordSet):
        raise InputError("records", type(records).__name__, "a RecordSet, as records.read returns it")
    target = Target(as_system(model), dict(compartments or {}), getattr(model, "targets", {}))
    target.check()
    return RecordPlan(target, records, engine, rtol, atol, ss2)
