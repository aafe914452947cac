"""Motov 2017: a feeling of unreality after 0.3 mg/kg as a push (92 %) and over 15 minutes (54 %)."""

from __future__ import annotations

import numpy as np
from reproduction import Reproduced, show

import ketasim as ks

SOME = 10.0  # points of 100 that count as a feeling of unreality (assumed)


def reproduce() -> list[Reproduced]:
    """Share of 2,000 people who feel it at any time of two hours."""
    times = np.linspace(0, 2, 241)
    shares = {
        minutes: float(
            np.mean(
                ks.simulate(
                    regimen=f"0.3 mg/kg iv over {minutes} min", times_h=times, outputs=("unreality",), subjects=2000
                ).cmax("unreality")
                > SOME
            )
        )
        for minutes in (5, 15)
    }
    return [
        Reproduced("push, share of people", 0.92, shares[5], 0.15),
        Reproduced("infusion, share of people", 0.54, shares[15], 0.25),
    ]


if __name__ == "__main__":
    show(__doc__.splitlines()[0], reproduce())
