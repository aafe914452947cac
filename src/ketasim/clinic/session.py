"""The session, minute by minute: check-in, hold, dose, watch, act, discharge.

The clock is the protocol's: readings fall due, alarms are judged when a reading is taken, and the body is simulated to
that very moment, so decisions never depend on a solver's step. The same seed and the same interventions give the same
session; a log on disk lets a session go on after its process died.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from ketasim.clinic.body import Body
from ketasim.clinic.log import Account, Log
from ketasim.clinic.moment import Moment, Pump
from ketasim.clinic.monitor import monitor
from ketasim.clinic.plan import Plan, dose_mg, plan
from ketasim.clinic.protocol import Alarm, Protocol, Reading
from ketasim.core.errors import InputError
from ketasim.dosing import Regimen
from ketasim.patients import Patient

ACTIONS = ("pause", "resume", "slow", "stop", "give", "note", "call")
LEAST_CHANGE = 0.05
HOLD_WAIT_MIN, HOLD_TRIES = 15.0, 3


class Session:
    """One treatment session of one virtual patient. See the module."""

    def __init__(
        self,
        patient: Patient,
        protocol: Protocol | str = "iv_depression",
        *,
        seed: int = 0,
        vary: tuple[str, ...] = (),
        log: str | Path | None = None,
        settings: dict[str, float] | None = None,
        staff: tuple[str, str] = ("nurse", "pharmacist"),
        subject: int = 0,
    ) -> None:
        self.protocol = Protocol.load(protocol) if isinstance(protocol, str) else protocol
        self.patient, self.seed, self.staff, self.subject = patient, seed, staff, subject
        self.plan: Plan = plan(patient, self.protocol)
        outputs = tuple(dict.fromkeys(r.output for r in self.protocol.readings))
        pairs = {(d.drug, d.route) for d in self.plan.doses} | self.protocol.rescue
        self._pairs = pairs
        circumstances = {"anticipatory": 1.0, **(settings or {})}
        self.body = Body(patient, sorted(pairs), outputs, seed, vary, circumstances, subject=subject)
        self.account = Account()
        self.minute, self.phase = 0.0, "check-in"
        self.start_min, self.end_min = np.nan, np.nan
        self.readings: list[dict[str, float]] = []
        self.curves: list[dict[str, float]] = []
        self.shown: dict[str, float] = {}
        self.baseline: dict[str, float] = {}
        self._beyond: dict[str, int] = {}
        self._fired: list[str] = []
        self._holds = 0
        self._pump = Pump()
        self._doses: list[Any] = []
        self._moments: list[Moment] = []
        self.log = Log() if log is None else Log.open(log)
        self._head: dict[str, Any] = {
            "kind": "begin", "protocol": self.protocol.name, "seed": seed, "vary": list(vary), "subject": subject,
            "patient": json.loads(json.dumps(patient.model_dump(mode="json", exclude_defaults=True))),
        }  # fmt: skip
        replay = self.log.events
        if replay:
            self._replay(list(replay))
        else:
            self.log.add(0, **self._head)
            self._check_in()

    # ---- the clock
    @property
    def done(self) -> bool:
        """Whether the patient has left, or was not treated."""
        return self.phase in ("discharged", "not treated", "time over")

    def step(self, minutes: float = 1.0) -> dict[str, float]:
        """Let a minute pass (or part of one); returns what the monitor shows."""
        if self.done:
            return self.shown
        self._moments.append(self._moment())
        target = self.minute + minutes
        while self.minute < target - 1e-9 and not self.done:
            self._to(min(target, self._next_event(target)))
        if self.minute >= self.protocol.max_min - 1e-9 and not self.done:
            self._do("stop") if self.phase == "dosing" else None
            self._enter("time over")
        return self.shown

    def run(self, until_min: float | None = None) -> Session:
        """Step until the end, or until a minute."""
        while not self.done and (until_min is None or self.minute < until_min - 1e-9):
            self.step()
        return self

    def run_until(self, output: str, above: float, limit_min: float = 600.0) -> float | None:
        """Go on to the exact minute at which a (true, not measured) output first exceeds a level; None if never.

        Steps that only look are neither logged nor kept.
        """
        if output not in self.body.outputs:
            raise InputError("output", output, ", ".join(self.body.outputs))
        while not self.done and self.minute < limit_min:
            before = self._moment()
            with self.log.held():
                low, high = 0.0, 1.0
                if not self._passes(high, output, above):
                    self.log.commit()
                    continue
                self._back(before, forget=True)
                while high - low > 1e-6:
                    middle = (low + high) / 2
                    low, high = (low, middle) if self._passes(middle, output, above) else (middle, high)
                    self._back(before, forget=True)
            self.step(high)
            return self.minute
        return None

    def _passes(self, minutes: float, output: str, above: float) -> bool:
        self.step(minutes)
        return self.curves[-1][output] > above

    def rewind(self, minute: float) -> None:
        """Back to an earlier whole step; the log keeps what happened and says that it was taken back."""
        earlier = [m for m in self._moments if m.minute <= minute + 1e-9]
        if not earlier:
            raise InputError("minute", minute, f"a minute from 0 to {self.minute:g}")
        self.log.add(self.minute, "rewind", to=earlier[-1].minute)
        self._back(earlier[-1])

    # ---- what staff can do
    def act(self, action: str, *, drug: str = "", dose: str = "", factor: float = 0.5, why: str = "staff") -> None:
        """pause, resume, slow, stop, or give (drug and dose such as "10 mg"); nothing can be done once it is over."""
        if self.done:
            raise InputError("action", action, f"before the end of the session, at {self.minute:g} min")
        if action not in ACTIONS:
            raise InputError("action", action, "pause, resume, slow, stop, give, note or call")
        if action == "slow" and not 0 < factor < 1:
            raise InputError("factor", factor, "more than 0 and less than 1, the share of the rate that is kept")
        if action == "give":
            Regimen.parse(f"{drug} {dose} iv")
            if (known := drug.strip().lower()) and (known, "iv") not in self._pairs:
                raise InputError("drug", drug, ", ".join(sorted(d for d, way in self._pairs if way == "iv")))
        self.log.add(self.minute, "act", action=action, drug=drug, dose=dose, factor=factor, why=why)
        self._do(action, drug, dose, factor)

    def _do(self, action: str, drug: str = "", dose: str = "", factor: float = 0.5) -> None:
        pump = self._pump
        if action == "pause":
            self._set_pump(replace(pump, running=False))
        elif action == "resume":
            self._set_pump(replace(pump, running=pump.left_mg > 1e-9))
        elif action == "slow":
            self._set_pump(replace(pump, factor=max(0.1, pump.factor * factor)))
        elif action == "stop":
            self._doses = []
            self._set_pump(replace(pump, running=False, left_mg=0.0))
            self._finish_dosing("stopped")
        elif action == "give":
            for d in Regimen.parse(f"{drug} {dose} iv").fixed_doses:
                mg = dose_mg(d, self.patient)
                self.body.give(d.drug, d.route, mg)
                self.log.add(self.minute, "given", drug=d.drug, route=d.route, mg=round(mg, 6))

    # ---- inside
    def _check_in(self) -> None:
        self._to(0.0)
        self.baseline = dict(self.shown)
        self._judge_hold()

    def _judge_hold(self) -> None:
        held = [a for a in self.protocol.hold if a.passed(self.shown[a.output])]
        if held:
            self._holds += 1
            for a in held:
                self.log.add(self.minute, "hold", alarm=a.name, value=self.shown[a.output])
            if self._holds >= HOLD_TRIES:
                self._enter("not treated")
            else:
                self._enter("held")
            return
        self._begin()

    def _begin(self) -> None:
        self.start_min = self.minute
        self.account.draw(self.plan.draw_mg, self.staff[0]) if not self.account.drawn else None
        self.log.add(self.minute, "drawn", mg=round(self.plan.draw_mg, 6), by=self.staff[0])
        self._doses = list(self.plan.doses)
        self.body.begin_session()
        self._enter("dosing")
        self._start_due()

    def _start_due(self) -> None:
        while self._doses and self.start_min + 60 * self._doses[0].start_h <= self.minute + 1e-9:
            d = self._doses.pop(0)
            mg = dose_mg(d, self.patient)
            if d.route == "iv" and d.duration_h > 0:
                before, rate = self._pump, mg / d.duration_h
                paused = not before.running and before.left_mg > 0  # by hand or alarm: a new rate does not undo it
                self._set_pump(Pump(d.drug, rate, mg, not paused, before.factor))
                ml_h = round(rate / self.plan.concentration_mg_ml, 4)
                told = next((e["ml_h"] for e in reversed(self.log.events) if e["kind"] == "pump"), 0.0)
                if abs(ml_h - told) > LEAST_CHANGE * ml_h:
                    self.log.add(self.minute, "pump", ml_h=ml_h)
            else:
                self.body.give(d.drug, d.route, mg, d.device_index)
                self.account.give(mg)
                self.log.add(self.minute, "given", drug=d.drug, route=d.route, mg=round(mg, 6), device=d.device_index)
        if not self._doses and not self._pump.left_mg and self.phase == "dosing":
            self._finish_dosing("complete")

    def _set_pump(self, new: Pump) -> None:
        if new.rate != self._pump.rate or new.drug != self._pump.drug:
            if self._pump.rate:
                self.body.change_rate(self._pump.drug, -self._pump.rate)
            if new.rate:
                self.body.change_rate(new.drug, new.rate)
        self._pump = new

    def _next_event(self, target: float) -> float:
        due = [target]
        if self._pump.rate > 0:
            due.append(self.minute + 60 * self._pump.left_mg / self._pump.rate)
        if self._doses:
            due.append(self.start_min + 60 * self._doses[0].start_h)
        due += [self._due(r) for r in self.protocol.readings]
        return min(d for d in due if d > self.minute + 1e-9)

    def _due(self, r: Reading) -> float:
        return r.every_min * (np.floor(self.minute / r.every_min + 1e-9) + 1)

    def _to(self, minute: float) -> None:
        if minute > self.minute:
            passed = (minute - self.minute) / 60
            given = min(self._pump.left_mg, self._pump.rate * passed)
            values = self.body.advance(minute / 60)
            if given > 0:
                self.account.give(given)
                left = self._pump.left_mg - given
                self._pump = replace(self._pump, left_mg=left if left > 1e-9 else 0.0)
            self.minute = round(minute, 9)
            self.curves.append({"min": minute, **values})
            if self._pump.running and self._pump.left_mg == 0.0:
                self._set_pump(replace(self._pump, running=False))
        else:
            values = self.body.now()
            self.curves.append({"min": minute, **values})
        if self.phase == "dosing":
            self._start_due()
        taken = [
            r
            for r in self.protocol.readings
            if abs(self.minute / r.every_min - round(self.minute / r.every_min)) < 1e-9
        ]
        if taken:
            self._read(taken, values)
            if self.phase in ("dosing", "recovery"):
                self._alarms({r.output for r in taken})
            elif self.phase == "held" and abs(self.minute % HOLD_WAIT_MIN) < 1e-9:
                self._judge_hold()
            if self.phase == "recovery":
                self._judge_discharge()

    def _read(self, taken: list[Reading], values: dict[str, float]) -> None:
        row = {"min": self.minute}
        for r in taken:
            who = np.array([self.subject])
            row[r.output] = float(monitor(r, np.array([values[r.output]]), self.seed, who, self.minute)[0])
        self.shown = {**self.shown, **{k: v for k, v in row.items() if k != "min"}}
        self.readings.append(row)
        self.log.add(self.minute, "reading", **{k: v for k, v in row.items() if k != "min"})

    def _alarms(self, taken: set[str]) -> None:
        for a in self.protocol.alarms:
            if a.output not in taken:
                continue
            if a.passed(self.shown[a.output]):
                self._beyond[a.name] = self._beyond.get(a.name, 0) + 1
                if self._beyond[a.name] >= a.readings and not (a.once and a.name in self._fired):
                    self._fire(a)
            else:
                if self._beyond.get(a.name, 0) >= a.readings and a.resume_when_clear and not self._pump.running:
                    self.log.add(self.minute, "clear", alarm=a.name)
                    self._do("resume")
                self._beyond[a.name] = 0

    def _fire(self, a: Alarm) -> None:
        idle = a.action in ("pause", "slow", "stop") and not self._pump.running and not self._doses
        first = self._beyond[a.name] == a.readings
        if idle and not first:
            return
        self._fired.append(a.name)
        self.log.add(self.minute, "alarm", alarm=a.name, value=self.shown[a.output], action=a.action)
        if not (idle and a.action != "stop"):
            self._do(a.action, a.drug or "", a.dose or "", a.factor)

    def _finish_dosing(self, how: str) -> None:
        if self.phase != "dosing":
            return
        self.end_min = self.minute
        self.log.add(self.minute, "end of dosing", how=how, given_mg=round(self.account.given, 6))
        rest = self.account.left
        self.account.waste(max(rest, 0.0), self.staff[0], self.staff[1])
        self.log.add(self.minute, "wasted", mg=round(max(rest, 0.0), 6), by=self.staff[0], witness=self.staff[1])
        self._enter("recovery")

    def _judge_discharge(self) -> None:
        if not self.ready():
            self._enter("discharged")

    def ready(self) -> list[str]:
        """Reasons why the patient may not go yet (none: may go)."""
        d, reasons = self.protocol.discharge, []
        if not self.minute - self.start_min >= d.after_start_min:
            reasons.append(f"{d.after_start_min:g} min since the start not over")
        if not self.minute - self.end_min >= d.after_end_min:
            reasons.append(f"{d.after_end_min:g} min since the end not over")
        for c in d.criteria:
            value = self.shown.get(c.output, np.nan)
            fine = np.isfinite(value)
            fine &= c.at_most is None or value <= c.at_most
            fine &= c.at_least is None or value >= c.at_least
            if c.within_share_of_baseline is not None:
                base = self.baseline[c.output]
                fine &= abs(value - base) <= c.within_share_of_baseline * base
            if not fine:
                reasons.append(f"{c.reason} ({c.output} {value:g})")
        return reasons

    def _enter(self, phase: str) -> None:
        self.phase = phase
        self.log.add(self.minute, "phase", phase=phase)

    def _moment(self) -> Moment:
        return Moment(
            self.minute, self.phase, self._pump, self.body.save(), dict(self.shown), dict(self._beyond),
            tuple(self._fired), self.start_min, self.end_min, tuple(self._doses), self._holds, len(self.readings),
            self.account.copy(), len(self.log.events),
        )  # fmt: skip

    def _back(self, m: Moment, forget: bool = False) -> None:
        self.minute, self.phase, self._pump = m.minute, m.phase, m.pump
        self.body.restore(m.body)
        self.shown, self._beyond, self._fired = dict(m.shown), dict(m.beyond), list(m.fired)
        self.start_min, self.end_min, self._doses, self._holds = m.start_min, m.end_min, list(m.doses_left), m.holds
        self.readings = self.readings[: m.readings]
        self.curves = [c for c in self.curves if c["min"] <= m.minute]
        self.account = m.account.copy()
        if forget:
            self.log.forget(m.logged)
        self._moments = [x for x in self._moments if x.minute < m.minute]

    def _replay(self, events: list[dict[str, Any]]) -> None:
        """Go through a log again: the same seed and the same interventions at the same minutes."""
        head = events[0]
        if {k: head.get(k) for k in self._head} != self._head:
            self.log.close()
            raise InputError("session log", str(self.log.path), "the log of this patient, protocol and seed")
        with self.log.held():
            self.log.events = [head]
            self._check_in()
            done_to = [e for e in events if e["kind"] in ("act", "rewind")]
            stops = sorted({float(e["min"]) for e in done_to} | {float(e["to"]) for e in done_to if "to" in e})
            for e in done_to:
                self._up_to(float(e["min"]), stops)
                if e["kind"] == "rewind":
                    self.rewind(float(e["to"]))
                else:
                    self._act_again(e)
            self._up_to(float(events[-1]["min"]), stops)
            self.log.commit(len(events))

    def _up_to(self, minute: float, stops: Sequence[float]) -> None:
        """Step to a minute by whole minutes, with a moment kept at every stop on the way."""
        while not self.done and self.minute < minute - 1e-9:
            ahead = [m for m in (*stops, minute) if m > self.minute + 1e-9]
            self.step(min(1.0, min(ahead) - self.minute))

    def _act_again(self, e: dict[str, Any]) -> None:
        self.act(e["action"], drug=e["drug"], dose=e["dose"], factor=e["factor"], why=e["why"])

    def close(self) -> None:
        """Let go of the log."""
        self.log.close()
