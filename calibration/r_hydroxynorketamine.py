"""Clearance of R-hydroxynorketamine from the exposure ratios of hasan2021 (PK196, PK197).

Only PK197 is moved by this clearance. PK196, the same ratio for S, is predicted at 0.55 of what was measured by a chain
that is taken from simons2022 as published. R goes through the same chain, measured by the same laboratory; both rows
share the doubt of structure about the chain's clearance (`models_CLH`), whose size is that miss: the miss of S is then
not mistaken for slow clearance of R. The belief before the rows is the clearance of S times the ratio of the
enantiomers' ketamine clearances, 0.933 x 0.85 L/min, give or take a factor.
"""

import sys

from ketasim.fitting.calibrate import Calibration, calibrate, main

SEED = 20_251_122
CLEARANCE = "kinetics/simons2022.CLH_R"
BEFORE = {CLEARANCE: {"value": 0.79, "dist": "lognormal", "cv": 1.0}}
TEXTS = {
    CLEARANCE: {
        "where": "fitted to the ratio of areas of R-hydroxynorketamine and R-ketamine (PK197) beside that of S "
        "(PK196), whose miss is taken as common to both",
        "note": "Low confidence: for S the chain itself gives a little more than half of the measured ratio.",
    }
}


def fit() -> Calibration:
    """Clearance of R-hydroxynorketamine on hasan2021."""
    return calibrate("hasan2021", [CLEARANCE], rows=("PK196", "PK197"), priors=BEFORE, people=400, seed=SEED)


if __name__ == "__main__":
    sys.exit(main(fit, __file__, TEXTS))
