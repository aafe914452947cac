"""Protocol: who is treated, with what, watched how, and what is done when — as data, not code."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ketasim.clinic.follow_up import FollowUp
from ketasim.core.errors import InputError

RESCUE = ("labetalol", "ondansetron", "midazolam")
Action = Literal["note", "pause", "slow", "resume", "stop", "give", "call"]


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Rule(_Data):
    """A screening rule: a covariate or drug class, the condition, the verdict and why."""

    field: str
    above: float | None = None
    below: float | None = None
    verdict: Literal["exclude", "caution", "inform"]
    reason: str
    source: str = "assumed"

    @model_validator(mode="after")
    def _one_side(self) -> Rule:
        if (self.above is None) == (self.below is None):
            raise ValueError("a rule has either above or below")
        return self


class DoseRule(_Data):
    """What is given: regimen sentence of one session, and when ideal weight replaces weight."""

    regimen: str
    ideal_weight_from_bmi: float | None = None
    elderly_regimen: str | None = None
    elderly_from: float = 65
    concentration_mg_ml: float = Field(default=1.0, gt=0, le=100)
    syringe_ml: float = Field(default=50.0, gt=0, le=500)
    max_ml_h: float = Field(default=1200.0, gt=0, le=2000)
    draw_mg: float | None = Field(default=None, gt=0)


class Reading(_Data):
    """A vital as a monitor shows it: every so many minutes, rounded, with measurement error (SD)."""

    output: str
    every_min: float = Field(gt=0, le=240)
    sd: float = Field(default=0.0, ge=0)
    round_to: float = Field(default=1.0, gt=0)
    low: float | None = None
    high: float | None = None


class Alarm(_Data):
    """When a reading passes a limit for some readings in a row, do something."""

    name: str
    output: str
    above: float | None = None
    below: float | None = None
    readings: int = Field(default=1, ge=1, le=20)
    action: Action = "note"
    drug: str | None = None
    dose: str | None = None
    factor: float = Field(default=0.5, gt=0, lt=1)
    resume_when_clear: bool = False
    once: bool = False
    source: str = "assumed"

    @model_validator(mode="after")
    def _whole(self) -> Alarm:
        if (self.above is None) == (self.below is None):
            raise ValueError(f"alarm {self.name} has either above or below")
        if (self.action == "give") != (self.drug is not None and self.dose is not None):
            raise ValueError(f"alarm {self.name}: drug and dose belong to the action give, and to it alone")
        return self

    def passed(self, value: float) -> bool:
        """Whether a reading is beyond the limit."""
        return value > self.above if self.above is not None else value < float(self.below or 0.0)


class Criterion(_Data):
    """A discharge criterion on a reading: value within limits, or within a share of the baseline."""

    output: str
    at_most: float | None = None
    at_least: float | None = None
    within_share_of_baseline: float | None = Field(default=None, gt=0, lt=1)
    reason: str


class Discharge(_Data):
    """When the patient may go: not before, and all criteria."""

    after_start_min: float = Field(default=0.0, ge=0)
    after_end_min: float = Field(default=0.0, ge=0)
    criteria: tuple[Criterion, ...]
    advice: str = "No driving until the next day after sleep; leaves with an escort."


class Protocol(_Data):
    """A whole protocol. `source` says where it comes from; nothing here advises a dose for a person."""

    name: str
    title: str
    source: str
    note: str = ""
    legal_status: str = ""
    legal_date: str = ""
    screening: tuple[Rule, ...]
    hold: tuple[Alarm, ...]
    dose: DoseRule
    readings: tuple[Reading, ...]
    alarms: tuple[Alarm, ...]
    discharge: Discharge
    follow_up: FollowUp
    fasting_h: float = Field(default=0, ge=0, le=24)
    max_min: float = Field(default=480, gt=0, le=2880)

    @model_validator(mode="after")
    def _consistent(self) -> Protocol:
        watched = {r.output for r in self.readings}
        if max(self.discharge.after_start_min, self.discharge.after_end_min) > self.max_min:
            raise ValueError(f"discharge comes after max_min ({self.max_min:g} min), the end of the session")
        for r in self.readings:
            if r.low is not None and r.high is not None and r.low >= r.high:
                raise ValueError(f"reading {r.output}: low is below high")
        for alarm in (*self.hold, *self.alarms):
            if alarm.output not in watched:
                raise ValueError(f"alarm {alarm.name} watches {alarm.output}, which is not among the readings")
        for criterion in self.discharge.criteria:
            if criterion.output not in watched:
                raise ValueError(f"discharge asks for {criterion.output}, which is not among the readings")
        return self

    @property
    def rescue(self) -> set[tuple[str, str]]:
        """(drug, route) of everything staff or an alarm may give beside the treatment."""
        return {(drug, "iv") for drug in (*RESCUE, *(a.drug for a in self.alarms if a.drug))}

    @classmethod
    def load(cls, name: str | Path) -> Protocol:
        """A shipped protocol by name, or a TOML file."""
        return _load(str(name))


@lru_cache(maxsize=16)
def _load(name: str) -> Protocol:
    path = Path(name)
    if path.suffix == ".toml":
        try:
            text = path.read_text(encoding="utf-8")
        except OSError as error:
            raise InputError("protocol", name, "a readable TOML file", f"{error.strerror}.") from None
    else:
        folder = resources.files("ketasim") / "data" / "protocols"
        known = sorted(p.name.removesuffix(".toml") for p in folder.iterdir() if p.name.endswith(".toml"))
        if name not in known:
            raise InputError("protocol", name, f"{', '.join(known)}, or a TOML file")
        text = (folder / f"{name}.toml").read_text(encoding="utf-8")
    return parse(text, name)


def parse(text: str, name: str) -> Protocol:
    """A protocol from TOML text; InputError names the field."""
    try:
        raw: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"protocol {name}", str(error), "valid TOML") from None
    try:
        return Protocol(**{"name": Path(name).stem, **raw})
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(x) for x in first["loc"]) or "protocol"
        message = str(first["msg"]).removeprefix("Value error, ")
        value = first.get("input")
        shown = value if isinstance(value, (str, int, float)) else "contradictory"
        raise InputError(f"protocol {name} {where}", shown, message) from None
