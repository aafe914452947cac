"""Olofsen 2022: S-ketamine doubles the pain threshold (pressure) at 0.51 nmol/mL, 8.3 min behind plasma; R does not."""

from __future__ import annotations

import numpy as np
from reproduction import Reproduced, show

import ketasim as ks

MOLAR = 237.73  # ng/nmol


def reproduce() -> list[Reproduced]:
    """The level in the effect site at which the threshold has doubled, and the half-time of equilibration."""
    times = np.linspace(0, 4, 481)
    names = ("pressure_pain", "acute_slow.S", "S_ketamine.arterial")
    off = {"acute_tolerance.C100": 1e9}  # S-norketamine left out, as in their constant
    rise = ks.simulate(regimen="esketamine 60 mg/h iv for 4 h", times_h=times, outputs=names, values=off)
    doubled = float(np.interp(2.0, rise["pressure_pain"][0], rise["acute_slow.S"][0]))
    site, plasma = rise["acute_slow.S"][0], rise["S_ketamine.arterial"][0]
    slope = np.gradient(site, times)
    middle = slice(20, 120)
    half_time = float(np.median(np.log(2) * (plasma - site)[middle] / slope[middle]) * 60)
    right = ks.simulate(regimen="arketamine 60 mg/h iv for 4 h", times_h=times, outputs=names[:1])
    return [
        Reproduced("level that doubles the threshold", 0.51, doubled / MOLAR, 0.02, "nmol/mL"),
        Reproduced("half-time of equilibration", 8.3, half_time, 0.02, "min"),
        Reproduced("threshold under R", 1.0, float(right["pressure_pain"].max()), 1e-9, "ratio"),
    ]


if __name__ == "__main__":
    show(__doc__.splitlines()[0], reproduce())
