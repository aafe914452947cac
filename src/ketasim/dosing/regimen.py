"""The regimen: what is given, how and when, as one immutable object."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from ketasim.core.errors import InputError
from ketasim.dosing.course import Strand
from ketasim.dosing.doses import Aim, Dose, Session, flatten
from ketasim.dosing.repeat import MOST
from ketasim.dosing.sentence import strands_text


@dataclass(frozen=True)
class Regimen:
    """Strands given side by side (`also`), each a sequence of blocks (`then`).

    Made by Regimen.parse("0.5 mg/kg iv over 40 min, 2/week for 4 weeks"), from_dict or from_toml; str() gives the
    sentence back, and reading that gives an equal regimen. Times are hours from the start, amounts are of base.
    """

    strands: tuple[Strand, ...]

    def __post_init__(self) -> None:
        if not self.strands:
            raise InputError("regimen", "empty", "at least one dose")
        count = len(self._flat[0])
        if count > MOST:
            raise InputError("regimen", f"{count} doses", f"at most {MOST}")

    # ------------------------------------------------------------------ reading and writing

    @classmethod
    def parse(cls, text: str) -> Regimen:
        """Read a sentence. Raises RegimenError (an InputError) that points at the word it cannot read."""
        from ketasim.dosing.parser import parse_strands

        return cls(parse_strands(text))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any] | str) -> Regimen:
        """Read {"text": sentence} or {"doses": [{"amount": "0.5 mg/kg", "route": "iv", …}, …]}, or a sentence."""
        from ketasim.dosing.table import strands_of

        return cls.parse(data) if isinstance(data, str) else cls(strands_of(data))

    def to_dict(self) -> dict[str, Any]:
        """{"doses": [...]}: plain strings and booleans, fit for TOML and JSON. from_dict reads it back."""
        from ketasim.dosing.table import rows_of

        return {"doses": rows_of(self.strands)}

    @classmethod
    def from_toml(cls, source: str | Path) -> Regimen:
        """Read TOML: a path, or the text itself. The regimen is the whole file, or its [regimen] table."""
        if isinstance(source, Path):
            from ketasim.dosing.scenario import read_toml

            data = read_toml(source)
        else:
            try:
                data = tomllib.loads(source)
            except tomllib.TOMLDecodeError as error:
                raise InputError("regimen", str(error), "valid TOML") from None
        return cls.from_dict(data.get("regimen", data))

    def to_toml(self) -> str:
        """The structured doses as TOML text."""
        from ketasim.dosing.table import toml_of

        return toml_of(self.to_dict()["doses"])

    def __str__(self) -> str:
        return strands_text(self.strands)

    # ------------------------------------------------------------------ readings

    @property
    def _all(self) -> list[Dose | Aim]:
        return [*self._flat[0], *self._flat[1]]

    @cached_property
    def _flat(self) -> tuple[tuple[Dose, ...], tuple[Aim, ...], tuple[tuple[float, float], ...]]:
        return flatten(self.strands)

    @property
    def doses(self) -> tuple[Dose, ...]:
        """Every dose in time order. InputError where part of it is a target, whose doses a pump decides."""
        self.require_runnable()
        return self._flat[0]

    @property
    def fixed_doses(self) -> tuple[Dose, ...]:
        """The doses that are known beforehand: all but what a pump will decide."""
        return self._flat[0]

    @property
    def targets(self) -> tuple[Aim, ...]:
        """Concentrations a pump is to hold, in time order."""
        return self._flat[1]

    def require_runnable(self) -> None:
        """Raise InputError if the regimen holds a target, for uses that need every dose beforehand.

        `ketasim.simulate` and the clinic's session run targets: the pump decides by its own model.
        """
        if self.targets:
            aim = self.targets[0]
            raise InputError(
                "tci", f"{aim.site} {aim.ng_ml:g} ng/mL", "doses and infusions of a known rate",
                "What a pump will give for a target is not known beforehand; simulate and clinic sessions run it.",
            )  # fmt: skip

    def require_before(self, until_h: float) -> None:
        """Raise InputError if anything begins at or after the end of the simulation (hours)."""
        starts = [x.start_h for x in self._all]
        late = max(starts)
        if late >= until_h and late > 0:
            count = sum(s >= until_h for s in starts)
            hint = ("1 dose begins" if count == 1 else f"{count} doses begin") + " after the end."
            raise InputError("until", f"{until_h:g} h", f"later than the last dose, at {late:g} h", hint)

    @property
    def end_h(self) -> float:
        """End of the last dose or infusion, hours."""
        return max(x.end_h for x in self._all)

    def sessions(self) -> tuple[Session, ...]:
        """Runs of doses less than 12 h apart. Co-drugs belong to the session they are given in but make none."""
        return tuple(
            Session(
                i, start, end,
                tuple(d for d in self.fixed_doses if d.session_index == i),
                tuple(a for a in self.targets if a.session_index == i),
            )
            for i, (start, end) in enumerate(self._flat[2])
        )  # fmt: skip

    @property
    def drugs(self) -> tuple[str, ...]:
        """Names of the drugs, in the order they are first given."""
        return tuple(dict.fromkeys(x.drug for x in sorted(self._all, key=lambda x: (x.start_h, x.strand))))

    @property
    def routes(self) -> tuple[str, ...]:
        """Routes, in the order they are first used."""
        found = [(d.start_h, d.route) for d in self.fixed_doses] + [(a.start_h, "iv") for a in self.targets]
        return tuple(dict.fromkeys(route for _, route in sorted(found, key=lambda x: x[0])))

    @cached_property
    def warnings(self) -> tuple[str, ...]:
        """What is unusual, in sentences: doses above the published range (at 70 kg where it matters)."""
        return self.check()

    def check(self, weight_kg: float = 70.0, ibw_kg: float | None = None) -> tuple[str, ...]:
        """Warnings for a person of that weight (ibw_kg: ideal weight, by default the same)."""
        from ketasim.dosing.limits import warnings_of

        return warnings_of(self, weight_kg, weight_kg if ibw_kg is None else ibw_kg)

    def describe(self) -> str:
        """The regimen in plain words, one line a block."""
        from ketasim.dosing.words import describe

        return describe(self)

    def to_events_table(self) -> list[dict[str, Any]]:
        """One row a dose (or target), in time order, with units in the names of the columns."""
        from ketasim.dosing.table import event_rows

        return event_rows(self)
