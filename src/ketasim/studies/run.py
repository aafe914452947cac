"""What an arm looks like after it was simulated: replicates of the same trial arm, each with its own people."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from .curve import Array


@dataclass(frozen=True)
class ArmRun:
    """Simulated curves of one arm.

    times_h : (nt,). values : output → (replicates, people, nt). units : output → unit.
    dose_mg, weight_kg : (replicates, people). last_dose_h, end_h : start and end of the last dose. infusion_h :
    duration of the first dose.
    samples_h : the paper's sampling times, empty if unknown. doses : (start h, duration h, drug, route, mean mg).
    failed : people whose run failed (left out of `values`).
    """

    times_h: Array
    values: dict[str, Array]
    units: dict[str, str]
    dose_mg: Array
    weight_kg: Array
    last_dose_h: float = 0.0
    end_h: float = 0.0
    infusion_h: float = 0.0
    samples_h: tuple[float, ...] = ()
    failed: int = 0
    doses: tuple[tuple[float, float, str, str, float], ...] = ()
    notes: tuple[str, ...] = field(default_factory=tuple)

    @property
    def replicates(self) -> int:
        """Number of simulated copies of the arm."""
        return int(self.dose_mg.shape[0])

    def flat(self, output: str) -> Array:
        """Curves of every person of every replicate, (replicates · people, nt). KeyError if the output is absent."""
        v = self.values[output]
        return np.asarray(v.reshape(-1, v.shape[-1]), dtype=float)

    def origin_h(self, reference: str) -> float:
        """Hours at which the clock of a row starts: "start", "last_dose" or "end" (of the last dose)."""
        return {"start": 0.0, "last_dose": self.last_dose_h, "end": self.end_h}[reference]
