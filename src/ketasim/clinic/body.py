"""The patient's body as a session steps it: state, rates and individual parameters of one person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ketasim import models
from ketasim.core.component import DoseInput, Input
from ketasim.core.errors import SolverError
from ketasim.core.schedule import BOLUS, JUMP, RATE, EdgeList
from ketasim.core.solvers import solver
from ketasim.models.model import Need
from ketasim.patients import Cohort, Patient
from ketasim.simulate import individuals

Edge = tuple[float, int, int, float]


@dataclass(frozen=True, eq=False)
class Saved:
    """A moment to come back to."""

    t: float
    y: np.ndarray
    rate: np.ndarray
    queue: tuple[Edge, ...]


class Body:
    """One person, one system for every drug and route a session may use, stepped exactly from edge to edge.

    What is given goes into a queue of edges; `advance` consumes those before its end.
    """

    def __init__(
        self, patient: Patient, given: Sequence[tuple[str, str]], outputs: Sequence[str], seed: int,
        vary: Sequence[str] = (), settings: Mapping[str, float] | None = None, engine: str = "native",
    ) -> None:  # fmt: skip
        need = Need(frozenset(given), tuple(outputs), False, {})
        self.built = models.get("ketamine").build(need)
        self.program = self.built.system.program
        cohort = Cohort.from_patient(patient)
        self.covariates = {k: np.asarray(v) for k, v in cohort.covariates.items()}
        self.covariates |= {f"setting_{k}": np.array([float(v)]) for k, v in (settings or {}).items()}
        self.individual = individuals(self.built.system, cohort, seed, tuple(vary), None, self.covariates)
        self.outputs = tuple(outputs)
        self._solve = solver(engine)
        self.t = 0.0
        self.y = self.program.initial_states(self.individual)
        self.rate = np.zeros((1, len(self.program.rate_channels)))
        self._queue: list[Edge] = []

    def begin_session(self) -> None:
        """What a first dose does to tolerance and expectation."""
        if "session_start" in self.program.jumps:
            self._queue.append((self.t, JUMP, list(self.program.jumps).index("session_start"), 0.0))

    def give(self, drug: str, route: str, mg: float, device: int = 0) -> None:
        """A dose at once (push, nasal device, oral, intramuscular); slow absorption goes on by itself."""
        for one in self._inputs(drug, route, mg, device):
            amount, start, duration = (
                float(np.asarray(v, float).reshape(-1)[0]) for v in (one.amount, one.start_h, one.duration_h)
            )
            state = self.program.state_names.index(one.state)
            if duration <= 0:
                self._queue.append((start, BOLUS, state, amount))
            else:
                channel = self.program.channel(state)
                self._queue.append((start, RATE, channel, amount / duration))
                self._queue.append((start + duration, RATE, channel, -amount / duration))

    def change_rate(self, drug: str, mg_h: float) -> None:
        """Add to the intravenous rate of a drug now (negative to take away)."""
        for one in self._inputs(drug, "iv", 1.0, 0):
            channel = self.program.channel(self.program.state_names.index(one.state))
            per_mg = float(np.asarray(one.amount, float).reshape(-1)[0])
            self._queue.append((self.t, RATE, channel, mg_h * per_mg))

    def _inputs(self, drug: str, route: str, mg: float, device: int) -> list[Input]:
        out: list[Input] = []
        for target in self.built.targets_of(drug, route):
            amount = np.array([mg * target.fraction * 1000.0 / target.molar_mass])
            dose = DoseInput(amount, self.t, 0.0, device)
            out += self.built.system.dose_inputs(target.part, target.port, dose, self.individual)
        return out

    def advance(self, to_h: float) -> dict[str, float]:
        """Go to a time and read the outputs there (just before what happens at that very time)."""
        edges = EdgeList(1)
        for t, kind, target, value in sorted(self._queue, key=lambda e: e[0]):
            if t < to_h - 1e-12:
                edges.add(kind, target, max(t, self.t), value)
        self._queue = [e for e in self._queue if e[0] >= to_h - 1e-12]
        run: Any = self._solve(
            self.program, self.individual, edges.build(), np.array([to_h]), self.outputs, y0=self.y, rate0=self.rate,
            start_h=self.t, end_h=to_h,
        )  # fmt: skip
        if run.failures:
            raise SolverError(run.failures[0])
        self.t, self.y = to_h, run.final_state
        self.rate = np.asarray(run.stats["final_rate"]).reshape(1, -1)
        return dict(zip(self.outputs, run.values[0, :, 0].tolist(), strict=True))

    def save(self) -> Saved:
        """This moment."""
        return Saved(self.t, self.y.copy(), self.rate.copy(), tuple(self._queue))

    def restore(self, saved: Saved) -> None:
        """Back to a moment."""
        self.t, self.y, self.rate, self._queue = saved.t, saved.y.copy(), saved.rate.copy(), list(saved.queue)
