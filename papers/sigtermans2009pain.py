"""Sigtermans 2009: regional pain, S-ketamine for 4.2 days to about 20 mg/h, pain at one week (abstract)."""

from __future__ import annotations

from indication_arms import arm
from reproduction import Reproduced, show

import ketasim as ks

DRUG = "esketamine 5 mg/h iv for 12 h then esketamine 10 mg/h iv for 12 h then esketamine 20 mg/h iv for 77 h"


def reproduce() -> list[Reproduced]:
    """2.68 (SE 0.51) against 5.45 (SE 0.48) at a week. Nothing is left at week twelve: row PAI06."""
    who, days = ks.Patient(diagnosis="crps", pain_nrs=7.0), [0, 7]
    drug, other = (
        arm(r, days, ("pain_chronic",), who)["pain_chronic"].mean(axis=0) for r in (DRUG, "saline iv over 100 h")
    )
    return [
        Reproduced("pain at a week, S-ketamine", 2.68, float(drug[1]), 0.25, "points"),
        Reproduced("pain at a week, placebo", 5.45, float(other[1]), 0.2, "points"),
    ]


if __name__ == "__main__":
    show(__doc__.splitlines()[0], reproduce())
