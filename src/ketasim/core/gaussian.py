"""The normal distribution function and its inverse, in NumPy alone.

`ndtri` follows Wichura's algorithm AS 241 (PPND16), `ndtr` Cody's rational Chebyshev approximations of the error
function; both are accurate to about 1e-15 relative. They exist so that drawing random numbers does not import SciPy.

Sources: Wichura MJ, Appl Stat 1988;37:477-484; Cody WJ, Math Comp 1969;23:631-637.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

# AS 241: numerators and denominators, highest power first; |p - 1/2| <= 0.425, then r = sqrt(-log(min(p, 1-p))).
_CENTRE = (
    (2.5090809287301226727e3, 3.3430575583588128105e4, 6.7265770927008700853e4, 4.5921953931549871457e4,
     1.3731693765509461125e4, 1.9715909503065514427e3, 1.3314166789178437745e2, 3.3871328727963666080e0),
    (5.2264952788528545610e3, 2.8729085735721942674e4, 3.9307895800092710610e4, 2.1213794301586595867e4,
     5.3941960214247511077e3, 6.8718700749205790830e2, 4.2313330701600911252e1, 1.0),
)  # fmt: skip
_NEAR = (
    (7.74545014278341407640e-4, 2.27238449892691845833e-2, 2.41780725177450611770e-1, 1.27045825245236838258e0,
     3.64784832476320460504e0, 5.76949722146069140550e0, 4.63033784615654529590e0, 1.42343711074968357734e0),
    (1.05075007164441684324e-9, 5.47593808499534494600e-4, 1.51986665636164571966e-2, 1.48103976427480074590e-1,
     6.89767334985100004550e-1, 1.67638483018380384940e0, 2.05319162663775882187e0, 1.0),
)  # fmt: skip
_FAR = (
    (2.01033439929228813265e-7, 2.71155556874348757815e-5, 1.24266094738807843860e-3, 2.65321895265761230930e-2,
     2.96560571828504891230e-1, 1.78482653991729133580e0, 5.46378491116411436990e0, 6.65790464350110377720e0),
    (2.04426310338993978564e-15, 1.42151175831644588870e-7, 1.84631831751005468180e-5, 7.86869131145613259100e-4,
     1.48753612908506148525e-2, 1.36929880922735805310e-1, 5.99832206555887937690e-1, 1.0),
)  # fmt: skip

# Cody's erf on |x| <= 0.46875, erfc on 0.46875..4 and above 4; the leading terms are handled apart.
_ERF = (
    (1.85777706184603153e-1, 3.16112374387056560e0, 1.13864154151050156e2, 3.77485237685302021e2,
     3.20937758913846947e3),
    (1.0, 2.36012909523441209e1, 2.44024637934444173e2, 1.28261652607737228e3, 2.84423683343917062e3),
)  # fmt: skip
_ERFC = (
    (2.15311535474403846e-8, 5.64188496988670089e-1, 8.88314979438837594e0, 6.61191906371416295e1,
     2.98635138197400131e2, 8.81952221241769090e2, 1.71204761263407058e3, 2.05107837782607147e3,
     1.23033935479799725e3),
    (1.0, 1.57449261107098347e1, 1.17693950891312499e2, 5.37181101862009858e2, 1.62138957456669019e3,
     3.29079923573345963e3, 4.36261909014324716e3, 3.43936767414372164e3, 1.23033935480374942e3),
)  # fmt: skip
_TAIL = (
    (1.63153871373020978e-2, 3.05326634961232344e-1, 3.60344899949804439e-1, 1.25781726111229246e-1,
     1.60837851487422766e-2, 6.58749161529837803e-4),
    (1.0, 2.56852019228982242e0, 1.87295284992346725e0, 5.27905102951428412e-1, 6.05183413124413191e-2,
     2.33520497626869185e-3),
)  # fmt: skip
_BLOCK = 8192


def _ratio(pair: tuple[tuple[float, ...], tuple[float, ...]], r: Floats) -> Floats:
    """Quotient of two polynomials in `r`, Horner in place."""
    out = []
    for row in pair:
        acc = row[0] * r
        for c in row[1:-1]:
            acc += c
            acc *= r
        acc += row[-1]
        out.append(acc)
    np.divide(out[0], out[1], out=out[0])
    return out[0]


def _ndtri_block(p: Floats, out: Floats) -> None:
    q = p - 0.5
    r = q * q
    np.subtract(0.180625, r, out=r)
    np.multiply(q, _ratio(_CENTRE, r), out=out)
    tail = np.flatnonzero(r < 0.0)
    if tail.size == 0:
        return
    qt = q[tail]
    pt = p[tail]
    s = np.where(qt < 0.0, pt, 1.0 - pt)
    with np.errstate(divide="ignore", invalid="ignore"):
        s = np.sqrt(-np.log(s))
        z = _ratio(_NEAR, s - 1.6)
        far = np.flatnonzero(s > 5.0)
        if far.size:
            z[far] = _ratio(_FAR, s[far] - 5.0)
    z[s == np.inf] = np.inf
    out[tail] = np.copysign(z, qt)


def ndtri(p: ArrayLike) -> Floats:
    """Quantile of the standard normal distribution.

    Args:
        p: probabilities, any shape; 0 and 1 give -inf and inf, outside [0, 1] gives nan.

    Returns:
        Array of the shape of `p` (dimensionless).
    """
    arr = np.ascontiguousarray(p, dtype=np.float64)
    out = np.empty_like(arr)
    flat, res = arr.reshape(-1), out.reshape(-1)
    for i in range(0, flat.size, _BLOCK):
        _ndtri_block(flat[i : i + _BLOCK], res[i : i + _BLOCK])
    return out.reshape(np.shape(p))


def _exp_minus_square(x: Floats) -> Floats:
    """exp(-x^2) with the square split so that its rounding error does not grow with x."""
    y = np.trunc(x * 16.0) / 16.0
    return np.exp(-y * y) * np.exp(-(x - y) * (x + y))


def erfc(x: ArrayLike) -> Floats:
    """Complementary error function, any shape, relative error about 1e-15 down to the underflow near 26.5."""
    arr = np.array(x, dtype=np.float64).reshape(-1)
    y = np.minimum(np.abs(arr), 27.0)
    small = y <= 0.46875
    inner = np.where(small, arr, 0.0)
    centre = 1.0 - inner * _ratio(_ERF, inner * inner)
    big = np.maximum(y, 4.0)
    inv = 1.0 / (big * big)
    tail = (1.0 / np.sqrt(np.pi) - inv * _ratio(_TAIL, inv)) / big
    rest = np.where(y <= 4.0, _ratio(_ERFC, np.clip(y, 0.46875, 4.0)), tail) * _exp_minus_square(y)
    rest[y >= 27.0] = 0.0
    return np.where(small, centre, np.where(arr < 0.0, 2.0 - rest, rest)).reshape(np.shape(x))


def ndtr(z: ArrayLike) -> Floats:
    """Distribution function of the standard normal, any shape, accurate in both tails."""
    return np.asarray(0.5 * erfc(-np.asarray(z, dtype=np.float64) * np.sqrt(0.5)), dtype=np.float64)


def truncated_quantile(u: ArrayLike, low: ArrayLike = -np.inf, high: ArrayLike = np.inf) -> Floats:
    """Quantile of a standard normal restricted to [low, high].

    Monotone in `u`, so that it serves pseudo-random and low-discrepancy points alike; works far out in either tail
    because an interval right of zero is mirrored.

    Args:
        u: probabilities in (0, 1), broadcast with `low` and `high` (in standard deviations, low < high).
    """
    uu, a, b = (np.asarray(v, dtype=np.float64) for v in (u, low, high))
    if np.all(a == -np.inf) and np.all(b == np.inf):
        return ndtri(np.broadcast_to(uu, np.broadcast_shapes(uu.shape, a.shape, b.shape)))
    flip = a > 0.0
    lo: Any = np.where(flip, -b, a)
    hi: Any = np.where(flip, -a, b)
    w = np.where(flip, 1.0 - uu, uu)
    pa, pb = ndtr(lo), ndtr(hi)
    z = ndtri(pa + w * (pb - pa))
    return np.asarray(np.clip(np.where(flip, -z, z), a, b), dtype=np.float64)
