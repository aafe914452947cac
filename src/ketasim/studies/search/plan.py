"""What is searched for, as it stands in search.toml."""

from __future__ import annotations

import itertools
import tomllib
from pathlib import Path
from string import Formatter
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ketasim.core.errors import InputError

from ..study import Population
from ..trials.design import Hypothesis, refused

Statistic = Literal[
    "mean_at", "share_below_at", "weeks_below", "weeks_below_per_session", "peak_mean", "peak_share_above",
    "final_mean", "integral_mean", "sessions", "clinic_hours",
]  # fmt: skip
WITHOUT_OUTPUT = ("sessions", "clinic_hours")
SHARES = ("share_below_at", "peak_share_above")
WITH_THRESHOLD = ("share_below_at", "weeks_below", "weeks_below_per_session", "peak_share_above")
MOST = 2000


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Measure(_Data):
    """A number of a regimen: a statistic of an output over the people.

    mean_at, share_below_at : at a day. weeks_below : weeks at or below the threshold until the horizon.
    weeks_below_per_session : that for each session given. peak_mean, peak_share_above : largest value of any session.
    final_mean : at the horizon. integral_mean : summed over time until the horizon, in the output's unit times weeks,
    from daily values (weekly_exposure summed so is the cumulative urinary exposure). sessions, clinic_hours : of the
    regimen; observation_h follows each session.
    """

    name: str
    statistic: Statistic
    output: str = ""
    day: float | None = Field(default=None, ge=0)
    threshold: float | None = None

    @model_validator(mode="after")
    def _whole(self) -> Measure:
        if (self.output == "") != (self.statistic in WITHOUT_OUTPUT):
            raise ValueError(f"{self.name}: every statistic but {' and '.join(WITHOUT_OUTPUT)} has an output")
        if (self.threshold is None) == (self.statistic in WITH_THRESHOLD):
            raise ValueError(f"{self.name}: threshold belongs to {', '.join(WITH_THRESHOLD)}, and to them alone")
        if (self.day is None) == (self.statistic in ("mean_at", "share_below_at")):
            raise ValueError(f"{self.name}: day belongs to mean_at and share_below_at, and to them alone")
        return self


class Goal(Measure):
    """What is wanted, lower or higher."""

    better: Literal["lower", "higher"]


class Limit(Measure):
    """What must hold."""

    at_most: float | None = None
    at_least: float | None = None

    @model_validator(mode="after")
    def _one(self) -> Limit:
        if (self.at_most is None) == (self.at_least is None):
            raise ValueError(f"{self.name}: a limit has either at_most or at_least")
        return self

    def holds(self, value: Any) -> Any:
        """Whether the limit holds, for a number or an array."""
        return value <= self.at_most if self.at_most is not None else value >= self.at_least


class Range(_Data):
    """A number to be chosen: begun with `points` between low and high, refined about the front."""

    low: float
    high: float
    points: int = Field(default=3, ge=2, le=50)

    @model_validator(mode="after")
    def _rising(self) -> Range:
        if not self.low < self.high:
            raise ValueError("low must be below high")
        return self


class Template(_Data):
    """A regimen sentence with names in braces, and what may stand there: a list, or a range of numbers."""

    regimen: str
    choices: dict[str, tuple[float | str, ...] | Range] = {}

    @model_validator(mode="after")
    def _named(self) -> Template:
        names = {f for _, f, _, _ in Formatter().parse(self.regimen) if f is not None}
        if names != set(self.choices):
            raise ValueError(f"the names in braces ({', '.join(sorted(names))}) are those of choices")
        return self

    def sentence(self, chosen: dict[str, float | str]) -> str:
        """The regimen with its choices."""
        return self.regimen.format(**{k: f"{v:.4g}" if isinstance(v, float) else v for k, v in chosen.items()})

    def first(self) -> list[dict[str, float | str]]:
        """The choices a search begins with."""
        lists = [_points(c) if isinstance(c, Range) else list(c) for c in self.choices.values()]
        return [dict(zip(self.choices, row)) for row in itertools.product(*lists)]


def _points(c: Range) -> list[float | str]:
    return [c.low + (c.high - c.low) * i / (c.points - 1) for i in range(c.points)]


class Search(_Data):
    """A search. people : simulated for each regimen, the same people for all. doubt_draws : draws of doubt they are
    spread over. rounds : refinements of ranges. See docs/how-to/trials.md."""

    title: str
    model: str = "ketamine"
    seed: int = Field(default=0, ge=0)
    people: int = Field(default=200, ge=20, le=100_000)
    doubt_draws: int = Field(default=20, ge=1, le=1000)
    horizon_days: Annotated[float, Field(gt=0, le=1000)] = 28.0
    observation_h: Annotated[float, Field(ge=0, le=24)] = 2.0
    rounds: int = Field(default=1, ge=0, le=6)
    population: Population = Population(named="trd_adult")
    settings: dict[str, float] = {}
    options: dict[str, Any] = {}
    values: dict[str, float] = {}
    goals: tuple[Goal, ...] = Field(min_length=1, max_length=4)
    limits: tuple[Limit, ...] = ()
    regimens: tuple[Template, ...] = Field(min_length=1)
    hypotheses: tuple[Hypothesis, ...] = ()

    @property
    def vary(self) -> tuple[str, ...]:
        """People differ, and typical values are in doubt where there are draws of it."""
        return ("between", "doubt") if self.doubt_draws > 1 else ("between",)

    @model_validator(mode="after")
    def _whole(self) -> Search:
        names = [m.name for m in (*self.goals, *self.limits)]
        if len(set(names)) != len(names):
            raise ValueError("goals and limits have names of their own")
        if any(m.day is not None and m.day > self.horizon_days for m in (*self.goals, *self.limits)):
            raise ValueError("a day lies after horizon_days")
        if self.people < 2 * self.doubt_draws:
            raise ValueError("people must be at least twice doubt_draws")
        if sum(len(t.first()) for t in self.regimens) > MOST:
            raise ValueError(f"more than {MOST} regimens to begin with")
        return self


def read(path: str | Path) -> Search:
    """Read search.toml. InputError names the field that cannot be used."""
    try:
        raw = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("search", str(path), f"a readable TOML file ({error})") from None
    except tomllib.TOMLDecodeError as error:
        raise InputError(str(path), str(error), "valid TOML") from None
    return make(raw, str(path))


def make(raw: dict[str, Any], where: str = "search") -> Search:
    """A search from plain data."""
    try:
        return Search(**raw)
    except ValidationError as error:
        raise refused(error, where) from None
