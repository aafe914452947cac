"""Steps put in time: a block is a run of steps with one start and one schedule; a strand is blocks in a row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ketasim.core.errors import InputError
from ketasim.dosing.quantities import LONGEST_H, Span
from ketasim.dosing.repeat import MOST, Repeat
from ketasim.dosing.steps import Give, Pause, Step, Target

_WHISKER_H = 1e-9


def at_text(at: tuple[Span, ...]) -> str:
    """Start times in words: day 3, 2 h, day 0 and day 3."""
    return " and ".join(f"day {str(s)[:-2]}" if s.unit == "d" else str(s) for s in at)


@dataclass(frozen=True)
class Block:
    """Steps given one straight after another, the whole run repeated by the schedule.

    at : start times from the beginning of the regimen; empty means when the block before ends. Several times exclude a
    schedule. A pause that comes first is a block by itself.
    """

    steps: tuple[Step, ...]
    repeat: Repeat | None = None
    at: tuple[Span, ...] = ()

    def __post_init__(self) -> None:
        if not self.steps:
            raise InputError("regimen", "empty", "at least one dose")
        if all(isinstance(s, Pause) for s in self.steps) and self.repeat is not None:
            raise InputError("schedule", str(self.repeat), "a schedule of something given, not of a pause")
        if len(self.steps) > 1 and isinstance(self.steps[0], Pause):
            raise InputError(
                "pause", str(self.steps[0].duration), "a block of its own, or between the doses of a block"
            )
        if any(b.hours <= a.hours for a, b in zip(self.at, self.at[1:], strict=False)):
            raise InputError("at", at_text(self.at), "times in rising order")
        if len(self.at) > 1 and self.repeat is not None:
            raise InputError("at", at_text(self.at), "one start time where there is a schedule")

    @property
    def is_pause(self) -> bool:
        return isinstance(self.steps[0], Pause)

    @property
    def run_h(self) -> float:
        """Hours from the start of the first step to the end of the last."""
        return sum(s.length_h for s in self.steps)


@dataclass(frozen=True)
class Placed:
    """A step at its time. `block` and `run` count blocks in the strand and repeats of the block."""

    step: Give | Target
    start_h: float
    block: int
    run: int

    @property
    def end_h(self) -> float:
        return self.start_h + self.step.length_h


@dataclass(frozen=True)
class Strand:
    """Blocks joined by `then`. A block without a time of its own begins when the one before has ended."""

    blocks: tuple[Block, ...]

    def __post_init__(self) -> None:
        if not self.blocks:
            raise InputError("regimen", "empty", "at least one dose")
        first = self.blocks[0]
        if len(first.at) == 1 and first.at[0].value == 0:
            object.__setattr__(self, "blocks", (Block(first.steps, first.repeat), *self.blocks[1:]))
        if not any(isinstance(s, (Give, Target)) for b in self.blocks for s in b.steps):
            raise InputError("regimen", "pauses only", "at least one dose")
        count, end = 0, 0.0
        for block, starts, stop in self._spans():
            if block.at and starts[0] < end - _WHISKER_H:
                hint = f"The step before ends at {_hours(end)}; use `also` for things given at the same time."
                raise InputError("at", at_text(block.at), f"{_hours(end)} or later", hint)
            count += len(starts) * len(block.steps)
            end = stop
        if count > MOST:
            raise InputError("regimen", f"{count} doses", f"at most {MOST}")
        if end > LONGEST_H:
            raise InputError("regimen", _hours(end), "at most 50 years")

    def _spans(self) -> Iterator[tuple[Block, tuple[float, ...], float]]:
        """Each block with the starts of its runs and the hour at which the next block may begin."""
        end = 0.0
        for block in self.blocks:
            start = block.at[0].hours if block.at else end
            if block.repeat is not None:
                starts = tuple(start + h for h in block.repeat.offsets_h())
                stop = max(start + block.repeat.length_h, starts[-1] + block.run_h)
            else:
                starts = tuple(s.hours for s in block.at) or (start,)
                stop = starts[-1] + block.run_h
            yield block, starts, stop
            end = stop

    def placed(self) -> Iterator[Placed]:
        """Everything given, in the order of the blocks."""
        for number, (block, starts, _) in enumerate(self._spans()):
            for run, start in enumerate(starts):
                at = start
                for step in block.steps:
                    if not isinstance(step, Pause):
                        yield Placed(step, at, number, run)
                    at += step.length_h

    @property
    def end_h(self) -> float:
        """When the last course of the strand is over (its next dose would be due), hours."""
        return list(self._spans())[-1][2]


def _hours(hours: float) -> str:
    return f"{hours / 24:.4g} d" if hours >= 48 else f"{hours:.4g} h"
