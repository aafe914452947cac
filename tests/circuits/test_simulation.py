"""The stochastic whole brain: native against NumPy, against the linear-noise solution, the BOLD response, the speed."""

import time

import numpy as np
import pytest
from scipy.linalg import expm

from ketasim.circuits import field_kernel, simulation
from ketasim.circuits.bold import bold
from ketasim.circuits.connectome import random_connectome
from ketasim.circuits.network import Brain, correlation, covariance, fixed_point, global_brain_connectivity
from ketasim.core.errors import InputError


@pytest.fixture(scope="module")
def toy():
    c = random_connectome(20, seed=3)
    return Brain.of(c.strength, c.density, c.labels)


def test_machine_code_is_the_numpy_step(toy, monkeypatch):
    """Two implementations of the same step from the same noise."""
    if not field_kernel._usable():
        pytest.skip("no fused multiply-add here: NumPy runs anyway")
    native = simulation.scan(toy, 0.05, 0.1, seconds=8, seed=3)
    monkeypatch.setattr(field_kernel, "_usable", lambda: False)
    plain = simulation.scan(toy, 0.05, 0.1, seconds=8, seed=3)
    assert np.allclose(native.gating, plain.gating, rtol=0, atol=1e-11)
    assert np.allclose(native.bold, plain.bold, rtol=0, atol=1e-12)


def averaged(brain, block_e, block_i, steps=20, step_s=0.001):
    """Covariance of means over some steps: Σ over lags of weight × e^{J lag} P, from the Lyapunov solution P."""
    n = len(brain.coupling)
    _, jac = fixed_point(brain, brain.gains(block_e, False), brain.gains(block_i, False))
    p, move, power = covariance(brain, block_e, block_i), expm(jac * step_s), np.eye(2 * n)
    total = p * steps
    for lag in range(1, steps):
        power = power @ move
        total = total + (steps - lag) * (power @ p + (power @ p).T)
    return total[:n, :n] / steps**2


@pytest.mark.parametrize(("block_e", "block_i"), [(0.0, 0.0), (0.1, 0.17)])
def test_small_noise_agrees_with_the_linear_solution(toy, block_e, block_i):
    """Scans of a minute at a fiftieth of the noise: connectivity and global brain connectivity, with and without the
    global signal, scatter round the Lyapunov solution as their own Monte Carlo error says (root mean square of t with
    11 degrees of freedom: 1.1; errors of pairs are not independent, hence the margin)."""
    upper, exact = np.triu_indices(20, 1), averaged(toy, block_e, block_i)
    scans = [simulation.scan(toy, block_e, block_i, seconds=60, noise=0.02, copy=k) for k in range(12)]
    for kept in (True, False):
        linear = correlation(exact, kept)
        runs = [s.connectivity(signal="gating", global_signal=kept) for s in scans]
        for expected, found in (
            (linear[upper], np.array([r[upper] for r in runs])),
            (global_brain_connectivity(linear), np.array([global_brain_connectivity(r) for r in runs])),
        ):
            error = found.std(axis=0, ddof=1) / np.sqrt(len(runs))
            assert np.sqrt(np.mean(((found.mean(axis=0) - expected) / error) ** 2)) < 2.0


def test_variance_of_small_noise(toy):
    """The size of fluctuations too: S_E's variance against the Lyapunov equation, within 10 %."""
    expected = np.diag(covariance(toy))[:20].mean() * 0.02**2
    found = np.mean([simulation.scan(toy, seconds=60, noise=0.02, copy=k).gating.var(axis=0) for k in range(6)])
    assert found == pytest.approx(expected, rel=0.1)


def test_published_noise_stays_near_three_hertz(toy):
    """Deco 2014 tunes inhibition for 3 Hz (a gate of 0.161); convexity of the transfer lifts the noisy mean."""
    mean = simulation.scan(toy, seconds=60).gating.mean()
    assert 0.14 < mean < 0.23


def test_noise_depends_on_seed_and_copy_alone(toy):
    a = simulation.scan(toy, seconds=8, seed=1, copy=2)
    assert np.array_equal(a.bold, simulation.scan(toy, seconds=8, seed=1, copy=2).bold)
    assert not np.array_equal(a.bold, simulation.scan(toy, seconds=8, seed=1, copy=3).bold)


def test_bold_answers_a_brief_pulse_as_blood_does():
    """Friston 2003: peak 3 to 7 s after a brief event, an undershoot after it, back at rest after half a minute."""
    x = np.full((2000, 1), 0.16)
    x[50:100] += 0.1  # one second
    y = bold(x, 0.02)[:, 0] - bold(np.full((2000, 1), 0.16 + 0.1 * 50 / 2000), 0.02)[-1, 0]
    t = np.arange(2000) * 0.02 - 1.0
    assert 3.0 < t[y.argmax()] < 7.0
    assert y[(t > 8) & (t < 20)].min() < y[t > 35].mean()


def test_steady_activity_gives_a_steady_signal():
    """Flow at rest is 1 + x/γ (ds/dt = 0): nothing moves."""
    y = bold(np.full((500, 3), 0.16), 0.02)
    assert np.abs(y - y[0]).max() < 1e-9


@pytest.mark.parametrize(
    ("wrong", "words"),
    [({"step_ms": 3.0}, "2 ms"), ({"step_ms": 0.7}, "divides"), ({"seconds": 2.0}, "ten volumes"),
     ({"noise": 0.0}, "above 0"), ({"block_i": 0.9}, "ends|stable")],
)  # fmt: skip
def test_bad_scans_are_named(toy, wrong, words):
    with pytest.raises(InputError, match=words):
        simulation.scan(toy, **{"seconds": 8.0, **wrong})
    with pytest.raises(InputError, match="gating"):
        simulation.scan(toy, seconds=8).connectivity(signal="rate")


@pytest.mark.slow
def test_eighty_regions_run_fifty_times_as_fast_as_life():
    """Issue 5: 80 regions with BOLD, one core. Processor time, so that other work on the machine does not count."""
    if not field_kernel._usable():
        pytest.skip("no machine code on this processor")
    c = random_connectome(80, seed=1)
    brain = Brain.of(c.strength, c.density, c.labels)
    simulation.scan(brain, seconds=8)
    start = time.process_time()
    simulation.scan(brain, seconds=100)
    assert 120 / (time.process_time() - start) > 50
