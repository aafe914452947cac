"""The same question asked again and again: one call with new parameters and nothing else to check or to allocate."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import numpy as np

from ketasim.core.errors import InputError
from ketasim.core.program import Program
from ketasim.core.schedule import Edges
from ketasim.core.solvers.native.code import code
from ketasim.core.solvers.native.run import ATOL, FIRST_STEP_H, FLOOR, MAX_STEPS, RTOL
from ketasim.core.solvers.native.workspace import Workspace
from ketasim.core.solvers.task import prepare_task


class Prepared:
    """A compiled solve with everything fixed but the parameters: for sliders, fits and samplers.

    Built with the arguments of `solve` (without reductions, one thread). The edges stay as given: where dose amounts
    depend on parameters (bioavailability, lag), build a new one or pass `edge_values`.
    """

    def __init__(
        self, program: Program, edges: Edges, times_h: np.ndarray, outputs: Sequence[str], *, subjects: int = 1,
        rtol: float = RTOL, atol: float = ATOL, floor: float = FLOOR, y0: np.ndarray | None = None,
        start_h: float | np.ndarray | None = None, end_h: float | np.ndarray | None = None, lanes: int = 0,
        first_step_h: float = FIRST_STEP_H, max_step_h: float = np.inf, max_steps: int = MAX_STEPS,
    ) -> None:  # fmt: skip
        blank = np.zeros((subjects, len(program.parameter_names)))
        self._task = prepare_task(program, blank, edges, times_h, outputs, y0, start_h, end_h)
        self._store = self._task.result_arrays(len(outputs), 0)
        self._code = code(program, outputs, lanes, subjects)
        self._space = Workspace(self._code)
        self._counter = np.zeros(8, np.int64)
        self._given_values = self._task.edge_value.copy()
        self._lock = threading.Lock()
        settings: dict[str, Any] = {
            "rtol": rtol, "atol": atol, "floor": floor, "first_step": first_step_h, "max_step": max_step_h,
            "max_steps": max_steps, "windows": 0, "reductions": 0, "next_subject": self._counter.ctypes.data,
        }  # fmt: skip
        self._space.set({**self._task.fields(), **self._store.fields(), **settings})

    def __call__(self, parameters: np.ndarray, edge_values: np.ndarray | None = None) -> np.ndarray:
        """Values (subjects, outputs, times) for parameters (subjects, parameters); valid until the next call.

        Failed subjects are NaN from their failure on (see `status`).
        """
        task, values = self._task, self._given_values if edge_values is None else edge_values
        if np.shape(parameters) != task.parameters.shape:
            wanted = f"shape {task.parameters.shape}"
            raise InputError("parameters", f"an array of shape {np.shape(parameters)}", wanted)
        if np.shape(values) != task.edge_value.shape:
            raise InputError("edge_values", f"an array of shape {np.shape(values)}", f"shape {task.edge_value.shape}")
        with self._lock:
            task.parameters[:] = parameters
            task.edge_value[:] = values
            self._counter[0] = 0
            self._code.run(self._space.address)
            return self._store.values.transpose(0, 2, 1)

    @property
    def status(self) -> np.ndarray:
        """One code a subject of the last call; 0 is well."""
        return self._store.status

    @property
    def failed_at_h(self) -> np.ndarray:
        """Time of failure in the last call, NaN where none."""
        return self._store.failed_at

    @property
    def final_state(self) -> np.ndarray:
        """States at the end of the last call, (subjects, states)."""
        return self._store.final
