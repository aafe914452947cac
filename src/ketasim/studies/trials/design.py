"""Design of a virtual trial, as it stands in design.toml."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from ketasim.core.errors import InputError

from ..study import Population

Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Day = Annotated[float, Field(ge=0, le=3660, allow_inf_nan=False)]
Positive = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Name = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$")]


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Criterion(_Data):
    """Who is let in: a covariate within limits (either may be left out)."""

    field: str
    at_least: float | None = None
    at_most: float | None = None

    @model_validator(mode="after")
    def _some(self) -> Criterion:
        if self.at_least is None and self.at_most is None:
            raise ValueError("a criterion has at_least, at_most or both")
        return self


class Arm(_Data):
    """n people get a regimen. missed : share of the sessions after the first that a person misses.
    settings : circumstances of the arm (masked, open_label …), over those of the trial.
    course : protocol of the clinic whose [follow_up] decides when the next session is due, when maintenance is
    lengthened or shortened, stopped and begun anew; the regimen is then the dose of one session."""

    id: Name
    regimen: str
    n: int = Field(ge=2, le=100_000)
    control: bool = False
    course: str = ""
    missed: Share = 0.0
    settings: dict[str, float] = {}


class Randomisation(_Data):
    """Permuted blocks within strata (`block` in units of the smallest whole ratio), or plain shuffling (block = 0).
    A stratum is a covariate cut in two: {field, above}."""

    block: int = Field(default=1, ge=0, le=50)
    strata: tuple[tuple[str, float], ...] = ()


class Visits(_Data):
    """Days at which the scale is rated, each within ± window_days of the plan. missed : chance that a rating is missing
    at random from somebody who goes on."""

    output: str = "madrs"
    days: tuple[Day, ...] = (1, 7, 14, 21, 28)
    window_days: Positive = 0.0
    missed: Share = 0.0

    @field_validator("days")
    @classmethod
    def _rising(cls, days: tuple[float, ...]) -> tuple[float, ...]:
        if not days or any(b <= a for a, b in zip(days, days[1:])) or days[0] <= 0:
            raise ValueError("days must rise and begin after 0")
        return days

    @model_validator(mode="after")
    def _apart(self) -> Visits:
        gaps = [b - a for a, b in zip((0.0, *self.days), self.days)]
        if self.window_days and 2 * self.window_days > min(gaps):
            raise ValueError("windows of neighbouring visits overlap")
        return self


class Dropout(_Data):
    """Hazard of leaving, a week; times exp(per_point × points above the start at the last visit); `after_felt` is the
    chance to leave after the first session for somebody who felt it fully."""

    per_week: Positive = 0.0
    per_point: Annotated[float, Field(ge=-1, le=1)] = 0.0
    after_felt: Share = 0.0


class Rating(_Data):
    """How scores are taken: error of the rater (SD, points) at each visit and at the start; points added by a rater or
    person who believes in the active arm or in the control; whole points."""

    sd: Positive = 0.0
    believes_active: Annotated[float, Field(ge=-30, le=30)] = 0.0
    believes_control: Annotated[float, Field(ge=-30, le=30)] = 0.0
    whole: bool = True


class Rule(_Data):
    """At a visit, people whose improvement (share of the start) is below or at least a limit get the doses after it
    times `factor`: 0 stops, 1.5 raises. A session counts as after the visit when it is later than the visit's day."""

    day: Day
    improved_below: float | None = None
    improved_at_least: float | None = None
    factor: Annotated[float, Field(ge=0, le=10)]
    arms: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _one(self) -> Rule:
        if (self.improved_below is None) == (self.improved_at_least is None):
            raise ValueError("a rule has either improved_below or improved_at_least")
        return self


class Rescue(_Data):
    """Rescue at a visit from `from_day` on when the score is this many points above the start. Ratings after it are
    missing, and the person counts as no responder."""

    from_day: Day = 0.0
    points_worse: float = 5.0


class Endpoint(_Data):
    """What is tested, each active arm against the control.

    kind : change (of the visit's output), response (fall by `share`), remission (at or below `limit`), relapse (time
    from `day` among responders), dropout (time), safety (share whose peak of `output` passes `limit`).
    analysis : by default ancova for change, risk for shares, logrank for times; mmrm for change at the visit grid.
    missing : complete, locf, or baseline (last rating carried forward; start carried forward), for ancova.
    """

    name: Name
    kind: Literal["change", "response", "remission", "relapse", "dropout", "safety"] = "change"
    analysis: Literal["", "ancova", "mmrm", "risk", "logrank"] = ""
    day: Day | None = None
    share: Share = 0.5
    limit: float | None = None
    output: str = ""
    missing: Literal["complete", "locf", "baseline"] = "locf"
    primary: bool = False

    @property
    def method(self) -> str:
        """The analysis, with the default of the kind."""
        by_kind = {"change": "ancova", "relapse": "logrank", "dropout": "logrank"}
        return self.analysis or by_kind.get(self.kind, "risk")

    @model_validator(mode="after")
    def _fits(self) -> Endpoint:
        fitting = {"change": ("ancova", "mmrm"), "relapse": ("logrank",), "dropout": ("logrank",)}
        if self.method not in fitting.get(self.kind, ("risk",)):
            raise ValueError(f"analysis {self.analysis} does not fit kind {self.kind}")
        if self.kind == "safety" and (not self.output or self.limit is None):
            raise ValueError("a safety endpoint has output and limit")
        return self


class Looks(_Data):
    """Group-sequential looks at the primary endpoint: shares of the people, the last is 1; alpha spent as
    obrien_fleming or pocock (Lan and DeMets). futility : a look at which the conditional power under the trend so far
    is below this stops the trial in vain; not binding, the boundaries of benefit are those without it."""

    shares: tuple[float, ...] = (0.5, 1.0)
    spending: Literal["obrien_fleming", "pocock"] = "obrien_fleming"
    futility: Annotated[float, Field(gt=0, lt=1)] | None = None

    @field_validator("shares")
    @classmethod
    def _rising(cls, shares: tuple[float, ...]) -> tuple[float, ...]:
        if shares[-1:] != (1.0,) or any(b <= a for a, b in zip((0.0, *shares), shares)):
            raise ValueError("shares must rise from above 0 to 1")
        return shares


class Adaptive(_Data):
    """Two stages: after this share of the people the best `keep` active arms go on with the control; the test combines
    both stages by the inverse normal method, closed by Bonferroni over the arms of the first stage."""

    share: Annotated[float, Field(gt=0, lt=1)] = 0.5
    keep: int = Field(default=1, ge=1, le=10)


class Hypothesis(_Data):
    """Another explanation or other numbers under which the trial is run again."""

    name: str
    options: dict[str, Any] = {}
    values: dict[str, float] = {}


class Design(_Data):
    """A virtual trial. See docs/how-to/trials.md."""

    title: str
    model: str = "ketamine"
    seed: int = Field(default=0, ge=0, le=2**63 - 1)
    replicates: int = Field(default=200, ge=1, le=1_000_000)
    alpha: Annotated[float, Field(gt=0, lt=0.5)] = 0.05
    vary: tuple[Literal["between", "doubt"], ...] = ("between",)
    citation: str = ""
    note: str = ""
    protocol: str = ""
    watched: bool = False
    population: Population = Population(named="trd_adult")
    inclusion: tuple[Criterion, ...] = ()
    randomisation: Randomisation = Randomisation()
    arms: tuple[Arm, ...]
    settings: dict[str, float] = {}
    options: dict[str, Any] = {}
    values: dict[str, float] = {}
    visits: Visits = Visits()
    dropout: Dropout = Dropout()
    rating: Rating = Rating()
    rules: tuple[Rule, ...] = ()
    rescue: Rescue | None = None
    endpoints: tuple[Endpoint, ...] = ()
    looks: Looks | None = None
    adaptive: Adaptive | None = None
    hypotheses: tuple[Hypothesis, ...] = ()
    published: tuple[dict[str, Any], ...] = ()

    @model_validator(mode="after")
    def _whole(self) -> Design:
        ids = [a.id for a in self.arms]
        if len(set(ids)) != len(ids) or len(ids) < 2:
            raise ValueError("a trial has two arms or more, each with an id of its own")
        if sum(a.control for a in self.arms) != 1:
            raise ValueError("one arm is the control")
        for rule in self.rules:
            if rule.day not in self.visits.days or not set(rule.arms) <= set(ids):
                raise ValueError(f"the rule of day {rule.day:g} must name a visit's day and arms of the trial")
        for e in self.endpoints:
            if e.kind in ("change", "response", "remission", "relapse") and self.day(e) not in self.visits.days:
                raise ValueError(f"endpoint {e.name}: day {e.day} is no visit")
        if len({e.name for e in self.endpoints}) != len(self.endpoints):
            raise ValueError("endpoints have names of their own")
        if sum(e.primary for e in self.endpoints) > 1:
            raise ValueError("one endpoint at most is primary")
        for arm in self.arms:
            if arm.course and (arm.missed or self.watched or any(arm.id in r.arms for r in self.rules)):
                raise ValueError(f"arm {arm.id} goes by a course: no missed, no rules of its own, no watched sessions")
        if self.watched and not self.protocol:
            raise ValueError("watched sessions go by a protocol: name one")
        if self.looks and self.adaptive:
            raise ValueError("a trial has looks or is adaptive, not both")
        if self.adaptive and self.adaptive.keep >= len(self.arms):
            raise ValueError("an adaptive trial keeps fewer arms than it has active ones, or as many")
        return self

    @property
    def tested(self) -> tuple[Endpoint, ...]:
        """The endpoints, or the change at the last visit where none is given."""
        return self.endpoints or (Endpoint(name="change", primary=True),)

    @property
    def primary(self) -> Endpoint:
        """The primary endpoint: the one marked, else the first."""
        return next((e for e in self.tested if e.primary), self.tested[0])

    def day(self, endpoint: Endpoint) -> float:
        """Day of an endpoint; the last visit by default."""
        return self.visits.days[-1] if endpoint.day is None else endpoint.day

    def visit(self, endpoint: Endpoint) -> int:
        """Number of the endpoint's visit."""
        return self.visits.days.index(self.day(endpoint))

    @property
    def control(self) -> int:
        """Number of the control arm."""
        return next(i for i, a in enumerate(self.arms) if a.control)

    @property
    def active(self) -> tuple[int, ...]:
        """Numbers of the other arms."""
        return tuple(i for i, a in enumerate(self.arms) if not a.control)

    @property
    def people(self) -> int:
        """People of one replicate."""
        return sum(a.n for a in self.arms)

    def changed(self, **fields: Any) -> Design:
        """The design with some fields replaced, checked again."""
        return make({**self.model_dump(), **fields}, self.title)


def read(path: str | Path) -> Design:
    """Read design.toml. InputError names the field that cannot be used."""
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("design", str(path), f"a readable TOML file ({error})") from None
    return parse(text, str(path))


def parse(text: str, where: str = "design") -> Design:
    """A design from TOML text."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(where, str(error), "valid TOML") from None
    return make(raw, where)


def make(raw: dict[str, Any], where: str = "design") -> Design:
    """A design from plain data."""
    try:
        return Design(**raw)
    except ValidationError as error:
        raise refused(error, where) from None


def refused(error: ValidationError, where: str) -> InputError:
    """What pydantic found, as one sentence about the first field."""
    first = error.errors()[0]
    field = ".".join(str(x) for x in first["loc"])
    value = first.get("input")
    shown = value if isinstance(value, (str, int, float)) else "contradictory or absent"
    message = str(first["msg"]).removeprefix("Value error, ")
    return InputError(f"{where}{', ' + field if field else ''}", shown, message)
