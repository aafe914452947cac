"""Feder 2021: six infusions against midazolam in chronic PTSD, CAPS-5 after two weeks (abstract and press release)."""

from __future__ import annotations

from indication_arms import arm, change, responders
from reproduction import Reproduced, show

import ketasim as ks


def reproduce() -> list[Reproduced]:
    """Difference −11.88 (SE 3.96); a third of the score gone in 67 and 20 %. The two arms set two numbers."""
    who, days = ks.Patient(diagnosis="ptsd", caps5=42), [0, 14]
    drug = arm("0.5 mg/kg iv over 40 min, 3/week for 2 weeks", days, ("caps5",), who)
    other = arm("midazolam 0.045 mg/kg iv over 40 min, 3/week for 2 weeks", days, ("caps5",), who)
    return [
        Reproduced("difference of changes", -11.88, change(drug, "caps5") - change(other, "caps5"), 0.33, "points"),
        Reproduced("responders, ketamine", 67, responders(drug, "caps5", 0.3), 0.35, "%"),
        Reproduced("responders, midazolam", 20, responders(other, "caps5", 0.3), 0.6, "%", "(three of fifteen people)"),
    ]


if __name__ == "__main__":
    show(__doc__.splitlines()[0], reproduce())
