"""What each explanation is free to choose: the same widths for all, wider than any doubt that was fitted for one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ketasim.core.spread import Floats


@dataclass(frozen=True)
class Freedom:
    """A number of the model: its name, its median (None: as in the tables) and the SD of its logarithm; with `between`
    two limits, a uniform number instead."""

    name: str
    width: float = 0.3
    median: float | None = None
    between: tuple[float, float] | None = None

    def value(self, z: Floats, typical: float) -> Floats:
        """Values (n,) for standard normal latents."""
        if self.between is not None:
            from ketasim.core.gaussian import ndtr

            low, high = self.between
            return low + (high - low) * np.asarray(ndtr(z), float)
        return np.asarray((typical if self.median is None else self.median) * np.exp(self.width * z), float)


CASCADE = (
    Freedom("cascade.k_w", 0.4), Freedom("cascade.tau_w", 0.4), Freedom("cascade.p50", 0.4),
    Freedom("cascade.k_n", 0.4), Freedom("cascade.half_life", 0.3),
)  # fmt: skip
SCALES = (
    Freedom("mood.s", 0.35), Freedom("mood.m", 0.15), Freedom("course.a", 0.3), Freedom("course.b", 0.4),
    Freedom("course.P", 0.3), Freedom("course.g", 0.4), Freedom("course.e", 0.4), Freedom("course.open_label", 0.25),
    Freedom("trial.multicentre", 0.25),
)  # fmt: skip
GAIN = Freedom("plasticity_drive.gain", 0.4)
POTENCY = Freedom("plasticity_drive.w_R", between=(0.0, 1.0))
FREE: Mapping[str, tuple[Freedom, ...]] = {
    "disinhibition": (GAIN, POTENCY, Freedom("plasticity_drive.EC50", 0.5), *CASCADE, *SCALES),
    "rest_block": (GAIN, POTENCY, Freedom("plasticity_drive.K_rest", 0.5), *CASCADE, *SCALES),
    "trkb": (GAIN, Freedom("plasticity_drive.w_H", 0.5), Freedom("plasticity_drive.K", 0.5), *CASCADE, *SCALES),
    "hnk": (
        GAIN, Freedom("plasticity_drive.w_S", between=(0.1, 1.5)), Freedom("plasticity_drive.EC50", 0.5),
        *CASCADE, *SCALES,
    ),
    "opioid": (
        GAIN, POTENCY, Freedom("plasticity_drive.EC50", 0.5), Freedom("plasticity_drive.K_mu", 0.5), *CASCADE, *SCALES,
    ),
    "direct": (
        Freedom("benefit.top", 0.4), Freedom("benefit.w_R", between=(0.0, 1.0)), Freedom("benefit.EC50", 0.5),
        Freedom("benefit.half_life", 0.4), *SCALES,
    ),
    "expectancy": tuple(Freedom("course.e", 0.6, median=0.6) if f.name == "course.e" else f for f in SCALES),
}  # fmt: skip
WORDS: Mapping[str, str] = {
    "disinhibition": "disinhibition and AMPA",
    "rest_block": "block at rest and eEF2 kinase",
    "trkb": "direct binding to TrkB",
    "hnk": "hydroxynorketamine",
    "opioid": "gated by mu receptors",
    "direct": "response to the peak, no plasticity",
    "expectancy": "expectation alone",
}
