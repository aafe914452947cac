"""Units as strings: a small exact converter for the fast path (pint checks it in the tests).

A unit is written like ``ng/mL``, ``L/h/70kg``-free plain products and quotients of known symbols with integer
powers: ``umol/L``, ``1/h``, ``mL/min/kg``, ``L/min/mmHg``, ``points``. Counts and scores are dimensionless.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Any

from ketasim.core.errors import InputError

DIMENSIONS = ("time", "length", "mass", "amount", "current")
Dimension = tuple[int, int, int, int, int]


def _dim(time: int = 0, length: int = 0, mass: int = 0, amount: int = 0, current: int = 0) -> Dimension:
    return (time, length, mass, amount, current)


_PREFIX = {"": 1.0, "k": 1e3, "d": 1e-1, "c": 1e-2, "m": 1e-3, "u": 1e-6, "µ": 1e-6, "n": 1e-9, "p": 1e-12}
# coherent base: hour, decimetre (so that a litre is 1), milligram, micromole, ampere
_PRESSURE = _dim(time=-2, length=-1, mass=1)
_PA = 1e6 * 3600.0**2 / 10.0  # 1 kg/(m s²) in mg/(dm h²)
_BASE: dict[str, tuple[float, Dimension]] = {
    "L": (1.0, _dim(length=3)),
    "g": (1e3, _dim(mass=1)),
    "mol": (1e6, _dim(amount=1)),
    "M": (1e6, _dim(amount=1, length=-3)),
    "m": (10.0, _dim(length=1)),
    "Hz": (3600.0, _dim(time=-1)),
    "A": (1.0, _dim(current=1)),
    "V": (1e6 * 100.0 * 3600.0**3, _dim(time=-3, length=2, mass=1, current=-1)),
    "Pa": (_PA, _PRESSURE),
    "W": (1e6 * 100.0 * 3600.0**3, _dim(time=-3, length=2, mass=1)),
}
_WHOLE: dict[str, tuple[float, Dimension]] = {
    "s": (1.0 / 3600.0, _dim(time=1)),
    "ms": (1e-3 / 3600.0, _dim(time=1)),
    "min": (1.0 / 60.0, _dim(time=1)),
    "h": (1.0, _dim(time=1)),
    "d": (24.0, _dim(time=1)),
    "week": (168.0, _dim(time=1)),
    "month": (730.5, _dim(time=1)),
    "year": (8766.0, _dim(time=1)),
    "mmHg": (133.322387415 * _PA, _PRESSURE),
    "Da": (1e-3, _dim(mass=1, amount=-1)),
    "%": (0.01, _dim()),
}
_DIMENSIONLESS = {
    "",
    "1",
    "fraction",
    "ratio",
    "points",
    "point",
    "score",
    "dB",
    "count",
    "log",
    "logit",
    "z",
    "ulp",
    "bispectral",
    "devices",
    "category",
    "odds",
}
_TOKEN = re.compile(r"\s*(?:(\*\*|\^)\s*(-?\d+)|([*/·])|([A-Za-zµ%]+|1)|(\()|(\)))")


def _symbol(name: str, whole: str) -> tuple[float, Dimension]:
    if name in _DIMENSIONLESS:
        return 1.0, _dim()
    if name in _WHOLE:
        return _WHOLE[name]
    for prefix, scale in _PREFIX.items():
        base = name[len(prefix) :]
        if name.startswith(prefix) and base in _BASE:
            factor, dimension = _BASE[base]
            return scale * factor, dimension
    raise InputError("unit", whole, "products and quotients of known symbols such as mg, L, h, umol, mmHg, %")


@cache
def parse(unit: str) -> tuple[float, Dimension]:
    """(factor to the coherent base, dimension exponents) of a unit string."""
    text = unit.strip()
    if text in _DIMENSIONLESS:
        return 1.0, _dim()
    wrong = InputError("unit", unit, "products and quotients of known symbols such as mg, L, h, umol, mmHg, %")
    stack: list[list[tuple[float, Dimension]]] = [[(1.0, _dim())]]
    signs, sign, at = [1], 1, 0
    wanted = True  # whether a symbol or an opening bracket has to come next
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise wrong
        at = match.end()
        _, exponent, operator, name, opening, closing = match.groups()
        if bool(name or opening) != wanted or (closing and len(stack) == 1):
            raise wrong
        if operator:
            sign = -1 if operator == "/" else 1
        elif opening:
            signs.append(sign)
            stack.append([(1.0, _dim())])
            sign = 1
        elif closing:
            value = _product(stack.pop())
            stack[-1].append(_raise(value, signs.pop()))
        elif name:
            stack[-1].append(_raise(_symbol(name, unit), sign))
        elif exponent:
            stack[-1].append(_raise(stack[-1].pop(), int(exponent)))
        wanted = bool(operator or opening)
    if wanted or len(stack) > 1:
        raise wrong
    return _product([_product(level) for level in stack])


def _raise(value: tuple[float, Dimension], power: int) -> tuple[float, Dimension]:
    d = value[1]
    return value[0] ** power, (d[0] * power, d[1] * power, d[2] * power, d[3] * power, d[4] * power)


def _product(values: list[tuple[float, Dimension]]) -> tuple[float, Dimension]:
    factor, total = 1.0, [0, 0, 0, 0, 0]
    for f, dimension in values:
        factor *= f
        total = [a + b for a, b in zip(total, dimension, strict=True)]
    return factor, (total[0], total[1], total[2], total[3], total[4])


def factor(source: str, target: str) -> float:
    """What to multiply a value in `source` by to have it in `target`; raises InputError where they cannot be one."""
    if source == target:
        return 1.0
    (a, da), (b, db) = parse(source), parse(target)
    if da != db:
        raise InputError("unit", source, f"a unit that converts to {target or 'a pure number'}")
    ratio = a / b
    return float(f"{ratio:.15g}") if abs(ratio) > 0 else ratio


def convert(value: float, source: str, target: str) -> float:
    """`value` in `source`, expressed in `target`."""
    return value * factor(source, target)


def compatible(a: str, b: str) -> bool:
    """Whether two units measure the same thing."""
    return parse(a)[1] == parse(b)[1]


def registry():  # type: ignore[no-untyped-def]
    """The pint registry with the few symbols pint does not know (loaded only where it is used)."""
    return _registry()


@lru_cache(maxsize=1)
def _registry():  # type: ignore[no-untyped-def]
    import pint

    ureg: Any = pint.UnitRegistry()
    for name in (
        "points",
        "fraction",
        "ratio",
        "score",
        "dB",
        "logit",
        "z",
        "bispectral",
        "devices",
        "category",
        "odds",
    ):
        ureg.define(f"{name} = []")
    ureg.define("@alias year = yr")
    return ureg
