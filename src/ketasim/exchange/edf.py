"""EDF: a simulated EEG as the European Data Format that MNE and other programs read.

Source: Kemp B et al., A simple format for exchange of digitized polygraphic recordings, Electroencephalogr Clin
Neurophysiol 1992;82:391-393.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ketasim.core.errors import InputError
from ketasim.core.whole import write_whole

DIGITAL = 32767


def time_series(
    power: np.ndarray, frequencies: np.ndarray, seconds: float, rate_hz: float, seed: int = 0
) -> np.ndarray:
    """A Gaussian signal (samples,) with the given one-sided power spectrum (frequencies,), by random phases."""
    n = round(seconds * rate_hz)
    if n < 2:
        raise InputError("seconds", seconds, f"at least two samples at {rate_hz:g} Hz")
    grid = np.fft.rfftfreq(n, 1 / rate_hz)
    density = np.interp(grid, frequencies, power, left=power[0], right=0.0)
    rng = np.random.default_rng(seed)
    phases = rng.normal(size=len(grid)) + 1j * rng.normal(size=len(grid))
    spectrum = phases * np.sqrt(density * rate_hz * n / 4)
    spectrum[0] = 0.0
    return np.fft.irfft(spectrum, n)


def write(
    path: str | Path,
    signals: np.ndarray,
    rate_hz: int,
    labels: Sequence[str],
    *,
    unit: str = "uV",
    note: str = "simulated",
) -> Path:
    """Write signals (channels, samples) as EDF with one-second records; an incomplete last second is padded with 0."""
    x = np.atleast_2d(np.asarray(signals, float))
    if len(labels) != len(x):
        raise InputError("labels", f"{len(labels)} labels", f"{len(x)}, one a channel")
    if int(rate_hz) != rate_hz or rate_hz < 1:
        raise InputError("rate_hz", rate_hz, "a whole number of samples a second")
    if not np.isfinite(x).all():
        raise InputError("signals", "not finite", "finite values")
    records = -(-x.shape[1] // rate_hz)
    padded = np.zeros((len(x), records * rate_hz))
    padded[:, : x.shape[1]] = x
    top = np.maximum(np.abs(padded).max(axis=1), 1e-6) * 1.0001
    digital = np.round(padded / top[:, None] * DIGITAL).astype("<i2")
    header = _field("0", 8) + _field(f"X X X {note}"[:80], 80) + _field("Startdate X X X ketasim", 80)
    header += _field("01.01.00", 8) + _field("00.00.00", 8) + _field(str(256 * (len(x) + 1)), 8) + _field("", 44)
    header += _field(str(records), 8) + _field("1", 8) + _field(str(len(x)), 4)
    columns = (
        [(label, 16) for label in labels], [("simulated", 80)] * len(x), [(unit, 8)] * len(x),
        [(f"{-t:.6g}"[:8], 8) for t in top], [(f"{t:.6g}"[:8], 8) for t in top], [(str(-DIGITAL), 8)] * len(x),
        [(str(DIGITAL), 8)] * len(x), [("", 80)] * len(x), [(str(rate_hz), 8)] * len(x), [("", 32)] * len(x),
    )  # fmt: skip
    header += "".join(_field(text, width) for column in columns for text, width in column)
    body = digital.reshape(len(x), records, rate_hz).transpose(1, 0, 2).tobytes()
    return write_whole(path, header.encode("ascii", "replace") + body, "output file", folders=False)


def _field(text: str, width: int) -> str:
    return text[:width].ljust(width)
