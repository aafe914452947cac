"""Spreads between people as numbers to calibrate: "table.entry.between.cv", ".between.weights.0", ".between.factors.1".

A number of a list is named by its place, from 0. Moving one weight of a mixture scales the others, so that the weights
still sum to what they did. What was fitted is kept beside the spread, in ``between.fitted``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ketasim.core import units
from ketasim.core.errors import InputError
from ketasim.core.parameters import Parameter

SIZES = ("cv", "sd", "omega2", "low", "high", "p", "other", "weights", "factors", "values")
ADDITIVE = ("normal", "truncnormal", "uniform")


def base_of(label: str) -> str:
    """ "table.entry" of "table.entry" or "table.entry.between.…"."""
    return label.partition(".between.")[0]


def spread_number(entry: Parameter, path: str) -> Parameter:
    """A number inside the spread of an entry ("between.cv") as a Parameter of its own; InputError where none is."""
    layer, _, rest = path.partition(".")
    field, _, place = rest.partition(".")
    spread = entry.between or {}
    if layer != "between" or field not in SIZES or field not in spread:
        known = ", ".join(f"between.{k}" for k in SIZES if k in spread) or "none: this entry does not vary"
        raise InputError(f"spread of {entry.key}", path, known)
    value = spread[field]
    if isinstance(value, list):
        if not place.isdigit() or int(place) >= len(value):
            raise InputError(f"place in {entry.key} {field}", place, f"0 to {len(value) - 1}")
        value = value[int(place)]
    fitted = (spread.get("fitted") or {}).get(rest)
    additive = field in ("low", "high", "other", "values") or (field == "sd" and spread.get("dist") in ADDITIVE)
    return replace(
        entry, name=f"{entry.name}.{path}", value=float(value), unit=entry.unit if additive else "1",
        printed=(float(value), entry.unit if additive else "1"), between=None, doubt=fitted,
        rows=tuple((fitted or {}).get("rows", ())),
    )  # fmt: skip


def with_spread(p: Parameter, path: str, value: float) -> Parameter:
    """The parameter with one number of its spread replaced; the value is in the unit the table prints."""
    field, _, place = path.removeprefix("between.").partition(".")
    assert p.between is not None
    spread = dict(p.between)
    follows = field in ("low", "high") or (field == "sd" and spread.get("dist") in ADDITIVE)
    if follows:
        value *= units.factor(p.printed[1] or p.unit, p.unit)
    spread[field] = _replaced(field, spread[field], place, value)
    return replace(p, between=spread)


def written_spread(between: Mapping[str, Any], path: str, value: float, record: Mapping[str, Any]) -> dict[str, Any]:
    """The spread as a table writes it, with the number replaced and the record of its fit beside it."""
    rest = path.removeprefix("between.")
    field, _, place = rest.partition(".")
    out = dict(between)
    out[field] = _replaced(field, out[field], place, value)
    if isinstance(out[field], list):
        out[field] = [float(f"{x:.4g}") for x in out[field]]
    out["fitted"] = {**out.get("fitted", {}), rest: dict(record)}
    return out


def _replaced(field: str, old: Any, place: str, value: float) -> Any:
    if not isinstance(old, list):
        return value
    new, i = [float(x) for x in old], int(place)
    if field == "weights":
        total, rest = sum(new), sum(new) - new[i]
        if not 0.0 < value < total or rest <= 0.0:
            raise InputError("weight", value, f"between 0 and {total:g}")
        new = [x * (total - value) / rest for x in new]
    new[i] = value
    return new
