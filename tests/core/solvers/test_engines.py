"""Native and vectorised engines against closed forms and against SciPy."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from tests.core.solvers.programs import make, one_compartment, oral

from ketasim.core import ops
from ketasim.core.errors import InputError
from ketasim.core.schedule import BOLUS, JUMP, PARAMETER, RATE, RESET, SET, EdgeList, Edges
from ketasim.core.solvers import solution as code
from ketasim.core.solvers import solver
from ketasim.core.solvers.native.code import usable
from ketasim.core.solvers.reductions import Reduction

ENGINES = [
    pytest.param("native", marks=pytest.mark.skipif(not usable(), reason="native engine cannot run here")),
    "vectorised",
]
engines = pytest.mark.parametrize("engine", ENGINES)
K = 0.7


def run(engine, program, parameters, edges, times, outputs, **options):
    options.setdefault("rtol", 1e-8)
    return solver(engine)(program, np.atleast_2d(parameters), edges, times, outputs, **options)


@engines
def test_bolus(engine):
    times = np.linspace(0, 10, 21)
    edges = EdgeList(1).add(BOLUS, 0, 1.0, 5.0).build()
    got = run(engine, one_compartment(), [K], edges, times, ("A",))
    assert_allclose(got.values[0, 0], np.where(times >= 1, 5 * np.exp(-K * (times - 1)), 0), rtol=1e-6)
    assert_allclose(got.final_state, [[5 * np.exp(-K * 9)]], rtol=1e-6)


@engines
def test_output_at_an_edge_is_after_it_unless_the_left_is_asked_for(engine):
    edges = EdgeList(1).add(BOLUS, 0, 0.0, 1.0).add(BOLUS, 0, 2.0, 5.0).build()
    times = np.array([0.0, 0.0, 2.0, 2.0])
    got = run(engine, one_compartment(), [K], edges, times, ("A",), left=[1, 0, 1, 0], end_h=2.0)
    before = np.exp(-2 * K)
    assert_allclose(got.values[0, 0], [0, 1, before, before + 5], rtol=1e-7, atol=1e-12)


@engines
def test_infusions_overlap(engine):
    times = np.linspace(0, 12, 25)
    edges = EdgeList(1)
    for start, stop, rate in ((0.5, 4.0, 2.0), (2.0, 6.0, 3.0)):
        edges.add(RATE, 0, start, rate).add(RATE, 0, stop, -rate)

    def infusion(start, stop, rate):
        on = np.clip(times, start, stop) - start
        return rate / K * (1 - np.exp(-K * on)) * np.exp(-K * np.clip(times - stop, 0, None))

    got = run(engine, one_compartment(), [K], edges.build(), times, ("A",))
    expected = infusion(0.5, 4.0, 2.0) + infusion(2.0, 6.0, 3.0)
    assert_allclose(got.values[0, 0], expected, rtol=1e-6, atol=1e-12)


@engines
def test_oral_dose_every_subject_at_its_own_time(engine):
    rng = np.random.default_rng(5)
    n = 19
    ka, k, v = rng.uniform(1, 3, n), rng.uniform(0.1, 0.5, n), rng.uniform(10, 50, n)
    lag = rng.uniform(0, 2, n)
    times = np.linspace(0, 24, 49)
    edges = EdgeList(n).add(BOLUS, 0, lag, 100.0).build()
    got = run(engine, oral(), np.stack([ka, k, v], 1), edges, times, ("C", "D"))
    s = np.clip(times - lag[:, None], 0, None)
    ka, k, v = ka[:, None], k[:, None], v[:, None]
    concentration = 100 * ka / (v * (ka - k)) * (np.exp(-k * s) - np.exp(-ka * s))
    assert_allclose(got.values[:, 0], concentration, rtol=2e-6, atol=1e-9)


@engines
def test_reset_set_parameter_and_jump(engine):
    program = make(
        ("A",), ("k", "a0"), lambda x, p, t: {"A": -p["k"] * x["A"]}, initial=lambda x, p, t: {"A": p["a0"]},
        jumps={"double": lambda x, p, t: {"A": 2.0 * x["A"] + p["k"]}, "sooner": lambda x, p, t: {"A": x["A"] * t}},
        channels=("A",),
    )  # fmt: skip
    edges = EdgeList(1)
    edges.add(JUMP, 0, 1.0).add(JUMP, 1, 3.0).add(PARAMETER, 0, 4.0, 2.0).add(SET, 0, 5.0, 9.0)
    edges.add(RATE, 0, 5.5, 4.0).add(RESET, 0, 6.0)
    times = np.array([0.5, 1.0, 3.0, 4.5, 5.0, 5.25, 6.0, 7.0])
    got = run(engine, program, [0.5, 8.0], edges.build(), times, ("A",))
    at1 = 2 * 8 * np.exp(-0.5) + 0.5
    at3 = at1 * np.exp(-1.0) * 3
    expected = [8 * np.exp(-0.25), at1, at3, at3 * np.exp(-0.5 - 1.0), 9, 9 * np.exp(-0.5), 8, 8 * np.exp(-2.0)]
    assert_allclose(got.values[0, 0], expected, rtol=1e-6)


@engines
def test_a_jump_at_the_start_moves_everybody_from_his_own_state(engine):
    program = make(
        ("A", "B"), ("k", "a0"), lambda x, p, t: {"A": -p["k"] * x["A"], "B": 0.0 * x["A"]},
        initial=lambda x, p, t: {"A": p["a0"], "B": 7.0}, jumps={"double": lambda x, p, t: {"A": 2.0 * x["A"]}},
    )  # fmt: skip
    n = 11
    first = np.arange(1.0, n + 1)
    edges = EdgeList(n).add(JUMP, 0, 0.0).build()
    got = run(engine, program, np.stack([np.full(n, K), first], 1), edges, [0.0, 1.0], ("A", "B"))
    assert_allclose(got.values[:, 0], 2 * first[:, None] * np.exp([0.0, -K]), rtol=1e-6)
    assert_array_equal(got.values[:, 1], 7.0)


@engines
def test_hoisted_expressions_follow_a_parameter_change(engine):
    """exp(k) depends on parameters alone, so it is computed in advance: it must be computed again."""
    program = make(
        ("A",),
        ("k",),
        lambda x, p, t: {"A": ops.exp(p["k"]) + 0.0 * x["A"]},
        outputs=lambda x, p, t: {"e": ops.exp(p["k"])},
    )
    edges = EdgeList(1).add(PARAMETER, 0, 2.0, 1.0).build()
    got = run(engine, program, [0.0], edges, [1.0, 2.0, 3.0], ("A", "e"))
    assert_allclose(got.values[0], [[1, 2, 2 + np.e], [1, np.e, np.e]], rtol=1e-9)


@engines
def test_time_in_the_equations(engine):
    program = make(("A",), ("k",), lambda x, p, t: {"A": -p["k"] * (x["A"] - t * t) + 2.0 * t}, channels=("A",))
    times = np.linspace(0, 5, 11)
    got = run(engine, program, [50.0], EdgeList(1).build(), times, ("A",))
    assert_allclose(got.values[0, 0], times**2, atol=2e-7)


def every_kind():
    def rates(x, p, t):
        hill = ops.hill(x["a"], p["c"], p["n"])
        return {
            "a": -p["k"] * x["a"] + 0.3 * ops.exp(-x["b"]) + 0.1 * ops.tanh(t - 3.0),
            "b": hill - 0.5 * x["b"] + ops.log(1.0 + ops.maximum(x["b"], 0.1)) * 0.1,
            "c": ops.where_less(x["a"], 100.0, x["b"], p["c"])
            - ops.minimum(x["c"], ops.sqrt(1.0 + x["a"] * x["a"])) * 0.4,
            "d": 0.05 * ops.softplus(x["c"]) - 0.01 * t * x["d"] / (1.0 + x["a"]),
        }

    return make(
        ("a", "b", "c", "d"), ("k", "c", "n"), rates, initial=lambda x, p, t: {"b": p["c"], "d": 0.2},
        outputs=lambda x, p, t: {"o": x["a"] * p["k"] + t, "s": p["k"] * 2.0, "m": ops.maximum(x["a"], x["b"])},
        jumps={
            "hit": lambda x, p, t: {"a": x["a"] * 2.0 + p["k"], "c": x["a"] * t},
            "zap": lambda x, p, t: {"b": ops.exp(-x["b"])},
        },
        channels=("a", "c"),
    )  # fmt: skip


def every_edge(n):
    e = EdgeList(n)
    e.add(BOLUS, 0, 1.0, 2.0).add(RATE, 0, 2.0, 1.5).add(RATE, 0, 4.0, -1.5).add(RATE, 1, 3.0, 0.5).add(JUMP, 0, 5.0)
    e.add(JUMP, 1, 5.0).add(PARAMETER, 0, 6.0, 1.1).add(SET, 3, 6.5, 1.0).add(RESET, 0, 8.0, subjects=[1, 3])
    e.add(BOLUS, 2, 8.0, 1.0, subjects=[1]).add(JUMP, 0, 8.5).add(BOLUS, 1, np.linspace(9, 9.5, n), 1.0)
    return e.build()


def people(n, seed=0):
    return np.array([0.5, 0.8, 1.7]) * np.exp(0.3 * np.random.default_rng(seed).standard_normal((n, 3)))


NAMES = ("a", "b", "c", "d", "o", "s", "m")


@engines
def test_every_node_and_edge_kind_against_scipy(engine):
    times = np.sort(np.concatenate([np.linspace(0, 12, 25), [1.0, 5.0, 8.0]]))
    program, p, edges = every_kind(), people(6), every_edge(6)
    truth = solver("reference")(program, p, edges, times, NAMES, rtol=1e-10, atol=1e-12)
    got = run(engine, program, p, edges, times, NAMES)
    assert (got.status == 0).all()
    assert_allclose(got.values, truth.values, rtol=3e-6, atol=3e-7)


@engines
def test_default_tolerance(engine):
    times = np.linspace(0, 12, 25)
    program, p, edges = every_kind(), people(20, 3), every_edge(20)
    truth = solver("reference")(program, p, edges, times, NAMES, rtol=1e-10, atol=1e-12).values
    got = solver(engine)(program, p, edges, times, NAMES).values
    error = np.abs(got - truth) / (np.abs(truth) + 1e-3 * np.abs(truth).max(axis=2, keepdims=True) + 1e-300)
    assert error.max() < 2e-5  # kinks of max and min are inside the steps here


@engines
def test_goes_on_from_a_saved_state(engine):
    program, p = oral(), np.array([[1.2, 0.3, 20.0]])
    edges = EdgeList(1).add(BOLUS, 0, 0.0, 100.0).add(RATE, 1, 3.0, 5.0).add(RATE, 1, 7.0, -5.0).build()
    whole = run(engine, program, p, edges, [6.0, 9.0], ("C",))
    first = run(engine, program, p, edges, [5.0], ("C",), end_h=5.0)
    later = EdgeList(1).add(RATE, 1, 7.0, -5.0).build()
    second = run(
        engine,
        program,
        p,
        later,
        [6.0, 9.0],
        ("C",),
        y0=first.final_state,
        start_h=5.0,
        rate0=first.stats["final_rate"],
    )
    assert_allclose(second.values, whole.values, rtol=1e-6)


@engines
def test_each_subject_may_have_its_own_times(engine):
    p = np.array([[0.5], [0.7]])
    times = np.array([[0.0, 1.0, 3.0], [2.0, np.nan, np.nan]])
    edges = EdgeList(2).add(BOLUS, 0, 0.0, 1.0).build()
    got = run(engine, one_compartment(), p, edges, times, ("A",))
    assert_allclose(got.values[:, 0], [[1, np.exp(-0.5), np.exp(-1.5)], [np.exp(-1.4), np.nan, np.nan]], rtol=1e-6)
    assert_allclose(got.final_state[:, 0], [np.exp(-1.5), np.exp(-1.4)], rtol=1e-6)


@engines
def test_reductions_against_closed_forms(engine):
    ka, k, v, dose = 1.5, 0.2, 20.0, 100.0
    peak = np.log(ka / k) / (ka - k)

    def c(t):
        return dose * ka / (v * (ka - k)) * (np.exp(-k * t) - np.exp(-ka * t))

    def area(t):
        return dose * ka / (v * (ka - k)) * ((1 - np.exp(-k * t)) / k - (1 - np.exp(-ka * t)) / ka)

    from scipy.optimize import brentq

    level = 2.0
    up, down = brentq(lambda t: c(t) - level, 0, peak), brentq(lambda t: c(t) - level, peak, 30)
    wanted = {
        Reduction("C", "auc"): area(24.0),
        Reduction("C", "auc", from_h=2.0, to_h=9.5, name="part"): area(9.5) - area(2.0),
        Reduction("C", "mean"): area(24.0) / 24, Reduction("C", "cmax"): c(peak), Reduction("C", "tmax"): peak,
        Reduction("C", "time_above", level): down - up, Reduction("C", "first_above", level): up,
        Reduction("C", "cmin", from_h=5.0): c(24.0), Reduction("C", "tmin", from_h=5.0): 24.0,
        Reduction("C", "first_above", 99.0, name="never"): np.nan,
    }  # fmt: skip
    edges = EdgeList(1).add(BOLUS, 0, 0.0, dose).build()
    got = run(engine, oral(), [ka, k, v], edges, [], (), reductions=list(wanted), end_h=24.0)
    for r, value in wanted.items():
        assert_allclose(got.reductions[r.key], [value], rtol=2e-6, err_msg=r.key)


@engines
def test_a_pole_is_named_with_subject_and_time(engine):
    """dy/dt = y² from 1 is 1/(1 − t): infinite at t = 1. The neighbours do not notice."""
    program = make(("y",), ("a",), lambda x, p, t: {"y": p["a"] * x["y"] * x["y"]}, initial=lambda x, p, t: {"y": 1.0})
    got = run(engine, program, [[0.1], [1.0], [0.2]], EdgeList(3).build(), [0.5, 2.0], ("y",))
    assert got.status[1] in (code.STEP_TOO_SMALL, code.NOT_FINITE)
    assert got.failed_at_h[1] == pytest.approx(1.0, abs=1e-3)
    assert_allclose(got.values[[0, 2], 0], [[1 / 0.95, 1 / 0.8], [1 / 0.9, 1 / 0.6]], rtol=1e-6)
    assert_allclose(got.values[1, 0], [2.0, np.nan], rtol=1e-6)
    assert "subject 1" in got.failures[0]


@engines
def test_undefined_numbers_are_refused_per_subject(engine):
    got = run(
        engine,
        one_compartment(),
        [[0.5], [np.nan], [np.inf]],
        EdgeList(3).add(BOLUS, 0, 0.0, 1.0).build(),
        [1.0],
        ("A",),
    )
    assert_array_equal(got.status, [code.OK, code.BAD_PARAMETER, code.BAD_PARAMETER])
    assert np.isfinite(got.values[0]).all() and np.isnan(got.values[1:]).all()


@engines
def test_an_undefined_right_hand_side_fails(engine):
    program = make(("y",), ("a",), lambda x, p, t: {"y": ops.log(p["a"] - t)})
    got = run(engine, program, [[1.0], [9.0]], EdgeList(2).build(), [0.5, 2.0], ("y",))
    assert got.status[0] == code.NOT_FINITE and got.status[1] == code.OK
    assert got.failed_at_h[0] == pytest.approx(1.0, abs=0.01)
    assert np.isfinite(got.values[0, 0, 0]) and np.isnan(got.values[0, 0, 1])


@engines
def test_too_many_steps(engine):
    program = make(("y",), ("a",), lambda x, p, t: {"y": p["a"] * ops.exp(-t * t)})
    got = run(engine, program, [[1.0]], EdgeList(1).build(), [1000.0], ("y",), max_steps=5)
    assert got.status[0] == code.TOO_MANY_STEPS and got.stats["accepted"][0] <= 6


def events(*columns):
    return Edges(*map(np.array, columns))


@engines
@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"times": [2.0, 1.0]}, "times_h"), ({"times": [np.nan]}, "times_h"), ({"times": [np.inf]}, "times_h"),
        ({"parameters": np.ones((1, 2))}, "parameters"), ({"outputs": ("B",)}, "output"),
        ({"end_h": -1.0, "start_h": 0.0}, "end_h"),
        ({"times": [5.0], "end_h": 4.0}, "last output time"), ({"y0": np.ones((2, 1))}, "y0"),
        ({"edges": EdgeList(2).build()}, "edges"),
        ({"edges": events([0, 1], [0.0], [0], [7], [1.0])}, "target"),
        ({"edges": events([0, 2], [3.0, 1.0], [0, 0], [0, 0], [1.0, 1.0])}, "edges"),
        ({"edges": events([0, 1], [np.nan], [0], [0], [1.0])}, "edges"),
        ({"edges": events([0, 1], [0.0], [9], [0], [1.0])}, "edge kind"),
        ({"left": [1, 0, 1]}, "left"),
    ],
)  # fmt: skip
def test_bad_input_is_named(engine, change, field):
    given = {"parameters": [[K]], "edges": EdgeList(1).build(), "times": [1.0], "outputs": ("A",), **change}
    options = {k: v for k, v in given.items() if k not in ("parameters", "edges", "times", "outputs")}
    with pytest.raises(InputError, match=field):
        run(engine, one_compartment(), given["parameters"], given["edges"], given["times"], given["outputs"], **options)


@engines
def test_rates_eleven_orders_of_magnitude_apart(engine):
    """A chain whose first link is gone in microseconds and whose last lasts for years (Bateman's equations)."""
    k = np.array([1e7, 1e2, 1e-4])
    program = make(
        ("A", "B", "C"), ("k1", "k2", "k3"),
        lambda x, p, t: {"A": -p["k1"] * x["A"], "B": p["k1"] * x["A"] - p["k2"] * x["B"],
                         "C": p["k2"] * x["B"] - p["k3"] * x["C"]},
        channels=("A",),
    )  # fmt: skip
    times = np.array([1e-9, 1e-7, 1e-3, 0.1, 1.0, 1e3, 1e5])
    got = run(engine, program, k, EdgeList(1).add(BOLUS, 0, 0.0, 1.0).build(), times, ("A", "B", "C"))
    a, b, c = k
    e = np.exp(-np.outer(k, times))
    expected = [
        e[0], a / (b - a) * (e[0] - e[1]),
        a * b * (e[0] / ((b - a) * (c - a)) + e[1] / ((a - b) * (c - b)) + e[2] / ((a - c) * (b - c))),
    ]  # fmt: skip
    assert_allclose(got.values[0], expected, rtol=1e-5, atol=1e-9)


@engines
def test_a_system_without_states(engine):
    program = make((), ("k",), lambda x, p, t: {}, outputs=lambda x, p, t: {"o": p["k"] * t, "s": p["k"] + 1.0})
    edges = EdgeList(2).add(PARAMETER, 0, 2.0, 5.0).build()
    got = run(engine, program, [[1.0], [2.0]], edges, [1.0, 3.0], ("o", "s"))
    assert_array_equal(got.values, [[[1, 15], [2, 6]], [[2, 15], [3, 6]]])


@engines
def test_an_output_may_be_asked_for_twice(engine):
    edges = EdgeList(1).add(BOLUS, 0, 0.0, 100.0).build()
    sums = [Reduction("D", "cmax")]
    got = run(engine, oral(), [1.0, 0.2, 10.0], edges, [1.0, 2.0], ("A", "C", "A"), reductions=sums)
    assert got.values.shape == (1, 3, 2)
    assert_array_equal(got.values[0, 0], got.values[0, 2])
    assert got.reductions["cmax(D)"] == 100.0


@engines
def test_nothing_to_do(engine):
    got = run(engine, one_compartment(), np.zeros((0, 1)), EdgeList(0).build(), [1.0], ("A",))
    assert got.values.shape == (0, 1, 1)
    got = run(engine, one_compartment(), [[K]], EdgeList(1).add(BOLUS, 0, 0.0, 3.0).build(), [0.0], ("A",))
    assert_array_equal(got.values, [[[3.0]]])
