"""Goldberg 2010: regional pain under five days of racemate at 10 to 40 mg/h, open (abstract).

The slow model is that of Dahan 2011 with its printed numbers, fitted to 100 hours of S-ketamine: here it meets another
drug form, centre and schedule.
"""

from __future__ import annotations

from indication_arms import arm, responders
from reproduction import Reproduced, show

import ketasim as ks

STEPS = "10 mg/h iv for 6 h then 20 mg/h iv for 18 h then 30 mg/h iv for 24 h then 40 mg/h iv for 72 h"


def reproduce() -> list[Reproduced]:
    """Pain of 8 to 9 falls to 3 to 5; 37 % have little or no change (taken as less than a fifth)."""
    r = arm(STEPS, [0, 5], ("pain_chronic",), ks.Patient(diagnosis="crps", pain_nrs=8.5))
    return [
        Reproduced("pain on day 5", 4.0, float(r["pain_chronic"][:, 1].mean()), 0.25, "points"),
        Reproduced("people with a change", 63, responders(r, "pain_chronic", 0.2), 0.3, "%"),
    ]


if __name__ == "__main__":
    show(__doc__.splitlines()[0], reproduce())
