"""exp, log and pow of our own, as vector instructions: the same bits on every processor with a fused multiply-add.

exp   x = n ln 2 + r, polynomial of degree 12 in r, scaled by 2^n. Below −707.7 the result is 0 (no denormals).
log   x = 2^k m with m in [√½, √2), log m = 2 artanh((m − 1)/(m + 1)) as an odd series with a corrected quotient.
pow   exp(y log x) with the logarithm in two doubles. A negative base gives NaN; 0^y is 0, 1 or ∞.
Largest errors over 10^5 random points stay below 1 ulp (tests/core/solvers/test_mathfns.py measures them).
Rounding to an integer uses the 1.5·2^52 trick: a conversion would be undefined for NaN and slow on AVX2.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from ketasim.core.solvers.native.ir import Function, Value

LOG2_E = 1.4426950408889634
LN2_HIGH, LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10
ROUND = 6755399441055744.0  # 1.5 · 2^52
SQRT_HALF_BITS = 0x3FE6A09E667F3BCD
ONE_BITS = 0x3FF0000000000000
MANTISSA = 0x000FFFFFFFFFFFFF
SMALLEST_NORMAL = 2.2250738585072014e-308
TWO_54 = 18014398509481984.0
EXP_LOWEST, EXP_BEYOND = -707.7, 709.9

# (e^r − 1 − r)/r² on |r| ≤ ln 2 / 2
EXP_SERIES = (
    0.5, 0.1666666666666667, 0.04166666666666667, 0.008333333333326084, 0.0013888888888883711,
    0.0001984126987500228, 2.480158732567746e-05, 2.755725517000089e-06, 2.755727347871858e-07,
    2.5105312729622103e-08, 2.09147553258932e-09,
)  # fmt: skip
# (2 artanh(s) − 2 s)/s³ in powers of s², |s| ≤ 3 − 2√2
LOG_SERIES = (
    0.6666666666666666, 0.40000000000000885, 0.28571428570799784, 0.22222222392581045, 0.18181795547521137,
    0.15386244737621665, 0.13268638369266825, 0.13088034850927555,
)  # fmt: skip
TWO_THIRDS_REST = 3.700743415417188e-17  # 2/3 − LOG_SERIES[0]


def polynomial(fn: Function, coefficients: Sequence[float], x: Value) -> Value:
    """Σ c_k x^k by pairs (Estrin), which is shorter in time than Horner."""
    terms = [fn.const(c, x.kind) for c in coefficients]
    while len(terms) > 1:
        pairs = [fn.fma(terms[i + 1], x, terms[i]) for i in range(0, len(terms) - 1, 2)]
        terms = pairs + terms[len(pairs) * 2 :]
        if len(terms) > 1:
            x = x * x
    return terms[0]


def exp(fn: Function, x: Value, tail: Value | None = None) -> Value:
    """e^(x + tail), tail a tiny correction of x. NaN passes through; too large an x overflows to ∞ of itself."""
    bounded = fn.select(fn.compare("olt", x, EXP_LOWEST), EXP_LOWEST, x)
    bounded = fn.select(fn.compare("ogt", bounded, EXP_BEYOND), EXP_BEYOND, bounded)
    shifted = fn.fma(bounded, LOG2_E, ROUND)
    n = shifted - ROUND
    head = fn.fma(n, -LN2_HIGH, bounded)
    r = fn.fma(n, -LN2_LOW, head)
    rest = fn.fma(n, -LN2_LOW, head - r)
    if tail is not None:
        rest = rest + tail
        moved = r + rest
        rest = (r - moved) + rest
        r = moved
    series = polynomial(fn, EXP_SERIES, r)
    near_one = fn.fma(r * r, series, fn.fma(r, rest, rest)) + r + 1.0
    half_scale = fn.double_of(fn.shift("shl", fn.bits_of(shifted), 52) + 0x3FE0000000000000)
    out = (near_one * half_scale) * 2.0
    return fn.select(fn.compare("olt", x, EXP_LOWEST), 0.0, out)


def _split(fn: Function, x: Value, normal: bool = False) -> tuple[Value, Value, Value, Value]:
    """k, s, s_low, with x = 2^k (1 + s')/(1 − s'), s' = s + s_low, for x > 0; the fourth value is s²."""
    tiny = fn.compare("olt", x, SMALLEST_NORMAL) if not normal else None
    scaled = x if tiny is None else fn.select(tiny, x * TWO_54, x)
    bits = fn.bits_of(scaled) + (ONE_BITS - SQRT_HALF_BITS)
    k = fn.double_of(fn.shift("lshr", bits, 52) | 0x4338000000000000) - (ROUND + 1023.0)
    k = k if tiny is None else fn.select(tiny, k - 54.0, k)
    m = fn.double_of((bits & MANTISSA) + SQRT_HALF_BITS)
    above = m - 1.0
    below = above + 2.0
    inverse = 1.0 / below
    s = above * inverse
    lost = above - (below - 2.0)
    s_low = fn.fma(-s, lost, fn.fma(-s, below, above)) * inverse
    return k, s, s_low, s * s


def _log_positive(fn: Function, x: Value) -> Value:
    k, s, s_low, square = _split(fn, x)
    series = polynomial(fn, LOG_SERIES, square)
    out = fn.fma(s * square, series, s_low * 2.0)
    out = fn.fma(k, LN2_LOW, out) + s * 2.0
    return fn.fma(k, LN2_HIGH, out)


def _log_pair(fn: Function, x: Value, normal: bool = False) -> tuple[Value, Value]:
    """log x as an unevaluated sum of two doubles, x > 0 (`normal`: and no denormal)."""
    k, s, s_low, z = _split(fn, x, normal)
    z_low = fn.fma(s, s, -z) + (s * s_low) * 2.0
    small = polynomial(fn, LOG_SERIES[1:], z) * z
    p = small + LOG_SERIES[0]
    p_low = (LOG_SERIES[0] - p) + small + TWO_THIRDS_REST
    w = z * p
    w_low = fn.fma(z, p, -w) + z * p_low + z_low * p
    cubic = s * w
    cubic_low = fn.fma(s, w, -cubic) + s * w_low + s_low * w
    twice = s * 2.0
    log_m = twice + cubic
    log_m_low = (twice - log_m) + cubic + (cubic_low + s_low * 2.0)
    power_of_two = k * LN2_HIGH
    high = power_of_two + log_m
    back = high - log_m
    low = (log_m - (high - back)) + (power_of_two - back)
    low = fn.fma(k, LN2_LOW, low + log_m_low)
    total = high + low
    return total, (high - total) + low


def log(fn: Function, x: Value) -> Value:
    """Natural logarithm: −∞ at 0, NaN below."""
    out = _log_positive(fn, x)
    out = fn.select(fn.compare("oeq", x, 0.0), -math.inf, out)
    out = fn.select(fn.compare("oeq", x, math.inf), math.inf, out)
    return fn.select(fn.compare("uge", x, 0.0), fn.select(fn.compare("uno", x, x), x, out), math.nan)


def _exp_product(fn: Function, y: Value, high: Value, low: Value) -> Value:
    """e^(y (high + low))."""
    product = y * high
    rest = fn.fma(y, low, fn.fma(y, high, -product))
    rest = fn.select(fn.compare("olt", fn.abs(product), 1000.0), rest, 0.0)
    return exp(fn, product, rest)


def power(fn: Function, x: Value, y: Value) -> Value:
    """x^y for x ≥ 0."""
    out = _exp_product(fn, y, *_log_pair(fn, x))
    rising = fn.compare("ogt", y, 0.0)
    out = fn.select(fn.compare("oeq", x, 0.0), fn.select(rising, 0.0, fn.const(math.inf, y.kind)), out)
    out = fn.select(fn.compare("oeq", x, math.inf), fn.select(rising, math.inf, fn.const(0.0, y.kind)), out)
    out = fn.select(fn.compare("uno", x, y), x + y, out)
    out = fn.select(fn.compare("olt", x, 0.0), math.nan, out)
    return fn.select(fn.compare("oeq", y, 0.0), 1.0, out)


def power_of_positive(fn: Function, x: Value, y: Value) -> Value:
    """x^y, with the bits of `power`, for an x known to be at least the smallest normal number; ∞ and NaN are returned
    as they are (a step that meets them is refused)."""
    out = _exp_product(fn, y, *_log_pair(fn, x, normal=True))
    return fn.select(fn.compare("olt", x, math.inf), out, x)
