"""Reads the small parts of a sentence: amounts, times, schedules. Used on whole sentences and on fields of a table."""

from __future__ import annotations

from typing import NoReturn

from ketasim.core.errors import InputError
from ketasim.dosing.catalogue import did_you_mean
from ketasim.dosing.quantities import MASS_ALIASES, MASS_UNITS, TIME_ALIASES, TIME_UNITS, Span, Unit
from ketasim.dosing.repeat import Repeat
from ketasim.dosing.steps import TARGET_UNITS
from ketasim.dosing.tokens import RegimenError, Token, tokenize

AMOUNT_UNITS = f"{MASS_UNITS}, mL; each also per kg and, for a rate, per min, h or d (mg/kg, mg/kg/h, mL/h)"
_TIMES_WORDS = {"once": 1, "twice": 2, "thrice": 3}
_PLAIN_SCHEDULES = {
    "daily": Span(1, "d"),
    "weekly": Span(1, "week"),
    "fortnightly": Span(2, "week"),
    "hourly": Span(1, "h"),
}
SCHEDULE_WORDS = ("every", *_PLAIN_SCHEDULES, *_TIMES_WORDS)
_MONTHS = {"month", "months", "mo", "year", "years", "y"}


class Reader:
    """A cursor over the tokens of a text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = tokenize(text)
        self.i = 0

    # ------------------------------------------------------------------ cursor

    @property
    def peek(self) -> Token:
        return self.tokens[self.i]

    def ahead(self, n: int = 1) -> Token:
        """The token n places on (the end, past the end)."""
        return self.tokens[min(self.i + n, len(self.tokens) - 1)]

    def take(self) -> Token:
        token = self.peek
        if token.kind != "end":
            self.i += 1
        return token

    def skip(self, *words: str) -> bool:
        """Take the next token if it is one of the words or signs."""
        if self.peek.kind in ("word", "sign") and self.peek.low in words:
            self.i += 1
            return True
        return False

    def fail(
        self, field: str, allowed: str, hint: str = "", at: Token | None = None, upto: Token | None = None
    ) -> NoReturn:
        """Refuse the next token, or those from `at` up to `upto`."""
        first = at or self.peek
        last = upto or first
        value = first.text if first is last else self.text[first.start : last.stop]
        raise RegimenError(field, value, allowed, hint, text=self.text, start=first.start, stop=last.stop)

    def point(self, error: InputError, first: Token, last: Token) -> RegimenError:
        """The same error, pointing at the tokens from first to last."""
        if isinstance(error, RegimenError):
            return error
        where = {"text": self.text, "start": first.start, "stop": last.stop}
        return RegimenError(error.field, error.value, error.allowed, error.hint, **where)  # type: ignore[arg-type]

    def end(self) -> None:
        """Refuse anything that is left."""
        if self.peek.kind != "end":
            self.fail("word", "nothing more here")

    # ------------------------------------------------------------------ parts

    def number(self, field: str, what: str) -> Token:
        if self.peek.kind != "number":
            self.fail(field, what)
        return self.take()

    def span(self, field: str, example: str) -> Span:
        """40 min"""
        number = self.number(field, f"a number and a unit of time, as in {example}")
        unit = self.time_unit(field, number)
        try:
            return Span(number.number, unit)
        except InputError as error:
            error = InputError(field, error.value, error.allowed)
            raise self.point(error, number, self.tokens[self.i - 1]) from None

    def time_unit(self, field: str, number: Token) -> str:
        token = self.peek
        unit = TIME_ALIASES.get(token.low) if token.kind == "word" else None
        if unit is None:
            hint = f"Write the unit after {number.text}."
            if token.low in _MONTHS:
                hint = "Months and years differ in length: write weeks or days."
            elif token.low == "m":
                hint = "Write min for minutes."
            elif token.kind == "word" and (near := did_you_mean(token.text, TIME_ALIASES)):
                hint = near
            self.fail(f"{field} unit" if field != "time" else "time unit", TIME_UNITS, hint)
        self.take()
        return unit

    def amount(self) -> tuple[float, Unit]:
        """0.5 mg/kg, 22 mg/h, 10 mL/h"""
        number = self.number("amount", "a number and a unit, as in 0.5 mg/kg")
        if self.peek.text == "/" and self.ahead().kind == "number":
            self.fail("amount", "one number, as in 56 mg", "Give each dose its own step.", at=number, upto=self.ahead())
        if number.number <= 0 or number.number == float("inf"):
            last = self.peek if self.peek.kind == "word" else number
            self.fail("amount", "a number above 0", at=number, upto=last)
        return number.number, self.amount_unit(number)

    def amount_unit(self, number: Token) -> Unit:
        first = self.peek
        low = first.low
        quantity = "mL" if low == "ml" else MASS_ALIASES.get(low) if first.kind == "word" else None
        if quantity is None:
            near = did_you_mean(first.text, (*MASS_ALIASES, "ml")) if first.kind == "word" and len(low) > 2 else ""
            self.fail("unit", AMOUNT_UNITS, near or f"Write the unit after {number.text}.")
        self.take()
        per_kg, per = False, ""
        while self.skip("/"):
            token = self.peek
            if token.low == "kg" and not per_kg and not per:
                per_kg = True
            elif token.kind == "word" and token.low in TIME_ALIASES and not per:
                per = TIME_ALIASES[token.low]
            else:
                hint = "A strength follows an amount in mL, as in 10 mL/h of 1 mg/mL." if token.low == "ml" else ""
                self.fail("unit", AMOUNT_UNITS, hint, at=first, upto=token)
            self.take()
        return Unit(quantity, per_kg, per)

    def concentration(self) -> tuple[float, str]:
        """1 mg/mL, as (1.0, "mg")"""
        number = self.number("concentration", "a number and a unit, as in 1 mg/mL")
        first = self.peek
        quantity = MASS_ALIASES.get(first.low) if first.kind == "word" else None
        if quantity is None or self.ahead().text != "/" or self.ahead(2).low != "ml":
            self.fail("concentration", "ng/mL, ug/mL, mg/mL or g/mL", at=number, upto=first)
        self.i += 3
        return number.number, quantity

    def target(self) -> tuple[float, str]:
        """100 ng/mL"""
        number = self.number("target", "a concentration, as in 100 ng/mL")
        first, last = self.peek, self.ahead(2)
        volume = {"ml": "mL", "l": "L"}.get(last.low)
        unit = f"{MASS_ALIASES.get(first.low)}/{volume}"
        if self.ahead().text != "/" or unit not in TARGET_UNITS:
            self.fail("target", ", ".join(TARGET_UNITS), at=number, upto=first)
        self.i += 3
        return number.number, unit

    def times(self) -> tuple[Span, ...]:
        """day 3; 2 h; day 0 and 3 and 8"""
        out: list[Span] = []
        unit = ""
        while not out or self.skip("and"):
            word = self.peek
            if word.kind == "word" and TIME_ALIASES.get(word.low) in ("d", "week"):
                unit = TIME_ALIASES[word.low]
                self.take()
                number = self.number("at", f"a number after {word.text}, as in day 3")
            else:
                number = self.number("at", "a time from the start, as in day 3 or 2 h")
                follows = self.peek
                if not (unit and (follows.low not in TIME_ALIASES or follows.kind != "word")):
                    unit = self.time_unit("at", number)
            if number.number < 0:
                hint = "The regimen starts at 0; start the treatment later with `at` to give something before it."
                self.fail("at", "a time of 0 or later", hint, at=number, upto=self.tokens[self.i - 1])
            try:
                out.append(Span(number.number, unit))
            except InputError as error:
                raise self.point(InputError("at", error.value, error.allowed), number, number) from None
            if len(out) > 1 and out[-1].hours <= out[-2].hours:
                self.fail("at", "times in rising order", at=number)
        return tuple(out)

    # ------------------------------------------------------------------ schedules

    def at_schedule(self) -> bool:
        """True if a schedule begins here: 2/week, 3 x/week, every, daily, x6 …"""
        token = self.peek
        if token.kind == "count" or (token.kind == "word" and token.low in SCHEDULE_WORDS):
            return True
        if token.kind != "number":
            return False
        after = self.ahead(2) if self.ahead().low in ("x", "times") else self.ahead()
        over = self.ahead(3) if after is not self.ahead() else self.ahead(2)
        if after is not self.ahead() and after.low in ("weekly", "daily"):
            return True
        return after.low in ("/", "per", "a") and over.kind == "word"

    def schedule(self) -> Repeat | None:
        """A schedule; None for a lone x1 (once)."""
        first = self.peek
        count = self.take() if first.kind == "count" else None
        if count is not None:
            self.skip(",") if self._frequency_follows_comma() else None
            if not (self.at_schedule() and self.peek.kind != "count"):
                if count.number == 1:
                    return None
                hint = "Write for example `every 3 d x6` or `3/week x6`."
                self.fail("schedule", "x1, or x with how often", hint, at=count)
        n, per, every = self._frequency()
        times, length = None, None
        if count is not None:
            times = self._whole(count, "schedule", "x and a whole number, as in x6")
        elif self.peek.kind == "count":
            times = self._whole(self.take(), "schedule", "x and a whole number, as in x6")
        elif self.skip("for"):
            length = self.span("schedule", "4 weeks")
        else:
            self.fail("schedule", "an end: `for 4 weeks` or `x6`", f"Say for how long after {self._said(first)!r}.")
        last = self.tokens[self.i - 1]
        if (length is not None and self.peek.kind == "count") or (times is not None and self.peek.low == "for"):
            self.fail("schedule", "`for` a time or `x` a number, not both")
        try:
            return Repeat(n, per, every, times, length)
        except InputError as error:
            raise self.point(error, first, last) from None

    def _frequency_follows_comma(self) -> bool:
        if self.peek.text != ",":
            return False
        self.i += 1
        found = self.at_schedule()
        self.i -= 1
        return found

    def _said(self, first: Token) -> str:
        return self.text[first.start : self.tokens[self.i - 1].stop]

    def _whole(self, token: Token, field: str, allowed: str) -> int:
        if not (token.number == int(token.number) and token.number >= 1):
            self.fail(field, allowed, at=token)
        return int(token.number)

    def _frequency(self) -> tuple[int, str, Span | None]:
        token = self.take()
        if token.low == "every":
            return 1, "", self._every()
        if token.low in _PLAIN_SCHEDULES:
            return 1, "", _PLAIN_SCHEDULES[token.low]
        n = _TIMES_WORDS.get(token.low) or self._whole(token, "schedule", "a whole number a week")
        self.skip("x", "times")
        if self.peek.low in ("weekly", "daily"):
            return n, {"weekly": "week", "daily": "day"}[self.take().low], None
        if not self.skip("/", "per", "a"):
            self.fail("schedule", "week or day, as in 2/week")
        per = {"week": "week", "d": "day"}.get(TIME_ALIASES.get(self.peek.low, ""))
        if per is None or self.peek.kind != "word":
            hint = "Write others as `every 4 weeks` or `every 8 h`."
            self.fail("schedule", "week or day, as in 2/week", hint, at=token, upto=self.peek)
        self.take()
        return n, per, None

    def _every(self) -> Span:
        if self.skip("other"):
            number = self.tokens[self.i - 1]
            unit = self.time_unit("schedule", number)
            return Span(2, unit)
        if self.peek.kind == "word":
            if self.peek.low in TIME_ALIASES:
                return Span(1, TIME_ALIASES[self.take().low])
            self.fail("schedule", "a time after `every`, as in every 3 d", did_you_mean(self.peek.text, TIME_ALIASES))
        number = self.peek
        span = self.span("schedule", "every 3 d")
        if span.value <= 0:
            self.fail("schedule", "a time above 0", at=number, upto=self.tokens[self.i - 1])
        return span


def read_hours(text: str, name: str = "until") -> float:
    """Hours of a time such as "60d", "35 d" or "90 min". Raises InputError naming the option."""
    allowed = "a time above 0 with its unit, as in 60 d"
    try:
        reader = Reader(text)
        span = reader.span(name, "60 d")
        reader.end()
    except InputError as error:
        raise InputError(name, text, allowed, error.hint) from None
    if span.value == 0:
        raise InputError(name, text, allowed)
    return span.hours
