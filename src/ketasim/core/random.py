"""Random numbers that depend on (seed, stream, subject, index) and on nothing else.

Each number is one half of a block of the counter-based generator Philox4x32-10: the key is a digest of seed and
stream name, the counter is (subject, index // 2). There is no state, so the order in which subjects are drawn, how
they are split into chunks and how many workers draw them cannot change a value. Normal deviates come from the
inverse distribution function, one number each.

Source: Salmon JK et al., Parallel random numbers: as easy as 1, 2, 3. SC11 (2011), doi 10.1145/2063384.2063405.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .errors import InputError
from .gaussian import ndtri, truncated_quantile

Floats = NDArray[np.float64]
Words = NDArray[np.uint64]

_M0, _M1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_W0, _W1 = 0x9E3779B9, 0xBB67AE85
_LOW, _HALF = np.uint64(0xFFFFFFFF), np.uint64(32)
_ROUNDS = 10
_BLOCK = 4096
_SCALE = 2.0**-52


def philox4x32(counter: tuple[ArrayLike, ArrayLike, ArrayLike, ArrayLike], key: tuple[int, int]) -> Words:
    """Ten rounds of Philox4x32 on an array of counters.

    Args:
        counter: four arrays (n,) of 32-bit words.
        key: two 32-bit words.

    Returns:
        (4, n) array of 32-bit words held in uint64.
    """
    c0, c1, c2, c3 = (np.array(c, dtype=np.uint64, ndmin=1) for c in np.broadcast_arrays(*counter))
    p0, p1 = np.empty_like(c0), np.empty_like(c0)
    k0, k1 = key
    for _ in range(_ROUNDS):
        np.multiply(c0, _M0, out=p0)
        np.multiply(c2, _M1, out=p1)
        # (c0, c1, c2, c3) <- (hi(p1) ^ c1 ^ k0, lo(p1), hi(p0) ^ c3 ^ k1, lo(p0)); buffers rotate, nothing is copied
        np.right_shift(p1, _HALF, out=c0)
        c0 ^= c1
        c0 ^= np.uint64(k0)
        np.right_shift(p0, _HALF, out=c2)
        c2 ^= c3
        c2 ^= np.uint64(k1)
        np.bitwise_and(p1, _LOW, out=c1)
        np.bitwise_and(p0, _LOW, out=c3)
        k0, k1 = (k0 + _W0) & 0xFFFFFFFF, (k1 + _W1) & 0xFFFFFFFF
    return np.stack((c0, c1, c2, c3))


def stream_key(seed: int, stream: str) -> tuple[int, int]:
    """Two 32-bit key words for a seed (any integer >= 0) and a stream name."""
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or seed < 0:
        raise InputError("seed", seed, "a whole number, 0 or larger")
    digest = hashlib.blake2b(f"{int(seed)}\x1f{stream}".encode(), digest_size=8).digest()
    return int.from_bytes(digest[:4], "little"), int.from_bytes(digest[4:], "little")


def subject_words(subjects: ArrayLike) -> NDArray[np.uint64]:
    """Subject ids as an array (n,) of uint64; refused when negative or not whole."""
    arr = np.atleast_1d(np.asarray(subjects))
    if arr.size == 0:
        return np.zeros(0, dtype=np.uint64)
    if arr.ndim != 1 or arr.dtype.kind not in "iu":
        raise InputError("subject ids", f"{arr.dtype} array of {arr.ndim} dimensions", "a list of whole numbers")
    if arr.dtype.kind == "i" and arr.min() < 0:
        raise InputError("subject ids", int(arr.min()), "whole numbers, 0 or larger")
    return arr.astype(np.uint64)


def words(seed: int, stream: str, subjects: ArrayLike, count: int = 1, first: int = 0) -> Words:
    """Random 64-bit words, (n, count): row per subject, columns `first` .. `first + count - 1` of its sequence."""
    if count < 0 or first < 0:
        raise InputError("count", count, "0 or larger")
    ids = subject_words(subjects)
    key = stream_key(seed, stream)
    b0, b1 = first // 2, (first + count + 1) // 2
    blocks = np.arange(b0, b1, dtype=np.uint64)
    out = np.empty((ids.size, 2 * blocks.size), dtype=np.uint64)
    step = max(1, _BLOCK // max(1, blocks.size))
    for i in range(0, ids.size, step):
        part = ids[i : i + step]
        counter = (
            np.tile(blocks & _LOW, part.size),
            np.tile(blocks >> _HALF, part.size),
            np.repeat(part & _LOW, blocks.size),
            np.repeat(part >> _HALF, blocks.size),
        )
        w = philox4x32(counter, key)
        target = out[i : i + step].reshape(-1)
        target[0::2] = w[0] | (w[1] << _HALF)
        target[1::2] = w[2] | (w[3] << _HALF)
    skip = first - 2 * b0
    return out[:, skip : skip + count]


def _shape(values: NDArray[np.generic], count: int | None) -> NDArray[np.generic]:
    return values[:, 0] if count is None else values


def _to_uniform(w: Words) -> Floats:
    """52 bits of each word as the midpoint of its cell, so that 0 and 1 cannot occur."""
    u = (w >> np.uint64(12)).astype(np.float64)
    u += 0.5
    u *= _SCALE
    return u


def uniform(seed: int, stream: str, subjects: ArrayLike, count: int | None = None, first: int = 0) -> Floats:
    """Uniform numbers strictly inside (0, 1): (n,) or, with `count`, (n, count); symmetric about 1/2."""
    w = words(seed, stream, subjects, 1 if count is None else count, first)
    return np.asarray(_shape(_to_uniform(w), count), dtype=np.float64)


def normal(seed: int, stream: str, subjects: ArrayLike, count: int | None = None, first: int = 0) -> Floats:
    """Standard normal numbers, (n,) or (n, count), by the inverse distribution function of `uniform`."""
    return ndtri(uniform(seed, stream, subjects, count, first))


def integers(
    seed: int, stream: str, subjects: ArrayLike, low: int, high: int, count: int | None = None,
) -> NDArray[np.int64]:  # fmt: skip
    """Whole numbers low .. high - 1, equally likely to within (high - low)/2^52."""
    if high <= low or high - low > 2**40:
        raise InputError("high", high, f"larger than low ({low}) by at most 2^40")
    u = uniform(seed, stream, subjects, count)
    return low + np.floor(u * (high - low)).astype(np.int64)


def choice(
    seed: int, stream: str, subjects: ArrayLike, weights: ArrayLike, count: int | None = None,
) -> NDArray[np.int64]:  # fmt: skip
    """Index of a category drawn with the given weights (need not add to one)."""
    return pick(uniform(seed, stream, subjects, count), weights)


def pick(u: ArrayLike, weights: ArrayLike) -> NDArray[np.int64]:
    """Category index for probabilities `u`; weights (k,) for all or (n, k), one row per subject."""
    w = np.asarray(weights, dtype=np.float64)
    total = w.sum(axis=-1, keepdims=True)
    if w.shape[-1] == 0 or not np.all(np.isfinite(w)) or np.any(w < 0.0) or np.any(total <= 0.0):
        raise InputError("weights", weights, "numbers, 0 or larger, with a positive sum")
    edges = np.cumsum(w, axis=-1) / total
    uu = np.asarray(u, dtype=np.float64)
    if w.ndim == 1:
        index = np.searchsorted(edges[:-1], uu, side="right")
    else:
        index = (uu[..., None] >= edges[..., :-1]).sum(axis=-1)
    return np.asarray(index, dtype=np.int64)


def bernoulli(seed: int, stream: str, subjects: ArrayLike, p: ArrayLike) -> NDArray[np.bool_]:
    """True with probability `p` (a number or one per subject)."""
    return np.asarray(uniform(seed, stream, subjects) < np.asarray(p, dtype=np.float64))


def truncated_normal(
    seed: int, stream: str, subjects: ArrayLike, mean: ArrayLike = 0.0, sd: ArrayLike = 1.0,
    low: ArrayLike = -np.inf, high: ArrayLike = np.inf,
) -> Floats:  # fmt: skip
    """Normal numbers (n,) restricted to [low, high] in the unit of `mean`; `sd` > 0."""
    m, s = np.asarray(mean, dtype=np.float64), np.asarray(sd, dtype=np.float64)
    lo, hi = np.asarray(low, dtype=np.float64), np.asarray(high, dtype=np.float64)
    if np.any(s <= 0.0):
        raise InputError("sd", sd, "larger than 0")
    if np.any(lo >= hi):
        raise InputError("low", low, "below high")
    z = truncated_quantile(uniform(seed, stream, subjects), (lo - m) / s, (hi - m) / s)
    return np.asarray(np.clip(m + s * z, lo, hi), dtype=np.float64)


def lognormal(
    seed: int, stream: str, subjects: ArrayLike, median: ArrayLike, sd_log: ArrayLike,
    low: ArrayLike = 0.0, high: ArrayLike = np.inf,
) -> Floats:  # fmt: skip
    """Log-normal numbers (n,) with the given median, restricted to [low, high]."""
    with np.errstate(divide="ignore"):
        bounds = np.log(np.asarray(low, dtype=np.float64)), np.log(np.asarray(high, dtype=np.float64))
    x = truncated_normal(seed, stream, subjects, np.log(np.asarray(median, dtype=np.float64)), sd_log, *bounds)
    return np.asarray(np.clip(np.exp(x), low, high), dtype=np.float64)


def logit_normal(seed: int, stream: str, subjects: ArrayLike, median: ArrayLike, sd_logit: ArrayLike) -> Floats:
    """Numbers (n,) in (0, 1) whose logit is normal about logit(median)."""
    m = np.asarray(median, dtype=np.float64)
    if np.any((m <= 0.0) | (m >= 1.0)):
        raise InputError("median", median, "between 0 and 1")
    x = np.log(m / (1.0 - m)) + np.asarray(sd_logit, dtype=np.float64) * normal(seed, stream, subjects)
    return np.asarray(1.0 / (1.0 + np.exp(-x)), dtype=np.float64)


def mixture(
    seed: int, stream: str, subjects: ArrayLike, weights: Sequence[float], means: Sequence[float], sds: Sequence[float],
) -> Floats:  # fmt: skip
    """Normal mixture (n,): the class from the first number of the stream, the deviate from the second."""
    if not len(weights) == len(means) == len(sds):
        raise InputError("weights", len(weights), "as many as means and sds")
    u = uniform(seed, stream, subjects, 2)
    k = pick(u[:, 0], weights)
    return np.asarray(np.asarray(means)[k] + np.asarray(sds)[k] * ndtri(u[:, 1]), dtype=np.float64)
