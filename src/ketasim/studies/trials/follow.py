"""An arm that a clinic leads: sessions, intervals, stops and new starts by the response, as its protocol decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ketasim.core.errors import InputError

from .design import Arm, Design

ALONE = {"anticipatory": 0.0, "open_label": 0.0}  # a trial's circumstances are those its design names


@dataclass(frozen=True, eq=False)
class Followed:
    """read : what `conduct` reads of an arm: start (n,), visit (n, visits), felt, felt_first and safety outputs (n,).
    relapse : day of the first relapse, inf, (n,). per_person : sessions_given, courses_stopped, (n,)."""

    read: dict[str, np.ndarray]
    relapse: np.ndarray
    per_person: Mapping[str, np.ndarray]


def follow(
    design: Design, arm: Arm, cohort: Any, replicate: np.ndarray, visits_h: np.ndarray, safety: tuple[str, ...],
    settings: Mapping[str, float], threads: int = 1,
) -> Followed:  # fmt: skip
    """Run the arm's people through the course of its protocol, with the arm's regimen as each session's dose.

    visits_h : (n, visits), when each person is seen. InputError where protocol and trial rate different scales.
    """
    from ketasim.clinic.course import Course
    from ketasim.clinic.protocol import Protocol

    rules = Protocol.load(arm.course)
    if rules.follow_up.score != design.visits.output:
        allowed = f"{design.visits.output}, the output of the trial's visits"
        raise InputError(f"arm {arm.id}, score of {arm.course}", rules.follow_up.score, allowed)
    weeks = (design.visits.days[-1] + design.visits.window_days) / 7.0
    run = Course.run(
        rules, cohort, weeks, seed=design.seed, vary=design.vary, settings={**ALONE, **settings}, regimen=arm.regimen,
        peaks=("felt", *safety), doubt_draws=replicate, options=design.options, values=design.values, threads=threads,
    )  # fmt: skip
    visit = np.stack([np.interp(h / 24.0, run.day, score) for h, score in zip(visits_h, run.score, strict=True)])
    read = {"start": run.score[:, 0], "visit": visit, "felt_first": np.nan_to_num(run.first_peaks["felt"])}
    read |= {name: np.nan_to_num(run.peaks[name]) if name == "felt" else run.peaks[name] for name in run.peaks}
    stopped = np.isfinite(run.stopped_day).astype(float)
    given = run.sessions.astype(float)
    return Followed(read, run.relapse_day, {"sessions_given": given, "courses_stopped": stopped})
