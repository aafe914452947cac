"""When a patient may go: the session's criteria on many people drawn around the patient."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ketasim.clinic.plan import plan
from ketasim.clinic.protocol import Protocol
from ketasim.patients import Patient


@dataclass(frozen=True)
class Forecast:
    """Minutes from the start of dosing to discharge: 5 %, median, 95 %; the share not ready at the end of the run."""

    low: float
    median: float
    high: float
    not_ready: float
    people: int


def predict_discharge(
    patient: Patient,
    protocol: Protocol,
    *,
    people: int = 100,
    seed: int = 0,
    vary: tuple[str, ...] = ("between", "doubt"),
) -> Forecast:
    """Simulate the planned session without any intervention in `people` drawn around the patient."""
    from ketasim.simulate import simulate

    planned = plan(patient, protocol)
    d = protocol.discharge
    times = np.arange(0.0, protocol.max_min + 1e-9, 1.0)
    outputs = tuple(dict.fromkeys(c.output for c in d.criteria))
    r = simulate(patient=patient, regimen=planned.regimen, times_h=times / 60, seed=seed, subjects=people, vary=vary,
                 outputs=outputs)  # fmt: skip
    fine = np.ones((people, len(times)), bool)
    fine &= (times >= d.after_start_min) & (times >= planned.end_min + d.after_end_min)
    for c in d.criteria:
        value = r[c.output]
        if c.at_most is not None:
            fine &= value <= c.at_most
        if c.at_least is not None:
            fine &= value >= c.at_least
        if c.within_share_of_baseline is not None:
            fine &= np.abs(value - value[:, :1]) <= c.within_share_of_baseline * value[:, :1]
    ready = fine.any(axis=1)
    first = np.where(ready, times[np.argmax(fine, axis=1)], np.inf)
    low, median, high = (float(np.quantile(first, q, method="higher")) for q in (0.05, 0.5, 0.95))
    return Forecast(low, median, high, float(1 - ready.mean()), people)
