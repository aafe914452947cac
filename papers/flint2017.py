"""Flint 2017, Table 3: steady S-ketamine and S-norketamine in a ventilated infant follow the two clearances."""

from __future__ import annotations

import numpy as np
from reproduction import Reproduced, show

import ketasim as ks


def reproduce() -> list[Reproduced]:
    """7 kg, 5 months (the study's medians), 1 mg/kg/h for 200 h: rate/CL, and CL/CLn·(1 + 0.0087 t)⁻¹ for the ratio."""
    weight, hours = 7.0, 200.0
    run = ks.simulate(
        "flint2017", ks.Patient(weight_kg=weight, age_y=0.42), f"esketamine 1 mg/kg/h iv for {hours:g} h",
        times_h=np.array([hours - 0.01]), engine="reference",
    )  # fmt: skip
    parent, metabolite = (float(run[f"S_{a}.venous"][0, 0]) for a in ("ketamine", "norketamine"))
    size = (weight / 70) ** 0.75
    return [
        Reproduced("steady S-ketamine", weight / (112 * size) * 1000, parent, 0.01, "ng/mL"),
        Reproduced("norketamine over ketamine", 112 / (53.2 * (1 + 0.0087 * hours)), metabolite / parent, 0.01),
    ]


if __name__ == "__main__":
    show(__doc__.splitlines()[0], reproduce())
