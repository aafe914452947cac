"""Half-time of the way from arterial plasma to the arm vein, from the medians of otto2021 (PK110-PK117).

The arterial curve is that of the default composition; what it is unsure of (clearance, volumes, the split between the
enantiomers) widens the rows, so the half-time is not asked to mend it. The belief before the rows is wide: a forearm
vein follows the artery within minutes to tens of minutes. The rows bound it well above and poorly below, which no
log-normal around the summit tells: the posterior is sampled.
"""

import sys

from ketasim.fitting.calibrate import Calibration, calibrate, main

SEED = 20_251_122
LINK = "kinetics/plasma.link"
ROWS = tuple(f"PK{number}" for number in range(110, 118))
BEFORE = {LINK: {"value": 10.0, "dist": "lognormal", "cv": 1.0, "low": 0.5, "high": 60.0}}
TEXTS = {
    LINK: {
        "where": "half-time of a first-order link from arterial to venous, fitted to the medians of otto2021 "
        "(PK110-PK117) on the default composition"
    }
}


def fit() -> Calibration:
    """Venous link on otto2021."""
    done = calibrate("otto2021", [LINK], rows=ROWS, priors=BEFORE, people=400, seed=SEED)
    return done.profile().sample(1000)


if __name__ == "__main__":
    sys.exit(main(fit, __file__, TEXTS))
