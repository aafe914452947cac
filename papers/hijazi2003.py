"""Hijazi 2003, abstract: clearance 36.0 mL/min/kg, half-life 4.9 h, volume 16.0 L/kg in intensive care."""

from __future__ import annotations

import numpy as np
from reproduction import Reproduced, show

import ketasim as ks


def reproduce() -> list[Reproduced]:
    """The rate constants return the abstract's moments."""
    times = np.concatenate([np.arange(0, 4, 1 / 60), np.linspace(4, 100, 9601)])
    run = ks.simulate("hijazi2003", regimen="1 mg/kg iv over 40 min", times_h=times, engine="exact")
    y = run["ketamine.venous"][0]
    clearance = 1e6 / np.trapezoid(y, times) / 60
    late = (times > 30) & (times < 60)
    rate = -np.polyfit(times[late], np.log(y[late]), 1)[0]
    return [
        Reproduced("clearance", 36.0, float(clearance), 0.01, "mL/min/kg"),
        Reproduced("half-life", 4.9, float(np.log(2) / rate), 0.02, "h"),
        Reproduced("volume of the last phase", 16.0, float(clearance * 60 / 1000 / rate), 0.05, "L/kg"),
    ]


if __name__ == "__main__":
    show(__doc__.splitlines()[0], reproduce())
