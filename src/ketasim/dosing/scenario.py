"""The scenario file: patient, regimen, model and what to write, in TOML."""

from __future__ import annotations

import tomllib
from os import PathLike
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, StrictInt, StrictStr, ValidationError

from ketasim.core.errors import InputError
from ketasim.dosing.reader import read_hours
from ketasim.dosing.regimen import Regimen
from ketasim.dosing.tokens import RegimenError
from ketasim.dosing.validation import input_error, shown


class ScenarioFile(BaseModel):
    """The keys of a scenario file and their types, before the regimen and the times are read."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: StrictStr = ""
    note: StrictStr = ""
    model: StrictStr = "ketamine"
    until: StrictStr | None = None
    every: StrictStr | None = None
    outputs: list[StrictStr] = Field(default_factory=list)
    seed: StrictInt = Field(default=0, ge=0)
    subjects: StrictInt = Field(default=1, ge=1, le=10_000_000)
    population: StrictStr | None = None
    patient: dict[str, Any] = Field(default_factory=dict)
    regimen: StrictStr | dict[str, Any]


class Scenario(BaseModel):
    """A run as described by a file; `patient` and the names of models and outputs are checked by those who know them.

    until_h : end of the simulation, hours; None means the caller's default. every_h : step of the output grid, hours.
    subjects : people to simulate. patient : table for ketasim.patients. population : name for ketasim.sample.
    """

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    regimen: Regimen
    title: str = ""
    note: str = ""
    model: str = "ketamine"
    until_h: float | None = None
    every_h: float | None = None
    outputs: tuple[str, ...] = ()
    seed: int = 0
    subjects: int = 1
    population: str | None = None
    patient: dict[str, Any] = Field(default_factory=dict)


def read_toml(path: str | PathLike[str]) -> dict[str, Any]:
    """The tables of a TOML file. Raises InputError if there is none, it is empty or it cannot be read."""
    file = Path(path)
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise InputError("file", str(path), "a file that can be read", (error.strerror or "").capitalize()) from None
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise InputError("file", str(path), "a text file in UTF-8") from None
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError("file", str(path), "valid TOML", f"{str(error).rstrip('.')}.") from None
    if not data:
        raise InputError("file", f"{path} (empty)", 'at least a regimen, as in regimen = "0.5 mg/kg iv over 40 min"')
    return data


def load_scenario(path: str | PathLike[str]) -> Scenario:
    """Read a scenario file. Raises InputError: one sentence naming the key, the value and what is allowed."""
    return scenario_from(read_toml(path))


def scenario_from(data: dict[str, Any]) -> Scenario:
    """A Scenario of the tables of a file."""
    if "regimen" in data and not isinstance(data["regimen"], (str, dict)):
        raise InputError("regimen", shown(data["regimen"]), "a sentence, or a table with `text` or `doses`")
    try:
        read = ScenarioFile.model_validate(data)
    except ValidationError as error:
        raise input_error(error, ScenarioFile) from None
    regimen = _regimen(read.regimen)
    until_h = read_hours(read.until, "until") if read.until is not None else None
    if until_h is not None:
        regimen.require_before(until_h)
    return Scenario(
        regimen=regimen, title=read.title, note=read.note, model=read.model, until_h=until_h,
        every_h=read_hours(read.every, "every") if read.every is not None else None,
        outputs=tuple(read.outputs), seed=read.seed, subjects=read.subjects, population=read.population,
        patient=read.patient,
    )  # fmt: skip


def _regimen(value: str | dict[str, Any]) -> Regimen:
    try:
        return Regimen.from_dict(value)
    except RegimenError as error:
        where = {"text": error.text, "start": error.start, "stop": error.stop}
        name = error.field if error.field.startswith("regimen") else f"regimen: {error.field}"
        raise RegimenError(name, error.value, error.allowed, error.hint, **where) from None  # type: ignore[arg-type]
