"""Where each person of a course stands: phase, next session, ratings, checks, relapse."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ketasim.clinic.follow_up import Check, Decision
from ketasim.clinic.protocol import Protocol
from ketasim.core import random

ACUTE, MAINTENANCE, LAST = 0, 1, 2
PHASES = ("acute", "maintenance", "stopped")
HEALED = 0.1


class State:
    """Arrays over people, changed by `pass_time`, `contact` and `treated`, in this order at each contact."""

    def __init__(self, rules: Protocol, ids: np.ndarray, seed: int) -> None:
        n = len(ids)
        self.rules, self.plan, self.ids, self.seed, self.n = rules, rules.follow_up, ids, seed, n
        self.day = -1.0
        self.phase, self.due = np.full(n, ACUTE), np.zeros(n)
        self.block, self.block_start = np.zeros(n, int), np.zeros(n)
        self.in_phase, self.interval = np.zeros(n, int), np.zeros(n, int)
        self.sessions, self.given = np.zeros(n, int), np.zeros(n)
        self.entry: np.ndarray | None = None
        self.start_true: np.ndarray | None = None
        self.at_entry: dict[str, np.ndarray] = {}
        self.improved = np.zeros(n)
        self.responded = np.zeros(n, bool)
        self.at_risk = np.zeros(n, bool)
        self.row: dict[str, np.ndarray] = {r.name: np.zeros(n, int) for r in self.plan.rules}
        self.stopped_day, self.stopped_by = np.full(n, np.inf), np.full(n, "", dtype=object)
        self.relapse_day, self.relapses = np.full(n, np.inf), np.zeros(n, int)
        self.excess, self.hazard = np.zeros(n), np.zeros(n)
        self.fresh = np.full(n, np.nan)
        self._last: tuple[float, np.ndarray] | None = None
        self.rows: list[dict[str, Any]] = []
        self._open: dict[int, dict[str, Any]] = {}
        self.days: list[float] = []
        self.scores: list[np.ndarray] = []
        self.under: list[np.ndarray] = []

    def true_score(self, values: np.ndarray) -> np.ndarray:
        """The model's score, raised towards that of entry in a relapse, (n,)."""
        if self.start_true is None:
            return values
        return values + self.excess * np.maximum(self.start_true - values, 0.0)

    def pass_time(self, days: np.ndarray, curves: Mapping[str, np.ndarray]) -> None:
        """Take in what happened up to the last of some days: relapse of people who got well.

        Who was rated a responder after the acute block stays at risk until the relapse: losing the response slowly is
        no way out of it, as in trials, where a relapse is a score that came back.
        """
        rate, score = curves[self.plan.relapse_hazard], curves[self.plan.score]
        if self.start_true is None:
            self.start_true = score[:, 0].copy()
        for k, day in enumerate(days.tolist()):
            if self._last is not None and day > self._last[0]:
                over = (self.phase != ACUTE) | (self.block >= len(self.plan.acute_days))
                self.at_risk |= over & (self.improved >= self.plan.response)
                well = self.at_risk & (self.excess == 0)
                step = 0.5 * (rate[:, k] + self._last[1]) * (day - self._last[0])
                self.hazard = np.where(well, self.hazard + step, self.hazard)
                self._relapse(well & (self.hazard >= self._limit()), day)
            self._last = (day, rate[:, k])
            if not self.days or day > self.days[-1]:
                self.days.append(day)
                self.scores.append(self.true_score(score[:, k]))
                self.under.append(self.phase != LAST)

    def _limit(self) -> np.ndarray:
        u = np.empty(self.n)
        for number in np.unique(self.relapses):
            who = self.relapses == number
            u[who] = random.uniform(self.seed, "course/relapse", self.ids[who], 1, first=int(number))[:, 0]
        return np.asarray(-np.log1p(-u))

    def _relapse(self, who: np.ndarray, day: float) -> None:
        self.excess[who] = 1.0
        self.fresh[who] = day
        self.relapse_day[who & np.isinf(self.relapse_day)] = day
        self.relapses[who] += 1
        self.hazard[who] = 0.0

    def contact(self, day: float, values: Mapping[str, np.ndarray], due: np.ndarray, checks: set[str] | None) -> None:
        """Rate, check and decide for whoever is seen this day: those due for a session, all where it is a visit."""
        self.day = day
        seen = np.ones(self.n, bool) if checks is not None else due.copy()
        z = random.normal(self.seed, "course/rating", self.ids, 1, first=round(day * 24))[:, 0]
        true = self.true_score(values[self.plan.score])
        rated = np.clip(np.rint(true + self.plan.rating_sd * z), 0.0, self.plan.score_top)
        if self.entry is None:
            self.entry = np.maximum(rated, 1.0)
            self.at_entry = {c.name: values[c.output] for c in self.plan.checks if c.kind == "present"}
        improved = 1.0 - rated / self.entry
        self.improved = np.where(seen, improved, self.improved)
        flagged = {
            c.name: seen & self._flag(c, values[c.output], day) for c in self.plan.checks if c.name in (checks or ())
        }
        self._open = {}
        for i in np.flatnonzero(seen).tolist():
            row = {
                "id": int(self.ids[i]), "day": day, "what": "session" if due[i] else "visit", "score": float(rated[i]),
                "improved": float(improved[i]), "phase": PHASES[self.phase[i]], "decision": "", "action": "",
                "interval_days": 0.0, "given_mg": 0.0, "held": False,
                "flagged": [name for name, on in flagged.items() if on[i]],
            }  # fmt: skip
            self._open[i] = row
            self.rows.append(row)
        self._decide(day, rated, improved, seen, due, flagged)
        self.responded |= seen & (improved >= self.plan.response)

    def _flag(self, c: Check, value: np.ndarray, day: float) -> np.ndarray:
        hour = round(day * 24)
        if c.kind == "present":
            own = random.uniform(self.seed, f"course/{c.name}", self.ids)
            return np.asarray((own < value) & (own >= self.at_entry[c.name]))
        if c.kind == "asked":
            return np.asarray(random.uniform(self.seed, f"course/{c.name}", self.ids, 1, first=hour)[:, 0] < value)
        z = random.normal(self.seed, f"course/{c.name}", self.ids, 1, first=hour)[:, 0]
        shown = value + c.sd * z
        return np.asarray(shown > c.above if c.above is not None else shown < float(c.below or 0.0))

    def _decide(
        self, day: float, rated: np.ndarray, improved: np.ndarray, seen: np.ndarray, due: np.ndarray,
        flagged: Mapping[str, np.ndarray],
    ) -> None:  # fmt: skip
        free, before = seen.copy(), self.phase.copy()
        for r in self.plan.rules:
            judged = seen & {"session": due, "visit": ~due, "any": seen}[r.at] & (before == PHASES.index(r.phase))
            holds = judged & self._holds(r, rated, improved, flagged)
            self.row[r.name] = np.where(holds, self.row[r.name] + 1, np.where(judged, 0, self.row[r.name]))
            now = holds & (self.row[r.name] >= r.contacts)
            if r.action != "note":
                now &= free
                free &= ~now
            self._act(r, now, day)

    def _holds(
        self, r: Decision, rated: np.ndarray, improved: np.ndarray, flagged: Mapping[str, np.ndarray]
    ) -> np.ndarray:
        out = self.in_phase >= r.sessions
        if r.improved_below is not None:
            out &= improved < r.improved_below
        if r.improved_at_least is not None:
            out &= improved >= r.improved_at_least
        if r.score_at_least is not None:
            out &= rated >= r.score_at_least
        if r.score_at_most is not None:
            out &= rated <= r.score_at_most
        if r.had_response is not None:
            out &= self.responded == r.had_response
        if r.at_longest:
            out &= self.interval == len(self.plan.interval_days) - 1
        if r.check is not None:
            out &= flagged.get(r.check, np.zeros(self.n, bool))
        return out

    def _act(self, r: Decision, who: np.ndarray, day: float) -> None:
        for i in np.flatnonzero(who).tolist():
            row = self._open[i]
            row["decision"] = ", ".join(x for x in (row["decision"], r.name) if x)
            row["action"] = ", ".join(x for x in (row["action"], r.action) if x)
        if r.action == "stop":
            self.phase[who], self.due[who] = LAST, np.inf
            self.stopped_day[who], self.stopped_by[who] = day, r.name
        elif r.action == "resume":
            self.phase[who], self.in_phase[who], self.block[who] = ACUTE, 0, 0
            self.block_start[who], self.due[who] = day, day
            self.interval[who] = 0
            self.stopped_day[who], self.stopped_by[who] = np.inf, ""
            for count in self.row.values():
                count[who] = 0
        elif r.action in ("lengthen", "shorten"):
            step = 1 if r.action == "lengthen" else -1
            self.interval[who] = np.clip(self.interval[who] + step, 0, len(self.plan.interval_days) - 1)

    def treated(self, day: float, due: np.ndarray, mg: np.ndarray) -> None:
        """Take in a session: what was given, and when the next one is due."""
        got = due & (mg > 0)
        held = due & ~got
        enters = got & (self.phase == ACUTE) & (self.block >= len(self.plan.acute_days))
        self.phase[enters], self.in_phase[enters] = MAINTENANCE, 0
        self.sessions[got] += 1
        self.in_phase[got] += 1
        self.given += np.where(got, mg, 0.0)
        self.excess = np.where(got, self.excess * self.plan.relapse_regain, self.excess)
        self.excess[self.excess < HEALED] = 0.0
        acute, days = got & (self.phase == ACUTE), (*self.plan.acute_days, np.inf)
        self.block[acute] += 1
        ahead = self.block_start + np.array(days)[np.minimum(self.block, len(days) - 1)]
        intervals = np.array(self.plan.interval_days)[self.interval]
        self.due = np.where(acute, np.where(np.isinf(ahead), day + intervals, np.maximum(ahead, day + 1.0)), self.due)
        self.due = np.where(got & (self.phase == MAINTENANCE), day + intervals, self.due)
        self.due = np.where(held, day + self.plan.retry_days, self.due)
        for i in np.flatnonzero(due).tolist():
            row = self._open[i]
            row["given_mg"], row["held"] = float(mg[i]), bool(held[i])
            row["interval_days"] = float(self.due[i] - day)
