"""Fanta 2015, abstract: clearance of S-ketamine 95 L/h per 70 kg with 13 % between people."""

from __future__ import annotations

import numpy as np
from reproduction import Reproduced, show

import ketasim as ks

WHY = "(the spread carried is the 16 % re-estimated by otto2021 in 48 other people)"


def reproduce() -> list[Reproduced]:
    """Typical clearance from the curve, spread from a drawn population."""
    times = np.concatenate([np.arange(0, 4, 1 / 60), np.linspace(4, 150, 7301)])
    run = ks.simulate("fanta2015", regimen="esketamine 8.75 mg iv over 10 min", times_h=times, engine="exact")
    people = ks.simulate("fanta2015", regimen="esketamine 8.75 mg iv over 10 min", times_h=[0.0], subjects=2000, seed=1)
    clearances = people.individual[:, list(people.parameters).index("plasma_S.CL")]
    return [
        Reproduced("clearance", 95.0, 8.75e3 / float(run.auc("S_ketamine.venous")[0]), 0.01, "L/h"),
        Reproduced("spread of clearance", 0.13, float(np.std(np.log(clearances))), 0.10, "cv", WHY),
    ]


if __name__ == "__main__":
    show(__doc__.splitlines()[0], reproduce())
