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
redrawn or clipped. `[omega] pairs` of a table are covariances of the z-scaled terms (s z) between people,
`[doubt] correlations` correlations of the z of the doubt about typical values. Draws are keyed by (seed, layer, table
entry, subject), so that parts reading one entry share it and order never matters.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import random, sobol
from .errors import InputError
from .parameters import Parameter, ParameterTable
from .spread import GAUSSIAN, Floats, Mix, of_layer, scale_of, slots, value


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
        method: "random", "sobol" (subject ids are then indices of the sequence) or "stratified": as random, with the
            m doubts of `doubt_draws` spread evenly, one in each m-th of every distribution (a Latin hypercube), so that
            few draws find the middle and the edges; the draws then depend on which ids are asked for together.
        sd_scale: multiplies every s (a robustness test doubles it).
        tables: covariance tables by name; by default those in data/parameters.

    Returns:
        name → (n,) array in the Parameter's unit; names without a spread in these layers are absent.
    """
    ids = np.atleast_1d(np.asarray(subjects))
    wrong = [layer for layer in layers if layer not in ("between", "doubt")]
    if wrong:
        raise InputError("layer", wrong[0], "between, doubt")
    if method not in ("random", "sobol", "stratified"):
        raise InputError("method", method, "random, sobol or stratified")
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
        rows = {n: p for n, p in parameters.items() if of_layer(p, layer)}
        keys = sorted({p.key for p in rows.values()})
        entries = {p.key: p for p in rows.values()}
        joint = shared is None or layer == "between"
        index = ids if joint else shared
        assert index is not None
        stream = "joint" if shared is None else layer
        cube = _cube(method, seed, stream, layer, index, keys, entries, offset)
        offset += sum(slots(of_layer(entries[k], layer)) for k in keys) if shared is None else 0
        mixing = _mixing(entries, tables, layer)
        terms: dict[str, Floats] = {}
        for key in _ordered(keys, mixing):
            twins = [n for n, p in rows.items() if p.key == key]
            for name in twins:
                p = rows[name]
                typical = out.get(name, np.full(ids.size, p.value))
                u = cube[key]
                out[name], z = value(p, layer, typical, u, sd_scale, mixing.get(key), terms)
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
    """Values on each occasion, name → (n, count), about `individual` (n,) (or the typical value where absent).

    Occasions are always drawn at random, keyed by (seed, subject, occasion); a low-discrepancy design has none.
    """
    ids = np.atleast_1d(np.asarray(subjects))
    out: dict[str, Floats] = {}
    for name, p in parameters.items():
        spread = of_layer(p, "occasion")
        if not spread:
            continue
        base = np.broadcast_to(np.asarray(individual.get(name, p.value), dtype=np.float64), ids.shape)
        width = slots(spread)
        u = random.uniform(seed, f"occasion/{p.key}", ids, width * count)
        columns = [
            value(p, "occasion", base, u[:, k * width : (k + 1) * width], sd_scale, None, {})[0] for k in range(count)
        ]
        out[name] = np.stack(columns, axis=1) if columns else np.zeros((ids.size, 0))
    return out


def quantile(p: Parameter, layer: str, u: ArrayLike, typical: ArrayLike | None = None) -> Floats:
    """Values of one parameter at levels u (n,) of a layer's distribution, about `typical` (its value by default).

    A mixture reads one level for the class and, stretched inside the class, for the place within it.
    """
    spread = of_layer(p, layer)
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
    return value(p, layer, base, columns, 1.0, None, {})[0]


def nested(doubts: int, subjects: ArrayLike) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(subject ids, doubt ids), each (doubts · m,): every doubt draw with all m subjects, subjects running fastest."""
    ids = np.atleast_1d(np.asarray(subjects)).astype(np.int64)
    if doubts < 1:
        raise InputError("doubts", doubts, "1 or larger")
    return np.tile(ids, doubts), np.repeat(np.arange(doubts, dtype=np.int64), ids.size)


# ---- the pieces
def _cube(
    method: str, seed: int, stream: str, layer: str, index: NDArray[Any], keys: Sequence[str],
    entries: Mapping[str, Parameter], offset: int,
) -> dict[str, Floats]:  # fmt: skip
    """key → uniforms (n, slots)."""
    width = {k: slots(of_layer(entries[k], layer)) for k in keys}
    if method != "sobol":
        spread = _evenly if method == "stratified" and stream == "doubt" else _as_drawn
        return {k: spread(random.uniform(seed, f"{layer}/{k}", index, width[k]), index) for k in keys}
    start = np.cumsum([offset, *width.values()])
    cube = sobol.points(seed, stream, index, int(start[-1]))
    return {k: cube[:, a : a + width[k]] for k, a in zip(keys, start)}


def _as_drawn(u: Floats, index: NDArray[Any]) -> Floats:
    return u


def _evenly(u: Floats, index: NDArray[Any]) -> Floats:
    """Uniforms (n, slots) of m different ids, each column moved so that every m-th of 0 to 1 holds one id."""
    _, first, back = np.unique(index, return_index=True, return_inverse=True)
    alone = u[first]
    rank = np.argsort(np.argsort(alone, axis=0), axis=0)
    return np.asarray(((rank + alone) / len(first))[back], dtype=np.float64)


def _mixing(
    entries: Mapping[str, Parameter], tables: Mapping[str, ParameterTable] | None, layer: str
) -> dict[str, Mix]:
    """key → (earlier keys of its block, row of the Cholesky factor of the block's correlations)."""
    out: dict[str, Mix] = {}
    for name in sorted({p.table for p in entries.values()}):
        table = (tables or {}).get(name)
        if table is None:
            try:
                table = ParameterTable.load(name)
            except InputError:
                continue
        block_name = "omega" if layer == "between" else "doubt"
        pairs = [(a, b, c) for a, b, c in getattr(table, block_name) if a != b]
        for a, b, _ in pairs:
            for one in (a, b):
                if of_layer(table[one], layer).get("dist") not in GAUSSIAN:
                    raise InputError(f"{name} [{block_name}] pair", one, f"parameters with a normal kind of `{layer}`")
        for block in _blocks(pairs):
            sd = np.array([scale_of(table[k]) for k in block]) if layer == "between" else np.ones(len(block))
            correlation = np.eye(len(block))
            for a, b, covariance in pairs:
                if a in block:
                    i, j = block.index(a), block.index(b)
                    correlation[i, j] = correlation[j, i] = covariance / (sd[i] * sd[j])
            try:
                factor = np.linalg.cholesky(correlation)
            except np.linalg.LinAlgError:
                shown = ", ".join(block)
                allowed = "covariances that form a positive definite matrix"
                raise InputError(f"{name} [{block_name}]", shown, allowed) from None
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


def _ordered(keys: Sequence[str], mixing: Mapping[str, Mix]) -> list[str]:
    """Keys with those of a covariance block in the order of its factor."""
    return sorted(keys, key=lambda k: (len(mixing[k][0]) if k in mixing else 0, k))
