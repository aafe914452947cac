"""A run as a scenario file and flags describe it; a flag replaces what the file says.

title = "Course for treatment-resistant depression"
dose = "0.5 mg/kg iv over 40 min, 2/week for 4 weeks"     # or a table [regimen]
until = "35d"

[patient]
weight_kg = 70

[run]
model = "ketamine"
subjects = 200
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ketasim.core.errors import InputError

if TYPE_CHECKING:
    from ketasim.dosing import Regimen
    from ketasim.patients import Patient

RUN = {
    "model": str, "until": str, "seed": int, "subjects": int, "vary": list, "outputs": list,
    "options": dict, "values": dict,
}  # fmt: skip
TOP = ("title", "dose", "regimen", "patient", "run", *RUN)


@dataclass(frozen=True)
class Run:
    """Everything `simulate` is called with, from a file, from flags or both."""

    patient: Patient
    regimen: Regimen
    title: str = ""
    model: str = "ketamine"
    until: str | float | None = None
    seed: int = 0
    subjects: int | None = None
    vary: tuple[str, ...] | None = None
    outputs: tuple[str, ...] | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    values: Mapping[str, float] = field(default_factory=dict)


def read(path: Path | None, flags: Mapping[str, Any], body: Mapping[str, Any]) -> Run:
    """The run of a scenario file (or none), with flags that are not None put over it.

    Raises InputError for a file that is missing, empty or not TOML, for unknown keys and for values of the wrong type.
    """
    from ketasim.dosing import Regimen
    from ketasim.patients import Patient

    said = _file(path) if path is not None else {}
    run = _run(said, path)
    run.update({k: v for k, v in flags.items() if k != "dose" and v is not None})
    patient = Patient.from_mapping({**said.get("patient", {}), **{k: v for k, v in body.items() if v is not None}})
    if flags.get("dose") is not None:
        regimen = Regimen.parse(flags["dose"])
    elif "dose" in said:
        if not isinstance(said["dose"], str):
            raise InputError(f"dose in {path}", said["dose"], "a sentence in quotation marks")
        regimen = Regimen.parse(said["dose"])
    elif "regimen" in said:
        regimen = Regimen.from_dict(said["regimen"])
    else:
        raise InputError(
            "dose", "missing", 'a regimen such as --dose "0.5 mg/kg iv over 40 min", or a scenario file with one'
        )
    for name in ("vary", "outputs"):
        if run.get(name) is not None:
            run[name] = tuple(run[name])
    return Run(patient, regimen, said.get("title", ""), **run)


def _file(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise InputError("scenario", str(path), "a file that exists") from None
    except (UnicodeDecodeError, IsADirectoryError):
        raise InputError("scenario", str(path), "a text file in TOML") from None
    if not text.strip():
        raise InputError("scenario", f"{path}, which is empty", "a TOML file with at least a dose")
    try:
        said = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError("scenario", str(path), "valid TOML", f"{error}.") from None
    for key in said:
        if key not in TOP:
            raise InputError(f"key in {path}", key, ", ".join(TOP))
    for key in ("patient", "run", "regimen"):
        if key in said and not isinstance(said[key], dict):
            raise InputError(f"{key} in {path}", said[key], f"a table [{key}]")
    return said


def _run(said: Mapping[str, Any], path: Path | None) -> dict[str, Any]:
    run = {**{k: said[k] for k in RUN if k in said}, **said.get("run", {})}
    for key, value in run.items():
        if key not in RUN:
            raise InputError(f"key of [run] in {path}", key, ", ".join(RUN))
        wanted = RUN[key]
        number = key == "until" and isinstance(value, (int, float))
        if not (isinstance(value, wanted) or number) or isinstance(value, bool):
            words = {str: "a text in quotation marks", int: "a whole number", list: "a list of texts", dict: "a table"}
            raise InputError(f"{key} in {path}", value, words[wanted])
        if key == "subjects" and value < 1:
            raise InputError(f"subjects in {path}", value, "1 or more")
    return run
