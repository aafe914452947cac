"""The benchmark system: reference values of another solver, accuracy at the default tolerance, robustness."""

import json

import numpy as np
import pytest

from ketasim.analysis.bench import system45 as s45
from ketasim.analysis.bench.run import errors
from ketasim.core.solvers import solver
from ketasim.core.solvers.native.code import usable
from ketasim.core.solvers.native.run import solve

native = pytest.mark.skipif(not usable(), reason="native engine cannot run here")


def load(anchors):
    folder = anchors / "benchmark"
    schedule = json.loads((folder / "schedule.json").read_text())
    parameters = np.loadtxt(folder / "parameters.csv", delimiter=",", skiprows=1)[:, 1:]
    rows = np.loadtxt(folder / "reference.csv", delimiter=",", skiprows=1)
    n = len(parameters)
    times = rows[rows[:, 0] == 0, 1]
    truth = rows[:, 2:].reshape(n, len(times), -1).transpose(0, 2, 1)
    return (
        np.array(schedule["weights_kg_of_subjects_0_to_7"]),
        parameters,
        times,
        truth,
        np.array(schedule["output_minutes"]),
    )


def test_the_equations_are_those_of_the_study(anchors):
    assert s45.SOURCE.read_text() == (anchors / "benchmark" / "system.txt").read_text()
    np.testing.assert_allclose(s45.output_times(), load(anchors)[-1], atol=1e-6)


@native
def test_eight_subjects_against_dop853(anchors):
    weights, parameters, times, truth, _ = load(anchors)
    got = solve(s45.program(), parameters, s45.infusions(weights), times, s45.program().state_names)
    assert (got.status == 0).all()
    assert errors(got.values, truth).max() < 5e-6


def test_numpy_engine_against_dop853(anchors):
    weights, parameters, times, truth, _ = load(anchors)
    early = times < 6000
    got = solver("vectorised")(
        s45.program(), parameters[:3], s45.infusions(weights[:3]), times[early], s45.program().state_names
    )
    assert errors(got.values, truth[:3][:, :, early]).max() < 5e-6


def accuracy(n, seed):
    """Largest error at the default tolerance against the same engine at 1e-10 (itself checked against DOP853 above)."""
    people, edges, times = s45.people(n, seed), s45.infusions(s45.weights(n, seed)), s45.output_times()
    names = s45.program().state_names
    truth = solve(s45.program(), people, edges, times, names, rtol=3e-10, atol=1e-15, floor=1e-4, threads=2)
    got = solve(s45.program(), people, edges, times, names, threads=2)
    assert not got.status.any() and not truth.status.any()
    return errors(got.values, truth.values).max()


@native
def test_default_tolerance_over_twenty_people():
    assert accuracy(20, 100) < 5e-6


@native
@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_default_tolerance_over_three_hundred_people(seed):
    assert accuracy(300, seed) < 5e-6


@native
@pytest.mark.slow
def test_nobody_fails_when_every_spread_is_doubled():
    n = 10_000
    people, edges = s45.people(n, 7, spread=2.0), s45.infusions(s45.weights(n, 7))
    got = solve(s45.program(), people, edges, s45.output_times()[::20], ("B", "mood"), threads=2)
    assert got.failures == []
    assert np.isfinite(got.values).all()


@native
def test_planned_elimination_has_no_fill_here():
    from ketasim.core.elimination import plan

    jacobian = s45.program().jacobian
    assert len(jacobian) == 119
    assert len(plan(45, jacobian).entries) == len({*jacobian, *((i, i) for i in range(45))})
