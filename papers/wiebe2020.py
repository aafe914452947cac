"""Wiebe 2020, Table 3: midazolam in healthy adults, clearance 24.1 L/h and oral availability 27.6 %."""

from __future__ import annotations

import numpy as np
from reproduction import Reproduced, show

import ketasim as ks


def reproduce() -> list[Reproduced]:
    """From exposures after 2 mg into a vein and 4 mg by mouth."""
    times = np.concatenate([np.arange(0, 12, 1 / 240), np.linspace(12, 200, 9401)])
    vein, mouth = (
        float(
            ks.simulate(regimen=r, times_h=times, engine="exact", outputs=("midazolam.venous",)).auc(
                "midazolam.venous"
            )[0]
        )
        for r in ("midazolam 2 mg iv over 2 min", "midazolam 4 mg oral")
    )
    return [
        Reproduced("clearance", 24.1, 2e3 / vein, 0.01, "L/h"),
        Reproduced("oral availability", 0.276, mouth / vein / 2, 0.01),
    ]


if __name__ == "__main__":
    show(__doc__.splitlines()[0], reproduce())
