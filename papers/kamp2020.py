"""Kamp 2020, abstract: pooled clearance 79 L/h (95 % CI 69-90) and volume 252 L (200-304) per 70 kg."""

from __future__ import annotations

import numpy as np
from reproduction import Reproduced, show

import ketasim as ks


def reproduce() -> list[Reproduced]:
    """Clearance and volume of the three-compartment set from simulated moments, inside the pooled intervals."""
    times = np.concatenate([np.arange(0, 4, 1 / 120), np.linspace(4, 60, 5601)])
    run = ks.simulate("kamp2020", regimen="35 mg iv over 40 min", times_h=times, engine="exact")
    y = run["ketamine.arterial"][0]
    area, moment = np.trapezoid(y, times), np.trapezoid(y * times, times)
    clearance = 35e3 / area
    volume = clearance * (moment / area - 20 / 60)
    return [
        Reproduced("clearance at 70 kg", 79, clearance, (90 - 79) / 79, "L/h"),
        Reproduced("steady-state volume at 70 kg", 252, volume, 52 / 252, "L"),
    ]


if __name__ == "__main__":
    show(__doc__.splitlines()[0], reproduce())
