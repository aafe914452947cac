"""The search: all regimens on the same people, the front, refinement about it, and how sure the front is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ketasim.core.errors import InputError

from .. import draw as draws
from ..native import cohort_of
from .measures import simulate_regimen
from .plan import SHARES, Goal, Limit, Range, Search, Template

NOTE = "Simulation result for study design; not advice for any person."


@dataclass(frozen=True, eq=False)
class Candidate:
    """A regimen that was tried. by_draw : measure → mean in each draw of doubt (draws,), without the part of its spread
    that comes from few people a draw. value, error : over all
    people, with its Monte-Carlo error. failed : people who could not be simulated; they are left out of the means."""

    template: Template
    chosen: dict[str, float | str]
    sentence: str
    by_draw: dict[str, np.ndarray]
    value: dict[str, float]
    error: dict[str, float]
    failed: int


def optimise(search: Search, *, threads: int = 1, progress: Callable[[int, int], None] | None = None) -> dict[str, Any]:
    """Try the regimens, refine ranges about the front, and give the front with what is known about its certainty.

    Raises InputError when a regimen cannot be read or an output does not exist.
    """
    cohort, draw = _people(search), np.arange(search.people) % search.doubt_draws
    tried: dict[str, Candidate] = {}

    def try_all(wanted: list[tuple[Template, dict[str, float | str]]]) -> None:
        new = {t.sentence(c): (t, c) for t, c in wanted if t.sentence(c) not in tried}
        for i, (sentence, (template, chosen)) in enumerate(new.items()):
            tried[sentence] = _candidate(search, template, chosen, sentence, cohort, draw, threads)
            if progress is not None:
                progress(i + 1, len(new))

    try_all([(t, c) for t in search.regimens for c in t.first()])
    for step in range(search.rounds):
        ahead = _front(search, list(tried.values()))
        try_all([x for one in ahead for x in _near(one, step)])
    everyone = list(tried.values())
    front = _front(search, everyone)
    on_front = _front_shares(search, everyone)
    rows = [_row(search, one, on_front[one.sentence]) for one in _ordered(search, front)]
    for row in rows:
        row["under_hypotheses"] = _rivals(search, str(row["regimen"]), cohort, draw, threads)
    return {
        "title": search.title, "note": NOTE, "seed": search.seed, "people": search.people,
        "doubt_draws": search.doubt_draws, "goals": [g.name for g in search.goals],
        "limits": [x.name for x in search.limits], "tried": len(everyone),
        "allowed": sum(_allowed(search, c) for c in everyone), "failed": sum(c.failed for c in everyone),
        "front": rows, "all": [_row(search, one, on_front[one.sentence]) for one in everyone],
    }  # fmt: skip


def _people(search: Search) -> Any:
    from ketasim.patients import sample

    ids = np.arange(search.people, dtype=np.int64)
    columns = draws.covariates(search.population, ids, search.seed, "search")
    if not search.population.named:
        return cohort_of(columns, ids)
    people = sample(search.population.named, search.people, search.seed)
    given = {k: v for k, v in columns.items() if k in search.population.covariates}
    return people.with_covariates(**given) if given else people


def _candidate(
    search: Search, template: Template, chosen: dict[str, float | str], sentence: str, cohort: Any, draw: np.ndarray,
    threads: int,
) -> Candidate:  # fmt: skip
    found = simulate_regimen(search, sentence, cohort, draw, threads)
    by_draw, value, error = {}, {}, {}
    failed = int(np.max([np.isnan(v).sum() for v in found.values()]))
    if failed == len(cohort):
        raise InputError("regimen", sentence, "one that can be simulated; every person failed")
    for name, v in found.items():
        fine = np.isfinite(v)
        count = np.bincount(draw[fine], minlength=search.doubt_draws)
        with np.errstate(invalid="ignore"):
            by_draw[name] = np.bincount(draw[fine], v[fine], search.doubt_draws) / count
        value[name] = float(v[fine].mean())
        groups = by_draw[name][np.isfinite(by_draw[name])]
        spread = groups if len(groups) > 1 else v[fine]  # people of one draw of doubt are not independent
        error[name] = float(spread.std(ddof=1) / np.sqrt(len(spread)))
        by_draw[name] = without_sampling(by_draw[name], v[fine], draw[fine])
    return Candidate(template, chosen, sentence, by_draw, value, error, failed)


def without_sampling(means: np.ndarray, values: np.ndarray, draw: np.ndarray) -> np.ndarray:
    """Means of draws of doubt (draws,) drawn in to their centre so that they spread as doubt alone makes them.

    The variance of the means is that of doubt plus, on average, the variance of people in a draw over their number;
    what is left after the second is taken off (none at least) is the spread that is kept.
    """
    fine = np.isfinite(means)
    if fine.sum() < 2:
        return means
    count = np.bincount(draw, minlength=len(means))[fine]
    inside = np.bincount(draw, (values - means[draw]) ** 2, len(means))[fine] / np.maximum(count - 1, 1)
    whole, chance = float(means[fine].var(ddof=1)), float((inside / count).mean())
    keep = np.sqrt(max(0.0, 1.0 - chance / whole)) if whole > 0 else 0.0
    centre = float(means[fine].mean())
    return np.asarray(centre + keep * (means - centre))


def _allowed(search: Search, one: Candidate) -> bool:
    return all(bool(limit.holds(one.value[limit.name])) for limit in search.limits)


def _losses(goals: tuple[Goal, ...], value: Any) -> np.ndarray:
    return np.array([value[g.name] if g.better == "lower" else -value[g.name] for g in goals])


def dominated(losses: np.ndarray) -> np.ndarray:
    """Whether each row (n, goals) is beaten: another is no worse in all goals and better in one."""
    no_worse = np.all(losses[None] <= losses[:, None], axis=2)
    better = np.any(losses[None] < losses[:, None], axis=2)
    return np.any(no_worse & better, axis=1)


def _front(search: Search, everyone: list[Candidate]) -> list[Candidate]:
    """Allowed regimens that no allowed one beats."""
    fine = [c for c in everyone if _allowed(search, c)]
    if not fine:
        return []
    beaten = dominated(np.stack([_losses(search.goals, c.value) for c in fine]))
    return [c for c, b in zip(fine, beaten) if not b]


def _front_shares(search: Search, everyone: list[Candidate]) -> dict[str, float]:
    """Share of the draws of doubt in which each regimen is allowed and on the front."""
    total = np.zeros(len(everyone))
    for d in range(search.doubt_draws):
        values = [{k: v[d] for k, v in c.by_draw.items()} for c in everyone]
        fine = np.array([all(bool(x.holds(v[x.name])) for x in search.limits) for v in values])
        losses = np.stack([_losses(search.goals, v) for v in values])
        losses[~fine] = np.inf
        total += fine & ~dominated(losses)
    return {c.sentence: float(t / search.doubt_draws) for c, t in zip(everyone, total)}


def _near(one: Candidate, step: int) -> list[tuple[Template, dict[str, float | str]]]:
    """Half a step to both sides of every ranged choice; the step halves from round to round."""
    out = []
    for name, choice in one.template.choices.items():
        if isinstance(choice, Range):
            width = (choice.high - choice.low) / (choice.points - 1) / 2.0 ** (step + 1)
            for sign in (-1.0, 1.0):
                x = float(one.chosen[name]) + sign * width
                if choice.low <= x <= choice.high:
                    out.append((one.template, {**one.chosen, name: x}))
    return out


def _ordered(search: Search, front: list[Candidate]) -> list[Candidate]:
    return sorted(front, key=lambda c: tuple(_losses(search.goals, c.value)))


def _row(search: Search, one: Candidate, share: float) -> dict[str, Any]:
    ranges = {k: [float(x) for x in np.nanquantile(v, (0.05, 0.95))] for k, v in one.by_draw.items()}
    kept = np.mean([np.all([limit.holds(one.by_draw[limit.name][d]) for limit in search.limits])
                    for d in range(search.doubt_draws)])  # fmt: skip
    return {
        "regimen": one.sentence, "values": one.value, "errors": one.error, "range_90": ranges,
        "allowed": _allowed(search, one), "allowed_share": float(kept), "front_share": share, "note": NOTE,
        "limits": {x.name: _kept(x, one, search.people) for x in search.limits},
    }  # fmt: skip


def _kept(limit: Limit, one: Candidate, people: int) -> dict[str, Any]:
    """How far the value of a limit may be from that of all people, and whether it is certain.

    The 95 % interval is Wilson's for a share, counted in people as if they were independent or in draws of doubt where
    these spread more; it does not shrink to nothing where nobody passed the threshold. certain : it lies on one side.
    """
    value, error = one.value[limit.name], one.error[limit.name]
    low, high = value - 1.96 * error, value + 1.96 * error
    if limit.statistic in SHARES:
        n = float(people - one.failed)
        if 0.0 < value < 1.0 and error > 0:
            n = min(n, value * (1.0 - value) / error**2)
        middle, wide = (value + 1.92 / n) / (1 + 3.84 / n), 1.96 / (1 + 3.84 / n)
        half = wide * float(np.sqrt(value * (1 - value) / n + 0.96 / n**2))
        low, high = max(0.0, middle - half), min(1.0, middle + half)
    sides = {bool(limit.holds(low)), bool(limit.holds(high))}
    return {"low": low, "high": high, "kept": bool(limit.holds(value)), "certain": len(sides) == 1}


def _rivals(search: Search, sentence: str, cohort: Any, draw: np.ndarray, threads: int) -> dict[str, dict[str, float]]:
    """The regimen's numbers under each hypothesis."""
    out = {}
    for h in search.hypotheses:
        options, values = {**search.options, **h.options}, {**search.values, **h.values}
        other = search.model_copy(update={"options": options, "values": values})
        found = simulate_regimen(other, sentence, cohort, draw, threads)
        out[h.name] = {k: float(np.nanmean(v)) for k, v in found.items()}
    return out
