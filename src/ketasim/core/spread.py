"""One spread of a parameter: from uniform numbers to values, for every distribution a table may name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import random
from .errors import InputError
from .gaussian import ndtri, truncated_quantile
from .parameters import Parameter

Floats = NDArray[np.float64]
Mix = tuple[tuple[str, ...], Floats]
GAUSSIAN = ("lognormal", "normal", "truncnormal", "logitnormal")


def of_layer(p: Parameter, layer: str) -> Mapping[str, Any]:
    """The table of a layer ("between", "occasion", "doubt"), empty where the parameter does not vary in it."""
    return getattr(p, layer) or {}


def slots(spread: Mapping[str, Any]) -> int:
    """Uniform numbers a draw takes."""
    return 2 if spread["dist"] == "mixture" else 1


def scale_of(p: Parameter, layer: str = "between") -> float:
    """s of a spread: SD on the log scale (lognormal, mixture), the logit scale, or in the parameter's unit."""
    spread = of_layer(p, layer)
    where = f"{p.key}.{layer}"
    given = [k for k in ("cv", "sd", "omega2") if k in spread]
    if len(given) != 1:
        if spread["dist"] == "mixture" and not given:
            return 0.0
        raise InputError(where, " and ".join(given) or "without a size", "exactly one of cv, sd, omega2")
    size = float(spread[given[0]])
    if not np.isfinite(size) or size < 0.0:
        raise InputError(f"{where}.{given[0]}", size, "0 or larger")
    if given[0] == "sd":
        return size
    if given[0] == "omega2":
        return float(np.sqrt(size))
    if spread["dist"] in ("lognormal", "mixture"):
        return float(np.sqrt(np.log1p(size**2)))
    if spread["dist"] in ("normal", "truncnormal"):
        return size * abs(p.value)
    raise InputError(f"{where}.cv", size, "sd or omega2 with a logit-normal distribution")


def value(
    p: Parameter, layer: str, typical: Floats, u: Floats, sd_scale: float,
    mix: Mix | None, terms: Mapping[str, Floats],
) -> tuple[Floats, Floats]:  # fmt: skip
    """Values (n,) of one layer and their independent standard normal terms (n,)."""
    spread = of_layer(p, layer)
    dist = spread["dist"]
    low, high = float(spread.get("low", -np.inf)), float(spread.get("high", np.inf))
    if low >= high:
        raise InputError(f"{p.key}.{layer}.low", low, f"below high ({high:g})")
    if dist == "uniform":
        if not np.isfinite(low) or not np.isfinite(high):
            raise InputError(f"{p.key}.{layer}", "uniform", "finite low and high")
        return low + (high - low) * u[:, 0], u[:, 0]
    if dist == "bernoulli":
        other = _in_unit(p, spread, "other")
        return np.where(u[:, 0] < _probability(p, layer, spread), other, typical), u[:, 0]
    s = scale_of(p, layer) * sd_scale
    if dist == "mixture":
        return _mixture(p, layer, typical, u, s, low, high), u[:, 0]
    base, a, b = _bounds(p, layer, dist, typical, s, low, high)
    if s == 0.0:
        return typical.copy(), np.zeros(typical.shape)
    drift, own = np.zeros(typical.shape), 1.0
    if mix is not None:
        earlier, row = mix
        own = float(row[-1])
        for weight, key in zip(row[:-1], earlier):
            drift = drift + weight * terms[key]
    z = truncated_quantile(u[:, 0], (a - drift) / own, (b - drift) / own)
    x = base + s * (drift + own * z)
    natural = np.exp(x) if dist == "lognormal" else 1.0 / (1.0 + np.exp(-x)) if dist == "logitnormal" else x
    return np.clip(natural, low, high), z


def _bounds(
    p: Parameter, layer: str, dist: str, typical: Floats, s: float, low: float, high: float
) -> tuple[Floats, Floats, Floats]:
    """Location on the normal scale (n,) and the limits of z."""
    if dist == "lognormal":
        if np.any(typical <= 0.0):
            raise InputError(p.key, float(typical.min()), f"larger than 0 for a log-normal {layer}")
        with np.errstate(divide="ignore"):
            base, lo, hi = np.log(typical), np.log(max(low, 0.0)), np.log(max(high, 0.0))
    elif dist == "logitnormal":
        if np.any((typical <= 0.0) | (typical >= 1.0)):
            raise InputError(p.key, float(typical.min()), f"between 0 and 1 for a logit-normal {layer}")
        with np.errstate(divide="ignore"):
            lo, hi = (np.log(v / (1.0 - v)) if v < 1.0 else np.inf for v in (max(low, 0.0), max(high, 0.0)))
        base = np.log(typical / (1.0 - typical))
    else:
        base, lo, hi = typical, np.float64(low), np.float64(high)
    if s == 0.0:
        return base, base, base
    return base, (lo - base) / s, (hi - base) / s


def _mixture(p: Parameter, layer: str, typical: Floats, u: Floats, s: float, low: float, high: float) -> Floats:
    spread = of_layer(p, layer)
    weights = spread.get("weights")
    if weights is None or ("factors" in spread) == ("values" in spread):
        raise InputError(f"{p.key}.{layer}", "mixture", "weights and one of factors, values")
    classes = spread["factors"] if "factors" in spread else spread["values"]
    if len(classes) != len(weights):
        raise InputError(f"{p.key}.{layer}.weights", len(weights), f"{len(classes)}, one for each class")
    k = random.pick(u[:, 0], weights)
    centre = np.asarray(classes, dtype=np.float64)[k] * (typical if "factors" in spread else _unit_factor(p))
    if s == 0.0:
        return np.clip(centre, low, high)
    base = np.log(centre)
    with np.errstate(divide="ignore"):
        a, b = (np.log(max(low, 0.0)) - base) / s, (np.log(max(high, 0.0)) - base) / s
    z = truncated_quantile(u[:, 1], a, b) if np.isfinite([low, high]).any() else ndtri(u[:, 1])
    return np.clip(np.exp(base + s * z), low, high)


def _probability(p: Parameter, layer: str, spread: Mapping[str, Any]) -> float:
    chance = spread.get("p")
    if chance is None or not 0.0 <= float(chance) <= 1.0:
        raise InputError(f"{p.key}.{layer}.p", chance, "a probability, 0 to 1")
    return float(chance)


def _in_unit(p: Parameter, spread: Mapping[str, Any], name: str) -> float:
    if name not in spread:
        raise InputError(f"{p.key} {spread['dist']}", f"without {name}", f"a number `{name}` in the parameter's unit")
    return float(spread[name]) * _unit_factor(p)


def _unit_factor(p: Parameter) -> float:
    """From the unit the table prints to the unit asked for."""
    printed, _ = p.printed
    return p.value / printed if printed else 1.0
