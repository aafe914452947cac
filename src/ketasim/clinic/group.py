"""The session of many people at once: the rules of `session` on arrays, one clock, everybody's own pump.

Readings, holds, alarms, actions and discharge are those of the session of one person, judged at the same minutes with
the same measurement error; a test holds the two together. Between two readings nothing is decided, so the bodies of all
people go from reading to reading in one call.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ketasim.clinic.group_pump import Pumps
from ketasim.clinic.monitor import errors, monitor
from ketasim.clinic.orders import Orders, order
from ketasim.clinic.people import People
from ketasim.clinic.protocol import Alarm, Protocol, Reading
from ketasim.clinic.session import HOLD_TRIES, HOLD_WAIT_MIN
from ketasim.dosing import Regimen
from ketasim.patients import Cohort

AHEAD_MIN = 120.0
CHECK_IN, HELD, DOSING, RECOVERY, DISCHARGED, NOT_TREATED, TIME_OVER = range(7)
PHASES = ("check-in", "held", "dosing", "recovery", "discharged", "not treated", "time over")


@dataclass(frozen=True, eq=False)
class Treated:
    """One session of n people; every array is (n,) unless said.

    phase : how it ended (words of PHASES). planned_mg, given_mg : of the drug that is treated with; share : given over
    planned, 0 for who was not treated. start_min, end_min : of dosing, left_min : discharge; NaN where it never came.
    baseline, worst : output → reading at check-in, largest reading after (smallest for spo2, sedation).
    readings : output → (n, minutes), NaN where none was taken; minutes (m,).
    events : id, min, kind and more of holds, alarms, what was given, the end; in the order of time.
    doses : what each person really got: id, drug, route, start_min, duration_min, mg, device.
    """

    ids: np.ndarray
    phase: np.ndarray
    planned_mg: np.ndarray
    given_mg: np.ndarray
    start_min: np.ndarray
    end_min: np.ndarray
    left_min: np.ndarray
    baseline: Mapping[str, np.ndarray]
    worst: Mapping[str, np.ndarray]
    minutes: np.ndarray
    readings: Mapping[str, np.ndarray]
    events: tuple[dict[str, Any], ...]
    doses: tuple[dict[str, Any], ...]

    @property
    def share(self) -> np.ndarray:
        """Given over planned, (n,)."""
        return np.divide(self.given_mg, self.planned_mg, out=np.zeros_like(self.given_mg), where=self.planned_mg > 0)

    def had(self, kind: str, **what: Any) -> np.ndarray:
        """Whether each person had an event of a kind (alarm="…", action="…"), (n,)."""
        ids = {e["id"] for e in self.events if e["kind"] == kind and all(e.get(k) == v for k, v in what.items())}
        return np.isin(self.ids, list(ids))


def treat(
    cohort: Cohort,
    protocol: Protocol | str = "iv_depression",
    *,
    seed: int = 0,
    vary: Sequence[str] = (),
    settings: Mapping[str, float] | None = None,
    regimen: str | None = None,
    threads: int = 1,
) -> Treated:
    """One session of every person of a cohort, with holds, alarms and actions by protocol.

    regimen : a sentence for this session in the place of the protocol's dose (an arm of a trial).
    settings : circumstances; the clinic adds anticipatory=1 unless told otherwise.
    InputError where a pump or syringe cannot do it.
    """
    rules = dosed(protocol, regimen)
    orders = order(cohort.covariates, rules)
    outputs = tuple(dict.fromkeys(r.output for r in rules.readings))
    circumstances = {"anticipatory": 1.0, **(settings or {})}
    pairs = sorted(orders.pairs | rules.rescue)
    people = People(cohort, pairs, outputs, seed, vary, circumstances, threads=threads)
    return GroupSession(people, rules, orders, seed).run()


def dosed(protocol: Protocol | str, regimen: str | None) -> Protocol:
    """The protocol, with another regimen where one is given."""
    rules = Protocol.load(protocol) if isinstance(protocol, str) else protocol
    if regimen is None:
        return rules
    dose = rules.dose.model_copy(update={"regimen": regimen, "elderly_regimen": None})
    return rules.model_copy(update={"dose": dose})


class GroupSession:
    """Runs one session of all of some people from their present moment. number : which session of a course it is."""

    def __init__(self, people: People, protocol: Protocol, orders: Orders, seed: int, number: int = 0) -> None:
        self.people, self.protocol, self.orders, self.seed, self.number = people, protocol, orders, seed, number
        n = people.n
        self.ids = np.asarray(people.cohort.ids)
        self.phase = np.full(n, CHECK_IN)
        self.origin_h, self.minute = people.t, 0.0
        self.start = np.full(n, np.nan)
        self.end, self.left_at = np.full(n, np.nan), np.full(n, np.nan)
        self.shown: dict[str, np.ndarray] = {r.output: np.full(n, np.nan) for r in protocol.readings}
        self.baseline: dict[str, np.ndarray] = {}
        self.beyond = {a.name: np.zeros(n, int) for a in protocol.alarms}
        self.fired = {a.name: np.zeros(n, bool) for a in protocol.alarms}
        self.holds = np.zeros(n, int)
        self.pump = Pumps(people, orders, self.origin_h)
        self.events: list[dict[str, Any]] = []
        self.rows: list[tuple[float, dict[str, np.ndarray]]] = []
        self._errors: dict[str, tuple[int, np.ndarray]] = {}

    def run(self) -> Treated:
        """To the end of everybody's session."""
        self._read(self.people.now(), 0.0)
        self.baseline = {k: v.copy() for k, v in self.shown.items()}
        self._judge_hold(self.phase == CHECK_IN)
        for minute in self._clock():
            if not self._open.any():
                break
            self._to(minute)
        late = self.phase == DOSING
        self.pump.stop(late, self.minute)
        self._finish(late, np.full(len(late), self.minute), "stopped")
        for i in np.flatnonzero(self._open).tolist():
            self._say(i, "phase", phase=PHASES[TIME_OVER])
        self.phase[self._open] = TIME_OVER
        return self._treated()

    @property
    def _open(self) -> np.ndarray:
        return (self.phase >= CHECK_IN) & (self.phase <= RECOVERY)

    def _clock(self) -> list[float]:
        last = self.protocol.max_min
        due = {round(k * r.every_min, 9) for r in self.protocol.readings for k in range(1, int(last / r.every_min) + 1)}
        return sorted({*due, last})

    def _to(self, minute: float) -> None:
        dosing = self.phase == DOSING
        finished = self.pump.run(self.minute, minute, dosing)
        values = self.people.advance(self.origin_h + minute / 60)
        self.minute = minute
        self._finish(dosing & ~np.isnan(finished), finished, "complete")
        taken = self._read(values, minute)
        judged = (self.phase == DOSING) | (self.phase == RECOVERY)
        for a in self.protocol.alarms:
            if a.output in taken:
                self._alarm(a, judged)
        if taken and abs(minute % HOLD_WAIT_MIN) < 1e-9:
            self._judge_hold(self.phase == HELD)
        if taken:
            ready = (self.phase == RECOVERY) & self._ready()
            self.phase[ready] = DISCHARGED
            self.left_at[ready] = minute
            for i in np.flatnonzero(ready).tolist():
                self._say(i, "phase", phase=PHASES[DISCHARGED])

    def _read(self, values: Mapping[str, np.ndarray], minute: float) -> set[str]:
        due = [r for r in self.protocol.readings if abs(minute / r.every_min - round(minute / r.every_min)) < 1e-9]
        row = {}
        for r in due:
            error = self._error(r, minute) if r.sd else None
            seen = monitor(r, values[r.output], self.seed, self.ids, minute, self.number, error)
            row[r.output] = np.where(self._open, seen, np.nan)
            self.shown[r.output] = np.where(self._open, seen, self.shown[r.output])
        if row:
            self.rows.append((minute, row))
        return set(row)

    def _error(self, r: Reading, minute: float) -> np.ndarray:
        """Drawn for two hours of readings at a time."""
        number = round(minute / r.every_min)
        first, drawn = self._errors.get(r.output, (0, np.zeros((0, 0))))
        if not first <= number < first + drawn.shape[1]:
            first = number
            minutes = r.every_min * np.arange(first, first + max(1, round(AHEAD_MIN / r.every_min)))
            drawn = errors(r, self.seed, self.ids, minutes, self.number)
            self._errors[r.output] = (first, drawn)
        return drawn[:, number - first]

    def _judge_hold(self, who: np.ndarray) -> None:
        held = np.zeros(len(who), bool)
        for a in self.protocol.hold:
            now = who & _passed(a, self.shown[a.output])
            for i in np.flatnonzero(now).tolist():
                self._say(i, "hold", alarm=a.name, value=self.shown[a.output][i])
            held |= now
        self.holds[held] += 1
        self.phase[held] = np.where(self.holds[held] >= HOLD_TRIES, NOT_TREATED, HELD)
        begin = who & ~held
        if begin.any():
            self.start[begin] = self.minute
            self.phase[begin] = DOSING
            self.people.begin_session(np.flatnonzero(begin))
            finished = self.pump.begin(begin, self.minute)
            self._finish(begin & ~np.isnan(finished), finished, "complete")

    def _alarm(self, a: Alarm, judged: np.ndarray) -> None:
        passed = _passed(a, self.shown[a.output])
        before = self.beyond[a.name].copy()
        now = np.where(judged & passed, before + 1, np.where(judged, 0, before))
        self.beyond[a.name] = now
        fire = judged & passed & (now >= a.readings)
        if a.once:
            fire &= ~self.fired[a.name]
        idle = a.action in ("pause", "slow", "stop") and ~self.pump.running & ~self.pump.more
        idle = np.broadcast_to(np.asarray(idle, bool), fire.shape)
        fire &= ~(idle & (now != a.readings))
        self.fired[a.name] |= fire
        for i in np.flatnonzero(fire).tolist():
            self._say(i, "alarm", alarm=a.name, value=self.shown[a.output][i], action=a.action)
        self._do(a, fire if a.action == "stop" else fire & ~idle)
        if a.resume_when_clear:
            clear = judged & ~passed & (before >= a.readings) & ~self.pump.running
            for i in np.flatnonzero(clear).tolist():
                self._say(i, "clear", alarm=a.name)
            self.pump.resume(clear, self.minute)

    def _do(self, a: Alarm, who: np.ndarray) -> None:
        if not who.any():
            return
        if a.action == "pause":
            self.pump.pause(who, self.minute)
        elif a.action == "resume":
            self.pump.resume(who, self.minute)
        elif a.action == "slow":
            self.pump.slow(who, a.factor, self.minute)
        elif a.action == "stop":
            self.pump.stop(who, self.minute)
            self._finish(who & (self.phase == DOSING), np.full(len(who), self.minute), "stopped")
        elif a.action == "give":
            chosen = np.flatnonzero(who)
            cov = self.people.cohort.covariates
            for d in Regimen.parse(f"{a.drug} {a.dose} iv").fixed_doses:
                amount = d.amount_mg(cov["weight_kg"][chosen], cov["ibw_kg"][chosen])
                mg = np.broadcast_to(np.asarray(amount, float), chosen.shape)
                self.pump.push(d.drug, d.route, mg, chosen, self.minute)
                for i, much in zip(chosen.tolist(), mg.tolist(), strict=True):
                    self._say(i, "given", drug=d.drug, mg=much)

    def _finish(self, who: np.ndarray, at: np.ndarray, how: str) -> None:
        self.end[who] = at[who]
        self.phase[who] = RECOVERY
        for i in np.flatnonzero(who).tolist():
            self._say(i, "end of dosing", float(at[i]), how=how, given_mg=float(self.pump.given[i]))

    def _ready(self) -> np.ndarray:
        d = self.protocol.discharge
        with np.errstate(invalid="ignore"):
            fine = (self.minute - self.start >= d.after_start_min) & (self.minute - self.end >= d.after_end_min)
            for c in d.criteria:
                value = self.shown[c.output]
                fine &= np.isfinite(value)
                if c.at_most is not None:
                    fine &= value <= c.at_most
                if c.at_least is not None:
                    fine &= value >= c.at_least
                if c.within_share_of_baseline is not None:
                    base = self.baseline[c.output]
                    fine &= np.abs(value - base) <= c.within_share_of_baseline * base
        return fine

    def _say(self, i: int, kind: str, minute: float | None = None, **what: Any) -> None:
        self.events.append(
            {"id": int(self.ids[i]), "min": round(self.minute if minute is None else minute, 6), "kind": kind, **what}
        )

    def _treated(self) -> Treated:
        minutes = np.array([m for m, _ in self.rows])
        blank = np.full(len(self.ids), np.nan)
        table = {o: np.stack([row.get(o, blank) for _, row in self.rows], axis=1) for o in self.shown}
        worst = {}
        for name, rows in table.items():
            low = name in ("spo2", "sedation")
            seen = np.where(np.isnan(rows), np.inf if low else -np.inf, rows)
            worst[name] = seen.min(axis=1) if low else seen.max(axis=1)
        return Treated(
            self.ids, np.array(PHASES)[self.phase], self.orders.planned_mg, self.pump.given, self.start, self.end,
            self.left_at, self.baseline, worst, minutes, table, tuple(sorted(self.events, key=lambda e: e["min"])),
            self.pump.records(self.ids, self.minute),
        )  # fmt: skip


def _passed(a: Alarm, value: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore"):
        return np.asarray(value > a.above if a.above is not None else value < float(a.below or 0.0))
