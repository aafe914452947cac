"""What every acute concentration–effect equation shares: enantiomers weighted, tolerance and antagonism divided out."""

from typing import Any

import numpy as np

from ketasim.core import ops
from ketasim.core.component import Component, Values, par

SITE = {"S": "ng/mL", "R": "ng/mL"}
LOSS = {"tolerance": "ratio", "antagonism": "ratio", "sensitivity": "ratio"}


class _Endpoint(Component):
    """Base of the acute endpoints: potency of R, and how much sensitivity, tolerance and antagonism count."""

    w_R: float = par("fraction", "potency of R-ketamine relative to S", low=0.0)
    a_S: float = par("1", "share of the person's general sensitivity (exponent) in this endpoint", low=0.0)
    a_T: float = par("fraction", "share of the acute tolerance that this endpoint develops", low=0.0)
    a_N: float = par("fraction", "share of the antagonism by S-norketamine that this endpoint feels", low=0.0)

    def drive(self, u: Values) -> Any:
        """S-ketamine equivalents left after tolerance and antagonism, ng/mL."""
        loss = 1.0 + self.a_T * u["tolerance"] + self.a_N * u["antagonism"]
        return ops.power(u["sensitivity"], self.a_S) * ops.positive(u["S"] + self.w_R * u["R"]) / loss


def racemic(S: Any, R: Any, w_R: Any) -> Any:
    """Level of racemate with the same effect, ng/mL: for constants printed for the racemate."""
    return 2.0 * ops.positive(S + w_R * R) / (1.0 + w_R)


def elder(age_y: np.ndarray) -> np.ndarray:
    """0 up to 55 years, 1 from 75 years, straight between."""
    return np.clip((np.asarray(age_y, float) - 55.0) / 20.0, 0.0, 1.0)


def child(age_y: np.ndarray) -> np.ndarray:
    """1 up to 12 years, 0 from 18 years, straight between."""
    return np.clip((18.0 - np.asarray(age_y, float)) / 6.0, 0.0, 1.0)
