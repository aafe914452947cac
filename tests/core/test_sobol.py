"""Sobol points against SciPy's sequence; balance, scrambling, independence of order."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, stats
from scipy.stats import qmc

from ketasim.core import sobol
from ketasim.core.errors import InputError


def test_unscrambled_sequence_is_scipys():
    want = qmc.Sobol(sobol.DIMENSIONS, scramble=False, bits=32).random(1024)
    got = sobol.points(0, "any", np.arange(1024), sobol.DIMENSIONS, scramble=False)
    assert np.array_equal(got, want)


def test_every_elementary_interval_holds_one_point():
    u = sobol.points(7, "net", np.arange(1024), 12)
    for d in range(12):
        assert np.array_equal(np.sort((u[:, d] * 1024).astype(int)), np.arange(1024))
    # the first two dimensions are a (0, 10, 2)-net: every elementary box of volume 2^-10 holds one point
    for k in range(11):
        box = (u[:, 0] * 2**k).astype(int) * 2 ** (10 - k) + (u[:, 1] * 2 ** (10 - k)).astype(int)
        assert np.array_equal(np.sort(box), np.arange(1024))
    later = sobol.points(7, "net", np.arange(1024, 2048), 2)
    assert np.array_equal(np.sort((later[:, 1] * 1024).astype(int)), np.arange(1024))


def test_order_and_chunks_do_not_matter():
    ids = np.array([5, 900_000, 0, 77, 4_000_000_000])
    whole = sobol.points(3, "s", ids, 5)
    assert np.array_equal(whole[::-1], sobol.points(3, "s", ids[::-1], 5))
    assert np.array_equal(whole[:, :3], sobol.points(3, "s", ids, 3))
    assert np.array_equal(whole, np.concatenate([sobol.points(3, "s", [int(i)], 5) for i in ids]))


def test_scrambling_is_uniform_and_keyed():
    first = np.array([sobol.points(seed, "s", [3], 1)[0, 0] for seed in range(800)])
    assert stats.kstest(first, "uniform").pvalue > 1e-3
    a, b, c = (sobol.points(seed, s, np.arange(64), 4) for seed, s in ((1, "x"), (2, "x"), (1, "y")))
    assert not np.array_equal(a, b) and not np.array_equal(a, c)
    assert a.min() > 0.0 and a.max() < 1.0


def test_integrates_better_than_random():
    def f(x):
        return np.prod(1.0 + 0.5 * (np.abs(4 * x - 2) - 1), axis=1)  # exact integral 1

    assert integrate.quad(lambda x: 1 + 0.5 * (abs(4 * x - 2) - 1), 0, 1)[0] == pytest.approx(1.0)
    errors = [f(sobol.points(s, "i", np.arange(4096), 6)).mean() - 1.0 for s in range(8)]
    plain = [f(np.random.default_rng(s).random((4096, 6))).mean() - 1.0 for s in range(8)]
    assert np.std(errors) < 0.1 * np.std(plain)


@pytest.mark.parametrize("call", [lambda: sobol.points(1, "a", [2**32], 1), lambda: sobol.points(1, "a", [1], 10**4)])
def test_bad_input(call):
    with pytest.raises(InputError):
        call()
