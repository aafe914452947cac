"""Sparse elimination planned on paper: which entries of (I/(hγ) − J) are ever non-zero, and the order to remove them.

The pattern of a model's Jacobian is known before any number is, so the factorisation becomes a fixed list of
multiplications. Rows and columns are permuted alike (the diagonal holds 1/(hγ), so it is a safe pivot at small steps;
a bad pivot gives infinite or undefined values and the step is rejected). Order: Markowitz' rule; among equals what
depends on the fewest others comes first, then by index.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Elimination:
    """Plan of an LU factorisation without fill beyond `entries`.

    order : original index of the row and column eliminated at each step.
    entries : (i, j) in eliminated positions, all places of L and U, sorted by row.
    updates : for each step k the rows i > k with an entry (i, k), and the columns j > k with an entry (k, j).
    """

    order: tuple[int, ...]
    entries: tuple[tuple[int, int], ...]
    updates: tuple[tuple[tuple[int, ...], tuple[int, ...]], ...]

    @cached_property
    def position(self) -> dict[int, int]:
        """Original index → eliminated position."""
        return {original: k for k, original in enumerate(self.order)}

    @cached_property
    def slot(self) -> dict[tuple[int, int], int]:
        """Entry → index in a compact array."""
        return {entry: s for s, entry in enumerate(self.entries)}

    @cached_property
    def lower(self) -> tuple[tuple[int, ...], ...]:
        """For each row the columns left of the diagonal."""
        return self._side(lambda i, j: j < i)

    @cached_property
    def upper(self) -> tuple[tuple[int, ...], ...]:
        """For each row the columns right of the diagonal."""
        return self._side(lambda i, j: j > i)

    def _side(self, wanted) -> tuple[tuple[int, ...], ...]:  # type: ignore[no-untyped-def]
        rows: list[list[int]] = [[] for _ in self.order]
        for i, j in self.entries:
            if wanted(i, j):
                rows[i].append(j)
        return tuple(tuple(row) for row in rows)


def plan(size: int, pattern: Iterable[tuple[int, int]]) -> Elimination:
    """Plan the elimination of a size × size matrix with non-zeros at `pattern` and on the whole diagonal."""
    row: list[set[int]] = [{i} for i in range(size)]
    column: list[set[int]] = [{i} for i in range(size)]
    for i, j in pattern:
        row[i].add(j)
        column[j].add(i)
    original = [set(r) for r in row]
    cost = {k: (len(row[k]) - 1) * (len(column[k]) - 1) for k in range(size)}
    order: list[int] = []
    steps: list[tuple[set[int], set[int]]] = []
    while cost:
        k = min(cost, key=lambda q: (cost[q], len(row[q]), q))
        below, right = column[k] - {k}, row[k] - {k}
        for i in below:
            row[i].discard(k)
            new = right - row[i]
            row[i] |= right
            for j in new:
                column[j].add(i)
        for j in right:
            column[j].discard(k)
        del cost[k]
        for q in below | right:
            cost[q] = (len(row[q]) - 1) * (len(column[q]) - 1)
        order.append(k)
        steps.append((below, right))
    return _in_positions(order, steps, original)


def _in_positions(order: list[int], steps: list[tuple[set[int], set[int]]], original: list[set[int]]) -> Elimination:
    at = {k: position for position, k in enumerate(order)}
    entries = {(at[i], at[j]) for i, r in enumerate(original) for j in r}
    updates = []
    for k, (below, right) in enumerate(steps):
        rows, columns = tuple(sorted(at[i] for i in below)), tuple(sorted(at[j] for j in right))
        updates.append((rows, columns))
        entries |= {(i, k) for i in rows} | {(k, j) for j in columns} | {(i, j) for i in rows for j in columns}
    return Elimination(tuple(order), tuple(sorted(entries)), tuple(updates))
