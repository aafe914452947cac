"""What one demonstration found, and the register of demonstrations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ketasim.core.errors import KetasimError


class NotAvailable(KetasimError):
    """The model has no such output (yet): the demonstration cannot be run."""


@dataclass(frozen=True)
class Shown:
    """What the model shows.

    number, unit : the value that answers the claim. low, high : its interval, of the kind said in `interval`.
    holds : whether the model does what the claim says, by the rule in `rule`, which is taken from published rows.
    words : one sentence with the number in it. more : further numbers by name. call : the run that shows it.
    """

    number: float
    unit: str
    words: str
    holds: bool
    rule: str
    low: float = float("nan")
    high: float = float("nan")
    interval: str = "5th to 95th of 100, between people"
    more: tuple[tuple[str, Any], ...] = ()
    call: str = ""


DEMONSTRATIONS: dict[str, Callable[[], Shown]] = {}


def shows(claim: str) -> Callable[[Callable[[], Shown]], Callable[[], Shown]]:
    """Register a function as the demonstration of a claim."""

    def register(function: Callable[[], Shown]) -> Callable[[], Shown]:
        DEMONSTRATIONS[claim] = function
        return function

    return register
