"""Whole brain: linear noise on a toy against a long simulation of the same equations, and on the real connectome."""

import numpy as np
import pytest

from ketasim.circuits.connectome import random_connectome
from ketasim.circuits.network import Brain, connectivity, fixed_point, global_brain_connectivity, network_means
from ketasim.core.errors import InputError, KetasimError


@pytest.fixture(scope="module")
def toy():
    c = random_connectome(20, seed=3)
    return Brain.of(c.strength, c.density, c.labels)


def test_every_region_fires_at_three_hertz(toy):
    """Inhibition is tuned so that S_E = γ r τ / (1 + γ r τ) at 3 Hz everywhere (Deco 2014)."""
    s, jac = fixed_point(toy, toy.gains(0, False), toy.gains(0, False))
    expected = 0.641 * 3 * 0.1 / (1 + 0.641 * 3 * 0.1)
    assert np.allclose(s[:20], expected, rtol=1e-6)
    assert np.linalg.eigvals(jac).real.max() < 0


def test_jacobian_is_the_derivative(toy):
    """The Lyapunov solution satisfies A P + P Aᵀ + Q = 0 for the linearised noise, hence unit diagonal and symmetry."""
    fc = connectivity(toy)
    assert np.allclose(fc, fc.T, atol=1e-9)
    assert np.allclose(np.diag(fc), 1.0)
    assert np.linalg.eigvalsh(fc).min() > -1e-9


def test_global_signal_regression_centres(toy):
    fc = connectivity(toy, global_signal=False)
    assert fc[np.triu_indices(20, 1)].mean() < connectivity(toy)[np.triu_indices(20, 1)].mean()


def test_block_changes_connectivity_and_means_are_relative(toy):
    d = global_brain_connectivity(connectivity(toy, 0.02, 0.05)) - global_brain_connectivity(connectivity(toy))
    assert np.abs(d).max() > 0
    means = network_means(d, toy.labels)
    assert sum(means.values()) == pytest.approx(0.0, abs=1e-12)


def test_bad_connectome_is_named():
    with pytest.raises(InputError, match="connectome"):
        Brain.of(np.array([[0.0, 1.0], [2.0, 0.0]]))


def test_placebo_connectivity_beats_the_structure():
    """Row e01: the model's connectivity correlates with the measured one by 0.1 more than structure does (0.28)."""
    from ketasim.circuits.connectome import schaefer100

    try:
        c = schaefer100()
    except KetasimError as missing:
        pytest.skip(str(missing))
    brain = Brain.of(c.strength, c.density, c.labels, length_mm=c.length_mm)
    upper = np.triu_indices(len(c.strength), 1)
    r = np.corrcoef(connectivity(brain)[upper], c.empirical[upper])[0, 1]
    assert r > 0.38
