"""`sample`: virtual people from a population, keyed by (seed, subject id).

Every covariate has a stream of its own; those that belong together are joined by a Gaussian copula, which leaves each
marginal distribution as printed. A person depends on the seed and the id alone: drawing 1,000,000 people in parts, on
several machines or in another order gives the same people.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ketasim.core import random
from ketasim.core.errors import InputError
from ketasim.core.gaussian import ndtr
from ketasim.patients import covariates as cov
from ketasim.patients import growth, marginal, typical
from ketasim.patients.cohort import Cohort
from ketasim.patients.population import Population, joined, populations

__all__ = ["populations", "sample", "sample_chunks"]

Floats = NDArray[np.float64]
_ROUNDED = ("madrs", "hdrs", "qids", "ssi", "caps5", "ybocs", "lsas", "hama", "pain_nrs")
_PULSE = 15.0  # smallest pulse pressure drawn, mmHg (assumed)


def sample(population: str | Path | Population, n: int, seed: int = 0, start: int = 0) -> Cohort:
    """Draw people with the ids start .. start + n - 1.

    Args:
        population: a name (see `populations()`), the path of a TOML file, or a Population.
        n: how many people, 0 or more.
        seed: whole number, 0 or larger.
        start: first subject id; `sample(p, 10, 1)` and `sample(p, 4, 1, start=6)` share people 6 to 9.
    """
    if isinstance(n, bool) or not isinstance(n, (int, np.integer)) or n < 0:
        raise InputError("n", n, "a whole number, 0 or larger")
    if isinstance(start, bool) or not isinstance(start, (int, np.integer)) or start < 0:
        raise InputError("start", start, "a whole number, 0 or larger")
    source = population if isinstance(population, Population) else Population.load(population)
    ids = np.arange(start, start + n, dtype=np.int64)
    draws = _Draws(source, int(seed), ids)
    raw, drugs = _people(source, draws, int(n))
    return Cohort.from_arrays(raw, ids, drugs, source.name, int(seed))


def sample_chunks(
    population: str | Path | Population, n: int, seed: int = 0, size: int = 100_000, start: int = 0
) -> Iterator[Cohort]:
    """The people of `sample` in parts of at most `size`, so that memory does not grow with n."""
    if size < 1:
        raise InputError("size", size, "1 or larger")
    for i in range(0, n, size):
        yield sample(population, min(size, n - i), seed, start + i)


class _Draws:
    """Uniform numbers (n,) by covariate, joined by the population's copula."""

    def __init__(self, population: Population, seed: int, ids: NDArray[np.int64]) -> None:
        self.seed, self.ids = seed, ids
        pairs = [(a, b, float(row["r"])) for row in population.copula for a, b in combinations(joined(row), 2)]
        self.mix = _factors(population.name, pairs)
        self.normals: dict[str, Floats] = {}

    def __call__(self, name: str) -> Floats:
        if name not in self.mix:
            return random.uniform(self.seed, f"population/{name}", self.ids)
        total = np.zeros(self.ids.size)
        for other, weight in self.mix[name]:
            if other not in self.normals:
                self.normals[other] = random.normal(self.seed, f"population/{other}", self.ids)
            total += weight * self.normals[other]
        return ndtr(total)


def _factors(where: str, pairs: list[tuple[str, str, float]]) -> dict[str, list[tuple[str, float]]]:
    """name → weights of the independent normals its correlated normal is made of."""
    names = list(dict.fromkeys(n for a, b, _ in pairs for n in (a, b)))
    matrix = np.eye(len(names))
    for a, b, r in pairs:
        i, j = names.index(a), names.index(b)
        matrix[i, j] = matrix[j, i] = r
    try:
        lower = np.linalg.cholesky(matrix)
    except np.linalg.LinAlgError:
        raise InputError(f"population {where} [[copula]]", ", ".join(names), "a positive definite matrix") from None
    rows = ((n, [(m, float(w)) for m, w in zip(names, lower[i]) if w]) for i, n in enumerate(names))
    return dict(rows)


def _people(population: Population, draws: _Draws, n: int) -> tuple[dict[str, Floats], dict[str, NDArray[np.bool_]]]:
    entries = population.entries
    people: dict[str, Floats] = {"age_y": np.zeros(n), "female": np.zeros(n)}

    def draw(name: str, *names: str, default: float = 0.0) -> Floats:
        if name not in entries:
            return np.full(n, default)
        return marginal.values(entries[name], draws(name), people, names)

    people["age_y"] = draw("age")
    people["female"] = draw("female")
    people["ancestry"] = draw("ancestry", *cov.ANCESTRY)
    raw: dict[str, Floats] = dict(people)
    raw["height_cm"], raw["weight_kg"] = _bodies(entries, draws, people)
    people["height_cm"], people["weight_kg"] = raw["height_cm"], raw["weight_kg"]
    for flag in cov.FLAGS:
        raw[flag] = people[flag] = draw(flag)
    people["treated"] = draw("treated") * people["hypertension"]
    raw["pregnant"], raw["breastfeeding"] = (
        raw[f] * people["female"] * ((people["age_y"] >= 15.0) & (people["age_y"] <= 50.0))
        for f in ("pregnant", "breastfeeding")
    )
    raw["egfr"] = draw("egfr") if "egfr" in entries else np.asarray(typical.curve("egfr", people["age_y"]))
    raw["child_pugh"] = draw("child_pugh", *cov.CHILD_PUGH)
    raw["smoking"] = _smoking(entries, draws, people)
    raw["cyp2b6_reduced"], raw["cyp2b6_increased"] = _genotypes(entries, draws, people, n)
    raw["sbp"], raw["dbp"] = _pressure(entries, draws, people)
    raw["heart_rate"] = draw("heart_rate", default=72.0)
    raw["diagnosis"] = draw("diagnosis", *cov.DIAGNOSIS)
    raw["prior_failures"] = draw("prior_failures")
    raw["expectancy"] = draw("expectancy", default=0.5)
    people["diagnosis"] = raw["diagnosis"]
    raw.update(_scores(entries, draws, people))
    return raw, _drugs(population, draws, {**people, **raw}, n)


def _shift(entry: Mapping[str, Any], key: str, people: marginal.Context, ancestry: Mapping[str, Any]) -> Floats:
    """Departure of each ancestry from the population's mean (the weighted mean of the departures is zero)."""
    table = entry.get(key)
    if not table:
        return np.zeros(people["age_y"].size)
    weights = ancestry.get("weights", {})
    total = sum(weights.values()) or 1.0
    out = np.zeros((2, len(cov.ANCESTRY)))
    for row, sex in enumerate(("man", "woman")):
        shifts = table[sex]
        for i, name in enumerate(cov.ANCESTRY):
            out[row, i] = shifts.get(name, 0.0)
        out[row] -= sum(weights.get(name, 0.0) * out[row, i] for i, name in enumerate(cov.ANCESTRY)) / total
    return np.asarray(out[people["female"].astype(int), people["ancestry"].astype(int)], dtype=np.float64)


def _bodies(entries: Mapping[str, Any], draws: _Draws, people: marginal.Context) -> tuple[Floats, Floats]:
    """Height (cm) and weight (kg): by growth chart, or height normal and body mass index log-normal."""
    height = entries["height"]
    z = marginal.values(height, draws("height"), people)
    if height["dist"] == "chart":
        w = marginal.values(entries["weight"], draws("weight"), people)
        return marginal.body_of_chart("height", z, people), marginal.body_of_chart("weight", w, people)
    ancestry = entries.get("ancestry", {})
    cm = z + _shift(height, "shift", people, ancestry)
    if "loss_age" in height:
        loss = (np.interp(people["age_y"], height["loss_age"], height[f"loss_{s}"]) for s in ("man", "woman"))
        cm = cm - np.where(people["female"] > 0.5, *reversed(list(loss)))
    ratio = np.exp(_shift(entries["bmi"], "log_ratio", people, ancestry))
    by_age = marginal.level(entries["bmi"], "age_ratio", people)
    ratio = ratio if by_age is None else ratio * by_age
    young = people["age_y"] < growth.ADULT_FROM
    heaviest = growth.quantile("weight", 0.99 * growth.LIMITS["weight"][1], people["age_y"], people["female"])
    ceiling = np.where(young, heaviest / (cm / 100.0) ** 2, np.inf)
    bmi = marginal.values(entries["bmi"], draws("bmi"), {**people, "ratio": ratio, "ceiling": ceiling})
    return cm, bmi * (cm / 100.0) ** 2


def _smoking(entries: Mapping[str, Any], draws: _Draws, people: marginal.Context) -> Floats:
    """0 never, 1 former, 2 current from the shares of current smokers and of former smokers among the others."""
    if "smoking" not in entries:
        return np.zeros(people["age_y"].size)
    u = draws("smoking")
    current = marginal.level(entries["smoking"]["current"], "p", people)
    former = marginal.level(entries["smoking"]["former"], "p", people)
    assert current is not None and former is not None
    return np.where(u < current, 2.0, np.where(u < current + former * (1.0 - current), 1.0, 0.0))


def _genotypes(entries: Mapping[str, Any], draws: _Draws, people: marginal.Context, n: int) -> tuple[Floats, Floats]:
    """Counts of reduced and increased alleles: two independent alleles by the frequencies of the ancestry."""
    table = entries.get("cyp2b6")
    if not table:
        return np.zeros(n), np.zeros(n)
    weights = np.zeros((len(cov.ANCESTRY), 3))
    for i, name in enumerate(cov.ANCESTRY):
        row = table[name if name in table else "unknown"]["weights"]
        weights[i] = [row["reduced"], row["increased"], 1.0 - row["reduced"] - row["increased"]]
    mine = weights[people["ancestry"].astype(int)]
    kinds = [random.pick(draws(f"cyp2b6_{k}"), mine) for k in ("maternal", "paternal")]
    reduced, increased = (np.sum([k == kind for k in kinds], axis=0).astype(float) for kind in (0, 1))
    return reduced, increased


def _pressure(entries: Mapping[str, Any], draws: _Draws, people: marginal.Context) -> tuple[Floats, Floats]:
    """Systolic and diastolic pressure at rest (mmHg), by hypertension and its treatment in adults."""
    out = []
    for name in ("sbp", "dbp"):
        entry = entries[name]
        u = draws(name)
        if "normotensive" in entry:
            high, treated = people["hypertension"] > 0.5, people["treated"] > 0.5
            x = np.where(
                high,
                np.where(treated, *(marginal.values(entry[k], u, people) for k in ("treated", "untreated"))),
                marginal.values(entry["normotensive"], u, people),
            )
        else:
            x = marginal.values(entry, u, people)
        out.append(x)
    return out[0], np.minimum(out[1], out[0] - _PULSE)


def _scores(entries: Mapping[str, Any], draws: _Draws, people: marginal.Context) -> dict[str, Floats]:
    """Baseline scores by diagnosis: truncated normal about the typical value of the disorder."""
    own = entries.get("scores", {})
    out = {}
    for name in cov.SCORES:
        u = draws(name)
        score = np.zeros(u.size)
        for code in np.unique(people["diagnosis"]).astype(int):
            row = own.get(name) or typical.score(cov.DIAGNOSIS[code], name)
            at = np.flatnonzero(people["diagnosis"] == code)
            group = {"age_y": people["age_y"][at], "female": people["female"][at]}
            score[at] = marginal.values({"dist": "normal", **row}, u[at], group)
        out[name] = np.rint(score) if name in _ROUNDED else score
    return out


def _drugs(population: Population, draws: _Draws, people: Mapping[str, Floats], n: int) -> dict[str, NDArray[np.bool_]]:
    """Comedication flags: each row gives at most one of its drugs, to those it applies to."""
    out: dict[str, NDArray[np.bool_]] = {}
    for i, row in enumerate(population.drugs):
        names = list(row["one_of"])
        shares = np.array([float(row["one_of"][d]) for d in names])
        if shares.sum() > 1.0 + 1e-9:
            raise InputError(f"population {population.name} [[drug]] {i}", float(shares.sum()), "shares of at most 1")
        which = np.searchsorted(np.cumsum(shares), draws(f"drug/{'+'.join(names)}"), side="right")
        takes = np.ones(n, dtype=bool)
        if "given" in row:
            takes = people[row["given"]] > 0.5
        for k, drug in enumerate(names):
            out[drug] = out.get(drug, np.zeros(n, dtype=bool)) | (takes & (which == k))
    return {name: flags for name, flags in out.items() if flags.any()}


def plausible(cohort: Cohort) -> NDArray[np.bool_]:
    """Whether each body lies inside the growth band that Patient accepts; (n,)."""
    c = cohort.covariates
    child = c["age_y"] < growth.ADULT_FROM
    fine = np.ones(len(cohort), dtype=bool)
    for measure, key in (("weight", "weight_kg"), ("height", "height_cm")):
        z = growth.modified_z(measure, c[key], c["age_y"], c["female"])
        low, high = growth.LIMITS[measure]
        fine &= ~child | ((z >= low) & (z <= high))
    return fine
