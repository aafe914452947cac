"""Daly 2019 (SUSTAIN-1), figure 2: relapse of stable remitters who stop the spray or go on after 16 weeks.

Everybody takes a tablet. The hazard of those in remission at 16 weeks is followed for a year; people of the trial were
followed until 59 of them had relapsed, hence for different times.
"""

from __future__ import annotations

import numpy as np
from mood_arms import DAY, arm
from reproduction import Reproduced, show

from ketasim.outcomes.courses import relapse_free, remission

SETTINGS = {"antidepressant": 1.0, "multicentre": 1.0}
FIRST = "esketamine 84 mg intranasal, 2/week for 4 weeks then esketamine 84 mg intranasal, 1/week for 12 weeks"
DAYS = [0.0, *np.arange(112.0, 478.0, 3.0).tolist()]


def reproduce() -> list[Reproduced]:
    """Hazard ratio 0.49, median time to relapse after stopping 273 days (97 to not reached)."""
    curves = {}
    for name, more in (("stop", ""), ("go on", " then esketamine 84 mg intranasal, every 10 d x36")):
        run = arm(FIRST + more, DAYS, 37, 6, 28, SETTINGS, people=240, outputs=("madrs", "relapse_hazard"))
        curves[name] = relapse_free(run, 112 * DAY, remission(run, 112 * DAY, limit=12.0))
    t, stopped = curves["stop"]
    ratio = np.log(curves["go on"][1][-1]) / np.log(stopped[-1])
    median = float(np.interp(-0.5, -stopped, t / DAY)) if stopped[-1] <= 0.5 else float(t[-1] / DAY)
    return [
        Reproduced("hazard ratio of going on", 0.49, float(ratio), 0.33),
        Reproduced("median time to relapse after stopping", 273, median, 0.45, "d"),
    ]


if __name__ == "__main__":
    show(__doc__.splitlines()[0], reproduce())
