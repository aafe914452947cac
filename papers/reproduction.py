"""What every script here returns: printed numbers beside ours. Run a script alone to see its table.

A script has a docstring that names the paper and the table or figure, and `reproduce() -> list[Reproduced]`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Reproduced:
    """One printed number, ours, and how far apart they may be (relative). `expected_miss` says why it is not met."""

    what: str
    printed: float
    ours: float
    tolerance: float
    unit: str = ""
    expected_miss: str = ""

    @property
    def ratio(self) -> float:
        """Ours over printed."""
        return self.ours / self.printed

    @property
    def met(self) -> bool:
        """Whether ours lies within the tolerance."""
        return abs(self.ratio - 1) <= self.tolerance


def show(title: str, rows: list[Reproduced]) -> None:
    """Print the table."""
    print(title)
    width = max(len(r.what) for r in rows)
    for r in rows:
        verdict = "ok" if r.met else f"MISS {r.expected_miss}".rstrip()
        print(
            f"  {r.what:{width}}  printed {r.printed:9.4g}  ours {r.ours:9.4g} {r.unit:10}  x{r.ratio:.3f}  {verdict}"
        )
