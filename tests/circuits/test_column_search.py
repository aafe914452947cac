"""The stored weights of the column are what its search asks for, and the search gives the same numbers each time."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from ketasim.circuits import eeg

SCRIPT = Path(__file__).parents[2] / "calibration/column.py"


@pytest.fixture(scope="module")
def search():
    spec = importlib.util.spec_from_file_location("column_search", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_stored_point_is_like_a_cortex_and_shows_the_signs(search):
    """Stable, plausible rates, an alpha peak, a gamma mode, a slope; all signs over half to twice the block."""
    column = eeg.machine().column
    stored = search.Points(np.array([[getattr(column, name)] for name in search.NAMES]))
    typical = np.array(search.blocks())
    assert search.like_a_cortex(stored)[0]
    assert search.wrong(stored, typical)[0] < 0.01
    assert search.published(stored, typical)[0]


def test_the_script_and_the_readout_give_the_same_spectrum(search):
    column = eeg.machine().column
    stored = search.Points(np.array([[getattr(column, name)] for name in search.NAMES]))
    for occupancy in (np.zeros(4), np.array(search.blocks())):
        states, jac, found = stored.at(occupancy)
        assert found[0]
        assert np.allclose(stored.power(states, jac), eeg.spectra(occupancy[:, None]).power, rtol=1e-6)


def test_points_are_drawn_the_same_each_time(search):
    one, two = (search.draw(np.random.default_rng(search.SEED), 50) for _ in range(2))
    assert (one == two).all()
    for row, (low, high) in zip(one, (search.POSITIVE | search.DRIVES).values(), strict=True):
        assert (row >= low).all() and (row <= high).all()


def test_an_unstable_point_is_refused(search):
    """Strong excitation alone runs away: not like a cortex."""
    column = eeg.machine().column
    wild = np.array([[getattr(column, name)] for name in search.NAMES])
    for name in ("wEP", "wES"):
        wild[search.NAMES.index(name)] = 0.0
    wild[search.NAMES.index("wEEa")] = 20.0
    assert not search.like_a_cortex(search.Points(wild))[0]
