"""Other people's solvers on the benchmark system agree with ours, and the benchmark says what it should."""

import numpy as np
import pytest

from ketasim.analysis.bench import peers
from ketasim.analysis.bench import system45 as s45
from ketasim.analysis.bench.quiet import quiet
from ketasim.analysis.bench.run import errors, required, shortfalls
from ketasim.core.solvers.native.code import usable

pytestmark = pytest.mark.skipif(not usable(), reason="native engine cannot run here")


@pytest.mark.parametrize("name", ["libroadrunner", "pydiffsol"])
def test_peer_agrees(name):
    try:
        solve = peers.PEERS[name]()
    except ImportError:
        pytest.skip(f"{name} is not installed")
    people, weights = s45.people(2, 9), s45.weights(2, 9)
    with quiet():
        theirs = solve(people, weights, 1e-8)
    assert errors(theirs, peers.ketasim()(people, weights, 1e-8)).max() < 5e-6


def test_error_measure():
    truth = np.array([[[1.0, 2.0, 0.0]]])
    values = np.array([[[1.0, 2.002, 0.001]]])
    assert errors(values, truth) == pytest.approx([0.001 / 0.002])


def test_fewer_lanes_are_asked_for_less():
    assert required(8)["libroadrunner/system45"] == 40.0
    assert required(4)["libroadrunner/system45"] == pytest.approx(24.0)


def test_shortfalls_name_case_and_figure():
    result = {"ratios": {"libroadrunner/system45": 15.0}, "required": required(8)}
    assert shortfalls(result, 0.5) == ["libroadrunner/system45: 15.0, required 20.0"]
    assert shortfalls(result, 0.25) == []
