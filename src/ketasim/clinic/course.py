"""A course: the acute block, follow-up visits, and maintenance that goes by the response.

At each contact (a session or a visit) the score is rated, checks are made, and the first rule of the protocol that
holds decides. The people of a course are stepped together, so one person and a thousand run the same code.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ketasim.clinic.course_state import LAST, State
from ketasim.clinic.group import GroupSession, dosed
from ketasim.clinic.orders import Orders, order
from ketasim.clinic.people import People
from ketasim.clinic.protocol import Protocol
from ketasim.core.errors import InputError
from ketasim.patients import Cohort, Patient

CLINIC = {"anticipatory": 1.0, "open_label": 1.0}
MOST_WEEKS = 520
DAY = 24.0
RELAPSED = "course.T"
LOOKS_H = (0.33, 0.67, 1.0, 1.5)


@dataclass(frozen=True, eq=False)
class Course:
    """The course of n people. Arrays are (n,) unless said.

    contacts : one row a person and contact, in order of time: id, day, what (session or visit), score as rated,
    improved (share of the score at entry), phase, decision (name of the rule, "" for none), action, interval_days,
    given_mg, held (the session was put off), flagged (names of checks).
    sessions : given. relapse_day : first relapse, inf. stopped_day, stopped_by : where treatment ended for good.
    day, score : the score without error of the rater, (times,) and (n, times).
    events : alarms and actions of watched sessions. peaks, first_peaks : output → largest value in any session, and in
    the first, (n,), of the outputs that were asked for.
    """

    protocol: Protocol
    ids: np.ndarray
    weeks: float
    contacts: tuple[dict[str, Any], ...]
    sessions: np.ndarray
    given_mg: np.ndarray
    relapse_day: np.ndarray
    responded: np.ndarray
    stopped_day: np.ndarray
    stopped_by: np.ndarray
    day: np.ndarray
    score: np.ndarray
    treated: np.ndarray
    events: tuple[dict[str, Any], ...] = field(default=())
    peaks: Mapping[str, np.ndarray] = field(default_factory=dict)
    first_peaks: Mapping[str, np.ndarray] = field(default_factory=dict)

    @classmethod
    def run(
        cls,
        protocol: Protocol | str,
        patient: Patient | Cohort,
        weeks: float = 26,
        *,
        people: int = 1,
        seed: int = 0,
        vary: Sequence[str] | None = None,
        settings: Mapping[str, float] | None = None,
        regimen: str | None = None,
        watched: bool = False,
        peaks: Sequence[str] = (),
        doubt_draws: np.ndarray | None = None,
        options: Mapping[str, Any] | None = None,
        values: Mapping[str, float] | None = None,
        threads: int = 1,
    ) -> Course:
        """Simulate the course of a patient (`people` drawn around one), or of everybody in a cohort.

        vary : what is drawn; nothing for one patient, "between" for several. settings : circumstances; a clinic is open
        and anticipated unless told otherwise. regimen : a session's dose in the place of the protocol's.
        watched : run every session with its readings, alarms and actions; otherwise each gives the planned dose.
        peaks : outputs whose largest value in sessions is kept; not with watched sessions. doubt_draws : (n,) draw of
        doubt that people share. options, values : of the model and of its parameters, as in `simulate`.
        """
        if not 0 < weeks <= MOST_WEEKS:
            raise InputError("weeks", weeks, f"more than 0 and at most {MOST_WEEKS}")
        if people < 1:
            raise InputError("people", people, "1 or more")
        rules = dosed(protocol, regimen)
        cohort = patient if isinstance(patient, Cohort) else Cohort.from_patient(patient, people)
        drawn = tuple(vary) if vary is not None else (("between",) if len(cohort) > 1 else ())
        if watched and peaks:
            raise InputError("peaks", ", ".join(peaks), "nothing for watched sessions, whose readings are in events")
        told = {"doubt_draws": doubt_draws, "options": options, "values": values, "threads": threads}
        circumstances = {**CLINIC, **(settings or {})}
        run = _Run(rules, cohort, weeks, seed, drawn, circumstances, watched, tuple(peaks), told)
        return run.run()

    def improved(self) -> np.ndarray:
        """Share of the score at entry that is gone, without the rater's error, (n, times)."""
        start = np.maximum(self.score[:, :1], 1e-9)
        return 1.0 - self.score / start

    def at_week(self, week: float) -> dict[str, Any]:
        """Forecast: score (5 %, median, 95 %), shares with response, in relapse so far and under treatment."""
        k = int(np.searchsorted(self.day, 7 * week + 1e-9, side="right")) - 1
        low, median, high = np.quantile(self.score[:, k], (0.05, 0.5, 0.95)).tolist()
        return {
            "week": week, "score": (low, median, high),
            "response": float((self.improved()[:, k] >= self.protocol.follow_up.response).mean()),
            "relapsed": float((self.relapse_day <= self.day[k]).mean()),
            "treated": float(self.treated[:, k].mean()),
        }  # fmt: skip

    def forecast(self, weeks: Sequence[float] | None = None) -> dict[str, Any]:
        """`at_week` for some weeks, and the number of sessions (5 %, median, 95 %)."""
        chosen = weeks if weeks is not None else [w for w in (2, 4, 8, 12, 26, 52, 104) if w <= self.weeks]
        number = np.quantile(self.sessions, (0.05, 0.5, 0.95), method="higher").tolist()
        return {"people": len(self.ids), "sessions": tuple(number), "weeks": [self.at_week(w) for w in chosen]}

    def of(self, position: int = 0) -> list[dict[str, Any]]:
        """Contacts of one person."""
        return [row for row in self.contacts if row["id"] == int(self.ids[position])]


class _Run:
    def __init__(
        self, rules: Protocol, cohort: Cohort, weeks: float, seed: int, vary: tuple[str, ...],
        settings: Mapping[str, float], watched: bool, peaks: tuple[str, ...], told: Mapping[str, Any],
    ) -> None:  # fmt: skip
        f = rules.follow_up
        self.rules, self.weeks, self.seed, self.watched = rules, weeks, seed, watched
        self.orders: Orders = order(cohort.covariates, rules)
        self.vitals = tuple(r.output for r in rules.readings) if watched else ()
        names = (f.score, f.relapse_hazard, *(c.output for c in f.checks), *self.vitals, *peaks)
        pairs = self.orders.pairs | (rules.rescue if watched else set())
        self.people = People(cohort, sorted(pairs), tuple(dict.fromkeys(names)), seed, vary, settings, **told)
        self.peaks = {name: np.full(len(cohort), -np.inf) for name in peaks}
        self.first = {name: np.full(len(cohort), np.nan) for name in peaks}
        self.under_way: np.ndarray | None = None
        self.state = State(rules, np.asarray(cohort.ids), seed)
        self.visits: dict[float, set[str]] = {}
        for v in f.visits:
            for day in v.days(7 * weeks):
                self.visits.setdefault(round(day, 6), set()).update(v.checks)
        self.events: list[dict[str, Any]] = []
        self.number = 0

    def run(self) -> Course:
        s, last = self.state, 7.0 * self.weeks
        while True:
            ahead = [d for d in self.visits if d > s.day + 1e-9 or s.day < 0]
            day = min([*ahead, float(s.due.min()), last])
            values = self._go(day)
            if day > last - 1e-9 and not (s.due <= day + 1e-9).any() and day not in self.visits:
                break
            due = s.due <= day + 1e-9
            s.contact(day, values, due, self.visits.get(round(day, 6)) if day > s.day else None)
            due &= s.phase != LAST
            if due.any():
                self._treat(day, due)
            if day > last - 1e-9:
                break
        return self._course()

    def _go(self, day: float) -> dict[str, np.ndarray]:
        """Let time pass to a day; the hazard of relapse is read daily on the way."""
        t = self.people.t / DAY
        if day <= t + 1e-9:
            values = dict(self.people.now())
            self.state.pass_time(np.array([day]), {k: v[:, None] for k, v in values.items()})
            return values
        days = np.unique(np.append(np.arange(np.floor(t) + 1.0, day), day))
        looks = np.array([h for x in LOOKS_H if (h := self.people.t + x) < day * DAY and self.under_way is not None])
        times = np.unique(np.concatenate([days * DAY, looks]))
        curves = self.people.advance(day * DAY, times)
        self._peaks({name: curves[name][:, np.isin(times, looks)] for name in self.peaks if len(looks)})
        curves = {name: c[:, np.searchsorted(times, days * DAY)] for name, c in curves.items()}
        self.state.pass_time(days, curves)
        self._begin_anew()
        return {k: v[:, -1] for k, v in curves.items()}

    def _peaks(self, curves: Mapping[str, np.ndarray]) -> None:
        """Keep the largest values of those whose session is under way."""
        for name, curve in curves.items():
            assert self.under_way is not None
            top = np.where(self.under_way, curve.max(axis=1), -np.inf)
            self.peaks[name] = np.maximum(self.peaks[name], top)
            now = np.isnan(self.first[name]) & np.isfinite(top)
            self.first[name][now] = top[now]
        self.under_way = None

    def _begin_anew(self) -> None:
        """Who relapsed loses what was no work of the drug: hope, contact and natural course begin again that day."""
        fresh = self.state.fresh
        who = np.flatnonzero(~np.isnan(fresh))
        names = self.people.program.parameter_names
        if len(who) and RELAPSED in names:
            self.people.individual[who, names.index(RELAPSED)] = fresh[who] * DAY
        fresh[who] = np.nan

    def _treat(self, day: float, due: np.ndarray) -> None:
        number, self.number = self.number, self.number + 1
        if self.watched:
            who = np.flatnonzero(due)
            part = self.people.part(who)
            done = GroupSession(part, self.rules, self.orders.of(who), self.seed, number).run()
            self.people.join(who, part)
            self.events += [{"day": day, **e} for e in done.events]
            mg = np.zeros(len(due))
            mg[who] = done.given_mg
        else:
            who = np.flatnonzero(due)
            self.people.begin_session(who)
            for o in self.orders.orders:
                mine = due[o.who]
                chosen, start = o.who[mine], self.people.t + o.start_min / 60
                if o.route == "iv" and o.duration_min > 0:
                    rate = o.mg[mine] / (o.duration_min / 60)
                    self.people.change_rate(o.drug, rate, chosen, start)
                    self.people.change_rate(o.drug, -rate, chosen, start + o.duration_min / 60)
                elif len(chosen):
                    self.people.give(o.drug, o.route, o.mg[mine], chosen, start, o.device)
            mg = np.where(due, self.orders.planned_mg, 0.0)
            self.under_way = due.copy() if self.peaks else None
        self.state.treated(day, due, mg)

    def _course(self) -> Course:
        s = self.state
        rows = tuple(r for r in s.rows if r is not None)
        return Course(
            self.rules, s.ids, self.weeks, rows, s.sessions, s.given, s.relapse_day, s.responded, s.stopped_day,
            s.stopped_by, np.array(s.days), np.stack(s.scores, axis=1), np.stack(s.under, axis=1), tuple(self.events),
            {k: np.where(np.isfinite(v), v, np.nan) for k, v in self.peaks.items()}, self.first,
        )  # fmt: skip
