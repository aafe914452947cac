"""The course behind Weeks as a clinic runs it: `ketasim.clinic.Course` for this person, and for people drawn around.

One story is told contact by contact (rated score, checks, decision, next interval); the forecast is over the others.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ketasim.server import messages as m
from ketasim.server.frames import encode
from ketasim.server.scenes import person
from ketasim.server.sessions import protocol_of

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
WEEKS = (1, 2, 4, 8, 12, 16, 26, 39, 52, 78, 104)


def told(asked: m.Course) -> tuple[Any, Any]:
    """(the course of this person, the courses of people drawn around): the same protocol, dose and seed."""
    from ketasim.clinic import Course

    given = asked.patient if "diagnosis" in asked.patient else {**asked.patient, "diagnosis": "trd"}
    who = person(given)
    protocol, settings = protocol_of(asked, who), dict(asked.settings)
    own = Course.run(protocol, who, asked.weeks, seed=asked.seed, settings=settings)
    return own, Course.run(protocol, who, asked.weeks, people=asked.people, seed=asked.seed, settings=settings)


def course(asked: m.Course) -> bytes:
    """day, score (this person, without the rater's error); crowd_day, mood (quantiles, times), response, under
    (treatment) and well (responders without relapse so far, of all responders), each (times,)."""
    own, crowd = told(asked)
    response = crowd.improved() >= crowd.protocol.follow_up.response
    got_well = response.any(axis=1)
    first = np.where(got_well, crowd.day[np.argmax(response, axis=1)], np.inf)
    since, fell = first[:, None] <= crowd.day, crowd.relapse_day[:, None] <= crowd.day
    well = (since & ~fell).sum(axis=0) / np.maximum(since.sum(axis=0), 1)
    rules = crowd.protocol.follow_up
    stopped = {str(n): int((crowd.stopped_by == n).sum()) for n in np.unique(crowd.stopped_by.astype(str)) if n}
    header = {
        "type": "course",
        "id": asked.id,
        "protocol": crowd.protocol.title,
        "dose": crowd.protocol.dose.regimen,
        "weeks": asked.weeks,
        "score": rules.score,
        "response": rules.response,
        "intervals": list(rules.interval_days),
        "checks": [c.name for c in rules.checks],
        "contacts": contacts(own),
        "relapse_day": _day(own.relapse_day[0]),
        "stopped": [_day(own.stopped_day[0]), str(own.stopped_by[0])],
        "quantiles": list(QUANTILES),
        "people": asked.people,
        "forecast": [crowd.at_week(w) for w in WEEKS if w <= asked.weeks],
        "sessions": [int(x) for x in np.quantile(crowd.sessions, (0.05, 0.5, 0.95), method="higher")],
        "reasons": stopped,
    }
    arrays = {
        "day": own.day,
        "score": own.score[0],
        "crowd_day": crowd.day,
        "mood": np.quantile(crowd.score, QUANTILES, axis=0),
        "response": response.mean(axis=0),
        "under": crowd.treated.mean(axis=0),
        "well": np.where(since.any(axis=0), well, 1.0),
    }
    return encode(header, arrays)


def contacts(own: Any, position: int = 0) -> list[dict[str, Any]]:
    """Contacts of one person, each with the names of what was checked that day."""
    visits: dict[float, set[str]] = {}
    for v in own.protocol.follow_up.visits:
        for day in v.days(7 * own.weeks):
            visits.setdefault(round(day, 6), set()).update(v.checks)
    names = [c.name for c in own.protocol.follow_up.checks]
    return [
        {**row, "checked": [n for n in names if n in visits.get(round(row["day"], 6), ()) and row["day"] > 0]}
        for row in own.of(position)
    ]


def _day(value: Any) -> float | None:
    return float(value) if np.isfinite(value) else None
