"""Otto 2021, Figures 3b and 4b: median S-ketamine and S-norketamine after 10 mg of S-ketamine over 30 min, venous."""

from __future__ import annotations

import numpy as np
from reproduction import Reproduced, show

import ketasim as ks

MINUTES = (30, 60, 120, 180, 300, 360, 480, 600)
MEDIANS = {  # read off the figures, ±10 %
    "S_ketamine.venous": (56, 27, 15.5, 11.5, 6.0, 4.2, 2.5, 1.8),
    "S_norketamine.venous": (10, 23, 20, 16, 12, 11, 8, 6.5),
}
WHY = "(the parent was fixed to other people's data)"


def reproduce() -> list[Reproduced]:
    """Within 35 %: the parent was taken from fanta2015 and not fitted to these people."""
    times = np.array(MINUTES) / 60
    regimen = "esketamine 10 mg iv over 30 min"
    run = ks.simulate("otto2021", ks.Patient(weight_kg=68, age_y=23), regimen, times, engine="exact")
    return [
        Reproduced(f"{name} at {minute} min", printed, float(ours), 0.35, "ng/mL", WHY)
        for name, medians in MEDIANS.items()
        for minute, printed, ours in zip(MINUTES, medians, run[name][0], strict=True)
    ]


if __name__ == "__main__":
    show(__doc__.splitlines()[0], reproduce())
