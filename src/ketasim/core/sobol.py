"""Scrambled Sobol points addressed by index, so that a subject's point does not depend on who else is drawn.

Point i of a stream is the i-th point of the Sobol sequence after a random linear scramble of its digits and a random
shift, both fixed by (seed, stream). Any 2^k consecutive points starting at a multiple of 2^k form a net. The index is
the subject id: number subjects 0, 1, 2 … and take a power of two of them for the best balance.

Sources: direction numbers joe2008; linear scramble matousek1998.
"""

from __future__ import annotations

from functools import lru_cache
from importlib import resources

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .errors import InputError
from .random import subject_words, words

_DIGITS = 32
_BITS = 52
DIMENSIONS = 512


@lru_cache(maxsize=1)
def _table() -> list[tuple[int, list[int]]]:
    text = (resources.files("ketasim") / "data" / "sobol_joe_kuo.csv").read_text(encoding="utf-8")
    rows = [line.split(",") for line in text.splitlines() if line and line[0].isdigit()]
    return [(int(p), [int(x) for x in m.split()]) for p, m in rows]


@lru_cache(maxsize=DIMENSIONS)
def directions(dimension: int) -> tuple[int, ...]:
    """The 32 direction numbers of a dimension (0-based) as integers of 32 binary digits."""
    if not 0 <= dimension < DIMENSIONS:
        raise InputError("Sobol dimension", dimension, f"0 to {DIMENSIONS - 1}")
    if dimension == 0:
        return tuple(1 << (_DIGITS - 1 - k) for k in range(_DIGITS))
    polynomial, start = _table()[dimension - 1]
    degree = polynomial.bit_length() - 1
    m = list(start)
    for k in range(degree, _DIGITS):
        new = m[k - degree] ^ (m[k - degree] << degree)
        for i in range(1, degree):
            if polynomial >> (degree - i) & 1:
                new ^= m[k - i] << i
        m.append(new)
    return tuple(value << (_DIGITS - 1 - k) for k, value in enumerate(m))


def _scramble(seed: int, stream: str, dimension: int, used: int) -> tuple[NDArray[np.uint64], np.uint64]:
    """Direction numbers after the linear scramble, `used` of them in 52 digits, and the digital shift."""
    w = words(seed, f"sobol/{stream}", np.array([dimension]), _BITS + 1)[0]
    shift = np.uint64(int(w[-1]) >> (64 - _BITS))
    columns = []
    for digit in range(_DIGITS):  # column of a unit lower triangular matrix: random below the diagonal
        below = _BITS - 1 - digit
        random = int(w[digit]) >> (64 - _BITS) & ((1 << below) - 1)
        columns.append((1 << below) | random)
    out = []
    for value in directions(dimension)[:used]:
        acc = 0
        for digit in range(_DIGITS):
            if value >> (_DIGITS - 1 - digit) & 1:
                acc ^= columns[digit]
        out.append(acc)
    return np.array(out, dtype=np.uint64), shift


def points(seed: int, stream: str, subjects: ArrayLike, dimensions: int, scramble: bool = True) -> NDArray[np.float64]:
    """Points in the open unit cube, (n, dimensions), one row per subject id (below 2^32)."""
    ids = subject_words(subjects)
    if ids.size and int(ids.max()) >= 1 << _DIGITS:
        raise InputError("subject ids", int(ids.max()), "below 2^32 with Sobol points")
    if not 0 <= dimensions <= DIMENSIONS:
        raise InputError("Sobol dimensions", dimensions, f"at most {DIMENSIONS}")
    used = max(1, int(ids.max()).bit_length()) if ids.size else 1
    gray = ids ^ (ids >> np.uint64(1))
    bits = [np.where(gray >> np.uint64(k) & np.uint64(1), ~np.uint64(0), np.uint64(0)) for k in range(used)]
    out = np.empty((ids.size, dimensions))
    for d in range(dimensions):
        if scramble:
            numbers, shift = _scramble(seed, stream, d, used)
        else:
            numbers = np.array(directions(d)[:used], dtype=np.uint64) << np.uint64(_BITS - _DIGITS)
            shift = np.uint64(0)
        acc = np.full(ids.size, shift, dtype=np.uint64)
        for k in range(used):
            acc ^= bits[k] & numbers[k]
        out[:, d] = (acc.astype(np.float64) + (0.5 if scramble else 0.0)) * 2.0**-_BITS
    return out
