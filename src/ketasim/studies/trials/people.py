"""Who is in the trial: people drawn, screened, and allotted to arms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ketasim.core import random
from ketasim.core.errors import InputError, KetasimError

from .. import draw
from ..native import cohort_of
from .design import Criterion, Design

SCREENED_MOST = 200


@dataclass(frozen=True, eq=False)
class Recruited:
    """cohort : replicates × people, by replicate. arm, stratum : (replicates, people). screened : people drawn."""

    cohort: Any
    arm: np.ndarray
    stratum: np.ndarray
    screened: int


def criteria(design: Design) -> tuple[Criterion, ...]:
    """Inclusion of the design, and what the clinic's protocol excludes."""
    if not design.protocol:
        return design.inclusion
    from ketasim.clinic.protocol import Protocol

    rules = [r for r in Protocol.load(design.protocol).screening if r.verdict == "exclude"]
    return (*design.inclusion, *(Criterion(field=r.field, at_most=r.above, at_least=r.below) for r in rules))


def recruit(design: Design, replicates: int, first_id: int) -> Recruited:
    """Draw people with ids from `first_id` on until all replicates are full.

    Raises InputError on an unknown covariate, KetasimError when fewer than one in 200 people passes screening.
    """
    wanted = replicates * design.people
    rules = criteria(design)
    kept: list[Any] = []
    have = drawn = 0
    share = 1.0
    while have < wanted:
        n = int(np.ceil((wanted - have) / max(share, 0.02) * 1.05)) if drawn else wanted
        block = _people(design, n, first_id + drawn)
        drawn += n
        fine = _passes(block, rules)
        kept.append(block[fine] if not fine.all() else block)
        have += int(fine.sum())
        share = have / drawn
        if have < wanted and drawn > SCREENED_MOST * wanted:
            raise KetasimError(f"only {have} of {drawn} people drawn pass the inclusion criteria")
    from ketasim.patients.cohort import concatenate

    cohort = (kept[0] if len(kept) == 1 else concatenate(kept))[:wanted]
    shape = replicates, design.people
    stratum = _strata(design, cohort).reshape(shape)
    return Recruited(cohort, allot(design, cohort.ids.reshape(shape), stratum), stratum, drawn)


def _people(design: Design, n: int, start: int) -> Any:
    from ketasim.patients import sample

    ids = np.arange(start, start + n, dtype=np.int64)
    people = design.population
    columns = draw.covariates(people, ids, design.seed, "trial")
    if not people.named:
        return cohort_of(columns, ids)
    cohort = sample(people.named, n, design.seed, start)
    given = {k: v for k, v in columns.items() if k in people.covariates}
    return cohort.with_covariates(**given) if given else cohort


def _passes(cohort: Any, rules: tuple[Criterion, ...]) -> np.ndarray:
    fine = np.ones(len(cohort), bool)
    for rule in rules:
        if rule.field not in cohort.covariates:
            raise InputError("inclusion field", rule.field, "a covariate; see docs/reference")
        value = cohort.covariates[rule.field]
        fine &= value >= (-np.inf if rule.at_least is None else rule.at_least)
        fine &= value <= (np.inf if rule.at_most is None else rule.at_most)
    return fine


def _strata(design: Design, cohort: Any) -> np.ndarray:
    out = np.zeros(len(cohort), int)
    for i, (name, cut) in enumerate(design.randomisation.strata):
        if name not in cohort.covariates:
            raise InputError("randomisation.strata", name, "a covariate; see docs/reference")
        out += (cohort.covariates[name] > cut).astype(int) << i
    return out


def allot(design: Design, ids: np.ndarray, stratum: np.ndarray) -> np.ndarray:
    """Arm of each person, (replicates, people): permuted blocks in each stratum; the sizes of the arms are those of
    the design (the last blocks of the strata are filled so that they come out)."""
    sizes = np.array([a.n for a in design.arms])
    unit = np.gcd.reduce(sizes)
    ratio = sizes // unit
    key = random.uniform(design.seed, "trial/allotment", ids.reshape(-1)).reshape(ids.shape)
    block = design.randomisation.block * int(ratio.sum())
    if not block or (not design.randomisation.strata and block >= ids.shape[1]):
        return _shuffled(np.repeat(np.arange(len(sizes)), sizes), key)
    order = np.argsort(stratum, axis=1, kind="stable")
    # people in order of stratum; blocks of the list of arms, shuffled inside each block
    whole, rest = divmod(int(unit), design.randomisation.block)
    full = np.tile(np.repeat(np.arange(len(sizes)), ratio * design.randomisation.block), whole)
    plan = np.concatenate([full, np.repeat(np.arange(len(sizes)), ratio * rest)])
    out = np.empty(ids.shape, int)
    place = np.arange(ids.shape[1]) // block
    inside = np.argsort(place[None] + np.take_along_axis(key, order, 1), axis=1)
    arms = np.empty(ids.shape, int)
    np.put_along_axis(arms, inside, np.broadcast_to(plan, ids.shape), 1)
    np.put_along_axis(out, order, arms, 1)
    return out


def _shuffled(plan: np.ndarray, key: np.ndarray) -> np.ndarray:
    out = np.empty(key.shape, int)
    np.put_along_axis(out, np.argsort(key, axis=1), np.broadcast_to(plan, key.shape), 1)
    return out
