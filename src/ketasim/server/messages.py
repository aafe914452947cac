"""What a client may say. Everything is checked here; nothing unknown passes, and no field can hold a name."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, field_validator

from ketasim.core.errors import InputError
from ketasim.server.limits import ARMS, BAND_PEOPLE, HORIZON_H, REGIMEN_CHARACTERS, TRIAL_PEOPLE

SETTINGS = (
    "anaesthesia",
    "masked",
    "psychotherapy",
    "new_antidepressant",
    "inpatient",
    "multicentre",
    "open_label",
    "oxygen_L_min",
    "anticipatory",
    "fasting",
    "antidepressant",
)
OPTIONS = ("hypothesis", "dopamine", "eeg", "cardiovascular", "dhnk")
Finite = Annotated[float, Field(allow_inf_nan=False)]
Word = Annotated[str, Field(max_length=40, pattern=r"^[A-Za-z0-9_.*/ -]*$")]
Sentence = Annotated[str, Field(min_length=1, max_length=REGIMEN_CHARACTERS)]
Number = Annotated[int, Field(ge=0, le=2**31)]


class _Said(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Scene(_Said):
    """A person, a regimen and a model: what the left rail holds."""

    patient: dict[Word, bool | int | Finite | Word | list[Word]] = Field(default_factory=dict, max_length=60)
    regimen: Sentence = "0.5 mg/kg iv over 40 min"
    until_h: Annotated[float, Field(gt=0, le=HORIZON_H)] = 4.0
    model: Word = "ketamine"
    seed: Number = 0
    settings: dict[Literal[SETTINGS], Finite] = Field(default_factory=dict)  # type: ignore[valid-type]
    options: dict[Literal[OPTIONS], bool | Word] = Field(default_factory=dict)  # type: ignore[valid-type]


class _Asked(_Said):
    id: Number
    scene: Scene = Field(default_factory=Scene)


class Curves(_Asked):
    """Every acute output of one person."""

    type: Literal["curves"]


class Bands(_Asked):
    """5th, 50th and 95th percentile of people drawn around the person."""

    type: Literal["bands"]
    people: Annotated[int, Field(ge=2, le=BAND_PEOPLE)] = 100
    vary: Literal["between", "doubt", "both"] = "between"


class Spectrum(_Asked):
    """EEG over time."""

    type: Literal["spectrum"]


class Ensemble(_Asked):
    """Total ketamine by every published model that applies."""

    type: Literal["ensemble"]


class Observed(_Asked):
    """Published levels after the same regimen."""

    type: Literal["observed"]


class Network(_Asked):
    """Connectivity of brain networks without and with the drug at a time."""

    type: Literal["network"]
    at_h: Annotated[float, Field(ge=0, le=HORIZON_H)] = 0.0


class Weeks(_Asked):
    """Mood, plasticity and relapse over weeks under one or several explanations."""

    type: Literal["weeks"]
    hypotheses: Annotated[list[Word], Field(min_length=1, max_length=7)] = ["disinhibition"]
    people: Annotated[int, Field(ge=0, le=BAND_PEOPLE)] = 100
    tablet: bool = False


class Action(_Said):
    """Something a person did during a session, at a minute of its clock."""

    at_min: Annotated[float, Field(ge=0, le=600)]
    do: Literal["pause", "resume", "stop", "rate", "give"]
    rate: Annotated[float, Field(ge=0.05, le=20)] = 1.0
    drug: Literal["labetalol", "midazolam", "ondansetron"] | None = None
    mg: Annotated[float, Field(gt=0, le=200)] = 1.0


Shipped = Annotated[str, Field(max_length=40, pattern=r"^[a-z0-9_]+$")]
"""Name of a protocol that comes with the package; never a path."""


class Session(_Said):
    """A clinic session by a shipped protocol: a planned dose and what was done so far.

    dose : a session's dose in the place of the protocol's; without it mg_kg over minutes where the protocol infuses,
    and the protocol's own dose where it does not.
    """

    type: Literal["session"]
    id: Number
    patient: dict[Word, bool | int | Finite | Word | list[Word]] = Field(default_factory=dict, max_length=60)
    protocol: Shipped = "iv_depression"
    dose: Sentence | None = None
    mg_kg: Annotated[float, Field(gt=0, le=4)] = 0.5
    minutes: Annotated[float, Field(ge=2, le=240)] = 40
    actions: Annotated[list[Action], Field(max_length=60)] = []
    seed: Number = 0
    vial_mg: Annotated[float, Field(gt=0, le=1000)] = 200
    auto: bool = True


class Course(_Said):
    """The course after the first session: visits, ratings, checks, decisions, and a forecast over people like this."""

    type: Literal["course"]
    id: Number
    patient: dict[Word, bool | int | Finite | Word | list[Word]] = Field(default_factory=dict, max_length=60)
    protocol: Shipped = "iv_depression"
    dose: Sentence | None = None
    weeks: Annotated[float, Field(ge=1, le=104)] = 26
    people: Annotated[int, Field(ge=10, le=BAND_PEOPLE)] = 60
    seed: Number = 0
    settings: dict[Literal[SETTINGS], Finite] = Field(default_factory=dict)  # type: ignore[valid-type]


class Inverse(_Asked):
    """Which dose reaches a wanted peak of an output."""

    type: Literal["inverse"]
    output: Word = "ketamine.venous"
    target: Annotated[float, Field(gt=0, le=1e6)]


class TrialArm(_Said):
    """One arm: a regimen and its circumstances."""

    name: Word
    regimen: Sentence
    settings: dict[Literal[SETTINGS], Finite] = Field(default_factory=dict)  # type: ignore[valid-type]


class Trial(_Said):
    """Arms of many people over weeks."""

    kind: Literal["trial"]
    arms: Annotated[list[TrialArm], Field(min_length=1, max_length=ARMS)]
    people: Annotated[int, Field(ge=10, le=TRIAL_PEOPLE)] = 200
    days: Annotated[float, Field(gt=0, le=180)] = 28
    output: Word = "madrs"
    patient: dict[Word, bool | int | Finite | Word | list[Word]] = Field(default_factory=dict, max_length=60)
    seed: Number = 0


class Drivers(_Said):
    """What drives a number: one-at-a-time (tornado) or Sobol indices."""

    kind: Literal["tornado", "sobol"]
    scene: Scene = Field(default_factory=Scene)
    output: Word = "ketamine.venous"
    reduction: Literal["cmax", "auc", "cmin", "last"] = "cmax"


class Claims(_Said):
    """Run the demonstrations of claims."""

    kind: Literal["claims"]
    ids: Annotated[list[Annotated[str, Field(pattern=r"^[A-Z]{3}\d$")]], Field(max_length=60)] = []


class Qualify(_Said):
    """Simulate the shipped studies of a layer as they were run."""

    kind: Literal["qualify"]
    layer: Literal["kinetics", "receptors", "circuits", "networks", "plasticity", "acute", "weeks", "body"]


class StartJob(_Said):
    """Begin long work."""

    type: Literal["job.start"]
    id: Number
    work: Annotated[Trial | Drivers | Claims | Qualify, Field(discriminator="kind")]


class CancelJob(_Said):
    """Stop it."""

    type: Literal["job.cancel"]
    id: Number
    job: Annotated[str, Field(pattern=r"^[0-9a-f]{8}$")]


class Ping(_Said):
    """Are you there?"""

    type: Literal["ping"]
    id: Number


Message = Annotated[
    Curves
    | Bands
    | Spectrum
    | Ensemble
    | Observed
    | Network
    | Weeks
    | Session
    | Course
    | Inverse
    | StartJob
    | CancelJob
    | Ping,
    Field(discriminator="type"),
]
_READER: TypeAdapter[Any] = TypeAdapter(Message)


class Export(_Said):
    """A table or a report of a scene; or, where one of them is given, of a session, a course or a view of weeks."""

    session: Session | None = None
    course: Course | None = None
    weeks: Weeks | None = None
    scene: Scene = Field(default_factory=Scene)
    people: Annotated[int, Field(ge=1, le=1000)] = 1
    format: Literal["csv", "parquet", "html", "json"]
    outputs: Annotated[list[Word], Field(max_length=200)] | None = None

    @field_validator("outputs")
    @classmethod
    def _some(cls, value: list[str] | None) -> list[str] | None:
        return value or None


def read(text: str | bytes) -> Any:
    """A message from JSON text; InputError naming the first thing that is wrong."""
    try:
        return _READER.validate_json(text)
    except ValidationError as error:
        raise sentence(error) from None


def sentence(error: ValidationError) -> InputError:
    """The first fault as one sentence, with nothing of the input beyond forty characters."""
    first = error.errors(include_url=False)[0]
    where = ".".join(str(part)[:40] for part in first["loc"]) or "message"
    given = repr(first.get("input"))
    words = first["msg"][0].lower() + first["msg"][1:]
    return InputError(where[:120], given[:40] + ("…" if len(given) > 40 else ""), words[:200])
