"""Everybody's pump, devices and pushes in one session, and the record of what each person really got."""

from __future__ import annotations

from typing import Any

import numpy as np

from ketasim.clinic.orders import Orders
from ketasim.clinic.people import People

EMPTY_MG = 1e-9
SLOWEST = 0.1


class Pumps:
    """Arrays over people: rate of the present infusion, what is left of it, whether it runs and how fast."""

    def __init__(self, people: People, orders: Orders, origin_h: float) -> None:
        n = people.n
        self.people, self.orders, self.origin_h = people, orders, origin_h
        self.mg_h, self.left, self.factor = np.zeros(n), np.zeros(n), np.ones(n)
        self.running = np.zeros(n, bool)
        self.next = np.zeros(n, int)
        self.started, self.given = np.full(n, np.nan), np.zeros(n)
        self._flow, self._since = np.zeros(n), np.zeros(n)
        self._drug = np.full(n, "", dtype=object)
        self._starts = np.full((n, int(orders.count.max(initial=0)) + 1), np.inf)
        for o in orders.orders:
            self._starts[o.who, o.number] = o.start_min
        self._rows: list[dict[str, Any]] = []

    @property
    def more(self) -> np.ndarray:
        """Whether doses are still to start, (n,)."""
        return self.next < self.orders.count

    def begin(self, who: np.ndarray, minute: float) -> np.ndarray:
        """Start the session of some people; minute at which dosing was complete at once, else NaN."""
        self.started[who] = minute
        done = np.full(len(who), np.nan)
        self._start_due(who, np.full(len(who), minute), done)
        return done

    def run(self, start_min: float, end_min: float, dosing: np.ndarray) -> np.ndarray:
        """Let pumps run and doses start between two readings; the minute dosing was complete, (n,), else NaN."""
        n = len(dosing)
        cursor, done = np.full(n, start_min), np.full(n, np.nan)
        while True:
            empty = np.where(self.running & (self._rate > 0), cursor, np.inf)
            with np.errstate(divide="ignore", invalid="ignore"):
                empty = empty + np.where(self._rate > 0, 60 * self.left / self._rate, 0.0)
            due = np.where(dosing, self.started + self._starts[np.arange(n), self.next], np.inf)
            ahead = np.minimum(empty, due)
            who = ahead <= end_min + 1e-9
            if not who.any():
                break
            at = np.minimum(ahead, end_min)
            self._pass(who, cursor, at)
            cursor = np.where(who, at, cursor)
            dry = who & self.running & (self.left == 0.0)
            self.running[dry] = False
            self._set_flow(dry, at)
            self._start_due(who & dosing, at, done)
        self._pass(np.ones(n, bool), cursor, np.full(n, end_min))
        return done

    def pause(self, who: np.ndarray, minute: float) -> None:
        """Stop the flow for now."""
        self.running[who] = False
        self._set_flow(who, minute)

    def resume(self, who: np.ndarray, minute: float) -> None:
        """Go on, where something is left."""
        self.running[who] = self.left[who] > EMPTY_MG
        self._set_flow(who, minute)

    def slow(self, who: np.ndarray, factor: float, minute: float) -> None:
        """Go on at a share of the present rate."""
        self.factor[who] = np.maximum(SLOWEST, self.factor[who] * factor)
        self._set_flow(who, minute)

    def stop(self, who: np.ndarray, minute: float) -> None:
        """End of this session's dosing."""
        self.next[who] = self.orders.count[who]
        self.running[who], self.left[who] = False, 0.0
        self._set_flow(who, minute)

    def push(self, drug: str, route: str, mg: np.ndarray, who: np.ndarray, minute: Any, device: int = 0) -> None:
        """A dose at once to people at positions `who`, at a minute of each."""
        at = np.broadcast_to(np.asarray(minute, float), who.shape)
        self.people.give(drug, route, mg, who, self.origin_h + at / 60, device)
        for i, much, when in zip(who.tolist(), mg.tolist(), at.tolist(), strict=True):
            self._row(i, drug, route, when, 0.0, much, device)

    def records(self, ids: np.ndarray, minute: float) -> tuple[dict[str, Any], ...]:
        """What each person got, by id and time."""
        self._close(self._flow > 0, np.full(len(ids), minute))
        rows = sorted(self._rows, key=lambda r: (r["who"], r["start_min"]))
        return tuple({"id": int(ids[r["who"]]), **{k: v for k, v in r.items() if k != "who"}} for r in rows)

    @property
    def _rate(self) -> np.ndarray:
        return self.mg_h * self.factor * self.running

    def _pass(self, who: np.ndarray, start: np.ndarray, end: np.ndarray) -> None:
        much = np.where(who, np.minimum(self.left, self._rate * (end - start) / 60), 0.0)
        self.given += much
        self.left = np.where(much > 0, self.left - much, self.left)
        self.left[self.left <= EMPTY_MG] = 0.0

    def _start_due(self, who: np.ndarray, at: np.ndarray, done: np.ndarray) -> None:
        """Start what is due at each person's minute; note in `done` who has nothing left to come."""
        for k in range(int(self.orders.count.max(initial=0))):
            for o in self.orders.number(k):
                mine = np.zeros(len(who), bool)
                mine[o.who] = True
                now = who & mine & (self.next == k) & (self.started + o.start_min <= at + 1e-9)
                if not now.any():
                    continue
                chosen = np.flatnonzero(now)
                mg = np.zeros(len(who))
                mg[o.who] = o.mg
                self.next[now] += 1
                if o.route == "iv" and o.duration_min > 0:
                    paused = ~self.running & (self.left > 0)
                    self._set_flow(now, at, stop=True)
                    self.mg_h[now], self.left[now] = mg[now] / (o.duration_min / 60), mg[now]
                    self.running[now], self._drug[now] = ~paused[now], o.drug
                    self._set_flow(now, at)
                else:
                    self.push(o.drug, o.route, mg[chosen], chosen, at[chosen], o.device)
                    self.given[now] += mg[now]
        over = who & ~self.more & (self.left == 0.0) & np.isnan(done)
        done[over] = at[over]

    def _set_flow(self, who: np.ndarray, minute: Any, stop: bool = False) -> None:
        """Tell the body the new rate of some people, each at a minute."""
        at = np.broadcast_to(np.asarray(minute, float), who.shape)
        new = np.where(who, 0.0 if stop else self._rate, self._flow)
        changed = who & (new != self._flow)
        for drug in dict.fromkeys(self._drug[changed].tolist()):
            mine = np.flatnonzero(changed & (self._drug == drug))
            self.people.change_rate(drug, (new - self._flow)[mine], mine, self.origin_h + at[mine] / 60)
        self._close(changed & (self._flow > 0), at)
        self._since = np.where(changed, at, self._since)
        self._flow = new

    def _close(self, who: np.ndarray, at: np.ndarray) -> None:
        for i in np.flatnonzero(who).tolist():
            took = at[i] - self._since[i]
            if took > 1e-9:
                self._row(i, str(self._drug[i]), "iv", self._since[i], took, self._flow[i] * took / 60, 0)

    def _row(self, i: int, drug: str, route: str, start: float, took: float, mg: float, device: int) -> None:
        self._rows.append({
            "who": int(i), "drug": drug, "route": route, "start_min": float(start), "duration_min": float(took),
            "mg": float(mg), "device": int(device),
        })  # fmt: skip
