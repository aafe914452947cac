"""exp, log and power of the native engine against mpmath, in units of the last place."""

import ctypes

import numpy as np
import pytest

from ketasim.core.solvers.native import compile as machine
from ketasim.core.solvers.native import mathfns
from ketasim.core.solvers.native.code import usable
from ketasim.core.solvers.native.ir import I64, PTR, Function, Module

pytestmark = pytest.mark.skipif(not usable(), reason="no llvmlite or no fused multiply-add here")
mpmath = pytest.importorskip("mpmath")
POINTS = 2048
FUNCTIONS = {
    "exp": mathfns.exp, "log": mathfns.log, "power": mathfns.power, "power_of_positive": mathfns.power_of_positive,
}  # fmt: skip


@pytest.fixture(scope="module", params=[1, 2, 4, 8])
def call(request):
    lanes = request.param
    module = Module(lanes)
    for name, write in FUNCTIONS.items():
        fn = Function(module, name, {"n": I64, "x": PTR, "y": PTR, "out": PTR})
        with fn.loop(fn["n"]) as i:
            arguments = [fn.load(fn["x"], i), fn.load(fn["y"], i)][: 2 if name.startswith("power") else 1]
            fn.store(write(fn, *arguments), fn["out"], i)
    address = machine._load(machine._emit(module.text(), 0, 2), list(FUNCTIONS))

    def run(name, x, y=None):
        n = -(-len(x) // lanes)
        memory = np.zeros(3 * n * lanes + 8)
        start = (-(memory.ctypes.data // 8)) % 8
        a, b, out = memory[start : start + 3 * n * lanes].reshape(3, n * lanes)
        a[: len(x)] = x
        b[: len(x)] = x if y is None else y
        function = ctypes.CFUNCTYPE(None, ctypes.c_int64, *[ctypes.c_void_p] * 3)(address[name])
        function(n, a.ctypes.data, b.ctypes.data, out.ctypes.data)
        return out[: len(x)].copy()

    return run


def ulps(got, exact):
    with mpmath.workprec(160):
        worst = 0.0
        for g, e in zip(got, exact, strict=True):
            size = abs(float(e))
            assert np.isfinite(g)
            worst = max(worst, abs(float((mpmath.mpf(float(g)) - e) / mpmath.mpf(float(np.spacing(size))))))
    return worst


def exactly(function, *arrays):
    with mpmath.workprec(160):
        return [function(*(mpmath.mpf(float(v)) for v in row)) for row in zip(*arrays, strict=True)]


@pytest.mark.parametrize(("low", "high"), [(-1, 1), (-40, 40), (-707, 709)])
def test_exp(call, low, high):
    x = np.random.default_rng(1).uniform(low, high, POINTS)
    assert ulps(call("exp", x), exactly(mpmath.exp, x)) < 1.0


@pytest.mark.parametrize("kind", ["near one", "wide", "denormal"])
def test_log(call, kind):
    rng = np.random.default_rng(2)
    x = {"near one": rng.uniform(0.5, 2, POINTS), "wide": np.exp(rng.uniform(-700, 700, POINTS)),
         "denormal": rng.uniform(1e-320, 1e-309, POINTS)}[kind]  # fmt: skip
    assert ulps(call("log", x), exactly(mpmath.log, x)) < 1.0


@pytest.mark.parametrize("size", [10, 100, 700])
def test_power(call, size):
    rng = np.random.default_rng(3)
    x = np.exp(rng.uniform(-14, 14, POINTS) * (10 if size == 700 else 1))
    y = rng.uniform(-size, size, POINTS) / np.abs(np.log(x)).max()
    assert ulps(call("power", x, y), exactly(mpmath.power, x, y)) < 1.0


def test_power_of_hill_arguments(call):
    """The range Hill terms live in: a ratio from 1e-30 to 1e6, an exponent from 0.3 to 8."""
    rng = np.random.default_rng(4)
    x, y = np.exp(rng.uniform(np.log(1e-30), np.log(1e6), POINTS)), rng.uniform(0.3, 8, POINTS)
    assert ulps(call("power", x, y), exactly(mpmath.power, x, y)) < 1.0


SPECIAL = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, -1.0, 1e-310, 1.0])


def test_special_values_of_exp(call):
    x = np.array([0.0, -np.inf, np.inf, np.nan, -800.0, 800.0])
    np.testing.assert_array_equal(call("exp", x), [1.0, 0.0, np.inf, np.nan, 0.0, np.inf])


def test_special_values_of_log(call):
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(call("log", SPECIAL), np.log(SPECIAL), rtol=1e-15)


@pytest.mark.parametrize("y", [0.0, 1.6, -1.6, np.nan])
def test_special_values_of_power(call, y):
    x = np.array([0.0, np.inf, np.nan, -1.0, 1e-310, 1.0])
    with np.errstate(all="ignore"):
        expected = np.power(x[[0, 1, 2, 4]], y)
    got = call("power", x, np.full(6, y))
    if y == y:
        np.testing.assert_allclose(got[[0, 1, 2, 4]], expected, rtol=1e-12)
        assert got[5] == 1.0
        assert np.isnan(got[3]) or y == 0.0
    else:
        assert np.isnan(got[:5]).all()


def test_power_of_a_guarded_base_has_the_same_bits(call):
    rng = np.random.default_rng(5)
    x, y = np.exp(rng.uniform(np.log(1e-300), np.log(1e300), POINTS)), rng.uniform(-8, 8, POINTS)
    np.testing.assert_array_equal(call("power_of_positive", x, y), call("power", x, y))
    unusual = np.array([np.nan, np.inf])
    np.testing.assert_array_equal(call("power_of_positive", unusual, np.array([2.0, 2.0])), unusual)
