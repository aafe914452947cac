"""What a monitor shows of a true value."""

from __future__ import annotations

import numpy as np

from ketasim.clinic.protocol import Reading
from ketasim.core import random


def monitor(
    r: Reading, true: np.ndarray, seed: int, subjects: np.ndarray, minute: float, session: int = 0
) -> np.ndarray:
    """What a monitor shows, (n,): error of this subject, session and minute, rounded, kept within its range."""
    if r.sd:
        stream = f"monitor/{r.output}" + (f"/{session}" if session else "")
        true = true + r.sd * random.normal(seed, stream, subjects, 1, first=round(minute * 1000))[:, 0]
    shown = np.rint(true / r.round_to) * r.round_to
    return np.round(np.clip(shown, -np.inf if r.low is None else r.low, np.inf if r.high is None else r.high), 6)
