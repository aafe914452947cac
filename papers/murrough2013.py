"""Murrough 2013, abstract and text: one infusion of ketamine or midazolam, change of the MADRS a day later.

The share of responders was printed for both arms; the rows of this trial that were calibrated are the two means.
"""

from __future__ import annotations

from mood_arms import arm, change, responders, spread
from reproduction import Reproduced, show

SETTINGS = {"masked": 1.0}
WHY = "(known: few people of a control arm halve their score in a day; the mean is met)"


def reproduce() -> list[Reproduced]:
    """Means (7.95 apart after adjustment), SDs implied by the printed t values, shares of responders at 24 h."""
    ketamine = arm("0.5 mg/kg iv over 40 min", [0, 1], 32, 6, 24, SETTINGS)
    midazolam = arm("midazolam 0.045 mg/kg iv over 40 min", [0, 1], 32, 6, 24, SETTINGS)
    a, b = change(ketamine, 1), change(midazolam, 1)
    return [
        Reproduced("ketamine, change at 24 h", -16.5, a, 0.18, "points"),
        Reproduced("midazolam, change at 24 h", -8.8, b, 0.30, "points"),
        Reproduced("difference", -7.95, a - b, 0.38, "points"),
        Reproduced("SD of change, ketamine", 11.0, spread(ketamine, 1), 0.25, "points"),
        Reproduced("SD of change, midazolam", 9.5, spread(midazolam, 1), 0.25, "points"),
        Reproduced("responders, ketamine", 64, responders(ketamine, 1), 0.25, "%"),
        Reproduced("responders, midazolam", 28, responders(midazolam, 1), 0.4, "%", WHY),
    ]


if __name__ == "__main__":
    show(__doc__.splitlines()[0], reproduce())
