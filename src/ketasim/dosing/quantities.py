"""Times and amounts as a person writes them: the number and the unit are kept, the conversion is exact."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ketasim.core.errors import InputError

SECONDS = {"s": 1, "min": 60, "h": 3600, "d": 86400, "week": 604800}
TIME_ALIASES = {
    "s": "s", "sec": "s", "secs": "s", "second": "s", "seconds": "s",
    "min": "min", "mins": "min", "minute": "min", "minutes": "min",
    "h": "h", "hr": "h", "hrs": "h", "hour": "h", "hours": "h",
    "d": "d", "day": "d", "days": "d",
    "week": "week", "weeks": "week", "wk": "week", "wks": "week", "w": "week",
}  # fmt: skip
TIME_UNITS = "s, min, h, d, week"
MG = {"ng": 1e-6, "ug": 1e-3, "mg": 1.0, "g": 1000.0}
_MG_PER = {"ng": 1e6, "ug": 1e3}
MASS_ALIASES = {"µg": "ug", "μg": "ug", "mcg": "ug", "ug": "ug", "mg": "mg", "g": "g", "ng": "ng"}
MASS_UNITS = "ng, ug (µg, mcg), mg, g"
LONGEST_H = 50 * 365.25 * 24


def number_text(value: float) -> str:
    """The shortest text that reads back as the same number: 40, 0.5, 1e-05."""
    text = repr(float(value))
    return text[:-2] if text.endswith(".0") else text


@dataclass(frozen=True)
class Span:
    """A length of time in the unit it was written in: s, min, h, d or week."""

    value: float
    unit: str

    def __post_init__(self) -> None:
        if self.unit not in SECONDS:
            raise InputError("time unit", self.unit, TIME_UNITS)
        if not (math.isfinite(self.value) and 0 <= self.value and self.hours <= LONGEST_H):
            raise InputError("time", f"{number_text(self.value)} {self.unit}", "0 to 50 years")

    @property
    def hours(self) -> float:
        return self.value * SECONDS[self.unit] / 3600

    def __str__(self) -> str:
        unit = "weeks" if self.unit == "week" and self.value != 1 else self.unit
        return f"{number_text(self.value)} {unit}"


@dataclass(frozen=True)
class Unit:
    """The unit of a dose, a rate or a concentration, split into what the arithmetic needs.

    quantity is a mass (ng, ug, mg, g) or "mL"; per_kg says whether it is scaled by body weight; per is the time unit of
    a rate, or "" for an amount.
    """

    quantity: str
    per_kg: bool = False
    per: str = ""

    def __str__(self) -> str:
        return self.quantity + ("/kg" if self.per_kg else "") + (f"/{self.per}" if self.per else "")

    def mg(self, value: float) -> float:
        """mg (per kg, per time unit as the unit says) of a mass. Undefined for mL."""
        down = _MG_PER.get(self.quantity)
        return value / down if down else value * MG[self.quantity]


def mg_per_ml(value: float, quantity: str, volume: str) -> float:
    """Concentration in mg/mL of value quantity/volume with volume mL or L."""
    return Unit(quantity).mg(value) / (1000.0 if volume == "L" else 1.0)


def per_hour(value: float, unit: str) -> float:
    """A rate per `unit` of time as a rate per hour."""
    return value * 3600 / SECONDS[unit]
