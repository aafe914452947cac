"""Sessions of an arm as the clinic runs them: holds, alarms and actions by protocol change what people get."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from .course import regimen
from .design import Design


@dataclass(frozen=True, eq=False)
class Watched:
    """shares : (n, sessions) of each session's dose that was given. per_person : sessions_held, alarms, rescue_doses,
    (n,). peaks : output → largest reading of any session, NaN for who was never treated."""

    shares: np.ndarray
    per_person: Mapping[str, np.ndarray]
    peaks: Mapping[str, np.ndarray]


def watch(
    design: Design, sentence: str, cohort: Any, replicate: np.ndarray, planned: np.ndarray,
    settings: Mapping[str, float], threads: int = 1,
) -> Watched | None:  # fmt: skip
    """What the people of an arm get of the planned shares (n, sessions); None for an arm without a drug."""
    from ketasim.clinic.series import treat_series

    sessions = regimen(sentence).sessions()
    drug = [k for k, s in enumerate(sessions) if any(d.drug != "saline" for d in s.doses)]
    if not drug:
        return None
    run = treat_series(
        cohort, sentence, design.protocol, seed=design.seed, vary=design.vary, settings=settings,
        attended=planned[:, drug], doubt_draws=replicate, threads=threads,
    )  # fmt: skip
    shares = planned.copy()
    shares[:, drug] = run.shares
    place = {person: i for i, person in enumerate(np.asarray(cohort.ids).tolist())}
    alarms, rescue = np.zeros(len(cohort)), np.zeros(len(cohort))
    for event in run.events:
        if event["kind"] == "alarm":
            alarms[place[int(str(event["id"]))]] += 1.0
        elif event["kind"] == "given":
            rescue[place[int(str(event["id"]))]] += 1.0
    held = ((run.shares <= 0) & (planned[:, drug] > 0)).sum(axis=1).astype(float)
    peaks: dict[str, np.ndarray] = {}
    for treated in run.sessions:
        rows = [place[i] for i in treated.ids.tolist()]
        for name, value in treated.worst.items():
            known = peaks.setdefault(name, np.full(len(cohort), np.nan))
            known[rows] = np.fmax(known[rows], value)
    return Watched(shares, {"sessions_held": held, "alarms": alarms, "rescue_doses": rescue}, peaks)
