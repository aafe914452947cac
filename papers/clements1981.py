"""Clements & Nimmo 1981: the rate constants as moments (19.1 mL/min/kg, 4.13 L/kg, half-life 3.05 h)."""

from __future__ import annotations

import numpy as np
from reproduction import Reproduced, show

import ketasim as ks


def reproduce() -> list[Reproduced]:
    """Moments of the two-compartment set from a simulated infusion of 1 mg/kg."""
    times = np.concatenate([np.arange(0, 4, 1 / 240), np.linspace(4, 80, 15201)])
    y = ks.simulate("clements1981", regimen="1 mg/kg iv over 40 min", times_h=times, engine="exact")["ketamine.venous"][
        0
    ]
    area, moment = np.trapezoid(y, times), np.trapezoid(y * times, times)
    late = (times > 20) & (times < 40)
    clearance = 1e3 / area
    half_life = np.log(2) / -np.polyfit(times[late], np.log(y[late]), 1)[0]
    return [
        Reproduced("clearance", 19.1, float(clearance * 1000 / 60), 0.01, "mL/min/kg"),
        Reproduced("steady-state volume", 4.13, float(clearance * (moment / area - 20 / 60)), 0.01, "L/kg"),
        Reproduced("half-life", 3.05, float(half_life), 0.01, "h"),
    ]


if __name__ == "__main__":
    show(__doc__.splitlines()[0], reproduce())
