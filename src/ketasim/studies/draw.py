"""Drawing the people of an arm: covariates from what the paper printed, reproducible from (seed, study, arm,
person)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ketasim.core import random

from .study import Population, Spread

Columns = dict[str, NDArray]


def covariates(people: Population, ids: NDArray[np.int64], seed: int, stream: str, typical: bool = False) -> Columns:
    """Covariate columns (n,) for these person ids.

    Numbers and words are the same for everybody; a spread is a truncated normal (uniform without an sd);
    shares draw a category. With `typical` everybody has the mean, the middle of the range or the commonest category.
    `female` given as a share between 0 and 1 is drawn as 0 or 1.
    """
    columns: Columns = {}
    for name, entry in people.covariates.items():
        where = f"{stream}/{name}"
        if isinstance(entry, Spread):
            columns[name] = _spread(entry, ids, seed, where, typical)
        elif isinstance(entry, Mapping):
            words, shares = np.array(list(entry), dtype=object), np.array(list(entry.values()))
            pick = np.full(len(ids), int(np.argmax(shares))) if typical else random.choice(seed, where, ids, shares)
            columns[name] = words[pick]
        elif isinstance(entry, list):
            column = np.empty(len(ids), dtype=object)
            column[:] = [tuple(entry)] * len(ids)
            columns[name] = column
        elif name == "female" and isinstance(entry, float) and 0 < entry < 1:
            one = np.full(len(ids), entry >= 0.5) if typical else random.bernoulli(seed, where, ids, entry)
            columns[name] = one.astype(float)
        else:
            columns[name] = np.full(len(ids), entry, dtype=object if isinstance(entry, str) else float)
    return _baselines(columns, people, ids, seed, stream, typical)


def _baselines(
    columns: Columns, people: Population, ids: NDArray[np.int64], seed: int, stream: str, typical: bool
) -> Columns:
    """Add the baseline scores of the arm's diagnosis (truncated at the usual inclusion score) that the study does
    not give."""
    from ketasim.patients.covariates import SCORES
    from ketasim.patients.typical import score

    diagnosis = people.covariates.get("diagnosis")
    if not isinstance(diagnosis, str) or diagnosis == "healthy" or people.species != "human":
        return columns
    for name in SCORES:
        entry = score(diagnosis, name)
        if name not in columns and entry["sd"] > 0:
            spread = Spread(mean=entry["mean"], sd=entry["sd"], low=entry["low"], high=entry["high"])
            columns[name] = _spread(spread, ids, seed, f"{stream}/{name}", typical)
    return columns


def _spread(entry: Spread, ids: NDArray[np.int64], seed: int, where: str, typical: bool) -> NDArray[np.float64]:
    low = -np.inf if entry.low is None else entry.low
    high = np.inf if entry.high is None else entry.high
    if typical or (entry.sd is not None and entry.sd == 0) or low == high:
        middle = entry.mean if entry.mean is not None else 0.5 * (low + high)
        return np.full(len(ids), float(middle))
    if entry.sd is not None and entry.mean is not None:
        return random.truncated_normal(seed, where, ids, entry.mean, entry.sd, low, high)
    if entry.mean is not None:
        if not np.isfinite([low, high]).all():
            return np.full(len(ids), float(entry.mean))
        # a printed mean and range: a normal whose ±2 sd is the range
        return random.truncated_normal(seed, where, ids, entry.mean, (high - low) / 4, low, high)
    return np.asarray(low + (high - low) * random.uniform(seed, where, ids), dtype=float)
