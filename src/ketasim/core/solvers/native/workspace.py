"""Memory one thread works in: the context structure and the vectors it points to."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ketasim.core.solvers.native.code import Code
from ketasim.core.solvers.native.ir import F64
from ketasim.core.solvers.native.layout import FIELDS, FUNCTIONS, INDEX, LANE, UNROLL, WORKSPACE
from ketasim.core.solvers.tableau import STAGES

CACHE_LINE = 64


class Workspace:
    """Vectors for one thread and one Code, with the context that names them. Reused from solve to solve."""

    def __init__(self, code: Code, reductions: int = 0) -> None:
        model, read = code.model.notes, code.readout.notes
        padded = -(-model["states"] // UNROLL) * UNROLL
        sizes = {
            "u": STAGES * padded, "lu": model["factors"], "p": read["slots"], "rate": max(1, model["channels"]),
            "poles_now": max(1, model["poles"]), "poles_before": max(1, model["poles"]),
            "out": max(1, read["outputs"]), "scratch": 1 + max(model["scratch"], read["scratch"]),
            "samples": 5 * max(1, read["outputs"]), "sums": 2 * max(1, reductions), "lane": len(LANE), "stage_t": 1,
            "step": 2, "theta": 6, "at": 1,
            "batch": code.lanes * padded if read["batched"] else 1, "batch_t": code.lanes,
        }  # fmt: skip
        self.reductions = reductions
        self.words = np.zeros(len(FIELDS), np.int64)
        self.numbers = self.words.view(np.float64)
        lengths = [sizes.get(name, padded) * code.lanes for name in WORKSPACE]
        step = CACHE_LINE // 8
        starts = np.cumsum([0, *(-(-n // step) * step for n in lengths)])
        self._memory = np.zeros(int(starts[-1]) + step)
        base = -(-self._memory.ctypes.data // CACHE_LINE) * CACHE_LINE
        for name, start in zip(WORKSPACE, starts, strict=False):
            self.words[INDEX[name]] = base + int(start) * 8
        jumps = [address for name, address in code.model.address.items() if name.startswith("jump")]
        self._jumps = np.array([*jumps, 0], np.int64)
        address = {**code.model.address, **code.readout.address, "jumps": self._jumps.ctypes.data}
        self.set({name: address.get(name, 0) for name in FUNCTIONS})
        names = ("states", "parameters", "channels", "poles")
        self.set({**{name: model[name] for name in names}, "slots": read["slots"], "outputs": read["outputs"],
                  "padded": padded, "timed": int(model["timed"]), "batched": read["batched"]})  # fmt: skip

    def set(self, values: Mapping[str, float]) -> None:
        """Write fields of the context."""
        for name, value in values.items():
            if FIELDS[name] == F64:
                self.numbers[INDEX[name]] = value
            else:
                self.words[INDEX[name]] = value

    @property
    def address(self) -> int:
        """Address of the context."""
        return self.words.ctypes.data
