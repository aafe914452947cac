"""Values of one covariate from uniform numbers and the table that describes its distribution."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ketasim.core.errors import InputError
from ketasim.core.gaussian import ndtr, truncated_quantile
from ketasim.core.random import pick
from ketasim.patients import growth, typical

Floats = NDArray[np.float64]
Context = Mapping[str, Floats]


def level(entry: Mapping[str, Any], key: str, people: Context) -> Floats | None:
    """A number of the table for each person: plain, by sex, by age, or both; None when the table has none."""

    def by_age(raw: Any) -> Any:
        if not isinstance(raw, list):
            return float(raw)
        starts = np.asarray(entry["age"], dtype=np.float64)
        band = np.clip(np.searchsorted(starts, people["age_y"], side="right") - 1, 0, len(raw) - 1)
        return np.asarray(raw, dtype=np.float64)[band]

    if f"{key}_man" in entry:
        woman = people["female"] > 0.5
        return np.asarray(np.where(woman, by_age(entry[f"{key}_woman"]), by_age(entry[f"{key}_man"])), dtype=np.float64)
    if key in entry:
        return np.asarray(np.broadcast_to(by_age(entry[key]), people["age_y"].shape), dtype=np.float64)
    return None


def values(entry: Mapping[str, Any], u: Floats, people: Context, names: Sequence[str] = ()) -> Floats:
    """The covariate (n,) for uniform numbers `u` (n,); categories give the index in `names`."""
    dist = entry["dist"]
    if dist == "constant":
        if "name" in entry:
            return np.full(u.shape, float(names.index(entry["name"])))
        return np.array(level(entry, "value", people))
    if dist == "bernoulli":
        p = level(entry, "p", people)
        assert p is not None
        return (u > 1.0 - p).astype(np.float64)  # a high latent score makes the event more likely
    if dist == "bands":
        return _bands(entry, u)
    if dist == "categories":
        weights = np.array([float(entry["weights"].get(name, 0.0)) for name in names])
        return pick(u, weights).astype(np.float64)
    if dist == "counts":
        return np.asarray(float(entry["start"]) + pick(u, entry["weights"]), dtype=np.float64)
    low, high = _limit(entry, "low", -np.inf, people), _limit(entry, "high", np.inf, people)
    if dist == "chart":
        return truncated_quantile(u, low, high)
    if dist == "lognormal":
        return lognormal(entry, u, people, low, high)
    return normal(entry, u, people, low, high)


def _limit(entry: Mapping[str, Any], key: str, default: float, people: Context) -> Floats:
    found = level(entry, key, people)
    return np.full(people["age_y"].shape, default) if found is None else found


def _bands(entry: Mapping[str, Any], u: Floats) -> Floats:
    edges, weights = np.asarray(entry["edges"], dtype=float), np.asarray(entry["weights"], dtype=float)
    return np.interp(u, np.concatenate([[0.0], np.cumsum(weights) / weights.sum()]), edges)


def _centre(entry: Mapping[str, Any], people: Context, key: str) -> Floats:
    if "typical" not in entry:
        found = level(entry, key, people)
        assert found is not None
        return found
    name = entry["typical"]
    if name == "heart_rate":
        man, woman = (typical.curve(f"heart_rate_{s}", people["age_y"]) for s in ("man", "woman"))
        return np.asarray(np.where(people["female"] > 0.5, woman, man), dtype=np.float64)
    return np.asarray(typical.curve(name, people["age_y"]), dtype=np.float64)


def normal(entry: Mapping[str, Any], u: Floats, people: Context, low: Floats, high: Floats) -> Floats:
    """Truncated normal; mean and sd are those of the people when both are plain numbers by sex and age."""
    mean = _centre(entry, people, "mean")
    sd = level(entry, "sd", people)
    assert sd is not None
    if "typical" not in entry and (np.isfinite(low).any() or np.isfinite(high).any()):
        cell = people["female"].astype(np.int64)
        if "age" in entry:
            cell = cell + 2 * np.searchsorted(np.asarray(entry["age"]), people["age_y"], side="right")
        mean, sd = mean.copy(), sd.copy()
        for code in np.flatnonzero(np.bincount(cell)):
            of = cell == code
            i = int(np.argmax(of))
            mean[of], sd[of] = match_moments(float(mean[i]), float(sd[i]), float(low[i]), float(high[i]))
    flat = sd <= 0.0
    safe = np.where(flat, 1.0, sd)
    x = mean + sd * np.where(flat, 0.0, truncated_quantile(u, (low - mean) / safe, (high - mean) / safe))
    return np.clip(np.where(flat, mean, x), low, high)


def lognormal(entry: Mapping[str, Any], u: Floats, people: Context, low: Floats, high: Floats) -> Floats:
    """Log-normal with the printed median (or mean) and spread, cut at low and high."""
    s = level(entry, "sd_log", people)
    if s is None:
        cv = level(entry, "cv", people)
        assert cv is not None
        s = np.sqrt(np.log1p(cv**2))
    median = level(entry, "median", people)
    centre = np.log(median) if median is not None else np.log(_centre(entry, people, "mean")) - 0.5 * s**2
    if "ratio" in people:
        centre = centre + np.log(people["ratio"])
    if "ceiling" in people:
        high = np.minimum(high, people["ceiling"])
    with np.errstate(divide="ignore"):
        a, b = (np.log(np.maximum(low, 0.0)) - centre) / s, (np.log(high) - centre) / s
    return np.clip(np.exp(centre + s * truncated_quantile(u, a, b)), np.maximum(low, 0.0), high)


def body_of_chart(measure: str, z: Floats, people: Context) -> Floats:
    """Weight (kg) or height (cm) of children from z-scores on the growth chart."""
    return growth.quantile(measure, z, people["age_y"], people["female"])


def _moments(mu: float, s: float, low: float, high: float) -> tuple[float, float]:
    a, b = (low - mu) / s, (high - mu) / s
    fa, fb = (0.0 if not np.isfinite(x) else float(np.exp(-0.5 * x * x) / np.sqrt(2 * np.pi)) for x in (a, b))
    mass = float(ndtr(b) - ndtr(a)) if a <= 0 else float(ndtr(-a) - ndtr(-b))
    if mass < 1e-12:
        return np.nan, np.nan
    shift = (fa - fb) / mass
    ends = (a * fa if np.isfinite(a) else 0.0) - (b * fb if np.isfinite(b) else 0.0)
    return mu + s * shift, s * np.sqrt(max(1.0 + ends / mass - shift**2, 0.0))


@lru_cache(maxsize=512)
def match_moments(mean: float, sd: float, low: float, high: float) -> tuple[float, float]:
    """Location and scale of the normal which, cut at low and high, has this mean and standard deviation."""
    if sd == 0.0 and low <= mean <= high:
        return mean, 0.0
    if not low < mean < high:
        raise InputError("mean", mean, f"between low ({low:g}) and high ({high:g})")
    mu, s = mean, sd
    for _ in range(200):
        m0, s0 = _moments(mu, s, low, high)
        miss = np.array([m0 - mean, s0 - sd])
        if np.abs(miss).max() < 1e-10 * max(abs(mean), sd):
            return mu, s
        h = 1e-6 * s
        along = np.array(_moments(mu + h, s, low, high)) - (m0, s0)
        across = np.array(_moments(mu, s + h, low, high)) - (m0, s0)
        jacobian = np.stack([along, across], axis=1) / h
        try:
            step = np.linalg.solve(jacobian, miss)
        except np.linalg.LinAlgError:
            break
        scale = min(1.0, 0.5 * s / max(np.abs(step).max(), 1e-300))
        mu, s = mu - scale * step[0], max(s - scale * step[1], 0.2 * s)
        if not np.isfinite(mu + s) or s > 1e3 * sd:
            break
    raise InputError("sd", sd, f"reachable for a mean of {mean:g} between {low:g} and {high:g} (a flatter one is not)")
