"""Herd 2008: children rouse at 0.52 mg/L of racemate; deep sedation has EC50 0.56 mg/L, Hill 3.71, fraction 0.939."""

from __future__ import annotations

import numpy as np
from reproduction import Reproduced, show

import ketasim as ks


def reproduce() -> list[Reproduced]:
    """A child of 8 years wakes from 1.5 mg/kg: the fast effect site when the chance of answering is even."""
    names = ("p_unresponsive", "acute_fast.S", "acute_fast.R", "sedation.deep")
    child = ks.Patient(age_y=8)
    result = ks.simulate(
        regimen="1.5 mg/kg iv over 1 min", patient=child, times_h=np.linspace(0.05, 1.5, 1741), outputs=names
    )
    level = (result["acute_fast.S"] + result["acute_fast.R"])[0] / 1000.0
    last = np.flatnonzero(result["p_unresponsive"][0] > 0.5)[-1]
    deep = result["sedation.deep"][0]
    half = level[np.flatnonzero(deep > 0.939 / 2)[-1]]
    x = np.log(level[(deep > 0.1) & (deep < 0.85)])
    y = np.log(1.0 / (0.939 / deep[(deep > 0.1) & (deep < 0.85)] - 1.0))
    return [
        Reproduced("level at waking", 0.52, float(level[last]), 0.03, "mg/L"),
        Reproduced("level of half the deep sedation", 0.56, float(half), 0.03, "mg/L"),
        Reproduced("steepness", 3.71, float(np.polyfit(x, y, 1)[0]), 0.03),
    ]


if __name__ == "__main__":
    show(__doc__.splitlines()[0], reproduce())
