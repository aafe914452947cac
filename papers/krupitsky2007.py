"""Krupitsky 2007: heroin, one or three monthly sessions of 2 mg/kg and psychotherapy, abstinent at a year."""

from __future__ import annotations

from indication_arms import arm, without_lapse
from reproduction import Reproduced, show

import ketasim as ks


def reproduce() -> list[Reproduced]:
    """6 of 27 after one session (sets the rate of lapsing), 13 of 26 after three (predicted)."""
    who, days = ks.Patient(diagnosis="oud", age_y=23), list(range(0, 366, 3))
    once, thrice = (
        without_lapse(arm(r, days, ("lapse_hazard",), who, {"psychotherapy": 1}))
        for r in ("2 mg/kg im", "2 mg/kg im, every 30 d x3")
    )
    return [
        Reproduced("abstinent, one session", 22.2, once, 0.6, "%"),
        Reproduced("abstinent, three sessions", 50.0, thrice, 0.4, "%"),
    ]


if __name__ == "__main__":
    show(__doc__.splitlines()[0], reproduce())
