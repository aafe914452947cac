"""Grabski 2022: alcohol use disorder, three infusions with and without therapy, share of days without alcohol."""

from __future__ import annotations

from indication_arms import arm
from reproduction import Reproduced, show

import ketasim as ks


def reproduce() -> list[Reproduced]:
    """Printed: drug 10.1 % (1.1 to 19.0), both over neither 15.9 % (3.8 to 28.1), therapy under drug 4.2 % (−6.7 to
    15.2). Only the level of the control arm set a number."""
    who, days = ks.Patient(diagnosis="aud", age_y=44), list(range(0, 181, 3))
    share = {}
    for given, dose in ((1, "0.8 mg/kg iv over 40 min"), (0, "saline iv over 40 min")):
        for therapy in (0, 1):
            regimen = f"{dose}, 1/week for 3 weeks"
            r = arm(regimen, days, ("abstinence",), who, {"psychotherapy": therapy})
            share[given, therapy] = 100 * float(r["abstinence"].mean())
    drug = (share[1, 1] + share[1, 0] - share[0, 1] - share[0, 0]) / 2
    return [
        Reproduced("ketamine over saline", 10.1, drug, 0.5, "% of days"),
        Reproduced("ketamine and therapy over neither", 15.9, share[1, 1] - share[0, 0], 0.5, "% of days"),
        Reproduced("therapy under ketamine", 4.2, share[1, 1] - share[1, 0], 0.5, "% of days", "(inside −6.7 to 15.2)"),
        Reproduced("days without alcohol, neither", 70, share[0, 0], 0.15, "%"),
    ]


if __name__ == "__main__":
    show(__doc__.splitlines()[0], reproduce())
