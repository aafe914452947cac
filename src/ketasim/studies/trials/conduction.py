"""The trial as it is run: visits, ratings, guesses, rules, rescue and dropout, for many replicates at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ketasim.core import random

from .course import looks, regimen, sessions_h, simulate_people
from .design import Design
from .follow import follow
from .people import Recruited, recruit
from .watch import watch

WINDOW_POINTS = 5
RELAPSE_STEP_H = 24.0


@dataclass(frozen=True, eq=False)
class TrialData:
    """What the trial's data set holds; every array is (replicates, people), scores (replicates, people, visits).

    start : rated at entry. scores : NaN once missing. true : the score without error, belief or missing visits.
    left : day of leaving, inf for those who stay. rescued : day of rescue, inf. felt : largest felt effect (0..1).
    guess : 1 believes in an active arm, 0 in the control. peaks : safety output → largest value of any session.
    relapse : day of relapse after the relapse endpoint's visit, inf. given : share of the doses given.
    watched : what the clinic did, of each person: sessions_held, alarms, rescue_doses where sessions are watched;
    sessions_given, courses_stopped where an arm goes by a course.
    """

    arm: np.ndarray
    stratum: np.ndarray
    start: np.ndarray
    scores: np.ndarray
    true: np.ndarray
    left: np.ndarray
    rescued: np.ndarray
    felt: np.ndarray
    guess: np.ndarray
    peaks: Mapping[str, np.ndarray]
    relapse: np.ndarray
    given: np.ndarray
    screened: int
    failed: int
    watched: Mapping[str, np.ndarray] = field(default_factory=dict)


def conduct(design: Design, replicates: int, first_id: int, first_replicate: int = 0, threads: int = 1) -> TrialData:
    """Run replicates of a trial. Randomness depends on the seed and people's ids (doubt: the replicate's number)."""
    group = recruit(design, replicates, first_id)
    ids, n = np.asarray(group.cohort.ids), len(group.cohort)
    plan = _Plan(design, ids)
    arm = group.arm.reshape(-1)
    replicate = first_replicate + np.repeat(np.arange(replicates), design.people)
    shares = [_attended(design, i, ids) for i in range(len(design.arms))]
    found: dict[str, np.ndarray] = {}
    given = np.ones(n)
    watched: dict[str, np.ndarray] = {}
    result: Mapping[str, np.ndarray] = {}
    stages = sorted({r.day for r in design.rules})
    for number, one in enumerate(design.arms):
        who = np.flatnonzero(arm == number)
        if not len(who):
            continue
        settings = {**design.settings, **one.settings}
        if one.course:
            people, seen_h = group.cohort[who], plan.visits_h(who)
            led = follow(design, one, people, replicate[who], seen_h, plan.safety, settings, threads)
            _keep(found, _asleep(led.read, settings) | {"relapse": led.relapse}, who, n)
            _keep(watched, led.per_person, who, n, 0.0)
            continue
        planned, seen = shares[number][who], None
        for day in (None, *stages):
            if day is not None:
                changed = _ruled(design, day, number, result, plan, who, planned)
                if changed is None:
                    continue
                planned = changed
            if design.watched:
                seen = watch(design, one.regimen, group.cohort[who], replicate[who], planned, settings, threads)
            mine = planned if seen is None else seen.shares
            result = simulate_people(
                design, one.regimen, group.cohort[who], replicate[who], mine, plan.times_of(one.regimen),
                plan.outputs, settings, threads,
            )  # fmt: skip
        read = plan.read(one.regimen, result, who)
        if seen is not None:  # what a monitor read counts, with what the protocol did about it
            _keep(watched, seen.per_person, who, n, 0.0)
            for name in set(plan.safety) & set(seen.peaks):
                read[name] = np.where(np.isfinite(seen.peaks[name]), seen.peaks[name], read[name])
        _keep(found, _asleep(read, settings), who, n)
        given[who] = mine.mean(axis=1)
        if any(a.course for a in design.arms) and not _drugless(one.regimen):
            _keep(watched, {"sessions_given": (mine > 0).sum(axis=1).astype(float)}, who, n, 0.0)
    return _observed(design, group, found, given, plan, watched)


def _keep(
    found: dict[str, np.ndarray], more: Mapping[str, np.ndarray], who: np.ndarray, n: int, empty: float = np.nan
) -> None:
    for name, value in more.items():
        found.setdefault(name, np.full((n, *value.shape[1:]), empty))[who] = value


def _asleep(read: Mapping[str, np.ndarray], settings: Mapping[str, float]) -> dict[str, np.ndarray]:
    """Under anaesthesia nobody feels what is given."""
    awake = 1.0 - settings.get("anaesthesia", 0.0)
    return {**read, **{name: awake * read[name] for name in ("felt", "felt_first")}}


def _drugless(sentence: str) -> bool:
    return all(d.drug == "saline" for d in regimen(sentence).doses)


class _Plan:
    """Which outputs are read when, and each person's own visit times."""

    def __init__(self, design: Design, ids: np.ndarray) -> None:
        self.design, self.ids = design, ids
        self.safety = tuple(dict.fromkeys(e.output for e in design.tested if e.kind == "safety"))
        self.relapse = next((e for e in design.tested if e.kind == "relapse"), None)
        names = [design.visits.output, "felt", *self.safety, *(("relapse_hazard",) if self.relapse else ())]
        self.outputs = tuple(dict.fromkeys(names))
        days = np.array(design.visits.days)
        w = design.visits.window_days
        self.offsets = np.linspace(-w, w, WINDOW_POINTS) if w else np.zeros(1)
        self.grid_h = 24.0 * (days[:, None] + self.offsets)
        u = random.uniform(design.seed, "trial/window", ids, len(days))
        self.shift = w * (2.0 * np.asarray(u).reshape(len(ids), len(days)) - 1.0)
        self.last_h = float(self.grid_h.max())
        first = 24.0 * design.day(self.relapse) if self.relapse else np.inf
        self.daily_h = np.arange(first, self.last_h + 1e-9, RELAPSE_STEP_H) if self.relapse else np.zeros(0)

    def visits_h(self, who: np.ndarray) -> np.ndarray:
        """When each of some people is seen, (n, visits), h."""
        return np.asarray(24.0 * (np.array(self.design.visits.days) + self.shift[who]))

    def times_of(self, sentence: str) -> np.ndarray:
        """Start, visits, session peaks, then the days of the relapse endpoint; h."""
        return np.concatenate([[0.0], self.grid_h.ravel(), looks(sentence, self.last_h), self.daily_h])

    def read(self, sentence: str, curves: Mapping[str, np.ndarray], who: np.ndarray) -> dict[str, np.ndarray]:
        """Scores at the visits, peaks and the relapse hazard out of the curves of some people."""
        v, k = self.grid_h.shape
        a, b = 1 + v * k, 1 + v * k + len(looks(sentence, self.last_h))
        score = curves[self.design.visits.output]
        out = {"start": score[:, 0], "visit": self._at_visits(score[:, 1:a].reshape(-1, v, k), who)}
        for name in ("felt", *self.safety):
            out[name] = curves[name][:, [0, *range(a, b)]].max(axis=1)
        session = len(looks(sentence, 24.0))
        out["felt_first"] = curves["felt"][:, [0, *range(a, min(b, a + session))]].max(axis=1)
        if self.relapse:
            out["hazard"] = curves["relapse_hazard"][:, b:]
        return out

    def _at_visits(self, score: np.ndarray, who: np.ndarray) -> np.ndarray:
        """Straight lines inside each visit's window, (n, visits)."""
        if len(self.offsets) == 1:
            return score[:, :, 0]
        x = (self.shift[who] + self.offsets[-1]) / (self.offsets[1] - self.offsets[0])
        low = np.clip(np.floor(x).astype(int), 0, len(self.offsets) - 2)
        left, right = (np.take_along_axis(score, (low + d)[:, :, None], 2)[:, :, 0] for d in (0, 1))
        return left + (x - low) * (right - left)


def _attended(design: Design, number: int, ids: np.ndarray) -> np.ndarray:
    """Share of each session's dose, (n, sessions): 0 where the session is missed; nobody misses the first."""
    arm = design.arms[number]
    count = max(len(sessions_h(arm.regimen)), 1)
    u = np.asarray(random.uniform(design.seed, f"trial/missed/{arm.id}", ids, count)).reshape(len(ids), count)
    out = (u >= arm.missed).astype(float)
    out[:, 0] = 1.0
    return out


def _ruled(
    design: Design, day: float, number: int, curves: Mapping[str, np.ndarray], plan: _Plan, who: np.ndarray,
    shares: np.ndarray,
) -> np.ndarray | None:  # fmt: skip
    """The shares after the rules of a day, None where nothing changes. The clinic goes by the planned day's score."""
    arm = design.arms[number]
    starts = np.array(sessions_h(arm.regimen) or (0.0,))
    read = plan.read(arm.regimen, curves, who)
    improved = 1.0 - read["visit"][:, design.visits.days.index(day)] / np.maximum(read["start"], 1e-9)
    out = shares.copy()
    for rule in design.rules:
        if rule.day != day or (rule.arms and arm.id not in rule.arms):
            continue
        meets = improved < rule.improved_below if rule.improved_below is not None else (
            improved >= (rule.improved_at_least or 0.0)
        )  # fmt: skip
        out[np.ix_(meets, starts > 24.0 * day)] *= rule.factor
    return None if _drugless(arm.regimen) or np.array_equal(out, shares) else out


def _observed(
    design: Design, group: Recruited, found: Mapping[str, np.ndarray], given: np.ndarray, plan: _Plan,
    watched: Mapping[str, np.ndarray],
) -> TrialData:  # fmt: skip
    """Ratings with error and belief, then rescue, then leaving."""
    ids, seed, rating = plan.ids, design.seed, design.rating
    n, days = len(ids), np.array(design.visits.days)
    felt = np.clip(found["felt"], 0.0, 1.0)
    noticed = random.uniform(seed, "trial/noticed", ids) < felt
    guess = noticed | (random.uniform(seed, "trial/guess", ids) < 0.5)
    noise = np.asarray(random.normal(seed, "trial/rating", ids, len(days) + 1)).reshape(n, -1) * rating.sd
    true = found["visit"]
    start = _rated(found["start"] + noise[:, 0], design)
    belief = np.where(guess, rating.believes_active, rating.believes_control)[:, None]
    scores = _rated(true + noise[:, 1:] + belief, design)
    if design.visits.missed:
        unseen = np.asarray(random.uniform(seed, "trial/unseen", ids, len(days))).reshape(n, len(days))
        scores = np.where(unseen < design.visits.missed, np.nan, scores)
    rescued = np.full(n, np.inf)
    if design.rescue:
        worse = (scores - start[:, None] >= design.rescue.points_worse) & (days >= design.rescue.from_day)
        rescued = np.where(worse.any(axis=1), days[worse.argmax(axis=1)], np.inf)
    left = _leaving(design, ids, days, scores - start[:, None], found["felt_first"])
    gone = (days[None] > left[:, None] - 1e-9) | (days[None] > rescued[:, None])
    scores = np.where(gone | ~np.isfinite(true), np.nan, scores)
    relapse = np.full(n, np.inf)
    if plan.relapse:
        rate = np.nan_to_num(found["hazard"]) / 24.0 if "hazard" in found else np.zeros((n, 2))
        total = np.cumsum(0.5 * (rate[:, 1:] + rate[:, :-1]) * RELAPSE_STEP_H, axis=1)
        limit = -np.log1p(-random.uniform(seed, "trial/relapse", ids))
        over = total >= limit[:, None]
        first = design.day(plan.relapse) + 1.0 + over.argmax(axis=1) if total.shape[1] else np.full(n, np.inf)
        relapse = np.where(over.any(axis=1), first, np.inf)
        led = np.isin(group.arm.reshape(-1), [i for i, a in enumerate(design.arms) if a.course])
        if led.any():
            relapse = np.where(led, found["relapse"], relapse)
    shape = group.arm.shape
    return TrialData(
        arm=group.arm, stratum=group.stratum, start=start.reshape(shape), scores=scores.reshape(*shape, -1),
        true=true.reshape(*shape, -1), left=left.reshape(shape), rescued=rescued.reshape(shape),
        felt=felt.reshape(shape), guess=guess.reshape(shape),
        peaks={k: found[k].reshape(shape) for k in plan.safety}, relapse=relapse.reshape(shape),
        given=given.reshape(shape), screened=group.screened, failed=int((~np.isfinite(true).all(axis=1)).sum()),
        watched={k: v.reshape(shape) for k, v in watched.items()},
    )  # fmt: skip


def _rated(score: np.ndarray, design: Design) -> np.ndarray:
    from ketasim.patients.covariates import SCORES

    top = SCORES[design.visits.output][1] if design.visits.output in SCORES else np.inf
    return np.clip(np.rint(score) if design.rating.whole else score, 0.0, top)


def _leaving(
    design: Design, ids: np.ndarray, days: np.ndarray, change: np.ndarray, felt_first: np.ndarray
) -> np.ndarray:
    """Day each person leaves, inf for never: a hazard that is constant between visits and rises with getting worse."""
    rules: Any = design.dropout
    n = len(ids)
    if not rules.per_week and not rules.after_felt:
        return np.full(n, np.inf)
    edges = np.concatenate([[0.0], days])
    before = np.concatenate([np.zeros((n, 1)), np.nan_to_num(change[:, :-1])], axis=1)
    rate = rules.per_week / 7.0 * np.exp(np.clip(rules.per_point * before, -20, 20))
    total = np.concatenate([np.zeros((n, 1)), np.cumsum(rate * np.diff(edges), axis=1)], axis=1)
    limit = -np.log1p(-random.uniform(design.seed, "trial/leave", ids))
    i = np.minimum((total <= limit[:, None]).sum(axis=1) - 1, len(days) - 1)
    pick = np.arange(n)
    with np.errstate(divide="ignore", invalid="ignore"):
        at = edges[i] + (limit - total[pick, i]) / rate[pick, i]
    left = np.where(limit < total[:, -1], at, np.inf)
    early = random.uniform(design.seed, "trial/leave_early", ids) < rules.after_felt * np.clip(felt_first, 0, 1)
    return np.where(early, np.minimum(left, 0.5), left)
