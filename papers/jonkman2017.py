"""Jonkman 2017: availability of nebulised S-ketamine, 70 % at low plasma levels, 50 and 38 % at 275 and 375 ng/mL."""

from __future__ import annotations

import numpy as np
from reproduction import Reproduced, show

import ketasim as ks
from ketasim.kinetics.absorption.jonkman2017 import Jonkman2017


def reproduce() -> list[Reproduced]:
    """Availability at the printed levels, and of a dose too small to limit itself, from exposures."""
    c = Jonkman2017()

    def at(level: float) -> float:
        return float(c.availability(dict.fromkeys(c.states, 0.0) | {"SA1": level / c.M * c.V1}))

    times = np.arange(0, 24, 1 / 60)

    def area(route: str) -> float:
        regimen = f"esketamine 1 mg {route} over 20 min"
        run = ks.simulate(
            "jonkman2017", regimen=regimen, times_h=times, engine="reference", outputs=("S_ketamine.arterial",)
        )
        return float(run.auc("S_ketamine.arterial")[0])

    return [
        Reproduced("availability of a small dose", 0.70, area("inhaled") / area("iv"), 0.02),
        Reproduced("availability at 275 ng/mL", 0.50, at(275), 0.02),
        Reproduced("availability at 375 ng/mL", 0.38, at(375), 0.03),
    ]


if __name__ == "__main__":
    show(__doc__.splitlines()[0], reproduce())
