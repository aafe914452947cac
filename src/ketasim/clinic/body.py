"""The patient's body as a session steps it: the many-people body, of one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ketasim.clinic.people import People, Saved
from ketasim.patients import Cohort, Patient

ALONE = np.zeros(1, dtype=int)

__all__ = ["Body", "Saved"]


class Body:
    """One person, stepped exactly from edge to edge. `subject` is the number that keys this person's draws."""

    def __init__(
        self, patient: Patient, given: Sequence[tuple[str, str]], outputs: Sequence[str], seed: int,
        vary: Sequence[str] = (), settings: Mapping[str, float] | None = None, engine: str = "native", subject: int = 0,
    ) -> None:  # fmt: skip
        cohort = Cohort.from_patient(patient, start=subject)
        self._one = People(cohort, given, outputs, seed, vary, settings, engine)
        self.outputs = self._one.outputs

    @property
    def t(self) -> float:
        """Time, h."""
        return self._one.t

    def begin_session(self) -> None:
        """What a first dose does to tolerance and expectation."""
        self._one.begin_session(ALONE)

    def give(self, drug: str, route: str, mg: float, device: int = 0) -> None:
        """A dose at once (push, nasal device, oral, intramuscular); slow absorption goes on by itself."""
        self._one.give(drug, route, mg, ALONE, device=device)

    def change_rate(self, drug: str, mg_h: float) -> None:
        """Add to the intravenous rate of a drug now (negative to take away)."""
        self._one.change_rate(drug, mg_h, ALONE)

    def advance(self, to_h: float) -> dict[str, float]:
        """Go to a time and read the outputs there (just before what happens at that very time)."""
        return {k: float(v[0]) for k, v in self._one.advance(to_h).items()}

    def now(self) -> dict[str, float]:
        """Outputs at this moment."""
        return {k: float(v[0]) for k, v in self._one.now().items()}

    def save(self) -> Saved:
        """This moment."""
        return self._one.save()

    def restore(self, saved: Saved) -> None:
        """Back to a moment."""
        self._one.restore(saved)
