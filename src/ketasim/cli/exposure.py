"""The short table a run prints: what each output starts from, its peak, when, its area and where it ends."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ketasim.core.result import Result

COLUMNS = ("output", "unit", "peak", "at, h", "AUC, unit·h", "last")


def rows(result: Result) -> list[tuple[str, ...]]:
    """One row an output; the median over people, with the 5th to 95th percentile where there are several."""
    table = []
    for name in result:
        columns = (result.cmax(name), result.tmax(name), result.auc(name), result[name][:, -1])
        table.append((name, result.units[name], *(_middle(column) for column in columns)))
    return table


def _middle(values: np.ndarray) -> str:
    kept = values[np.isfinite(values)]
    if not len(kept):
        return "–"
    if len(kept) == 1:
        return f"{kept[0]:.4g}"
    low, middle, high = np.quantile(kept, (0.05, 0.5, 0.95))
    return f"{middle:.3g} ({low:.3g}–{high:.3g})"


def print_exposure(result: Result) -> None:
    """The table on standard output: drawn for a terminal, tab-separated for a pipe."""
    table = rows(result)
    if not sys.stdout.isatty():
        for row in (COLUMNS, *table):
            print("\t".join(row))
        return
    from rich.console import Console
    from rich.table import Table

    drawn = Table(*COLUMNS, box=None, header_style="bold")
    for column in drawn.columns[2:]:
        column.justify = "right"
    for row in table:
        drawn.add_row(*row)
    Console().print(drawn)
