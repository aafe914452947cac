"""A reader's own observations from a CSV: read, checked row by row, brought to the result's units, compared."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ketasim.core import units
from ketasim.core.errors import InputError
from ketasim.core.result import Result

_TIMES = {"time_h": 1.0, "time_min": 1 / 60, "time_d": 24.0}
_SITES = ("arterial", "venous", "brain")


@dataclass(frozen=True)
class Observation:
    """One value, in the unit of the output it belongs to."""

    output: str
    time_h: float
    value: float
    subject: str = ""


@dataclass(frozen=True)
class Observed:
    """Observations and where they came from; `beyond` rows lie after the end of the run and are only counted."""

    name: str
    rows: tuple[Observation, ...]
    beyond: tuple[Observation, ...] = ()

    def of(self, output: str) -> list[Observation]:
        """Rows of one output."""
        return [r for r in self.rows if r.output == output]

    @property
    def outputs(self) -> list[str]:
        """Outputs that were observed, in the order first met."""
        return list(dict.fromkeys(r.output for r in self.rows))


def read_observed(path: str | Path, result: Result) -> Observed:
    """Read a CSV with the columns time_h (or time_min, time_d), output (or analyte, with site), value, unit and,
    if wanted, subject. InputError names the row and the column that cannot be used; nothing is dropped in silence."""
    source = Path(path)
    try:
        text = source.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("observations", str(path), "a CSV file in UTF-8 that can be read", f"{error}.") from None
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    reader = csv.DictReader(lines)
    columns = [c.strip() for c in reader.fieldnames or ()]
    reader.fieldnames = columns
    times = [c for c in columns if c in _TIMES]
    if len(times) != 1:
        raise InputError("observations: time column", ", ".join(columns), "exactly one of time_h, time_min, time_d")
    if "value" not in columns or not {"output", "analyte"} & set(columns):
        raise InputError("observations: columns", ", ".join(columns), "time_h, output (or analyte), value, unit")
    rows = [_row(i, row, times[0], result) for i, row in enumerate(reader, 2)]
    if not rows:
        raise InputError("observations", str(source.name), "at least one row below the header")
    last = float(result.times_h[-1])
    inside = tuple(r for r in rows if 0 <= r.time_h <= last)
    if not inside:
        raise InputError("observations", f"from {rows[0].time_h:g} h", f"times inside the run, 0 to {last:g} h")
    return Observed(source.name, inside, tuple(r for r in rows if not 0 <= r.time_h <= last))


def _row(number: int, row: dict[str, str | None], time_column: str, result: Result) -> Observation:
    def cell(name: str) -> str:
        return (row.get(name) or "").strip()

    def figure(name: str) -> float:
        try:
            value = float(cell(name))
        except ValueError:
            value = np.nan
        if not np.isfinite(value):
            raise InputError(f"observations row {number}, {name}", cell(name), "a number")
        return value

    output = _output(number, cell("output") or cell("analyte"), cell("site"), result)
    unit = cell("unit")
    try:
        factor = units.factor(unit or result.units[output], result.units[output])
    except InputError:
        allowed = f"a unit that converts to {result.units[output]}"
        raise InputError(f"observations row {number}, unit", unit, allowed) from None
    return Observation(output, figure(time_column) * _TIMES[time_column], figure("value") * factor, cell("subject"))


def _output(number: int, name: str, site: str, result: Result) -> str:
    candidate = f"{name}.{site}" if site else name
    if candidate in result:
        return candidate
    if not site:
        found = [f"{name}.{s}" for s in _SITES[:2] if f"{name}.{s}" in result]
        if len(found) == 1:
            return found[0]
        if found:
            where = f"observations row {number}, output"
            raise InputError(where, name, f"{' or '.join(found)}", "The sampling site has to be said.")
    raise InputError(f"observations row {number}, output", candidate, ", ".join(result))


@dataclass(frozen=True)
class Agreement:
    """How observations of one output sit against the curves: fold errors of the median, share inside the band."""

    output: str
    n: int
    fold: float
    typical_fold: float
    within_1_5: float
    inside_band: float | None


def agreement(observed: Iterable[Observation], output: str, result: Result) -> Agreement:
    """Compare observations of one output with the result (median and 5–95 % band, interpolated in time)."""
    rows = [r for r in observed if r.output == output]
    t = np.array([r.time_h for r in rows])
    y = np.array([r.value for r in rows])
    low, middle, high = (np.interp(t, result.times_h, q) for q in result.quantiles(output))
    usable = (y > 0) & (middle > 0)
    logs = np.log(middle[usable] / y[usable])
    band = float(np.mean((y >= low) & (y <= high))) if len(result) > 1 else None
    if not len(logs):
        return Agreement(output, len(rows), np.nan, np.nan, np.nan, band)
    return Agreement(
        output, len(rows), float(np.exp(logs.mean())), float(np.exp(np.abs(logs).mean())),
        float(np.mean(np.abs(logs) <= np.log(1.5))), band,
    )  # fmt: skip
