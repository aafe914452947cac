"""A run as a scenario file and flags describe it; a flag replaces what the file says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ketasim.core.errors import InputError

if TYPE_CHECKING:
    import numpy as np

    from ketasim.dosing import Regimen
    from ketasim.patients import Cohort, Patient


@dataclass(frozen=True)
class Run:
    """Everything `simulate` is called with, from a file, from flags or both: people are drawn from `population`, or
    around `patient`."""

    patient: Patient | None
    population: str | None
    regimen: Regimen
    title: str
    model: str
    seed: int
    people: int
    until_h: float | None
    times_h: np.ndarray | None
    outputs: tuple[str, ...] | None

    @cached_property
    def who(self) -> Patient | Cohort:
        """The patient, or the people drawn from the population."""
        if self.patient is not None:
            return self.patient
        from ketasim.patients import sample

        assert self.population is not None
        return sample(self.population, self.people, self.seed)

    @property
    def subjects(self) -> int | None:
        """How many people to draw around the patient; None where a population says who they are."""
        return None if self.population else self.people


def read(path: Path | None, flags: Mapping[str, Any], body: Mapping[str, Any]) -> Run:
    """The run of a scenario file (or none), with flags and words about the patient that are not None put over it.

    Raises InputError for a file that is missing, empty or not TOML, for unknown keys and for values of the wrong type.
    """
    said: dict[str, Any] = {}
    if path is not None:
        from ketasim.dosing.scenario import read_toml

        said = read_toml(path)
    said.update({key: value for key, value in flags.items() if value is not None})
    if "regimen" not in said:
        hint = "" if path is None else f"There is none in {path}."
        raise InputError("dose", "missing", 'a regimen, as in --dose "0.5 mg/kg iv over 40 min"', hint)
    given = {key: value for key, value in body.items() if value is not None}
    if given:
        old = said.get("patient", {})
        if not isinstance(old, dict):
            raise InputError("patient", old, "a table [patient]")
        said["patient"] = {**old, **given}
    scenario = _spoken(said) if path is None else _written(said)
    return Run(
        patient=_patient(scenario),
        population=scenario.population,
        regimen=scenario.regimen,
        title=scenario.title,
        model=scenario.model,
        seed=scenario.seed,
        people=scenario.subjects,
        until_h=scenario.until_h,
        times_h=_times(scenario),
        outputs=scenario.outputs or None,
    )


def _written(said: dict[str, Any]) -> Any:
    from ketasim.dosing.scenario import scenario_from

    return scenario_from(said)


def _spoken(said: Mapping[str, Any]) -> Any:
    """What flags alone say, with the fields of a Scenario; nothing of a file has to be loaded for it."""
    from types import SimpleNamespace

    from ketasim.dosing import Regimen
    from ketasim.timeline import hours

    regimen = Regimen.parse(said["regimen"])
    until_h = hours(said["until"], "until") if "until" in said else None
    if until_h is not None:
        regimen.require_before(until_h)
    for name, least in (("seed", 0), ("subjects", 1)):
        if said.get(name, least) < least:
            raise InputError(name, said[name], f"a whole number, {least} or more")
    return SimpleNamespace(
        regimen=regimen,
        title="",
        model=said.get("model", "ketamine"),
        seed=said.get("seed", 0),
        subjects=said.get("subjects", 1),
        population=said.get("population"),
        patient=said.get("patient", {}),
        until_h=until_h,
        every_h=hours(said["every"], "every") if "every" in said else None,
        outputs=tuple(said.get("outputs", ())),
    )


def _patient(scenario: Any) -> Patient | None:
    from ketasim.patients import Patient

    if scenario.population is None:
        return Patient.from_mapping(scenario.patient)
    if scenario.patient:
        raise InputError("population", scenario.population, "either a population or a patient, not both")
    return None


def _times(scenario: Any) -> np.ndarray | None:
    """The output times where a step is asked for, hours."""
    if scenario.every_h is None:
        return None
    import numpy as np

    end = scenario.until_h if scenario.until_h is not None else scenario.regimen.end_h + 24.0
    steps = int(np.floor(end / scenario.every_h + 1e-9))
    if steps > 1_000_000:
        raise InputError(
            "every", f"{scenario.every_h:g} h", f"at least {end / 1_000_000:.3g} h, for a run of {end:g} h"
        )
    return np.append(np.arange(steps + 1) * scenario.every_h, [end] if end > steps * scenario.every_h + 1e-9 else [])
