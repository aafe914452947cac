"""What an analysis returns: one row per parameter, with its unit, and with the reason where there is no number."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from ketasim.analysis.nca.codes import NAMES
from ketasim.analysis.nca.terminal import TerminalPhase
from ketasim.core.errors import InputError


@dataclass(frozen=True)
class NcaRow:
    """One parameter of one profile. `value` is NaN exactly where `reason` says why; an interval has start and end."""

    subject: str
    code: str
    value: float
    unit: str
    reason: str = ""
    start: float | None = None
    end: float | None = None

    @property
    def name(self) -> str:
        return NAMES[self.code]

    def as_dict(self) -> dict[str, Any]:
        """The row under CDISC variable names."""
        return {
            "USUBJID": self.subject, "PPTESTCD": self.code, "PPTEST": self.name,
            "PPSTRESN": self.value, "PPSTRESU": self.unit, "PPREASND": self.reason,
            "PPSTINT": self.start, "PPENINT": self.end,
        }  # fmt: skip


@dataclass(frozen=True)
class NcaResult:
    """Every parameter of one or more profiles, the terminal phases behind them and what was done to the samples."""

    rows: tuple[NcaRow, ...]
    notes: tuple[tuple[str, str], ...] = ()
    phases: dict[str, TerminalPhase] = field(default_factory=dict)

    @property
    def subjects(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(r.subject for r in self.rows))

    def row(self, code: str, subject: str | None = None) -> NcaRow:
        """The row of a code (the first, where a partial area occurs twice); the subject may be left out when single."""
        if subject is None:
            if len(self.subjects) != 1:
                raise InputError("subject", None, "one of " + ", ".join(self.subjects))
            subject = self.subjects[0]
        for r in self.rows:
            if r.code == code.upper() and r.subject == subject:
                return r
        have = ", ".join(dict.fromkeys(r.code for r in self.rows if r.subject == subject))
        raise InputError("code", code, have or f"no parameters of subject {subject}")

    def __getitem__(self, code: str) -> float:
        return self.row(code).value

    def __iter__(self) -> Iterator[NcaRow]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def unit(self, code: str) -> str:
        return next(r.unit for r in self.rows if r.code == code.upper())

    def reason(self, code: str, subject: str | None = None) -> str:
        return self.row(code, subject).reason

    def to_rows(self) -> list[dict[str, Any]]:
        """A list of CDISC-named dictionaries."""
        return [r.as_dict() for r in self.rows]

    def to_frame(self) -> Any:
        """A long polars frame, one row per parameter, CDISC variable names."""
        import polars as pl

        schema = {
            "USUBJID": pl.String, "PPTESTCD": pl.String, "PPTEST": pl.String, "PPSTRESN": pl.Float64,
            "PPSTRESU": pl.String, "PPREASND": pl.String, "PPSTINT": pl.Float64, "PPENINT": pl.Float64,
        }  # fmt: skip
        return pl.DataFrame(self.to_rows(), schema=schema)

    def wide(self) -> Any:
        """A polars frame with one row per subject and one column per parameter (partial areas named with interval)."""
        import polars as pl

        out: dict[str, dict[str, float]] = {s: {} for s in self.subjects}
        for r in self.rows:
            key = r.code if r.start is None or r.code == "CMAX" else f"{r.code}_{r.start:g}_{r.end:g}"
            out[r.subject][key] = r.value
        keys = dict.fromkeys(k for row in out.values() for k in row)
        return pl.DataFrame({"USUBJID": list(out)} | {k: [row.get(k, math.nan) for row in out.values()] for k in keys})


def joined(results: Iterable[NcaResult]) -> NcaResult:
    """Several results as one, in their order."""
    rows: list[NcaRow] = []
    notes: list[tuple[str, str]] = []
    phases: dict[str, TerminalPhase] = {}
    for r in results:
        rows.extend(r.rows)
        notes.extend(r.notes)
        phases.update(r.phases)
    return NcaResult(tuple(rows), tuple(notes), phases)
