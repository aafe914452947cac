"""A session of one person, kinetics to EEG bands and acute outcomes, and the acute outcomes of ten thousand people."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

import ketasim as ks
from ketasim.circuits.eeg import BANDS
from ketasim.models.layers.acute import ACUTE

REGIMEN = "0.5 mg/kg iv over 40 min"
MUST_S = {"session": 0.020, "people": 3.0}


def _best(work: Callable[[], Any], rounds: int) -> dict[str, float]:
    """Smallest wall and processor time of some rounds after one to warm up, s."""
    work()
    wall, cpu = [], []
    for _ in range(rounds):
        w, c = time.perf_counter(), time.process_time()
        work()
        wall.append(time.perf_counter() - w)
        cpu.append(time.process_time() - c)
    return {"wall_s": min(wall), "cpu_s": min(cpu), "wall_median_s": float(np.median(wall))}


def run(short: bool = False) -> dict[str, Any]:
    """ "session": one person, 5 s for 3 h; "people": acute outcomes of many people, every minute for 3 h, 2 threads."""
    bands = [f"eeg.{band}" for band in BANDS]
    often, rarely = np.arange(0, 3, 5 / 3600), np.arange(0, 3 + 1e-9, 1 / 60)
    n = 1_000 if short else 10_000
    cohort = ks.sample("adult", n, seed=1)
    acute = list(ACUTE.provides)
    return {
        "session": _best(
            lambda: ks.simulate(regimen=REGIMEN, times_h=often, outputs=[*bands, "eeg.slope", *acute]), 15
        ),
        "people": {
            "n": n,
            **_best(lambda: ks.simulate(patient=cohort, regimen=REGIMEN, times_h=rarely, outputs=acute, threads=2), 3),
        },
        "must_s": MUST_S,
    }


if __name__ == "__main__":
    print(run())
