"""Plan: everything a worker needs to know to do any chunk of a population run, as plain JSON."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ketasim import __version__
from ketasim.core.errors import InputError


class Plan(BaseModel):
    """A population run. Two runs of one plan give the same numbers, however they are cut and wherever they are done.

    population : name of a population, or None with `patient` (covariates of one patient, drawn around).
    outputs : ids to keep, all of them where empty. parts : number of chunks of (nearly) equal size, instead of
    `chunk_size` people each. keep : "summary" (one row a subject and output) or "curves" (every time point as well).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    regimen: str
    subjects: int = Field(gt=0, le=100_000_000)
    model: str = "ketamine"
    population: str | None = "adult"
    patient: dict[str, Any] | None = None
    seed: int = Field(default=0, ge=0)
    outputs: tuple[str, ...] = ("ketamine.venous", "norketamine.venous")
    times_h: tuple[float, ...] | None = None
    until_h: float | None = Field(default=None, gt=0)
    vary: tuple[str, ...] = ("between",)
    options: dict[str, Any] = {}
    values: dict[str, float] = {}
    engine: str = "native"
    keep: str = Field(default="summary", pattern="^(summary|curves)$")
    chunk_size: int = Field(default=4096, ge=1, le=100_000)
    parts: int | None = Field(default=None, ge=1)
    version: str = __version__

    @classmethod
    def of(cls, **fields: Any) -> Plan:
        """A plan from keywords; InputError names the first field that cannot be used."""
        try:
            made = cls(**fields)
        except ValidationError as error:
            first = error.errors()[0]
            name = ".".join(str(x) for x in first["loc"]) or "plan"
            raise InputError(f"plan.{name}", first.get("input"), first["msg"]) from None
        if made.parts is not None and made.parts > made.subjects:
            raise InputError("plan.parts", made.parts, f"at most {made.subjects}, one person a chunk")
        return made

    @property
    def chunks(self) -> int:
        """Number of chunks."""
        return self.parts or -(-self.subjects // self.chunk_size)

    @property
    def key(self) -> str:
        """Hash of the plan; every file of a run carries it."""
        return hashlib.sha256(json.dumps(self.model_dump(mode="json"), sort_keys=True).encode()).hexdigest()[:16]

    def rows(self, chunk: int) -> range:
        """Subject numbers of one chunk."""
        if not 0 <= chunk < self.chunks:
            raise InputError("chunk", chunk + 1, f"1 to {self.chunks}")
        if self.parts is not None:
            return range(chunk * self.subjects // self.parts, (chunk + 1) * self.subjects // self.parts)
        return range(chunk * self.chunk_size, min((chunk + 1) * self.chunk_size, self.subjects))

    def cut_as(self, other: Plan) -> Plan:
        """The same run in the chunks of another plan."""
        return self.model_copy(update={"chunk_size": other.chunk_size, "parts": other.parts})

    def write(self, folder: str | Path) -> Path:
        """Put the plan into a run's folder; a folder that holds another plan is refused."""
        path = Path(folder) / "plan.json"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.exists():
                held = self.read(folder)
                if held.key != self.key:
                    raise InputError(
                        "output folder",
                        str(folder),
                        "an empty folder, or one of the same run",
                        f"It holds run {held.key}, this is run {self.key}.",
                    )
                return path
            part = path.with_suffix(f".{hashlib.sha256(str(id(self)).encode()).hexdigest()[:8]}.part")
            part.write_text(self.model_dump_json(indent=1), encoding="utf-8")
            part.replace(path)
        except OSError as error:
            raise InputError(
                "output folder", str(folder), "a folder that can be written", f"{error.strerror}."
            ) from None
        return path

    @classmethod
    def read(cls, folder: str | Path) -> Plan:
        """The plan of a run's folder."""
        path = Path(folder) / "plan.json"
        if not path.is_file():
            raise InputError("run folder", str(folder), "a folder with a plan.json, as a population run leaves it")
        try:
            return cls.of(**json.loads(path.read_text(encoding="utf-8")))
        except json.JSONDecodeError:
            raise InputError("run folder", str(folder), "a folder whose plan.json is whole") from None
