"""Units of observed rows: exact factors between the few units papers print, with molar mass and body weight where a
row needs them."""

from __future__ import annotations

import re
from functools import cache

from ketasim.core.errors import InputError

# unit -> (factor to the base, dimension); bases: ng, umol, mL, h, kg of body weight
_UNITS: dict[str, tuple[float, str]] = {
    "ng": (1.0, "mass"), "ug": (1e3, "mass"), "µg": (1e3, "mass"), "mg": (1e6, "mass"), "g": (1e9, "mass"),
    "nmol": (1e-3, "mole"), "umol": (1.0, "mole"), "µmol": (1.0, "mole"), "mmol": (1e3, "mole"),
    "mL": (1.0, "volume"), "L": (1e3, "volume"), "dL": (100.0, "volume"),
    "s": (1 / 3600, "time"), "min": (1 / 60, "time"), "h": (1.0, "time"), "d": (24.0, "time"), "day": (24.0, "time"),
    "days": (24.0, "time"),
    "wk": (168.0, "time"), "y": (8766.0, "time"),
    "kg": (1.0, "body"), "70kg": (70.0, "body"),
    "%": (0.01, "one"), "points": (1.0, "one"), "ratio": (1.0, "one"), "fraction": (1.0, "one"), "fold": (1.0, "one"),
    "1": (1.0, "one"),
}  # fmt: skip
MOLAR_MASS = {
    "ketamine": 237.73,
    "norketamine": 223.70,
    "HNK": 239.70,
    "DHNK": 221.68,
}  # g/mol; C13H16ClNO and its metabolites


def molar_mass(output: str) -> float | None:
    """Molar mass (g/mol) of the substance an output id names, or None."""
    stem = output.split(".")[0].removeprefix("S_").removeprefix("R_")
    return MOLAR_MASS.get(stem)


@cache
def _parse(unit: str) -> tuple[float, tuple[tuple[str, int], ...]] | None:
    factor, sign = 1.0, 1
    powers: dict[str, int] = {}
    for token in re.split(r"([*/])", unit.replace(" ", "").replace("·", "*")):
        if token in ("*", "/"):
            sign = 1 if token == "*" else -1
            continue
        if token not in _UNITS:
            return None
        f, dimension = _UNITS[token]
        factor *= f**sign
        if dimension != "one":
            powers[dimension] = powers.get(dimension, 0) + sign
    return factor, tuple(sorted((k, v) for k, v in powers.items() if v))


def factor(source: str, target: str, *, output: str = "", weight_kg: float | None = None, field: str = "unit") -> float:
    """Number that turns a value in `source` units into `target` units.

    Mass and moles meet through the molar mass of the output's substance, whole-person and per-kg values through
    `weight_kg`.
    Units unknown here (mmHg, points …) convert only to themselves. Raises InputError when the two do not fit.
    """
    if source == target:
        return 1.0
    a, b = _parse(source), _parse(target)
    if a is None or b is None:
        raise InputError(field, target, f"a unit that fits {source or 'a plain number'}")
    result, dims = a[0] / b[0], dict(a[1])
    for name, power in b[1]:
        dims[name] = dims.get(name, 0) - power
    dims = {k: v for k, v in dims.items() if v}
    mass, mole, body = dims.pop("mass", 0), dims.pop("mole", 0), dims.pop("body", 0)
    mm = molar_mass(output)
    if dims or mass != -mole or (mole and mm is None) or (body and not weight_kg):
        raise InputError(field, target, f"a unit that fits {source}")
    if mole and mm is not None:  # source mass^m / target mole^m: ng / (ng/nmol -> 1e-3 umol)
        result *= (mm * 1e3) ** (-mass)
    return result * (weight_kg or 1.0) ** (-body) if body else result
