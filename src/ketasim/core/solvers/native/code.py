"""The compiled pieces of a solve: the stepper of this processor, the functions of a program, those of its outputs."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from ketasim.core.errors import InputError, SolverError
from ketasim.core.program import Program
from ketasim.core.solvers.native import compile as machine
from ketasim.core.solvers.native.compile import Loaded
from ketasim.core.solvers.native.cpu import WIDTHS, processor
from ketasim.core.solvers.task import check_outputs


@dataclass(frozen=True)
class Code:
    """Machine code for one program and one set of outputs at one number of lanes."""

    lanes: int
    run: Callable[[int], None]
    model: Loaded
    readout: Loaded

    @property
    def place(self) -> tuple[int, int]:
        """Where the code lies: distinct for every program, set of outputs and number of lanes."""
        return self.model.address["stage"], self.readout.address["interpolate"]


@cache
def stepper(lanes: int) -> Callable[[int], None]:
    """run(context address) of the stepper; calling it releases Python's lock."""

    def write() -> tuple[str, dict[str, Any]]:
        from ketasim.core.solvers.native.ir import Module
        from ketasim.core.solvers.native.stepper import write_stepper

        module = Module(lanes)
        write_stepper(module)
        return module.text(), {"names": ["run"]}

    loaded = machine.build(machine.object_key("stepper", lanes), write, passes=0, codegen=1)
    return ctypes.CFUNCTYPE(None, ctypes.c_void_p)(loaded.address["run"])


_models: dict[tuple[str, int], Loaded] = {}
_readouts: dict[tuple[str, int, tuple[int, ...], bool], Loaded] = {}


def model(program: Program, lanes: int) -> Loaded:
    """The functions of a program."""
    key = (program.key, lanes)
    found = _models.get(key)
    if found is None:

        def write() -> tuple[str, dict[str, Any]]:
            from ketasim.core.solvers.native.ir import Module
            from ketasim.core.solvers.native.model import write_model

            module = Module(lanes)
            notes = write_model(module, program)
            return module.text(), notes

        found = machine.build(machine.object_key("model", *key), write, passes=0, codegen=1)
        _models[key] = found
    return found


def readout(program: Program, outputs: Sequence[str], lanes: int, reduced: bool) -> Loaded:
    """The functions of some outputs of a program (`reduced`: summaries over time are asked for)."""
    check_outputs(program, outputs)
    nodes = tuple(program.outputs[name][0] for name in outputs)
    key = (program.key, lanes, nodes, reduced)
    found = _readouts.get(key)
    if found is None:
        first_slot = model(program, lanes).notes["slots"]

        def write() -> tuple[str, dict[str, Any]]:
            from ketasim.core.solvers.native.ir import Module
            from ketasim.core.solvers.native.readout import is_long, write_readout

            module = Module(lanes)
            batched = is_long(program, nodes)
            notes = write_readout(module, program, nodes, first_slot, batched, reduced or not batched)
            return module.text(), notes

        found = machine.build(machine.object_key("readout", *key), write, passes=0, codegen=1)
        _readouts[key] = found
    return found


def usable() -> bool:
    """llvmlite is there and the processor has a fused multiply-add."""
    try:
        return processor().usable
    except (ImportError, OSError):
        return False


FEW = 4
"""Up to this many subjects go into a vector of so many lanes: a wider one would step mostly air."""


def code(
    program: Program, outputs: Sequence[str], lanes: int = 0, subjects: int = FEW + 1, reduced: bool = False
) -> Code:
    """Everything compiled, for `lanes` subjects a vector (0: what suits this processor and that many subjects);
    `reduced` where outputs are also summarised over time."""
    if not usable():
        raise SolverError("the native engine needs llvmlite and a processor with fused multiply-add; use vectorised")
    if lanes == 0:
        lanes = min(processor().lanes, FEW) if subjects <= FEW else processor().lanes
    if lanes not in WIDTHS:
        raise InputError("lanes", lanes, ", ".join(map(str, WIDTHS)))
    return Code(lanes, stepper(lanes), model(program, lanes), readout(program, outputs, lanes, reduced))
