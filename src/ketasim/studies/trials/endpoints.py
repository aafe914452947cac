"""Endpoints of a trial's data: who counts, which numbers, which analysis."""

from __future__ import annotations

import numpy as np

from ketasim.core.errors import InputError

from ..endpoints.ancova import Contrasts, ancova
from ..endpoints.risk import risk_difference
from ..endpoints.survival import logrank
from .conduction import TrialData
from .design import Design, Endpoint

LIMITS = {"madrs": 10.0, "hdrs": 7.0, "qids": 5.0}


def analyse(design: Design, data: TrialData, endpoint: Endpoint, people: np.ndarray | None = None) -> Contrasts:
    """Every active arm against the control in each replicate. people : mask (replicates, people) of who counts."""
    keep = np.ones(data.arm.shape, bool) if people is None else people
    method = endpoint.method
    if method == "mmrm":
        from ..endpoints.mmrm import mmrm

        scores = np.where(keep[:, :, None], data.scores - data.start[:, :, None], np.nan)
        last = design.visit(endpoint)
        fixed = (data.start, *_strata(data))
        return mmrm(scores[:, :, : last + 1], data.arm, fixed, design.control, design.active)
    if method == "logrank":
        time, event = times(design, data, endpoint)
        return logrank(np.where(keep, time, np.nan), event, data.arm, design.control, design.active)
    value = np.where(keep, values(design, data, endpoint), np.nan)
    if method == "risk":
        return risk_difference(value, data.arm, design.control, design.active)
    return ancova(value, data.arm, (data.start, *_strata(data)), design.control, design.active)


def values(design: Design, data: TrialData, endpoint: Endpoint) -> np.ndarray:
    """The endpoint of each person, (replicates, people): points, or 0 and 1; NaN where it is missing."""
    if endpoint.kind == "safety":
        return (data.peaks[endpoint.output] > float(endpoint.limit or 0.0)).astype(float)
    score = _final(design, data, endpoint)
    if endpoint.kind == "change":
        return score - data.start
    if endpoint.kind == "response":
        meets = score <= (1.0 - endpoint.share) * data.start
    elif endpoint.kind == "remission":
        meets = score <= _limit(design, endpoint)
    else:
        raise InputError("endpoint", endpoint.name, "an endpoint that is a number for each person")
    meets = meets & (data.rescued > design.day(endpoint))
    return np.where(np.isfinite(score), meets.astype(float), np.nan)


def _limit(design: Design, endpoint: Endpoint) -> float:
    output = design.visits.output
    if endpoint.limit is None and output not in LIMITS:
        raise InputError(f"endpoint {endpoint.name}, limit", "none", f"a number for {output}")
    return LIMITS[output] if endpoint.limit is None else endpoint.limit


def _final(design: Design, data: TrialData, endpoint: Endpoint) -> np.ndarray:
    """Score at the endpoint's visit, with what is missing filled as the endpoint says."""
    last = design.visit(endpoint)
    score = data.scores[:, :, last].copy()
    if endpoint.missing == "locf":
        for i in range(last - 1, -1, -1):
            score = np.where(np.isfinite(score), score, data.scores[:, :, i])
    if endpoint.missing != "complete":
        fine = np.isfinite(data.true[:, :, last])  # a run that failed is no observation
        score = np.where(np.isfinite(score) | ~fine, score, data.start)
    return score


def times(design: Design, data: TrialData, endpoint: Endpoint) -> tuple[np.ndarray, np.ndarray]:
    """(days to the event or to the last sight of the person, whether it was the event), (replicates, people)."""
    end = design.visits.days[-1]
    if endpoint.kind == "dropout":
        return np.minimum(data.left, end), (data.left <= end).astype(float)
    day = design.day(endpoint)
    score = data.scores[:, :, design.visit(endpoint)]
    seen = np.minimum(data.left, end)
    time = np.minimum(data.relapse, seen) - day
    event = data.relapse <= seen
    responder = score <= (1.0 - endpoint.share) * data.start
    return np.where(responder & (time >= 0), time, np.nan), event.astype(float)


def _strata(data: TrialData) -> tuple[np.ndarray, ...]:
    return tuple((data.stratum == s).astype(float) for s in range(1, int(data.stratum.max(initial=0)) + 1))
