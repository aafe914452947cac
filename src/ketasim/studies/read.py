"""Reading study folders: every complaint is one sentence with the file, the arm or row, and what is allowed."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterable
from importlib import resources
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ketasim.core.errors import InputError

from .study import Study

TABLE = "observations.csv"


class StudyFileError(InputError):
    """A study file that cannot be used: file, arm or row, and what is wrong, in one sentence."""

    def __str__(self) -> str:
        if self.value is None:
            return f"{self.field}: {self.allowed}" + (f" ({self.hint})" if self.hint else "")
        return (
            super().__str__() if not self.hint else super().__str__().removesuffix(f". {self.hint}") + f" ({self.hint})"
        )


def shipped() -> Path:
    """The folder of studies that comes with the package."""
    return Path(str(resources.files("ketasim").joinpath("data", "studies")))


def read_folder(folder: str | Path | None = None) -> list[Study]:
    """Every study under a folder (the shipped ones by default): a folder of study folders, one study folder, or one
    study.toml.

    Raises InputError when there is nothing to read, a file is malformed, or two studies share an id or an evidence id.
    """
    root = shipped() if folder is None else Path(folder)
    if root.is_file():
        return [read_study(root)]
    if not root.is_dir():
        raise InputError("study folder", str(folder), "an existing folder of study folders, or one study.toml")
    files = [root / "study.toml"] if (root / "study.toml").is_file() else sorted(root.glob("*/study.toml"))
    if not files:
        raise InputError("study folder", str(folder), "a folder that holds <authorYEAR>/study.toml")
    studies = [read_study(file) for file in files]
    seen: dict[str, str] = {}
    for study in studies:
        if study.id in seen:
            raise InputError(f"{study.path}, id", study.id, f"an id not used by {seen[study.id]}")
        seen[study.id] = study.path
    return studies


def read_study(file: str | Path) -> Study:
    """One study.toml, with the rows of an observations.csv beside it if there is one."""
    file = Path(file)
    shown = f"{file.parent.name}/{file.name}"
    try:
        raw = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError("study file", str(file), f"a readable file ({error.strerror})") from None
    except UnicodeDecodeError:
        raise StudyFileError(shown, None, "not UTF-8 text") from None
    except tomllib.TOMLDecodeError as error:
        raise StudyFileError(shown, None, f"not valid TOML: {error}") from None
    raw.setdefault("id", file.parent.name)
    table = file.parent / TABLE
    if table.is_file():
        rows = raw.setdefault("observations", [])
        if isinstance(rows, list):
            rows.extend(_csv_rows(table))
    try:
        return Study.model_validate({**raw, "path": shown})
    except ValidationError as error:
        raise _sentence(shown, raw, error) from None
    except InputError as error:
        raise InputError(f"{shown}, {error.field}", error.value, error.allowed) from None


def _csv_rows(table: Path) -> Iterable[dict[str, Any]]:
    """Rows of the table; empty cells are left out, `order`, `sets` are split at semicolons, numbers are read by the
    model."""
    with table.open(newline="", encoding="utf-8-sig") as stream:
        reader = csv.DictReader(stream)
        for number, row in enumerate(reader, 2):
            if None in row or any(v is None for v in row.values()):
                place = f"{table.parent.name}/{table.name}, line {number}"
                raise StudyFileError(place, None, f"has not the {len(reader.fieldnames or ())} cells of the header")
            filled: dict[str, Any] = {k.strip(): v.strip() for k, v in row.items() if v.strip()}
            for name in ("order", "sets"):
                if name in filled:
                    filled[name] = [part.strip() for part in filled[name].split(";")]
            yield filled


def _sentence(file: str, raw: dict[str, Any], error: ValidationError) -> InputError:
    """The first complaint of pydantic as our one sentence (with the number of further ones)."""
    details = error.errors(include_url=False, include_context=False)
    first = details[0]
    place, value = [file], first.get("input")
    location = list(first["loc"])
    if len(location) >= 2 and location[0] in ("arms", "observations") and isinstance(location[1], int):
        kind = "arm" if location[0] == "arms" else "observation"
        entries = raw.get(str(location[0]), [])
        entry = entries[location[1]] if location[1] < len(entries) else {}
        name = entry.get("id", "") if isinstance(entry, dict) else ""
        place.append(f"{kind} {location[1] + 1}" + (f" ({name})" if name else ""))
        location = location[2:]
    fields = [str(part) for part in location if not (isinstance(part, str) and ("[" in part or part in _TYPES))]
    if fields:
        place.append("field " + ".".join(fields))
    message = first["msg"].removeprefix("Value error, ").split("; allowed: ")[-1].removeprefix("must be ")
    if first["type"] == "extra_forbidden":
        message, value = "only fields of the format (see docs/reference/study_format.md)", "not a field"
    elif first["type"] == "missing":
        message, value = "this field is required", None
    elif isinstance(value, dict | list) or first["type"] in ("model_type", "dict_type"):
        value = None
    more = f"{len(details) - 1} more in this file" if len(details) > 1 else ""
    return StudyFileError(", ".join(place), value, message[0].lower() + message[1:], more)


_TYPES = ("float", "int", "bool", "str", "Spread", "constrained-str")
