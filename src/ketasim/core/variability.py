"""Individual parameter values: variability between people, between occasions, and doubt about the typical value.

Each layer of a parameter is a table {dist = …}: the doubt moves the typical value, people vary about the moved value,
occasions about the person's. How a spread reads:

    lognormal     value · exp(s z)      s from `omega2` (s² ), `sd` (s) or `cv` (s² = ln(1 + cv²)); value is the median
    normal        value + s z           s from `sd`, `omega2` or `cv` (s = cv · |value|), in the parameter's unit
    truncnormal   as normal, with `low` and `high`
    logitnormal   logit⁻¹(logit(value) + s z)     s from `sd` or `omega2`
    uniform       between `low` and `high`
    bernoulli     `other` with probability `p`, otherwise value
    mixture       class k with probability `weights`[k] and median `factors`[k] · value (or `values`[k]), log-normal
                  within the class by `cv`, `sd` or `omega2` when given

`low` and `high` restrict any of them to a range of the value, by inverse distribution function, so that nothing is
redrawn or clipped. `[omega] pairs` of a table are covariances of the z-scaled terms (s z) between people. Draws are
keyed by (seed, layer, table entry, subject), so that parts reading one entry share it and order never matters.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import random, sobol
from .errors import InputError
from .gaussian import ndtri, truncated_quantile
from .parameters import Parameter, ParameterTable

Floats = NDArray[np.float64]
GAUSSIAN = ("lognormal", "normal", "truncnormal", "logitnormal")


def draw(
    parameters: Mapping[str, Parameter],
    seed: int,
    subjects: ArrayLike,
    *,
    layers: Sequence[str] = ("between", "doubt"),
    doubt_draws: ArrayLike | None = None,
    method: str = "random",
    sd_scale: float = 1.0,
    tables: Mapping[str, ParameterTable] | None = None,
) -> dict[str, Floats]:
    """Values of every parameter that varies in the asked layers.

    Args:
        parameters: name in the model → Parameter; entries of one table row share their draw.
        seed, subjects: key of the draws; subject ids (n,).
        layers: any of "between" and "doubt"; for occasions see `occasions`.
        doubt_draws: None for joint sampling (each subject its own doubt), or an id per subject (n,): subjects with
            the same id share the typical values. `nested` makes the two arrays of a nested design.
        method: "random" or "sobol" (subject ids are then indices of the sequence).
        sd_scale: multiplies every s (a robustness test doubles it).
        tables: covariance tables by name; by default those in data/parameters.

    Returns:
        name → (n,) array in the Parameter's unit; names without a spread in these layers are absent.
    """
    ids = np.atleast_1d(np.asarray(subjects))
    wrong = [layer for layer in layers if layer not in ("between", "doubt")]
    if wrong:
        raise InputError("layer", wrong[0], "between, doubt")
    if method not in ("random", "sobol"):
        raise InputError("method", method, "random or sobol")
    if not np.isfinite(sd_scale) or sd_scale < 0.0:
        raise InputError("sd_scale", sd_scale, "0 or larger")
    shared = None if doubt_draws is None else np.atleast_1d(np.asarray(doubt_draws))
    if shared is not None and shared.shape != ids.shape:
        raise InputError("doubt_draws", f"{shared.size} ids", f"one for each of {ids.size} subjects")
    out: dict[str, Floats] = {}
    offset = 0
    for layer in ("doubt", "between"):  # the typical value moves first, whatever order was asked
        if layer not in layers:
            continue
        rows = {n: p for n, p in parameters.items() if _spread(p, layer)}
        keys = sorted({p.key for p in rows.values()})
        entries = {p.key: p for p in rows.values()}
        joint = shared is None or layer == "between"
        index = ids if joint else shared
        assert index is not None
        stream = "joint" if shared is None else layer
        cube = _cube(method, seed, stream, layer, index, keys, entries, offset)
        offset += sum(_slots(_spread(entries[k], layer)) for k in keys) if shared is None else 0
        mixing = _mixing(entries, tables) if layer == "between" else {}
        terms: dict[str, Floats] = {}
        for key in _ordered(keys, mixing):
            twins = [n for n, p in rows.items() if p.key == key]
            for name in twins:
                p = rows[name]
                typical = out.get(name, np.full(ids.size, p.value))
                u = cube[key]
                out[name], z = _value(p, layer, typical, u, sd_scale, mixing.get(key), terms)
            terms[key] = z
    return out


def occasions(
    parameters: Mapping[str, Parameter],
    individual: Mapping[str, ArrayLike],
    seed: int,
    subjects: ArrayLike,
    count: int,
    sd_scale: float = 1.0,
) -> dict[str, Floats]:
    """Values on each occasion, name → (n, count), about `individual` (n,) (or the typical value where absent)."""
    ids = np.atleast_1d(np.asarray(subjects))
    out: dict[str, Floats] = {}
    for name, p in parameters.items():
        spread = _spread(p, "occasion")
        if not spread:
            continue
        base = np.broadcast_to(np.asarray(individual.get(name, p.value), dtype=np.float64), ids.shape)
        slots = _slots(spread)
        u = random.uniform(seed, f"occasion/{p.key}", ids, slots * count)
        columns = [
            _value(p, "occasion", base, u[:, k * slots : (k + 1) * slots], sd_scale, None, {})[0] for k in range(count)
        ]
        out[name] = np.stack(columns, axis=1) if columns else np.zeros((ids.size, 0))
    return out


def quantile(p: Parameter, layer: str, u: ArrayLike, typical: ArrayLike | None = None) -> Floats:
    """Values of one parameter at levels u (n,) of a layer's distribution, about `typical` (its value by default).

    A mixture reads one level for the class and, stretched inside the class, for the place within it.
    """
    spread = _spread(p, layer)
    level = np.atleast_1d(np.asarray(u, dtype=np.float64))
    base = np.broadcast_to(np.asarray(p.value if typical is None else typical, dtype=np.float64), level.shape)
    if not spread:
        return base.copy()
    columns = level[:, None]
    if spread["dist"] == "mixture":
        edges = np.concatenate([[0.0], np.cumsum(np.asarray(spread["weights"], float) / np.sum(spread["weights"]))])
        k = np.clip(np.searchsorted(edges, level, side="right") - 1, 0, len(edges) - 2)
        inside = np.clip((level - edges[k]) / (edges[k + 1] - edges[k]), 1e-6, 1 - 1e-6)
        columns = np.stack([level, inside], axis=1)
    return _value(p, layer, base, columns, 1.0, None, {})[0]


def nested(doubts: int, subjects: ArrayLike) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(subject ids, doubt ids), each (doubts · m,): every doubt draw with all m subjects, subjects running fastest."""
    ids = np.atleast_1d(np.asarray(subjects)).astype(np.int64)
    if doubts < 1:
        raise InputError("doubts", doubts, "1 or larger")
    return np.tile(ids, doubts), np.repeat(np.arange(doubts, dtype=np.int64), ids.size)


# ---- the pieces
def _spread(p: Parameter, layer: str) -> Mapping[str, Any]:
    return getattr(p, layer) or {}


def _slots(spread: Mapping[str, Any]) -> int:
    """Uniform numbers a draw takes."""
    return 2 if spread["dist"] == "mixture" else 1


def _cube(
    method: str, seed: int, stream: str, layer: str, index: NDArray[Any], keys: Sequence[str],
    entries: Mapping[str, Parameter], offset: int,
) -> dict[str, Floats]:  # fmt: skip
    """key → uniforms (n, slots)."""
    slots = {k: _slots(_spread(entries[k], layer)) for k in keys}
    if method == "random":
        return {k: random.uniform(seed, f"{layer}/{k}", index, slots[k]) for k in keys}
    start = np.cumsum([offset, *slots.values()])
    cube = sobol.points(seed, stream, index, int(start[-1]))
    return {k: cube[:, a : a + slots[k]] for k, a in zip(keys, start)}


def scale_of(p: Parameter, layer: str = "between") -> float:
    """s of a spread: SD on the log scale (lognormal, mixture), the logit scale, or in the parameter's unit."""
    spread = _spread(p, layer)
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


def _mixing(
    entries: Mapping[str, Parameter], tables: Mapping[str, ParameterTable] | None
) -> dict[str, tuple[tuple[str, ...], Floats]]:
    """key → (earlier keys of its block, row of the Cholesky factor of the block's correlations)."""
    out: dict[str, tuple[tuple[str, ...], Floats]] = {}
    for name in sorted({p.table for p in entries.values()}):
        table = (tables or {}).get(name)
        if table is None:
            try:
                table = ParameterTable.load(name)
            except InputError:
                continue
        pairs = [(a, b, c) for a, b, c in table.omega if a != b]
        for a, b, _ in pairs:
            for one in (a, b):
                if _spread(table[one], "between").get("dist") not in GAUSSIAN:
                    raise InputError(f"{name} [omega] pair", one, "parameters with a normal kind of `between`")
        for block in _blocks(pairs):
            sd = np.array([scale_of(table[k]) for k in block])
            correlation = np.eye(len(block))
            for a, b, covariance in pairs:
                if a in block:
                    i, j = block.index(a), block.index(b)
                    correlation[i, j] = correlation[j, i] = covariance / (sd[i] * sd[j])
            try:
                factor = np.linalg.cholesky(correlation)
            except np.linalg.LinAlgError:
                shown = ", ".join(block)
                raise InputError(f"{name} [omega]", shown, "covariances that form a positive definite matrix") from None
            keys = tuple(f"{name}.{k}" for k in block)
            present = [i for i, k in enumerate(keys) if k in entries]
            if len(present) < len(keys):  # a part of the block: its own correlations
                factor = np.linalg.cholesky(correlation[np.ix_(present, present)])
                keys = tuple(keys[i] for i in present)
            for i, k in enumerate(keys):
                out[k] = (keys[:i], np.asarray(factor[i, : i + 1], dtype=np.float64))
    return out


def _blocks(pairs: Sequence[tuple[str, str, float]]) -> list[list[str]]:
    """Connected groups of parameters, each in alphabetical order."""
    groups: list[set[str]] = []
    for a, b, _ in pairs:
        joined = {a, b}.union(*(g for g in groups if g & {a, b}))
        groups = [g for g in groups if not g & joined] + [joined]
    return [sorted(g) for g in groups]


def _ordered(keys: Sequence[str], mixing: Mapping[str, tuple[tuple[str, ...], Floats]]) -> list[str]:
    """Keys with those of a covariance block in the order of its factor."""
    return sorted(keys, key=lambda k: (len(mixing[k][0]) if k in mixing else 0, k))


def _value(
    p: Parameter, layer: str, typical: Floats, u: Floats, sd_scale: float,
    mix: tuple[tuple[str, ...], Floats] | None, terms: Mapping[str, Floats],
) -> tuple[Floats, Floats]:  # fmt: skip
    """Values (n,) of one layer and their independent standard normal terms (n,)."""
    spread = _spread(p, layer)
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
    value = np.exp(x) if dist == "lognormal" else 1.0 / (1.0 + np.exp(-x)) if dist == "logitnormal" else x
    return np.clip(value, low, high), z


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
    spread = _spread(p, layer)
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
    value = spread.get("p")
    if value is None or not 0.0 <= float(value) <= 1.0:
        raise InputError(f"{p.key}.{layer}.p", value, "a probability, 0 to 1")
    return float(value)


def _in_unit(p: Parameter, spread: Mapping[str, Any], name: str) -> float:
    if name not in spread:
        raise InputError(f"{p.key} {spread['dist']}", f"without {name}", f"a number `{name}` in the parameter's unit")
    return float(spread[name]) * _unit_factor(p)


def _unit_factor(p: Parameter) -> float:
    """From the unit the table prints to the unit asked for."""
    printed, _ = p.printed
    return p.value / printed if printed else 1.0
