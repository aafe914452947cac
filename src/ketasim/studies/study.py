"""What a study is: a citation, a population, arms as they were run, and rows of observations."""

from __future__ import annotations

import math
import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from .amounts import TIME_HELP, Tolerance, hours
from .catalogue import ARM, PERSON, STATISTICS

Layer = Literal["kinetics", "receptors", "circuits", "networks", "plasticity", "acute", "weeks", "body"]
Site = Literal["arterial", "venous", "mixed", "unknown", "none"]
Use = Literal["calibrate", "check", "transcription", "do_not_score"]
Status = Literal["verified", "secondary", "recalled", "assumed"]
Reference = Literal["start", "last_dose", "end"]
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:+-]*$", max_length=80)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Finite = Annotated[float, Field(allow_inf_nan=False)]


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, str_strip_whitespace=True)


class Spread(_Frozen):
    """Distribution of one covariate: a truncated normal (mean, sd) or, without sd, uniform between low and high."""

    mean: Finite | None = None
    sd: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    low: Finite | None = None
    high: Finite | None = None

    @model_validator(mode="after")
    def _complete(self) -> Spread:
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ValueError("low must not be above high")
        if self.mean is None and (self.low is None or self.high is None):
            raise ValueError("give mean (with sd), or low and high")
        if self.sd is not None and self.mean is None:
            raise ValueError("sd needs a mean")
        if self.mean is not None and not (self.low if self.low is not None else -math.inf) <= self.mean <= (
            self.high if self.high is not None else math.inf
        ):
            raise ValueError("the mean must lie between low and high")
        return self


Covariate = float | int | bool | str | list[str] | Spread | dict[str, Annotated[float, Field(ge=0)]]


class Population(_Frozen):
    """Who took part.

    describe : words of the paper. named : a population `ks.sample` knows; covariates given here replace its own.
    covariates : name → number or word (everybody), {mean, sd, low, high}, or {category = share}. assumed : names not
    printed in the source.
    """

    describe: str = ""
    named: str = ""
    covariates: dict[Name, Covariate] = Field(default_factory=dict)
    assumed: tuple[str, ...] = ()
    species: Literal["human", "rat", "mouse", "in vitro"] = "human"

    @field_validator("covariates", mode="before")
    @classmethod
    def _spreads(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        spread = {"mean", "sd", "low", "high"}
        return {k: Spread(**v) if isinstance(v, dict) and v and set(v) <= spread else v for k, v in value.items()}

    @field_validator("covariates")
    @classmethod
    def _shares(cls, value: dict[str, Any]) -> dict[str, Any]:
        for name, entry in value.items():
            if isinstance(entry, dict) and not math.isclose(sum(entry.values()), 1.0, abs_tol=1e-3):
                raise ValueError(f"the shares of {name} must sum to 1")
        return value

    @model_validator(mode="after")
    def _assumed_exist(self) -> Population:
        if missing := [name for name in self.assumed if name not in self.covariates]:
            raise ValueError(f"assumed names {missing[0]!r}, which is not among the covariates")
        return self


class Arm(_Frozen):
    """One group of people treated alike.

    model : "ketamine" (the default composition), another named model, or a published set (transcription rows).
    regimen : the regimen sentence; empty only with `not_runnable`. n : people in the arm (simulated as many).
    samples : the paper's sampling times; if given, Cmax, Tmax and AUC are read at these times only.
    """

    id: Name
    regimen: str = ""
    n: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    model: Name = "ketamine"
    control: bool = False
    site: Site = "unknown"
    blinding: Literal["open", "single", "double", "unknown"] = "unknown"
    masking: Literal["none", "saline", "active placebo", "anaesthesia", "unknown"] = "unknown"
    background: tuple[str, ...] = ()
    dose_form: Literal["base", "hcl", "unknown"] = "base"
    samples: tuple[str, ...] = ()
    until: str = ""
    settings: dict[Name, float | int | bool | str] = Field(default_factory=dict)
    population: Population | None = None
    not_runnable: str = ""
    assumed: tuple[str, ...] = ()
    note: str = ""

    @field_validator("samples")
    @classmethod
    def _times(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        read = [hours(text, "samples") for text in value]
        if any(not math.isfinite(h) for h in read) or sorted(read) != read:
            raise ValueError("samples must be finite times in ascending order")
        return value

    @field_validator("until")
    @classmethod
    def _until(cls, value: str) -> str:
        if value and not (0 < hours(value, "until") < math.inf):
            raise ValueError("until must be a positive time")
        return value

    @model_validator(mode="after")
    def _runs(self) -> Arm:
        if not self.regimen and not self.not_runnable:
            raise ValueError("give a regimen sentence, or say in not_runnable why the arm cannot be run")
        return self


class Observation(_Frozen):
    """One published number (or sign, or order) and how it may be used."""

    id: Name
    arm: Name
    statistic: str
    of: str = ""
    output: str = ""
    denominator: str = ""
    comparator: str = ""
    order: tuple[str, ...] = ()
    time: str = ""
    start: str = Field(default="", alias="from")
    until: str = ""
    time_from: Reference = "start"
    baseline: str = ""
    threshold: Finite | None = None
    direction: Literal["above", "below"] = "above"
    summary: Literal["mean", "median", "geometric mean"] = "mean"
    among: Literal["", "response", "remission"] = ""
    among_time: str = ""
    site: Site | None = None
    table: str = ""
    experiment: str = ""
    parameter: str = ""
    value: Finite | None = None
    unit: str = ""
    spread: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    spread_low: Finite | None = None
    spread_high: Finite | None = None
    spread_type: str = ""
    n: Annotated[int, Field(ge=1)] | None = None
    tolerance: str = ""
    use: Use = "check"
    reason: str = ""
    status: Status = "verified"
    layer: Layer | None = None
    citation: str = ""
    evidence: str = ""
    sets: tuple[str, ...] = ()
    note: str = ""

    @field_validator("statistic", "of")
    @classmethod
    def _known(cls, value: str) -> str:
        if value and value not in STATISTICS:
            raise ValueError(f"must be one of {', '.join(STATISTICS)}")
        return value

    @field_validator("tolerance")
    @classmethod
    def _tolerance(cls, value: str) -> str:
        if value:
            Tolerance.parse(value)
        return value

    @field_validator("time", "start", "baseline", "until", "among_time")
    @classmethod
    def _time(cls, value: str) -> str:
        if value and not math.isfinite(hours(value)) and value.strip().lower() != "inf":
            raise ValueError(f"must be {TIME_HELP}")
        return value

    @field_validator("output", "denominator")
    @classmethod
    def _id(cls, value: str) -> str:
        if value and not re.match(r"^[A-Za-z0-9_]+(\.[A-Za-z0-9_|]+)*$", value):
            raise ValueError("must be an output id such as ketamine.venous or madrs")
        return value

    @model_validator(mode="after")
    def _complete(self) -> Observation:
        statistic = STATISTICS[self.statistic]
        if self.use == "do_not_score":
            if not self.reason:
                raise ValueError('use = "do_not_score" needs a reason')
            return self
        given = {**self.__dict__, "from": self.start}
        missing = [name for name in statistic.needs if given[name] in ("", None, ())]
        if statistic.family != "parameter" and not self.output:
            missing.append("output")
        if self.value is None and self.statistic not in ("rank",):
            missing.append("value")
        if missing:
            raise ValueError(f"the statistic {self.statistic} needs {', '.join(dict.fromkeys(missing))}")
        if self.of and self.of not in PERSON + ARM + ("difference",):
            raise ValueError(f"of must be a statistic of one arm, not {self.of}")
        for name in STATISTICS[self.of].needs if self.of else ():
            if given.get(name) in ("", None, ()):
                raise ValueError(f"{self.of} (in of) needs {name}")
        if bool(self.among) != bool(self.among_time):
            raise ValueError("among and among_time go together")
        if self.statistic == "sign" and self.value not in (-1, 0, 1):
            raise ValueError("the value of a sign is -1, 0 or 1")
        if self.start and self.until and hours(self.start) > hours(self.until):
            raise ValueError("from must not be later than until")
        return self


class Study(_Frozen):
    """One publication (or data source), as in data/studies/<authorYEAR>/study.toml."""

    id: Name
    title: str = ""
    citations: Annotated[tuple[Name, ...], Field(min_length=1)]
    layer: Layer = "kinetics"
    population: Population = Population()
    note: str = ""
    arms: Annotated[tuple[Arm, ...], Field(min_length=1)]
    observations: tuple[Observation, ...] = ()
    path: str = Field(default="", exclude=True)

    @model_validator(mode="after")
    def _consistent(self) -> Study:
        arms = [arm.id for arm in self.arms]
        if len(set(arms)) < len(arms):
            raise ValueError(f"arms: the id {next(a for a in arms if arms.count(a) > 1)!r} is used twice")
        ids = [row.id for row in self.observations]
        if len(set(ids)) < len(ids):
            raise ValueError(f"observations: the id {next(i for i in ids if ids.count(i) > 1)!r} is used twice")
        for number, row in enumerate(self.observations, 1):
            where = f"observation {number} ({row.id})"
            for name in (row.arm, *((row.comparator,) if row.comparator else ()), *row.order):
                if name not in arms:
                    raise ValueError(f"{where}: there is no arm {name!r} (arms are {', '.join(arms)})")
            if row.citation and row.citation not in self.citations:
                raise ValueError(f"{where}: the citation {row.citation!r} is not among the study's citations")
        return self

    def arm(self, name: str) -> Arm:
        """The arm of that id."""
        return next(arm for arm in self.arms if arm.id == name)

    def people(self, arm: Arm) -> Population:
        """The population of an arm: the study's, with what the arm replaces."""
        if arm.population is None:
            return self.population
        own, base = arm.population, self.population
        return Population(
            describe=own.describe or base.describe,
            named=own.named or base.named,
            covariates={**base.covariates, **own.covariates},
            assumed=tuple(dict.fromkeys((*(a for a in base.assumed if a not in own.covariates), *own.assumed))),
            species=own.species,
        )
