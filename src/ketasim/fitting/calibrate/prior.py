"""What was believed of a number before the rows were seen, on a scale where the belief is a standard normal.

Every calibrated number θ has a latent z with prior N(0, 1):

    lognormal     θ = value · exp(s z)              truncnormal, normal   θ = value + s z
    logitnormal   θ = logit⁻¹(logit(value) + s z)   uniform               θ = low + (high − low) Φ(z)

`low` and `high` of the spread bound z. A number that was fitted before carries the belief from before its rows inside
its doubt, as ``doubt = { …, prior = { value = …, dist = …, … } }``; that one is used again, so that a second run does
not count the same rows twice.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ketasim.core.errors import InputError
from ketasim.core.gaussian import ndtr, ndtri
from ketasim.core.parameters import Parameter, ParameterTable
from ketasim.core.spread import Floats, scale_of
from ketasim.fitting.calibrate.spreads import spread_number

KINDS = ("lognormal", "normal", "truncnormal", "logitnormal", "uniform")
FAR = 8.0


@dataclass(frozen=True)
class Prior:
    """Belief about one entry of a parameter table, in the unit the table prints.

    table, name : the entry ("outcomes/cadss", "C50"). value : median. dist, s : as in the module's table; s is the
    standard deviation on the transformed scale. low, high : limits of the value. given : the spread as written.
    """

    table: str
    name: str
    unit: str
    value: float
    dist: str
    s: float
    low: float
    high: float
    given: Mapping[str, Any]

    @property
    def label(self) -> str:
        """The name a user writes: ``table.name``."""
        return f"{self.table}.{self.name}"

    @property
    def bounds(self) -> tuple[float, float]:
        """Limits of z; beyond eight standard deviations nothing is believed anyway."""
        if self.dist == "uniform":
            return -FAR, FAR
        low = self.latent(self.low) if math.isfinite(self.low) else -FAR
        high = self.latent(self.high) if math.isfinite(self.high) else FAR
        return max(float(low), -FAR), min(float(high), FAR)

    def natural(self, z: ArrayLike) -> Floats:
        """Values of the number for latents z, same shape."""
        x = np.asarray(z, dtype=np.float64)
        if self.dist == "lognormal":
            return np.asarray(self.value * np.exp(self.s * x))
        if self.dist == "logitnormal":
            return np.asarray(1.0 / (1.0 + np.exp(-(math.log(self.value / (1.0 - self.value)) + self.s * x))))
        if self.dist == "uniform":
            return np.asarray(self.low + (self.high - self.low) * ndtr(x))
        return np.asarray(self.value + self.s * x)

    def latent(self, theta: ArrayLike) -> Floats:
        """Latents of values θ, same shape; infinite at the edge of the possible."""
        x = np.asarray(theta, dtype=np.float64)
        with np.errstate(divide="ignore", invalid="ignore"):
            if self.dist == "lognormal":
                return np.asarray(np.log(np.maximum(x, 0.0) / self.value) / self.s)
            if self.dist == "logitnormal":
                centre = math.log(self.value / (1.0 - self.value))
                return np.asarray((np.log(x / (1.0 - x)) - centre) / self.s)
            if self.dist == "uniform":
                return ndtri(np.clip((x - self.low) / (self.high - self.low), 0.0, 1.0))
            return np.asarray((x - self.value) / self.s)

    def posterior(self, z: float, sd: float) -> tuple[float, dict[str, Any]]:
        """(value, doubt) of a posterior N(z, sd²) of the latent, in the words of a parameter table."""
        value = float(self.natural(z))
        if self.dist == "lognormal":
            doubt: dict[str, Any] = {"dist": "lognormal", "cv": math.sqrt(math.expm1((self.s * sd) ** 2))}
        elif self.dist == "logitnormal":
            doubt = {"dist": "logitnormal", "sd": self.s * sd}
        elif self.dist == "uniform":
            step = 1e-4
            slope = float(self.natural(z + step) - self.natural(z - step)) / (2 * step)
            doubt = {"dist": "truncnormal", "sd": abs(slope) * sd}
        else:
            doubt = {"dist": self.dist, "sd": self.s * sd}
        limits = {"low": self.low, "high": self.high}
        return value, doubt | {k: v for k, v in limits.items() if math.isfinite(v)}


def split(label: str) -> tuple[str, str]:
    """("outcomes/cadss", "C50") of "outcomes/cadss.C50" (a colon does as well as the point); the name of a spread is
    ("outcomes/cadss", "C50.between.cv")."""
    table, _, name = label.strip().replace(":", ".").partition(".")
    if not table or not name.strip():
        raise InputError("parameter", label, "table.entry as under data/parameters, such as kinetics/plasma.link")
    return table.strip(), name.strip()


def entry_of(label: str) -> Parameter:
    """The entry of the parameter tables a label names, or a number of its spread; InputError where there is none."""
    table, name = split(label)
    name, _, path = name.partition(".")
    entry = ParameterTable.load(table)[name]
    return spread_number(entry, path) if path else entry


def prior_of(label: str, given: Mapping[str, Any] | None = None, reuse: bool = True) -> Prior:
    """Belief about an entry: the one given, the one kept from an earlier calibration, or the doubt of the table.

    given : {value, dist, cv | sd | omega2, low, high}; the value may be left out (then the table's).
    InputError where nothing is believed, or where the doubt already holds rows and says no prior.
    """
    entry = entry_of(label)
    spread: Mapping[str, Any] | None = given
    if spread is None and reuse:
        spread = (entry.doubt or {}).get("prior")
    if spread is None:
        if entry.doubt is None:
            raise InputError(
                f"doubt of {entry.key}", "missing", "a spread in its table, or a prior given with the calibration"
            )
        if entry.rows:
            shown = ", ".join(entry.rows[:4]) + (" …" if len(entry.rows) > 4 else "")
            allowed = "a prior from before those rows, given with the calibration or kept in doubt.prior"
            raise InputError(f"doubt of {entry.key}", f"fitted to {shown}", allowed)
        spread = entry.doubt
    return make_prior(entry, spread)


def make_prior(entry: Parameter, spread: Mapping[str, Any]) -> Prior:
    """A Prior from a spread as a table writes it; InputError names what is wrong with it."""
    where = f"prior of {entry.key}"
    dist = spread.get("dist")
    if dist not in KINDS:
        raise InputError(f"{where}, dist", dist, ", ".join(KINDS))
    value = float(spread.get("value", entry.value))
    low, high = float(spread.get("low", -math.inf)), float(spread.get("high", math.inf))
    if low >= high:
        raise InputError(f"{where}, low", low, f"below high ({high:g})")
    if dist == "uniform":
        if not (math.isfinite(low) and math.isfinite(high)):
            raise InputError(where, "uniform", "finite low and high")
        return Prior(entry.table, entry.name, entry.unit, 0.5 * (low + high), dist, 1.0, low, high, dict(spread))
    if dist == "lognormal" and value <= 0.0:
        raise InputError(f"{where}, value", value, "larger than 0 for a log-normal")
    if dist == "logitnormal" and not 0.0 < value < 1.0:
        raise InputError(f"{where}, value", value, "between 0 and 1 for a logit-normal")
    s = scale_of(replace(entry, value=value, doubt=spread), "doubt")
    if s <= 0.0:
        raise InputError(where, "without width", "a spread larger than 0")
    if not low <= value <= high:
        raise InputError(f"{where}, value", value, f"from {low:g} to {high:g}")
    return Prior(entry.table, entry.name, entry.unit, value, dist, s, low, high, dict(spread))
