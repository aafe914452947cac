"""Doses grouped into sessions: runs of doses less than twelve hours apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

GAP_H = 12.0


@dataclass(frozen=True)
class Session:
    """One session: when its first dose starts, when its last dose ends, and the doses."""

    start_h: float
    end_h: float
    doses: tuple[Mapping[str, Any], ...]


def sessions(doses: Sequence[Mapping[str, Any]]) -> tuple[Session, ...]:
    """Sessions in order of time."""
    groups: list[list[Mapping[str, Any]]] = []
    previous = -np.inf
    for dose in sorted(doses, key=lambda d: float(d["start_h"])):
        start = float(dose["start_h"])
        if start - previous >= GAP_H:
            groups.append([])
        groups[-1].append(dose)
        previous = max(previous if groups[-1][1:] else -np.inf, start + float(dose.get("duration_h", 0.0)))
    return tuple(
        Session(float(g[0]["start_h"]), max(float(d["start_h"]) + float(d.get("duration_h", 0.0)) for d in g), tuple(g))
        for g in groups
    )


@dataclass(frozen=True)
class Window:
    """A stretch of the run to look at; times are drawn from `origin_h`."""

    title: str
    start_h: float
    end_h: float
    origin_h: float = 0.0
    detail: bool = False


def windows(found: Sequence[Session], last_h: float, longest_h: float) -> tuple[Window, ...]:
    """The whole run, and for long runs the first and the last session on their own.

    `longest_h` is how long a session is worth looking at (until its curves have fallen away).
    """
    if not found:
        return (Window("the whole run", 0.0, last_h),)
    nexts = [s.start_h for s in found[1:]] + [last_h]
    ends = [min(n, s.start_h + longest_h, last_h) for s, n in zip(found, nexts, strict=True)]
    whole = Window("the whole run", 0.0, last_h)
    first = Window("first session", found[0].start_h, ends[0], found[0].start_h, True)
    if len(found) == 1:
        single = Window("after the dose", found[0].start_h, ends[0], 0.0, True)
        return (single,) if ends[0] >= 0.6 * last_h or last_h <= 24.0 else (single, whole)
    final = Window(f"session {len(found)}, the last", found[-1].start_h, ends[-1], found[-1].start_h, True)
    return (whole, first, final) if ends[-1] > found[-1].start_h else (whole, first)
