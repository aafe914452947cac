"""What is wrong with a data set: every problem with its row, in one typed error."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ketasim.core.errors import InputError


@dataclass(frozen=True)
class Problem:
    """One contradiction: its row and column, what is there, what is allowed, and a rule name to test for."""

    row: int
    column: str
    value: object
    allowed: str
    rule: str
    hint: str = ""

    def __str__(self) -> str:
        shown = repr(self.value) if isinstance(self.value, str) else f"{self.value}"
        text = f"row {self.row}: {self.column} is {shown}; allowed: {self.allowed}"
        return f"{text}. {self.hint}" if self.hint else text


class RecordError(InputError):
    """A data set that contradicts itself.

    Attributes
    ----------
    row, column, rule : of the first problem.
    problems : all of them, in the order of rows.
    """

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda p: p.row))
        first = self.problems[0]
        self.row, self.column, self.rule = first.row, first.column, first.rule
        more = len(self.problems) - 1
        extra = f"{more} more problem{'s' if more > 1 else ''} in this data set" if more else ""
        said = first.hint if not (first.hint and extra) or first.hint.endswith(".") else f"{first.hint}."
        hint = f"{said} {extra}".strip()
        super().__init__(f"row {first.row}: {first.column}", first.value, first.allowed, hint)

    def __reduce__(self) -> tuple[type, tuple[object, ...]]:
        return type(self), (self.problems,)


def refuse(problems: Sequence[Problem]) -> None:
    """Raise where there is any problem."""
    if problems:
        raise RecordError(problems)
