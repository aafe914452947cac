"""Bowdle 1998: scores over steps of 50 to 200 ng/mL in venous plasma are straight in the level (R 0.93 to 0.99)."""

from __future__ import annotations

import numpy as np
from reproduction import Reproduced, show

import ketasim as ks

STEPS = (50, 100, 150, 200)


def reproduce() -> list[Reproduced]:
    """Twenty minutes a step in 200 people; the mean score against the mean level, and the score at the top step."""
    regimen = " then ".join(f"tci plasma {c} ng/mL for 20 min" for c in STEPS)
    names = ("drug_high", "ketamine.venous")
    result = ks.simulate(regimen=regimen, times_h=np.linspace(0, 80, 41) / 60, outputs=names, subjects=200)
    high, level = (result[name].mean(axis=0) for name in names)
    return [
        Reproduced("correlation of means", 0.96, float(np.corrcoef(high, level)[0, 1]), 0.03),
        Reproduced("score at the top step, % of maximum", 63.0, float(high[-1]), 0.42, "%"),
    ]


if __name__ == "__main__":
    show(__doc__.splitlines()[0], reproduce())
