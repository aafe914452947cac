"""The sessions of a fixed regimen, each watched and acted upon by protocol: what an arm of a trial really gets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ketasim.clinic.group import GroupSession, Treated
from ketasim.clinic.orders import given
from ketasim.clinic.people import People
from ketasim.clinic.protocol import Protocol
from ketasim.core.errors import InputError
from ketasim.dosing import Regimen
from ketasim.patients import Cohort


@dataclass(frozen=True, eq=False)
class Series:
    """Sessions of n people. start_h (sessions,); shares (n, sessions) given over planned; sessions: one Treated each.

    A session that was held throughout has share 0; a paused, slowed or stopped one less than 1 or the same later.
    """

    start_h: np.ndarray
    shares: np.ndarray
    sessions: tuple[Treated, ...]

    @property
    def events(self) -> tuple[dict[str, object], ...]:
        """Holds, alarms and actions of all sessions: id, session, start_h, min, kind and more."""
        return tuple(
            {"session": k, "start_h": float(h), **e}
            for k, (h, t) in enumerate(zip(self.start_h, self.sessions, strict=True))
            for e in t.events
        )

    @property
    def doses(self) -> tuple[dict[str, object], ...]:
        """What each person really got: id, session, drug, route, start_h (of the course), duration_h, mg, device."""
        return tuple(
            {
                "id": d["id"], "session": k, "drug": d["drug"], "route": d["route"],
                "start_h": float(h) + d["start_min"] / 60, "duration_h": d["duration_min"] / 60, "mg": d["mg"],
                "device": d["device"],
            }
            for k, (h, t) in enumerate(zip(self.start_h, self.sessions, strict=True))
            for d in t.doses
        )  # fmt: skip


def treat_series(
    cohort: Cohort,
    regimen: Regimen | str,
    protocol: Protocol | str = "iv_depression",
    *,
    seed: int = 0,
    vary: Sequence[str] = (),
    settings: Mapping[str, float] | None = None,
    attended: np.ndarray | None = None,
    doubt_draws: np.ndarray | None = None,
    threads: int = 1,
) -> Series:
    """Give every session of a regimen to every person of a cohort under a protocol's holds, alarms and actions.

    attended : (n, sessions) share of each session's dose that is planned for each person (0: does not come).
    doubt_draws : (n,) number of the draw of doubt that people share (a replicate of a trial; default: one each).
    Doses of drugs other than that of the session's first dose count as planned too. Sessions are runs of doses less
    than 12 h apart. InputError for a regimen with a target-controlled pump.
    """
    rules = Protocol.load(protocol) if isinstance(protocol, str) else protocol
    course = Regimen.parse(regimen) if isinstance(regimen, str) else regimen
    course.require_runnable()
    planned = [s for s in course.sessions() if any(d.drug != "saline" for d in s.doses)]
    if not planned:
        raise InputError("regimen", str(course), "at least one dose of a drug")
    n, count = len(cohort), len(planned)
    share = np.ones((n, count)) if attended is None else np.asarray(attended, float)
    if share.shape != (n, count):
        raise InputError("attended", f"array of shape {share.shape}", f"({n}, {count}): people, sessions")
    pairs = {(d.drug, d.route) for s in planned for d in s.doses if d.drug != "saline"} | rules.rescue
    outputs = tuple(dict.fromkeys(r.output for r in rules.readings))
    circumstances = {"anticipatory": 1.0, **(settings or {})}
    people = People(cohort, sorted(pairs), outputs, seed, vary, circumstances, threads=threads,
                    doubt_draws=doubt_draws)  # fmt: skip
    got, done = np.zeros((n, count)), []
    for k, session in enumerate(planned):
        if session.start_h > people.t:
            people.advance(session.start_h)
        who = np.flatnonzero(share[:, k] > 0)
        part = people.part(who)
        doses = [d for d in session.doses if d.drug != "saline"]
        orders = given(doses, session.start_h, part.cohort.covariates, share[who, k])
        treated = GroupSession(part, rules, orders, seed, k).run()
        people.join(who, part)
        got[who, k] = treated.share * share[who, k]
        done.append(treated)
    return Series(np.array([s.start_h for s in planned]), got, tuple(done))
