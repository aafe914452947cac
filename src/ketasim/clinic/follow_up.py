"""Follow-up as data: visits, what is checked there, and the rules that decide about going on."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

MOOD = "mood"


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Check(_Data):
    """Something looked at in a visit, and when it is flagged.

    kind measured: the output with an error (SD), flagged above or below a limit. kind present: a complaint or finding
    new since entry, which a person has once the output, a probability, passes the person's own susceptibility.
    kind asked: an answer drawn anew at each visit with the output as its probability.
    """

    name: str
    output: str
    kind: Literal["measured", "present", "asked"] = "measured"
    sd: float = Field(default=0.0, ge=0)
    above: float | None = None
    below: float | None = None
    source: str = "assumed"

    @model_validator(mode="after")
    def _whole(self) -> Check:
        if (self.kind == "measured") != ((self.above is None) != (self.below is None)):
            raise ValueError(f"check {self.name}: either above or below where it is measured, neither otherwise")
        return self


class Visit(_Data):
    """A follow-up visit, once or again every so many days."""

    day: float = Field(ge=0)
    checks: tuple[str, ...]
    repeat_days: float | None = Field(default=None, gt=0)

    def days(self, last: float) -> list[float]:
        """Every day of this visit up to a last day."""
        out, day = [], self.day
        while day <= last + 1e-9:
            out.append(day)
            if self.repeat_days is None:
                break
            day += self.repeat_days
        return out


class Decision(_Data):
    """A rule: in a phase, where all its conditions hold at so many contacts in a row, do something.

    improved_* : share of the score at entry that is gone, as rated; score_* : the rating itself. sessions : at least so
    many were given in this phase. at : at which contacts it is judged. had_response : only for people who once had
    a response (true) or never had one (false). check : only where this check is flagged. at_longest : only at the
    longest interval.
    """

    name: str
    phase: Literal["acute", "maintenance", "stopped"]
    action: Literal["note", "lengthen", "shorten", "stop", "resume"]
    at: Literal["session", "visit", "any"] = "any"
    improved_below: float | None = None
    improved_at_least: float | None = None
    score_at_least: float | None = None
    score_at_most: float | None = None
    sessions: int = Field(default=0, ge=0)
    contacts: int = Field(default=1, ge=1, le=50)
    had_response: bool | None = None
    at_longest: bool = False
    check: str | None = None
    source: str = "assumed"


class FollowUp(_Data):
    """Days of the acute block, intervals of maintenance, visits, checks, and rules: the first that holds decides.

    score : output that is rated, rating_sd : error of the rater, points. relapse_regain : share of a relapse that is
    left after each session given for it (assumed). retry_days : when a session that was held is tried again.
    """

    acute_days: tuple[float, ...] = (0.0,)
    interval_days: tuple[float, ...] = (7, 14, 21, 28)
    retry_days: float = Field(default=2.0, gt=0)
    score: str = "madrs"
    score_top: float = Field(default=60.0, gt=0)
    rating_sd: float = Field(default=2.5, ge=0)
    response: float = Field(default=0.5, gt=0, lt=1)
    relapse_hazard: str = "relapse_hazard"
    relapse_regain: float = Field(default=0.5, ge=0, lt=1)
    visits: tuple[Visit, ...]
    checks: tuple[Check, ...] = ()
    rules: tuple[Decision, ...] = ()

    @model_validator(mode="after")
    def _consistent(self) -> FollowUp:
        known = {c.name for c in self.checks} | {MOOD}
        for name in (*(n for v in self.visits for n in v.checks), *(r.check for r in self.rules if r.check)):
            if name not in known:
                raise ValueError(f"{name} is looked at but not among the checks ({', '.join(sorted(known))})")
        if self.acute_days[:1] != (0,) or any(b <= a for a, b in zip(self.acute_days, self.acute_days[1:])):
            raise ValueError("acute_days begin with 0 and rise")
        if not self.interval_days or any(b <= a for a, b in zip(self.interval_days, self.interval_days[1:])):
            raise ValueError("interval_days rise")
        if not self.interval_days[0] > 0:
            raise ValueError("interval_days are more than 0")
        return self
