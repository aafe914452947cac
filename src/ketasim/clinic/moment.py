"""What a session is at one moment: its pump, its clock, the body and the counters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ketasim.clinic.log import Account
from ketasim.clinic.people import Saved


@dataclass(frozen=True)
class Pump:
    """The infusion pump: base rate, what is still to give, and whether it runs (at `factor` of its rate)."""

    drug: str = ""
    mg_h: float = 0.0
    left_mg: float = 0.0
    running: bool = False
    factor: float = 1.0

    @property
    def rate(self) -> float:
        """mg/h now."""
        return self.mg_h * self.factor if self.running else 0.0


@dataclass(frozen=True)
class Moment:
    """All that a session needs to go on from a minute."""

    minute: float
    phase: str
    pump: Pump
    body: Saved
    shown: dict[str, float]
    beyond: dict[str, int]
    fired: tuple[str, ...]
    start_min: float
    end_min: float
    doses_left: tuple[Any, ...]
    holds: int
    readings: int
    account: Account
    logged: int
