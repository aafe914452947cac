"""How often: n a week, n a day, every so often; for a time or a number of times."""

from __future__ import annotations

from dataclasses import dataclass

from ketasim.core.errors import InputError
from ketasim.dosing.quantities import Span

# Days of the week for n doses a week, day 0 being the day of the first dose. Whole days, as clinics work: three a week
# leave a two-day gap once (Monday, Wednesday, Friday), five are working days.
WEEK_DAYS = {
    1: (0,),
    2: (0, 3),
    3: (0, 2, 4),
    4: (0, 1, 3, 4),
    5: (0, 1, 2, 3, 4),
    6: (0, 1, 2, 3, 4, 5),
    7: (0, 1, 2, 3, 4, 5, 6),
}
MOST = 20_000
_WHISKER_H = 1e-9


@dataclass(frozen=True)
class Repeat:
    """A schedule: either n `per` "week" or "day", or one `every` span; for a `length` of time or a number of `times`.

    Slot k lies at (k // n) weeks + WEEK_DAYS[n][k % n] days, k · 24/n h, or k · every. With a length the slots before
    its end count; with times the first so many. The course ends after its length, or where its next dose would be.
    """

    n: int = 1
    per: str = ""
    every: Span | None = None
    times: int | None = None
    length: Span | None = None

    def __post_init__(self) -> None:
        if (self.every is None) == (not self.per):
            raise InputError("schedule", self.per or "empty", "either n/week, n/day or `every` and a time")
        if self.per not in ("", "week", "day"):
            hint = "Write longer ones as `every 4 weeks`."
            raise InputError("schedule", f"{self.n}/{self.per}", "n/week or n/day", hint)
        most = {"week": 7, "day": 24, "": 1}[self.per]
        if not (isinstance(self.n, int) and 1 <= self.n <= most):
            closer = "n/day or `every 8 h`" if self.per == "week" else "`every 30 min`"
            allowed = f"a whole number from 1 to {most} per {self.per}"
            raise InputError("schedule", f"{self.n}/{self.per}", allowed, f"Write closer doses as {closer}.")
        if self.every is not None and self.every.value == 0:
            raise InputError("schedule", f"every {self.every}", "a time above 0")
        if (self.times is None) == (self.length is None):
            raise InputError("schedule", self._often(), "an end: `for 4 weeks` or `x6`, one of the two")
        if self.times is not None and not (isinstance(self.times, int) and 1 <= self.times <= MOST):
            raise InputError("schedule", f"x{self.times}", f"x and a whole number from 1 to {MOST}")
        if self.length is not None and self.length.value == 0:
            raise InputError("schedule", f"for {self.length}", "a time above 0")
        if self.length is not None and self.length.hours / self._mean_gap_h() > MOST:
            raise InputError("schedule", f"{self._often()} for {self.length}", f"at most {MOST} doses")
        if self.times is not None:
            Span(self.slot_h(self.times), "h")

    def _mean_gap_h(self) -> float:
        return self.every.hours if self.every else {"week": 168.0, "day": 24.0}[self.per] / self.n

    def _often(self) -> str:
        if self.every is None:
            return f"{self.n}/{self.per}"
        plain = {("d", 1.0): "daily", ("week", 1.0): "weekly"}
        return plain.get((self.every.unit, self.every.value), f"every {self.every}")

    def __str__(self) -> str:
        return f"{self._often()} x{self.times}" if self.times is not None else f"{self._often()} for {self.length}"

    def slot_h(self, k: int) -> float:
        """Hours from the first dose to dose number k (0 is the first)."""
        if self.every is not None:
            return Span(k * self.every.value, self.every.unit).hours
        if self.per == "day":
            return k * 24 / self.n
        return (k // self.n) * 168.0 + WEEK_DAYS[self.n][k % self.n] * 24.0

    def offsets_h(self) -> tuple[float, ...]:
        """Hours from the first dose to every dose."""
        if self.times is not None:
            return tuple(self.slot_h(k) for k in range(self.times))
        assert self.length is not None
        out, k, end = [], 0, self.length.hours - _WHISKER_H
        while (h := self.slot_h(k)) < end:
            out.append(h)
            k += 1
        return tuple(out) or (0.0,)

    @property
    def length_h(self) -> float:
        """Hours the course takes, up to where the next course may begin."""
        if self.length is not None:
            return self.length.hours
        assert self.times is not None
        return self.slot_h(self.times)
