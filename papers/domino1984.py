"""Domino 1984: the rate constants printed as moments: clearance 27.6 mL/min/kg, volume 2.76 L/kg, half-life 1.91 h."""

from __future__ import annotations

import numpy as np
from reproduction import Reproduced, show

import ketasim as ks


def moments(model: str, output: str) -> tuple[float, float, float]:
    """Clearance (mL/min/kg), steady-state volume (L/kg) and half-life (h) from a simulated infusion of 1 mg/kg."""
    times = np.concatenate([np.arange(0, 4, 1 / 240), np.linspace(4, 60, 11201)])
    y = ks.simulate(model, regimen="1 mg/kg iv over 40 min", times_h=times, engine="exact")[output][0]
    area, moment = np.trapezoid(y, times), np.trapezoid(y * times, times)
    late = (times > 15) & (times < 30)
    clearance = 1e3 / area
    return (
        float(clearance * 1000 / 60),
        float(clearance * (moment / area - 20 / 60)),
        float(np.log(2) / -np.polyfit(times[late], np.log(y[late]), 1)[0]),
    )


def reproduce() -> list[Reproduced]:
    """Moments of the three-compartment set."""
    names = (("clearance", 27.6, "mL/min/kg"), ("steady-state volume", 2.76, "L/kg"), ("half-life", 1.91, "h"))
    ours = moments("domino1984", "ketamine.arterial")
    return [Reproduced(n, printed, x, 0.01, unit) for (n, printed, unit), x in zip(names, ours, strict=True)]


if __name__ == "__main__":
    show(__doc__.splitlines()[0], reproduce())
