"""How the report writes numbers, times and names."""

from __future__ import annotations

import math

_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def number(value: float, digits: int = 3) -> str:
    """A number with `digits` significant digits, as a reader writes it: 0.0123, 215, 12,300, 4.2×10⁻⁷."""
    value = float(value)
    if not math.isfinite(value):
        return "–"
    if value == 0:
        return "0"
    exponent = math.floor(math.log10(abs(float(f"{value:.{digits - 1}e}"))))
    if exponent < -4 or exponent > 6:
        mantissa = f"{value / 10.0**exponent:.{digits - 1}f}"
        if "." in mantissa:
            mantissa = mantissa.rstrip("0").rstrip(".")
        return f"{mantissa}×10{str(exponent).translate(_SUPERSCRIPT)}".replace("-", "−")
    decimals = max(digits - 1 - exponent, 0)
    text = f"{round(value, digits - 1 - exponent):,.{decimals}f}"
    return text.replace("-", "−")


def plain(value: float, digits: int = 3) -> str:
    """A given number (a dose, a weight): as `number`, without trailing zeros."""
    text = number(value, digits)
    return text.rstrip("0").rstrip(".") if "." in text and "×" not in text else text


def tick(value: float) -> str:
    """A tick label: no trailing zeros, thin thousands."""
    if value == 0:
        return "0"
    if abs(value) < 1e-3 or abs(value) >= 1e6:
        return number(value, 2)
    text = f"{value:,.6f}".rstrip("0").rstrip(".")
    return text.replace("-", "−")


def duration(hours: float) -> str:
    """A stretch of time in the unit that reads best: 40 min, 2.5 h, 11 days."""
    hours = float(hours)
    if not math.isfinite(hours):
        return "–"
    seconds = hours * 3600
    if abs(seconds) < 60:
        return f"{seconds:.0f} s"
    if abs(hours) < 2.0 - 1e-9:
        return f"{_short(hours * 60)} min"
    if abs(hours) < 48:
        return f"{_short(hours)} h"
    return f"{_short(hours / 24)} days"


def _short(value: float) -> str:
    text = f"{value:.0f}" if abs(value) >= 20 else f"{value:.1f}"
    return text.removesuffix(".0").replace("-", "−")


def unit_text(unit: str) -> str:
    """A unit string as printed: µmol/L, ng·h/mL, 1/min."""
    text = unit.replace("umol", "µmol").replace("ug", "µg").replace("*", "·")
    return "" if text in ("1", "fraction", "ratio", "points") else text


def analyte_name(analyte: str) -> str:
    """S_norketamine → S-norketamine; p_nausea stays readable."""
    for letter in "SR":
        if analyte.startswith(letter + "_"):
            return f"{letter}-{analyte[2:].replace('_', ' ')}"
    return analyte.replace("_", " ")


SITES = {"arterial": "arterial plasma", "venous": "venous plasma", "brain": "brain, unbound", "plasma": "plasma"}


def output_name(output: str) -> str:
    """ketamine.arterial → ketamine, arterial plasma."""
    head, _, tail = output.rpartition(".")
    if not head:
        return analyte_name(output)
    return f"{analyte_name(head)}, {SITES.get(tail, tail.replace('_', ' '))}"


def count(n: int, one: str, many: str = "") -> str:
    """3 people; 1 person."""
    return f"{n:,} {one if n == 1 else many or one + 's'}"
