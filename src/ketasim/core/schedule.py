"""Edges: what happens to each subject and when, in the one form every solver reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ketasim.core.component import Input
from ketasim.core.errors import InputError
from ketasim.core.program import Program

BOLUS, RATE, JUMP, RESET, SET, PARAMETER = range(6)
KIND_NAMES = ("bolus", "rate", "jump", "reset", "set", "parameter")


@dataclass(frozen=True, eq=False)
class Edges:
    """Events of n subjects in compressed rows: subject i owns entries ptr[i]:ptr[i+1], in time order.

    kind BOLUS adds value to state `target`; RATE adds value (amount/h) to rate channel `target`; JUMP applies event
    number `target` (in the order of program.jumps); RESET sets all states to their initial values and all rates to
    zero; SET sets state `target`; PARAMETER sets parameter `target`.
    """

    ptr: np.ndarray
    time_h: np.ndarray
    kind: np.ndarray
    target: np.ndarray
    value: np.ndarray

    @property
    def subjects(self) -> int:
        return len(self.ptr) - 1

    def of(self, subject: int) -> list[tuple[float, int, int, float]]:
        """(time, kind, target, value) of one subject."""
        s = slice(self.ptr[subject], self.ptr[subject + 1])
        columns = (self.time_h[s], self.kind[s], self.target[s], self.value[s])
        return list(zip(*(c.tolist() for c in columns), strict=True))

    def take(self, subjects: np.ndarray) -> Edges:
        """Edges of some subjects, in the order given."""
        counts = (self.ptr[1:] - self.ptr[:-1])[subjects]
        ptr = np.concatenate([[0], np.cumsum(counts)])
        index = np.repeat(self.ptr[:-1][subjects] - ptr[:-1], counts) + np.arange(ptr[-1])
        return Edges(ptr, self.time_h[index], self.kind[index], self.target[index], self.value[index])

    @staticmethod
    def empty(subjects: int) -> Edges:
        """No event for anybody."""
        return EdgeList(subjects).build()


@dataclass
class EdgeList:
    """Collects events, scalar or one a subject, and sorts them into Edges (stable: equal times keep their order)."""

    subjects: int
    _rows: list[tuple[np.ndarray, np.ndarray, int, int, np.ndarray]] = field(default_factory=list)

    def add(
        self, kind: int, target: int, time_h: Any, value: Any = 0.0, subjects: Sequence[int] | np.ndarray | None = None
    ) -> EdgeList:
        """Add one event; `time_h` and `value` are numbers or arrays of one entry a subject."""
        who = np.arange(self.subjects) if subjects is None else np.asarray(subjects, int)
        when = np.broadcast_to(np.asarray(time_h, float), who.shape)
        amount = np.broadcast_to(np.asarray(value, float), who.shape)
        if not (np.isfinite(when).all() and np.isfinite(amount).all()):
            raise InputError(f"{KIND_NAMES[kind]} event", "not finite", "finite times and amounts")
        self._rows.append((who, when, kind, target, amount))
        return self

    def add_input(self, program: Program, given: Input) -> EdgeList:
        """Add a bolus or an infusion into a state named as in program.state_names."""
        state = program.state_names.index(given.state)
        amount = np.broadcast_to(np.asarray(given.amount, float), (self.subjects,))
        start = np.broadcast_to(np.asarray(given.start_h, float), (self.subjects,))
        duration = np.broadcast_to(np.asarray(given.duration_h, float), (self.subjects,))
        fast = np.flatnonzero(duration <= 0)
        slow = np.flatnonzero(duration > 0)
        if len(fast):
            self.add(BOLUS, state, start[fast], amount[fast], fast)
        if len(slow):
            if state not in program.rate_channels:
                raise InputError(
                    f"infusion into {given.state}", "not a rate channel", "a state named by `ports` or `infusable`"
                )
            rate, channel = amount[slow] / duration[slow], program.channel(state)
            self.add(RATE, channel, start[slow], rate, slow)
            self.add(RATE, channel, start[slow] + duration[slow], -rate, slow)
        return self

    def build(self) -> Edges:
        """The sorted Edges."""
        if not self._rows:
            none = np.zeros(0)
            return Edges(
                np.zeros(self.subjects + 1, np.int64), none, none.astype(np.int32), none.astype(np.int32), none
            )
        who = np.concatenate([r[0] for r in self._rows])
        when = np.concatenate([r[1] for r in self._rows])
        kind = np.concatenate([np.full(len(r[0]), r[2], np.int32) for r in self._rows])
        target = np.concatenate([np.full(len(r[0]), r[3], np.int32) for r in self._rows])
        value = np.concatenate([r[4] for r in self._rows])
        order = np.lexsort((np.arange(len(who)), when, who))
        ptr = np.concatenate([[0], np.cumsum(np.bincount(who, minlength=self.subjects))])
        return Edges(ptr.astype(np.int64), when[order], kind[order], target[order], value[order])
