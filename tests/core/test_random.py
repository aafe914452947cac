"""Counter-based random numbers: known answers, independence of order and chunks, distributions, speed."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special, stats

from ketasim.core import gaussian, random
from ketasim.core.errors import InputError

ONES = 0xFFFFFFFF


@pytest.mark.parametrize(
    ("counter", "key", "expected"),
    [  # Random123's published known-answer vectors for Philox4x32-10
        ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
        ((ONES,) * 4, (ONES,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
        (
            (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
            (0xA4093822, 0x299F31D0),
            (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
        ),
    ],
)
def test_philox_known_answers(counter, key, expected):
    assert tuple(int(w) for w in random.philox4x32(counter, key)[:, 0]) == expected


def test_uniform_agrees_with_another_implementation_of_the_same_counter():
    """The layout (counter = block, subject; key = digest) rebuilt with plain Python integers."""

    def philox(c, k):
        for _ in range(10):
            p0, p1 = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
            c = [(p1 >> 32) ^ c[1] ^ k[0], p1 & ONES, (p0 >> 32) ^ c[3] ^ k[1], p0 & ONES]
            k = [(k[0] + 0x9E3779B9) & ONES, (k[1] + 0xBB67AE85) & ONES]
        return c

    key = list(random.stream_key(11, "weights"))
    ids = [0, 5, 2**33 + 17]
    got = random.words(11, "weights", np.array(ids), 6, first=3)
    for row, i in zip(got, ids, strict=True):
        for col, index in enumerate(range(3, 9)):
            w = philox([index // 2, 0, i & ONES, i >> 32], key)
            low, high = w[2 * (index % 2)], w[2 * (index % 2) + 1]
            assert int(row[col]) == low | (high << 32)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.integers(0, 2**63 - 1), min_size=1, max_size=40, unique=True),
    st.integers(0, 2**70),
    st.integers(1, 9),
    st.integers(0, 5),
    st.randoms(use_true_random=False),
)
def test_order_and_chunks_do_not_matter(ids, seed, count, first, shuffler):
    whole = random.normal(seed, "s", np.array(ids), count, first)
    order = list(range(len(ids)))
    shuffler.shuffle(order)
    again = random.normal(seed, "s", np.array(ids)[order], count, first)
    assert np.array_equal(whole[order], again)
    single = np.concatenate([random.normal(seed, "s", np.array([i]), count, first) for i in ids])
    assert np.array_equal(whole, single)
    longer = random.normal(seed, "s", np.array(ids), count + first + 3)
    assert np.array_equal(longer[:, first : first + count], whole)


def test_seed_stream_and_subject_each_matter():
    ids = np.arange(1000)
    base = random.uniform(1, "a", ids)
    assert np.array_equal(base, random.uniform(1, "a", ids))
    for other in (random.uniform(2, "a", ids), random.uniform(1, "b", ids), random.uniform(1, "a", ids + 1000)):
        assert abs(np.corrcoef(base, other)[0, 1]) < 0.12
        assert not np.any(base == other)


def test_uniform_statistics():
    u = random.uniform(3, "test", np.arange(20_000), 20)
    assert u.min() > 0.0 and u.max() < 1.0
    assert stats.kstest(u.ravel(), "uniform").pvalue > 1e-3
    # serial pairs within a person, across neighbouring people, and every lag-1 bit
    for a, b in ((u[:, 0], u[:, 1]), (u[:-1, 0], u[1:, 0]), (u[:, 3], u[:, 18])):
        table = np.histogram2d(a, b, bins=16, range=[[0, 1], [0, 1]])[0].ravel()
        assert stats.chisquare(table).pvalue > 1e-4
    bits = np.unpackbits(random.words(3, "bits", np.arange(5000), 4).view(np.uint8)).reshape(-1, 64)
    counts = bits.sum(axis=0)
    assert np.all(np.abs(counts - bits.shape[0] / 2) < 5 * np.sqrt(bits.shape[0] / 4))


def test_uniform_edges_of_the_word():
    w = np.array([0, 2**64 - 1], dtype=np.uint64)
    assert random._to_uniform(w).tolist() == [2.0**-53, 1.0 - 2.0**-53]


def test_ndtri_against_scipy():
    tiny = 10.0 ** -np.arange(1.0, 300.0)
    p = np.concatenate([np.linspace(1e-6, 1 - 1e-6, 50_001), tiny, 1 - tiny[:15]])
    want = special.ndtri(p)
    away = np.abs(want) > 1e-9
    assert np.max(np.abs(gaussian.ndtri(p)[away] / want[away] - 1)) < 1e-13
    assert gaussian.ndtri([0.0, 0.5, 1.0]).tolist() == [-np.inf, 0.0, np.inf]
    assert np.isnan(gaussian.ndtri([-0.1, 1.1, np.nan])).all()
    assert gaussian.ndtri(0.975) == pytest.approx(1.959963984540054, abs=1e-14)


def test_ndtr_and_erfc_against_scipy():
    z = np.linspace(-37, 37, 60_001)
    assert np.max(np.abs(gaussian.ndtr(z) / special.ndtr(z) - 1)) < 1e-12
    x = np.linspace(-26, 26, 60_001)
    assert np.max(np.abs(gaussian.erfc(x) / special.erfc(x) - 1)) < 1e-13
    assert gaussian.ndtr([-np.inf, np.inf]).tolist() == [0.0, 1.0]


def test_normal_moments_and_distribution():
    z = random.normal(5, "z", np.arange(50_000), 4).ravel()
    assert stats.kstest(z, "norm").pvalue > 1e-3
    assert abs(z.mean()) < 4 / np.sqrt(z.size) and abs(z.std() - 1) < 4 / np.sqrt(2 * z.size)
    assert abs(stats.kurtosis(z)) < 4 * np.sqrt(24 / z.size)


@pytest.mark.parametrize(("low", "high"), [(-1.0, 2.0), (3.0, 8.0), (-9.0, -5.0), (-np.inf, 0.5)])
def test_truncated_normal_against_scipy(low, high):
    x = random.truncated_normal(1, "t", np.arange(20_000), 0.5, 1.5, low, high)
    assert x.min() >= low and x.max() <= high
    dist = stats.truncnorm((low - 0.5) / 1.5, (high - 0.5) / 1.5, 0.5, 1.5)
    assert stats.kstest(x, dist.cdf).pvalue > 1e-3


def test_other_distributions_against_scipy():
    ids = np.arange(20_000)
    assert stats.kstest(random.lognormal(1, "l", ids, 70, 0.2), stats.lognorm(0.2, scale=70).cdf).pvalue > 1e-3
    x = random.lognormal(1, "l", ids, 70, 0.4, 50, 120)
    assert 50 <= x.min() and x.max() <= 120
    z = special.logit(random.logit_normal(1, "lg", ids, 0.54, 0.708))
    assert stats.kstest(z, stats.norm(special.logit(0.54), 0.708).cdf).pvalue > 1e-3
    k = random.integers(1, "i", ids, -3, 7)
    assert set(k) == set(range(-3, 7))
    assert stats.chisquare(np.bincount(k + 3)).pvalue > 1e-3
    c = random.choice(1, "c", ids, [2, 0, 5, 3])
    assert stats.chisquare(np.bincount(c, minlength=4)[[0, 2, 3]], np.array([0.2, 0.5, 0.3]) * ids.size).pvalue > 1e-3
    assert not np.any(c == 1)
    b = random.bernoulli(1, "b", ids, 0.3)
    assert stats.binomtest(int(b.sum()), ids.size, 0.3).pvalue > 1e-3
    m = random.mixture(1, "m", ids, [0.6, 0.4], [1.5, -2.0], [0.3, 0.1])

    def cdf(v):
        return 0.6 * stats.norm.cdf(v, 1.5, 0.3) + 0.4 * stats.norm.cdf(v, -2.0, 0.1)

    assert stats.kstest(m, cdf).pvalue > 1e-3


def test_weights_per_subject():
    u = np.array([0.1, 0.1, 0.9])
    assert random.pick(u, [[0.05, 0.95], [0.5, 0.5], [1.0, 0.0]]).tolist() == [1, 0, 0]


@pytest.mark.parametrize(
    "call",
    [
        lambda: random.uniform(-1, "a", [1]),
        lambda: random.uniform(1.5, "a", [1]),
        lambda: random.uniform(1, "a", [-1]),
        lambda: random.uniform(1, "a", [0.5]),
        lambda: random.choice(1, "a", [1], [0.0, 0.0]),
        lambda: random.choice(1, "a", [1], [-1.0, 2.0]),
        lambda: random.truncated_normal(1, "a", [1], 0, 1, 2, 1),
        lambda: random.truncated_normal(1, "a", [1], 0, 0),
        lambda: random.integers(1, "a", [1], 3, 3),
    ],
)
def test_bad_input_is_one_sentence(call):
    with pytest.raises(InputError) as caught:
        call()
    assert "\n" not in str(caught.value)


def test_no_subjects():
    assert random.normal(1, "a", [], 3).shape == (0, 3)


def test_a_million_normals_in_the_time_a_user_does_not_notice():
    ids = np.arange(10_000)
    random.normal(1, "warm", ids, 100)
    best = min(_timed(lambda: random.normal(1, "speed", ids, 100)) for _ in range(5))
    assert best < 0.15  # 0.035 s on an idle core; the margin is for a busy machine


def _timed(call):
    t = time.process_time()
    call()
    return time.process_time() - t
