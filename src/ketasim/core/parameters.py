"""Numbers with their sources: TOML tables of parameters, one table a part.

A table holds, per parameter, the value as printed with its unit, the kind (measured, fitted, derived, assumed), the
status of our knowledge of it (verified, secondary, recalled, assumed), the source key and place, the variability
between people and between occasions, and our doubt about the typical value.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from math import inf
from typing import Any

from ketasim.core import parsed, units
from ketasim.core.errors import InputError

KINDS = ("measured", "fitted", "derived", "assumed")
STATUSES = ("verified", "secondary", "recalled", "assumed")
DISTRIBUTIONS = ("normal", "lognormal", "logitnormal", "bernoulli", "mixture", "truncnormal", "uniform")
_RANGE = {
    "normal": (-inf, inf),
    "truncnormal": (-inf, inf),
    "lognormal": (0.0, inf),
    "mixture": (0.0, inf),
    "logitnormal": (0.0, 1.0),
}
"""What values a distribution can take by itself."""
LAYERS = ("between", "occasion", "doubt")
_KEYS = {"value", "unit", "kind", "source", "where", "status", "between", "occasion", "doubt", "valid", "note", "rows"}


@dataclass(frozen=True)
class Parameter:
    """One number of the model with everything known about it. `value` is in `unit`; `printed` as in the source."""

    name: str
    value: float
    unit: str
    kind: str
    source: str
    status: str
    table: str = ""
    where: str = ""
    note: str = ""
    printed: tuple[float, str] = (0.0, "")
    between: Mapping[str, Any] | None = None
    occasion: Mapping[str, Any] | None = None
    doubt: Mapping[str, Any] | None = None
    valid: Mapping[str, Any] = field(default_factory=dict)
    rows: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Where random draws of this number are keyed: parts that read one table vary together."""
        return f"{self.table}.{self.name}"

    @property
    def assumed(self) -> bool:
        """Whether readers must see that this number is our assumption."""
        return self.kind == "assumed" or self.status == "assumed"

    def to(self, unit: str) -> Parameter:
        """The same number in another unit, its additive spreads with it."""
        f = units.factor(self.unit, unit)
        if f == 1.0:
            return replace(self, unit=unit)
        scaled: dict[str, Any] = {layer: _scale(getattr(self, layer), f) for layer in LAYERS}
        return replace(self, value=self.value * f, unit=unit, **scaled)

    def within(self, low: float | None, high: float | None) -> Parameter:
        """The same number with its spreads drawn between two limits (in its own unit) where they could leave them."""
        if low is None and high is None:
            return self
        bottom, top = -inf if low is None else low, inf if high is None else high
        narrowed: dict[str, Any] = {layer: _narrow(getattr(self, layer), bottom, top) for layer in LAYERS}
        return replace(self, **narrowed)


def _narrow(spread: Mapping[str, Any] | None, low: float, high: float) -> Mapping[str, Any] | None:
    if spread is None or spread.get("dist") not in _RANGE:
        return spread
    natural = _RANGE[spread["dist"]]
    low, high = max(low, spread.get("low", -inf)), min(high, spread.get("high", inf))
    limits = {"low": low} if low > natural[0] else {}
    limits |= {"high": high} if high < natural[1] else {}
    return {**spread, **limits}


def _scale(spread: Mapping[str, Any] | None, f: float) -> Mapping[str, Any] | None:
    """Spreads stated in the parameter's own unit follow it; cv and omega2 are pure numbers."""
    if spread is None:
        return None
    additive = spread.get("dist") in ("normal", "truncnormal", "uniform")
    own = {"low", "high"} | ({"sd", "mean"} if additive else set())
    return {k: v * f if k in own and isinstance(v, (int, float)) else v for k, v in spread.items()}


@dataclass(frozen=True)
class ParameterTable:
    """All parameters of one TOML file, with covariances between people (`omega`: pairs of names and values) and
    correlations of the doubt about typical values (`doubt`, as a calibration found them)."""

    name: str
    parameters: Mapping[str, Parameter]
    meta: Mapping[str, Any]
    omega: tuple[tuple[str, str, float], ...] = ()
    doubt: tuple[tuple[str, str, float], ...] = ()
    _converted: dict[tuple[Any, ...], Parameter] = field(default_factory=dict, compare=False, repr=False)

    def __getitem__(self, name: str) -> Parameter:
        try:
            return self.parameters[name]
        except KeyError:
            raise InputError(f"parameter of {self.name}", name, ", ".join(self.parameters)) from None

    def __iter__(self) -> Iterator[Parameter]:
        return iter(self.parameters.values())

    def converted(self, entry: Parameter, unit: str, low: float | None, high: float | None) -> Parameter:
        """One of our parameters in another unit and within limits; made once."""
        key = (entry.name, unit, low, high)
        if key not in self._converted:
            self._converted[key] = entry.to(unit).within(low, high)
        return self._converted[key]

    @staticmethod
    def load(name: str) -> ParameterTable:
        """Read data/parameters/<name>.toml (cached)."""
        return _load(name)


@cache
def _load(name: str) -> ParameterTable:
    try:
        return _table(parsed.load(f"parameters/{name}.toml"), name)
    except FileNotFoundError:
        raise InputError("parameter table", name, "a file under data/parameters") from None
    except tomllib.TOMLDecodeError as error:
        raise _not_toml(name, error) from None


def _not_toml(name: str, error: tomllib.TOMLDecodeError) -> InputError:
    return InputError(f"parameter table {name}", str(error), "valid TOML")


def parse_table(text: str, name: str) -> ParameterTable:
    """A parameter table from TOML text; InputError names the parameter and the field that is wrong."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _not_toml(name, error) from None
    return _table(raw, name)


def _table(raw: dict[str, Any], name: str) -> ParameterTable:
    meta = raw.pop("meta", {})
    omega_block = raw.pop("omega", {})
    doubt_block = raw.pop("doubt", {})
    parameters = {key: _parameter(name, key, entry, meta) for key, entry in raw.items()}
    omega = tuple((str(a), str(b), float(c)) for a, b, c in omega_block.get("pairs", ()))
    doubt = tuple((str(a), str(b), float(c)) for a, b, c in doubt_block.get("correlations", ()))
    for block, pairs in (("omega", omega), ("doubt", doubt)):
        for a, b, _ in pairs:
            for one in (a, b):
                if one not in parameters:
                    raise InputError(f"{name} [{block}] pair", one, ", ".join(parameters))
    for a, b, r in doubt:
        if a == b or not -1.0 < r < 1.0:
            raise InputError(f"{name} [doubt] correlation of {a} and {b}", r, "between −1 and 1, of two entries")
    return ParameterTable(name, parameters, meta, omega, doubt)


def _parameter(table: str, name: str, entry: Any, meta: Mapping[str, Any]) -> Parameter:
    where = f"{table}.{name}"
    if not isinstance(entry, dict):
        raise InputError(where, entry, "a table with value, unit, kind, source and status")
    unknown = set(entry) - _KEYS
    if unknown:
        raise InputError(where, ", ".join(sorted(unknown)), f"only the fields {', '.join(sorted(_KEYS))}")
    missing = {"value", "unit", "kind"} - set(entry)
    source = entry.get("source", meta.get("source", ""))
    status = entry.get("status", meta.get("status", ""))
    missing |= {field for field, given in (("source", source), ("status", status)) if not given}
    if missing:
        raise InputError(
            where, f"without {', '.join(sorted(missing))}", "every number with unit, kind, source and status"
        )
    for field_name, given, allowed in (("kind", entry["kind"], KINDS), ("status", status, STATUSES)):
        if given not in allowed:
            raise InputError(f"{where}.{field_name}", given, ", ".join(allowed))
    for layer in LAYERS:
        spread = entry.get(layer)
        if spread is not None and spread.get("dist") not in DISTRIBUTIONS:
            raise InputError(f"{where}.{layer}.dist", spread.get("dist"), ", ".join(DISTRIBUTIONS))
    if isinstance(entry["value"], bool) or not isinstance(entry["value"], (int, float)):
        raise InputError(f"{where}.value", entry["value"], "a number")
    units.parse(entry["unit"])
    return Parameter(
        name=name,
        value=float(entry["value"]),
        unit=entry["unit"],
        kind=entry["kind"],
        source=source,
        status=status,
        table=table,
        where=entry.get("where", "" if "source" in entry else meta.get("where", "")),
        note=entry.get("note", ""),
        printed=(float(entry["value"]), entry["unit"]),
        between=entry.get("between"),
        occasion=entry.get("occasion"),
        doubt=entry.get("doubt"),
        valid=entry.get("valid", meta.get("valid", {})),
        rows=tuple(entry.get("rows", ())),
    )
