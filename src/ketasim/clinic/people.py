"""Bodies as the clinic steps them: states, rates and individual parameters of one or many people on one clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np

from ketasim import models
from ketasim.core.component import DoseInput, Input
from ketasim.core.errors import InputError, SolverError
from ketasim.core.schedule import BOLUS, JUMP, RATE, EdgeList
from ketasim.core.solvers import solver
from ketasim.models.model import Built, Need
from ketasim.patients import Cohort
from ketasim.simulate import individuals

BEFORE = 1e-12


@dataclass(frozen=True, eq=False)
class Edge:
    """One event of some people: time_h and value are (len(who),)."""

    time_h: np.ndarray
    kind: int
    target: int
    value: np.ndarray
    who: np.ndarray


@dataclass(frozen=True, eq=False)
class Saved:
    """A moment to come back to."""

    t: float
    y: np.ndarray
    rate: np.ndarray
    queue: tuple[Edge, ...]


@lru_cache(maxsize=16)
def _built(
    given: frozenset[tuple[str, str]], outputs: tuple[str, ...], options: tuple[tuple[str, Any], ...] = ()
) -> Built:
    model, need = models.get("ketamine"), Need(given, outputs, False, dict(options))
    model.check(need)
    return model.build(need)


class People:
    """Many people, one system for every drug and route a clinic may use, stepped exactly from edge to edge.

    What is given goes into a queue of edges; `advance` consumes those before its end. `who` is positions of people.
    """

    def __init__(
        self, cohort: Cohort, given: Sequence[tuple[str, str]], outputs: Sequence[str], seed: int = 0,
        vary: Sequence[str] = (), settings: Mapping[str, float] | None = None, engine: str = "native",
        threads: int = 1, doubt_draws: np.ndarray | None = None, options: Mapping[str, Any] | None = None,
        values: Mapping[str, float] | None = None,
    ) -> None:  # fmt: skip
        self.built = _built(frozenset(given), tuple(outputs), tuple(sorted((options or {}).items())))
        self.program = self.built.system.program
        for name in outputs:
            if name not in self.program.outputs:
                raise InputError("output", name, "an output integrated with the session; see ketasim explain")
        self.cohort, self.n = cohort, len(cohort)
        self.covariates = {k: np.asarray(v) for k, v in cohort.covariates.items()}
        self.covariates |= {f"setting_{k}": np.full(self.n, float(v)) for k, v in (settings or {}).items()}
        self.individual = individuals(
            self.built.system, cohort, seed, tuple(vary), values, self.covariates, doubt_draws
        )
        self.outputs, self.threads = tuple(outputs), threads
        self._solve = solver(engine)
        self.t = 0.0
        self._since = np.zeros(self.n)
        self.y = self.program.initial_states(self.individual)
        self.rate = np.zeros((self.n, len(self.program.rate_channels)))
        self._queue: list[Edge] = []

    def part(self, who: np.ndarray) -> People:
        """Some of the people as they are now, on a clock of their own; nothing may be under way in the queue."""
        if self._queue:
            raise ValueError("people can be parted only while no dose is under way")
        out = copy(self)
        out.cohort, out.n = self.cohort[who], len(who)
        out.covariates = {k: v[who] for k, v in self.covariates.items()}
        out.individual = np.ascontiguousarray(self.individual[who])
        out.y, out.rate, out._since = self.y[who], self.rate[who], self._since[who]
        out._queue = []
        return out

    def join(self, who: np.ndarray, part: People) -> None:
        """Take back people who may be ahead of the others in time; the next `advance` evens the clocks."""
        self.y[who], self.rate[who], self._since[who] = part.y, part.rate, part.t
        position = {i: int(k) for i, k in enumerate(who)}
        for e in part._queue:
            self._queue.append(replace(e, who=np.array([position[int(i)] for i in e.who], dtype=int)))
        self.t = max(self.t, part.t)

    def begin_session(self, who: np.ndarray) -> None:
        """What a first dose does to tolerance and expectation."""
        if "session_start" in self.program.jumps and len(who):
            self._put(self.t, JUMP, list(self.program.jumps).index("session_start"), 0.0, who)

    def give(self, drug: str, route: str, mg: Any, who: np.ndarray, at_h: Any = None, device: int = 0) -> None:
        """A dose at once (push, nasal device, oral, intramuscular); slow absorption goes on by itself.

        mg, at_h : numbers or (len(who),).
        """
        for one in self._inputs(drug, route, mg, who, self.t if at_h is None else at_h, device):
            amount, start, duration = (
                np.broadcast_to(np.asarray(v, float), (self.n,))[who] for v in (one.amount, one.start_h, one.duration_h)
            )
            state = self.program.state_names.index(one.state)
            fast = duration <= 0
            if fast.any():
                self._put(start[fast], BOLUS, state, amount[fast], who[fast])
            if not fast.all():
                slow, channel = ~fast, self.program.channel(state)
                rate = amount[slow] / duration[slow]
                self._put(start[slow], RATE, channel, rate, who[slow])
                self._put(start[slow] + duration[slow], RATE, channel, -rate, who[slow])

    def change_rate(self, drug: str, mg_h: Any, who: np.ndarray, at_h: Any = None) -> None:
        """Add to the intravenous rate of a drug (negative to take away), now or at a time of each."""
        for one in self._inputs(drug, "iv", 1.0, who, self.t, 0):
            channel = self.program.channel(self.program.state_names.index(one.state))
            per_mg = np.broadcast_to(np.asarray(one.amount, float), (self.n,))[who]
            self._put(self.t if at_h is None else at_h, RATE, channel, mg_h * per_mg, who)

    def _put(self, time_h: Any, kind: int, target: int, value: Any, who: np.ndarray) -> None:
        when, much = (np.broadcast_to(np.asarray(v, float), who.shape) for v in (time_h, value))
        self._queue.append(Edge(when, kind, target, much, who))

    def _inputs(self, drug: str, route: str, mg: Any, who: np.ndarray, at_h: Any, device: int) -> list[Input]:
        out: list[Input] = []
        full: Any = np.zeros(self.n)
        start: Any = np.full(self.n, self.t)
        full[who], start[who] = mg, at_h
        for target in self.built.targets_of(drug, models.way(drug, route, "")):
            dose = DoseInput(full * target.fraction * 1000.0 / target.molar_mass, start, 0.0, device)
            out += self.built.system.dose_inputs(target.part, target.port, dose, self.individual)
        return out

    def advance(self, to_h: float, times_h: np.ndarray | None = None) -> dict[str, np.ndarray]:
        """Go to a time; outputs there (just before what happens at that very time), (n,), or at times_h, (n, times)."""
        edges, later = EdgeList(self.n), []
        for e in self._queue:
            now = e.time_h < to_h - BEFORE
            if now.any():
                edges.add(
                    e.kind, e.target, np.maximum(e.time_h[now], self._since[e.who[now]]), e.value[now], e.who[now]
                )
            if not now.all():
                rest = ~now
                later.append(Edge(e.time_h[rest], e.kind, e.target, e.value[rest], e.who[rest]))
        self._queue = later
        looks = np.array([to_h]) if times_h is None else np.asarray(times_h, float)
        run: Any = self._solve(
            self.program, self.individual, edges.build(), looks, self.outputs, y0=self.y, rate0=self.rate,
            start_h=self._since, end_h=to_h, threads=self.threads,
        )  # fmt: skip
        if run.failures:
            raise SolverError(run.failures[0])
        self.t, self.y, self._since = to_h, run.final_state, np.full(self.n, to_h)
        self.rate = np.asarray(run.stats["final_rate"]).reshape(self.rate.shape)
        if times_h is None:
            return {name: run.values[:, i, 0] for i, name in enumerate(self.outputs)}
        return {name: run.values[:, i] for i, name in enumerate(self.outputs)}

    def now(self) -> dict[str, np.ndarray]:
        """Outputs at this moment, (n,)."""
        nodes = tuple(self.program.outputs[o][0] for o in self.outputs)
        got = self.program.function(nodes)(self.y.T, self.individual.T, self.t)
        return {o: np.broadcast_to(np.asarray(v, float), (self.n,)) for o, v in zip(self.outputs, got, strict=True)}

    def save(self) -> Saved:
        """This moment."""
        return Saved(self.t, self.y.copy(), self.rate.copy(), tuple(self._queue))

    def restore(self, saved: Saved) -> None:
        """Back to a moment."""
        self.t, self.y, self.rate, self._queue = saved.t, saved.y.copy(), saved.rate.copy(), list(saved.queue)
        self._since = np.full(self.n, saved.t)
