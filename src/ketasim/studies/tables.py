"""Rows that are parameters: a published number read from the project's own parameter tables."""

from __future__ import annotations

from .study import Observation
from .units import factor


def parameter_value(row: Observation) -> float:
    """Value of `parameter` (a+b sums, a/b divides) of `table`, in the row's unit. Raises InputError if unknown."""
    from ketasim.core.parameters import ParameterTable

    table = ParameterTable.load(row.table)
    top, _, bottom = row.parameter.partition("/")
    if bottom:
        return table[top.strip()].value / table[bottom.strip()].to(table[top.strip()].unit).value
    total = 0.0
    for name in top.split("+"):
        found = table[name.strip()]
        unit = found.unit or "1"
        total += found.value * (factor(unit, row.unit, field=f"unit of {row.id}") if row.unit else 1.0)
    return total
