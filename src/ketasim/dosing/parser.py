"""Reads a regimen sentence. The grammar is in docs/reference/regimen.md; clauses of a step may come in any order."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ketasim.core.errors import InputError
from ketasim.dosing.catalogue import (
    INFUSION_ROUTES,
    ROUTE_ALIASES,
    ROUTES,
    did_you_mean,
    drug_words,
    drugs,
    find_drug,
    find_route,
)
from ketasim.dosing.course import Block, Strand
from ketasim.dosing.quantities import Span, Unit
from ketasim.dosing.reader import SCHEDULE_WORDS, Reader
from ketasim.dosing.repeat import Repeat
from ketasim.dosing.steps import SITES, Give, Given, Pause, Step, Target
from ketasim.dosing.tokens import RegimenError, Token

_ROUTE_WORDS = (*ROUTES, *ROUTE_ALIASES)
_WORDS = ("over", "for", "of", "hcl", "base", "ibw", "abw", "bolus", "as", "sprays", "at", "then", "also")
_CLAUSES = (*_WORDS, *SCHEDULE_WORDS)
_NEXT = "over 40 min, at day 3, 2/week for 4 weeks, every 3 d x6, hcl, ibw, `as` a product, then, also"
_FIELDS = {"repeat": "schedule"}
_EXAMPLE = "as in 0.5 mg/kg iv over 40 min"


@dataclass
class Clauses:
    """The clauses of one step as they were read, and the tokens each came from."""

    got: dict[str, Any] = field(default_factory=dict)
    where: dict[str, tuple[Token, Token]] = field(default_factory=dict)

    def __contains__(self, name: str) -> bool:
        return name in self.got


class BlockBuilder:
    """Collects steps into blocks: a schedule, an `at`, `x1` and a leading pause end the run of steps."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.steps: list[Step] = []
        self.at: tuple[Span, ...] = ()

    def close(self, repeat: Repeat | None = None) -> None:
        if self.steps:
            steps, at = tuple(self.steps), self.at
            self.steps, self.at = [], ()
            self.blocks.append(Block(steps, repeat, at))
        elif repeat is not None:
            raise InputError("schedule", str(repeat), "a schedule of something given, not of a pause")

    def add(self, step: Step, at: tuple[Span, ...] = ()) -> None:
        if at:
            self.close()
            self.at = at
        self.steps.append(step)
        if isinstance(step, Pause) and len(self.steps) == 1:
            self.close()

    def again(self, at: tuple[Span, ...], repeat: Repeat | None) -> bool:
        """Give the last block once more on a new schedule; False if there is none."""
        self.close()
        last = next((b for b in reversed(self.blocks) if not b.is_pause), None)
        if last is None:
            return False
        self.steps, self.at = list(last.steps), at
        self.close(repeat)
        return True


def parse_strands(text: str) -> tuple[Strand, ...]:
    """The strands of a sentence. Raises RegimenError pointing at the word that cannot be read."""
    return SentenceParser(text).strands()


class SentenceParser(Reader):
    """Recursive descent over the tokens."""

    def strands(self) -> tuple[Strand, ...]:
        if self.peek.kind == "end":
            where = {"text": self.text, "start": self.peek.start, "stop": self.peek.stop}
            raise RegimenError("regimen", "empty", f"a dose, {_EXAMPLE}", **where)  # type: ignore[arg-type]
        out: list[Strand] = []
        while True:
            first = self.peek
            blocks = self._blocks(out)
            try:
                out.append(Strand(blocks))
            except InputError as error:
                raise self._strand_error(error, first) from None
            if not self.skip("also"):
                break
        self.end()
        return tuple(out)

    def _strand_error(self, error: InputError, first: Token) -> InputError:
        last = self.tokens[self.i - 1]
        if error.field == "at":
            spots = [t for t in self.tokens if first.start <= t.start <= last.stop and t.low == "at"]
            first = last = spots[-1] if spots else first
        return self.point(error, first, last)

    def _blocks(self, before: list[Strand]) -> tuple[Block, ...]:
        builder = BlockBuilder()
        previous: Given | None = None
        while True:
            first = self.peek
            clauses = self._clauses()
            try:
                previous = self._phrase(builder, clauses, first, previous, before)
            except InputError as error:
                spot = clauses.where.get({"schedule": "repeat"}.get(error.field, error.field))
                raise self.point(error, *(spot or (first, self.tokens[self.i - 1]))) from None
            if not self.skip("then"):
                break
        self._close(builder)
        return tuple(builder.blocks)

    def _close(self, builder: BlockBuilder) -> None:
        try:
            builder.close()
        except InputError as error:
            raise self.point(error, self.tokens[0], self.tokens[self.i - 1]) from None

    def _phrase(
        self, builder: BlockBuilder, clauses: Clauses, first: Token, previous: Given | None, before: list[Strand]
    ) -> Given | None:
        """Put what stands between two `then` in its block; returns the last thing given."""
        if set(clauses.got) <= {"at", "repeat"}:
            self._only_schedule(builder, clauses, first)
            return previous
        step = self._step(clauses, first, previous, before)
        builder.add(step, clauses.got.get("at", ()))
        if "repeat" in clauses:
            builder.close(clauses.got["repeat"])
        return previous if isinstance(step, Pause) else step

    def _only_schedule(self, builder: BlockBuilder, clauses: Clauses, first: Token) -> None:
        if not clauses.got:
            if first.kind == "number":
                self.amount()
            self.fail("dose", f"a drug, an amount and a route, {_EXAMPLE}", at=first)
        if not builder.again(clauses.got.get("at", ()), clauses.got.get("repeat")):
            self.fail("amount", f"an amount and a route before a schedule, {_EXAMPLE}", at=first)

    # ------------------------------------------------------------------ clauses

    def _clauses(self) -> Clauses:
        clauses = Clauses()
        while True:
            token = self.peek
            if token.kind == "end" or (token.kind == "word" and token.low in ("then", "also")):
                return clauses
            if self.skip(","):
                if self.peek.kind == "end" or self.peek.text == "," or not clauses.got:
                    self.fail("word", "something before and after a comma", at=token)
                continue
            start = self.i
            name, value = self._clause(token, clauses)
            if name in clauses:
                name = _FIELDS.get(name, name)
                self.fail(name, f"one {name} in each step", "Begin another step with `then` or `also`.", at=token)
            clauses.got[name] = value
            clauses.where[name] = (self.tokens[start], self.tokens[self.i - 1])

    def _clause(self, token: Token, clauses: Clauses) -> tuple[str, Any]:
        if self.at_schedule():
            return "repeat", self.schedule()
        if token.kind == "number":
            return "amount", self.amount()
        if token.kind != "word":
            self.fail("word", _NEXT)
        return self._word_clause(token.low, clauses)

    def _word_clause(self, low: str, clauses: Clauses) -> tuple[str, Any]:
        token = self.take()
        if low == "racemic" and self.peek.low == "ketamine":
            self.take()
            return "drug", "ketamine"
        if low in drug_words():
            return "drug", drug_words()[low]
        if low in _ROUTE_WORDS:
            return "route", find_route(low)
        if low in ("hcl", "base"):
            return "hcl", low == "hcl"
        if low in ("ibw", "abw"):
            return "ibw", low == "ibw"
        if low == "bolus":
            return "bolus", True
        if low in ("over", "for"):
            return "duration", (low, self.span("duration", "over 40 min"))
        if low == "of":
            return "concentration", self.concentration()
        if low == "as":
            if self.peek.kind != "word":
                self.fail("product", "the name of a product, as in `as film`")
            return "product", self.take().low
        if low in ("sprays", "devices"):
            span = self.span("sprays", "sprays 5 min apart")
            if not self.skip("apart"):
                self.fail("sprays", "`apart` after the time, as in sprays 5 min apart")
            return "sprays", span
        if low == "at":
            return "at", self.times()
        if low in ("pause", "wait"):
            return "pause", self.span("pause", "pause 20 min")
        if low == "tci":
            return "tci", self._tci()
        return self._unknown(token, clauses)

    def _tci(self) -> tuple[str, tuple[float, str]]:
        if self.peek.low not in SITES:
            self.fail("tci", "plasma or effect, as in tci plasma 100 ng/mL for 1 h")
        site = self.take().low
        return site, self.target()

    def _unknown(self, token: Token, clauses: Clauses) -> Any:
        if "amount" in clauses and "route" not in clauses:
            near = did_you_mean(token.text, (*_ROUTE_WORDS, *_CLAUSES))
            self.fail("route", ", ".join(ROUTES), near, at=token)
        if "drug" not in clauses and "amount" not in clauses:
            near = did_you_mean(token.text, (*drug_words(), *_CLAUSES, "pause", "tci"))
            self.fail("drug", ", ".join(drugs()), near, at=token)
        self.fail("word", _NEXT, did_you_mean(token.text, (*_CLAUSES, *_ROUTE_WORDS, *drug_words())), at=token)

    # ------------------------------------------------------------------ steps

    def _step(self, c: Clauses, first: Token, previous: Given | None, before: list[Strand]) -> Step:
        if "pause" in c:
            self._only(c, "pause", {"pause", "at", "repeat"})
            return Pause(c.got["pause"]) if c.got["pause"].value else self._refuse_zero(c, "pause")
        drug = self._drug(c, first, previous, before)
        try:
            if "tci" in c:
                self._only(c, "tci", {"tci", "drug", "duration", "at", "repeat"})
                return self._target(c, drug)
            return self._give(c, drug, previous)
        except InputError as error:
            name = {"target": "tci"}.get(error.field, error.field)
            spot = c.where.get(name) or c.where.get("amount") or (first, self.tokens[self.i - 1])
            raise self.point(error, *spot) from None

    def _refuse_zero(self, c: Clauses, name: str) -> Any:
        self.fail(name, "a time above 0", at=c.where[name][0], upto=c.where[name][1])

    def _only(self, c: Clauses, what: str, allowed: set[str]) -> None:
        for name in c.got:
            if name not in allowed:
                field = _FIELDS.get(name, name)
                self.fail(field, f"none with {what}", at=c.where[name][0], upto=c.where[name][1])

    def _drug(self, c: Clauses, first: Token, previous: Given | None, before: list[Strand]) -> str:
        if "drug" in c:
            return str(c.got["drug"])
        if previous is not None:
            return previous.drug
        named = {s.drug for x in before for b in x.blocks for s in b.steps if not isinstance(s, Pause)}
        if named - {"ketamine"}:
            self.fail("drug", "the name of the drug after `also`", f"So far: {', '.join(sorted(named))}.", at=first)
        return "ketamine"

    def _target(self, c: Clauses, drug: str) -> Target:
        site, (value, unit) = c.got["tci"]
        if "duration" not in c:
            self.fail("duration", "`for` and a time, as in tci plasma 100 ng/mL for 1 h")
        return Target(drug, site, value, unit, c.got["duration"][1])

    def _give(self, c: Clauses, drug: str, previous: Given | None) -> Give:
        value, unit = c.got.get("amount", (0.0, None))
        if unit is None and find_drug(drug).kind != "placebo":
            self.fail("amount", f"an amount with its unit, {_EXAMPLE}")
        likeness = previous if isinstance(previous, Give) and previous.drug == drug and "route" not in c else None
        return Give(
            drug, value, unit, self._route(c, unit, likeness), self._duration(c, unit, likeness),
            c.got.get("concentration"),
            c.got.get("hcl", likeness.hcl if likeness else False),
            c.got.get("ibw", bool(likeness and likeness.ibw and unit and unit.per_kg)),
            c.got.get("product", likeness.product if likeness else ""),
            c.got.get("sprays", likeness.apart if likeness else None),
        )  # fmt: skip

    def _route(self, c: Clauses, unit: Unit | None, likeness: Give | None) -> str:
        if "route" in c:
            return str(c.got["route"])
        if likeness is not None:
            return likeness.route
        if "bolus" in c or (unit is not None and unit.per):
            return "iv"
        self.fail("route", ", ".join(ROUTES), "Say how it is given.")

    def _duration(self, c: Clauses, unit: Unit | None, likeness: Give | None) -> Span | None:
        rate = unit is not None and bool(unit.per)
        if "bolus" in c and ("duration" in c or rate):
            which = "duration" if "duration" in c else "amount"
            self.fail("bolus", "no rate and no time with bolus", at=c.where[which][0], upto=c.where[which][1])
        if "duration" in c:
            word, span = c.got["duration"]
            if word == "for" and not rate:
                hint = "`for` follows a rate (0.3 mg/kg/h for 4 h) or a schedule (2/week for 4 weeks)."
                self.fail("duration", "`over` and a time after an amount", hint, at=c.where["duration"][0])
            return span if isinstance(span, Span) else None
        if rate or "bolus" in c or likeness is None:
            return None
        if likeness.is_rate:
            self.fail("duration", "`bolus`, or `over` and a time, after a step given as a rate")
        return likeness.duration if likeness.route in INFUSION_ROUTES else None
