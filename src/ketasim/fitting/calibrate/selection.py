"""Which rows a calibration may read: those marked `calibrate`, and no others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ketasim.core.errors import InputError
from ketasim.studies.catalogue import STATISTICS
from ketasim.studies.study import Arm, Observation, Study

Studies = str | Path | Study | Sequence["str | Path | Study"] | None


@dataclass(frozen=True)
class Target:
    """One row with its study, arm and comparator."""

    study: Study
    row: Observation
    arm: Arm
    comparator: Arm | None = None

    @property
    def soft(self) -> bool:
        """Signs and ranks are constraints on a side, not values."""
        return STATISTICS[self.row.statistic].family == "order"

    @property
    def log(self) -> bool:
        """Whether prediction and observation are compared as logarithms."""
        return STATISTICS[self.row.statistic].error == "fold"


def gather(studies: Studies) -> list[Study]:
    """Studies from folders, files, ids of shipped studies or Study objects; all shipped ones for None."""
    from ketasim.studies.read import read_folder, shipped

    if studies is None:
        return read_folder(None)
    if isinstance(studies, str | Path | Study):
        studies = [studies]
    out: list[Study] = []
    for one in studies:
        if isinstance(one, Study):
            out.append(one)
        elif not Path(one).exists() and (shipped() / str(one) / "study.toml").is_file():
            out += read_folder(shipped() / str(one))
        else:
            out += read_folder(one)
    twice = sorted({s.id for s in out if [x.id for x in out].count(s.id) > 1})
    if twice:
        raise InputError("study", twice[0], "each study once")
    return out


def select(studies: Sequence[Study], rows: Iterable[str] | None = None) -> list[Target]:
    """The rows to calibrate on: those named, or every runnable row marked `calibrate`.

    InputError for a named row that does not exist, that is marked for another use, or that cannot be simulated.
    """
    known = {row.id: (study, row) for study in studies for row in study.observations}
    if rows is None:
        chosen = [(s, r) for s in studies for r in s.observations if r.use == "calibrate" and _can(s, r) == ""]
        if not chosen:
            uses = sorted({r.use for s in studies for r in s.observations})
            shown = f"marked {', '.join(uses) or 'not at all'}"
            raise InputError("rows", shown, "at least one row with use = calibrate that can be simulated")
    else:
        chosen = []
        for name in rows:
            if name not in known:
                raise InputError("row", name, f"a row of {', '.join(s.id for s in studies[:6])}")
            chosen.append(known[name])
    return [_target(study, row) for study, row in chosen]


def _target(study: Study, row: Observation) -> Target:
    if row.use != "calibrate":
        why = {"check": "it is kept to check the model", "transcription": "it restates the model's own paper",
               "do_not_score": row.reason or "it is not to be scored"}[row.use]  # fmt: skip
        raise InputError(
            f"row {row.id} of {study.id}",
            f"use = {row.use}",
            "rows with use = calibrate",
            f"{why[0].upper()}{why[1:]}.",
        )
    if why := _can(study, row):
        raise InputError(f"row {row.id} of {study.id}", why, "a row that can be simulated")
    other = study.arm(row.comparator) if row.comparator else None
    return Target(study, row, study.arm(row.arm), other)


def _can(study: Study, row: Observation) -> str:
    """Why a row cannot be simulated, or ""."""
    if STATISTICS[row.statistic].family == "parameter":
        return ""
    arms = [study.arm(name) for name in (row.arm, *((row.comparator,) if row.comparator else ()), *row.order)]
    return next((arm.not_runnable for arm in arms if arm.not_runnable), "")
