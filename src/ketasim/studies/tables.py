"""Rows that are parameters: a published number read from the project's own parameter tables."""

from __future__ import annotations

from .study import Observation
from .units import factor


def parameter_value(row: Observation) -> float:
    """Value of `parameter` (names joined by + are summed) of `table`, in the row's unit. Raises InputError if unknown."""
    from ketasim.core.parameters import ParameterTable

    table = ParameterTable.load(row.table)
    total = 0.0
    for name in row.parameter.split("+"):
        found = table[name.strip()]
        unit = found.unit or "1"
        total += found.value * (factor(unit, row.unit, field=f"unit of {row.id}") if row.unit else 1.0)
    return total
