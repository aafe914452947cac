"""What a monitor shows of a true value."""

from __future__ import annotations

import numpy as np

from ketasim.clinic.protocol import Reading
from ketasim.core import random
from ketasim.core.gaussian import ndtri

_LOW, _HALF = np.uint64(0xFFFFFFFF), np.uint64(32)


def stream(r: Reading, session: int) -> str:
    """Name of the random numbers of a reading in a session."""
    return f"monitor/{r.output}" + (f"/{session}" if session else "")


def errors(r: Reading, seed: int, subjects: np.ndarray, minutes: np.ndarray, session: int = 0) -> np.ndarray:
    """Errors of a reading at many minutes at once, (n, minutes), in units of its SD: as `monitor` draws one by one."""
    place = np.round(np.asarray(minutes, float) * 1000).astype(np.uint64)
    ids, block = random.subject_words(subjects), place // np.uint64(2)
    counter = (
        np.tile(block & _LOW, ids.size), np.tile(block >> _HALF, ids.size),
        np.repeat(ids & _LOW, place.size), np.repeat(ids >> _HALF, place.size),
    )  # fmt: skip
    w = random.philox4x32(counter, random.stream_key(seed, stream(r, session)))
    odd = np.tile(place % np.uint64(2) == 1, ids.size)
    bits = np.where(odd, w[2] | (w[3] << _HALF), w[0] | (w[1] << _HALF)) >> np.uint64(12)
    return np.asarray(ndtri((bits.astype(np.float64) + 0.5) * 2.0**-52)).reshape(ids.size, place.size)


def monitor(
    r: Reading, true: np.ndarray, seed: int, subjects: np.ndarray, minute: float, session: int = 0,
    error: np.ndarray | None = None,
) -> np.ndarray:  # fmt: skip
    """What a monitor shows, (n,): error of this subject, session and minute, rounded, kept within its range.

    error : (n,) where it was drawn beforehand by `errors`.
    """
    if r.sd:
        if error is None:
            error = random.normal(seed, stream(r, session), subjects, 1, first=round(minute * 1000))[:, 0]
        true = true + r.sd * error
    shown = np.rint(true / r.round_to) * r.round_to
    return np.round(np.clip(shown, -np.inf if r.low is None else r.low, np.inf if r.high is None else r.high), 6)
