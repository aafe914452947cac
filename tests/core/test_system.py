"""Systems: wiring, tracing, doses and the proofs a Program makes, against closed forms."""

import numpy as np
import pytest

from ketasim.core.component import DoseInput
from ketasim.core.errors import InputError, ModelError
from ketasim.core.schedule import BOLUS, JUMP, RATE, EdgeList, Edges
from ketasim.core.solvers import solver
from ketasim.core.system import Part, System

from .toys import Black, Counter, Half, Saturable, Tank, chain


def bateman(t, dose, k1, k2):
    return dose * k1 / (k2 - k1) * (np.exp(-k1 * t) - np.exp(-k2 * t))


@pytest.mark.parametrize("engine", ["exact", "reference", "native"])
def test_a_chain_of_two_tanks_is_batemans_function(engine):
    system = chain()
    program = system.program
    t = np.linspace(0, 30, 61)
    edges = EdgeList(1).add(BOLUS, program.state_names.index("first.A"), 0.0, 100.0).build()
    got = solver(engine)(program, system.typical[None], edges, t, ("plasma", "second.C"), rtol=1e-9, atol=1e-12).values[
        0
    ]
    tolerance = {"native": 1e-6}.get(engine, 1e-8)
    assert got[0] == pytest.approx(100 * np.exp(-0.5 * t) / 10, rel=tolerance, abs=1e-8)
    assert got[1] == pytest.approx(bateman(t, 100, 0.5, 0.2) / 4, rel=tolerance, abs=1e-8)


@pytest.mark.parametrize("engine", ["exact", "reference", "native"])
def test_an_infusion_rises_to_its_plateau_and_falls(engine):
    system = System("one", (Part(Tank(k=0.5, V=10.0), "tank"),))
    edges = EdgeList(1).add(RATE, 0, 1.0, 20.0).add(RATE, 0, 5.0, -20.0).build()
    t = np.array([0.0, 0.99, 1.0, 2.0, 5.0, 6.0, 9.0])
    got = solver(engine)(system.program, system.typical[None], edges, t, ("tank.C",), rtol=1e-9, atol=1e-12).values[
        0, 0
    ]
    plateau = 20 / 0.5 / 10
    up = plateau * (1 - np.exp(-0.5 * np.clip(t - 1, 0, 4)))
    expected = up * np.exp(-0.5 * np.clip(t - 5, 0, None))
    assert got == pytest.approx(expected, rel=1e-6, abs=1e-9)


def test_names_units_and_order():
    program = chain().program
    assert program.state_names == ("first.A", "second.A")
    assert program.parameter_names == ("first.k", "first.V", "second.k", "second.V")
    assert program.parameter_units == ("1/h", "L", "1/h", "L")
    assert [program.outputs[n][1] for n in ("plasma", "first.out", "second.C")] == ["umol/L", "umol/h", "umol/L"]
    assert program.rate_channels == (0, 1)


def test_units_are_converted_on_the_wire():
    """Saturable wants mg/L; what it reads is in µg/L."""

    class Level(Tank):
        """A level in other units.

        Equation    C = A/V
        Assumes     mixing
        Fails when  never
        """

        outputs = {"C": "ug/L", "out": "umol/h"}

    system = System(
        "mixed", (Part(Level(k=0.0, V=1.0), "level"), Part(Saturable(Vmax=1.0, Km=1.0, C50=1.0), "s", {"C": "level.C"}))
    )
    program = system.program
    f = program.function((program.outputs["s.effect"][0],))
    c = 2.0e3  # µg/L = 2 mg/L
    assert float(f([c, 0.0], system.typical, 0.0)[0]) == pytest.approx(4 / (1 + 4), rel=1e-12)


def test_several_signals_are_summed_and_numbers_may_be_wired():
    one = Part(Tank(k=1.0, V=1.0), "a")
    two = Part(Tank(k=2.0, V=1.0), "b", {"input": 3.0})
    both = Part(Tank(k=0.0, V=1.0), "c", {"input": ("a.out", "b.out")})
    program = System("sum", (one, two, both)).program
    rhs = program.function(program.rhs)
    assert [float(v) for v in rhs([5.0, 7.0, 0.0], np.array([1.0, 1, 2, 1, 0, 1]), 0.0)] == [
        -5.0,
        3.0 - 14.0,
        5.0 + 14.0,
    ]


@pytest.mark.parametrize(("parts", "message"), [
    ((Part(Tank(k=1.0, V=1.0), "a"), Part(Tank(k=1.0, V=1.0), "a")), "appears twice"),
    ((Part(Tank(k=1.0, V=1.0), "a", {"input": "nowhere"}),), "no earlier part publishes"),
    ((Part(Tank(k=1.0, V=1.0), "a", {"input": "b.out"}), Part(Tank(k=1.0, V=1.0), "b")), "no earlier part publishes"),
    ((Part(Tank(k=1.0, V=1.0), "a"), Part(Tank(k=1.0, V=1.0), "b", {"input": "a.C"})), "wants umol/h"),
    ((Part(Tank(k=1.0, V=1.0), "a", publish={"C": "x", "out": "x"}),), "published twice"),
])  # fmt: skip
def test_systems_that_contradict_themselves(parts, message):
    with pytest.raises(ModelError, match=message):
        _ = System("bad", parts).program


def test_rates_must_name_the_declared_states():
    class Wrong(Tank):
        """Wrong.

        Equation    none
        Assumes     nothing
        Fails when  always
        """

        def rates(self, x, u):
            return {"B": 0.0}

    with pytest.raises(ModelError, match="A, B declared or returned"):
        _ = System("bad", (Part(Wrong(k=1.0, V=1.0), "w"),)).program


def test_linear_is_proved_not_declared():
    assert chain().program.linear
    saturable = System("s", (Part(Saturable(Vmax=1.0, Km=1.0, C50=1.0), "s", {"C": 0.0}),)).program
    assert not saturable.linear
    counter = System("c", (Part(Counter(step=1.0, first=0.0), "c"),)).program
    assert not counter.linear, "a jump is not a linear flow"
    with pytest.raises(InputError, match="not linear"):
        solver("exact")(saturable, np.ones((1, 3)), Edges.empty(1), np.array([0.0, 1.0]), ("s.A",))


def test_the_jacobian_is_sparse_and_right():
    program = chain().program
    p = np.array([0.5, 10.0, 0.2, 4.0])
    values = program.function(tuple(program.jacobian.values()))([1.0, 2.0], p, 0.0)
    assert {ij: float(v) for ij, v in zip(program.jacobian, values)} == {(0, 0): -0.5, (1, 0): 0.5, (1, 1): -0.2}


def test_the_key_knows_equations_and_not_values():
    assert chain().program.key == chain(k=0.9, V=3.0).program.key
    program = chain().program
    before = program.key
    _ = program.jacobian
    assert program.key == before
    assert System("other", chain().parts[:1]).program.key != before


@pytest.mark.parametrize("engine", ["reference", "native"])
def test_jumps_and_initial_values_come_from_parameters(engine):
    system = System("count", (Part(Counter(step=2.0, first=5.0), "c"),))
    program = system.program
    assert program.initial_states(np.array([[2.0, 5.0], [2.0, 7.0]])).tolist() == [[5.0], [7.0]]
    edges = EdgeList(1).add(JUMP, 0, 1.0).add(JUMP, 0, 3.0).build()
    times = np.array([0.5, 1.0, 2.0, 3.0, 4.0])
    got = solver(engine)(program, system.typical[None], edges, times, ("c.n",)).values[0, 0]
    assert got.tolist() == [5.0, 7.0, 7.0, 9.0, 9.0], "an output at the time of an edge is the value after it"


def test_doses_pass_through_the_component():
    system = System("half", (Part(Half(F=0.4, lag=0.5), "gut"),))
    given = DoseInput(np.array([10.0, 20.0]), 2.0, 0.0)
    inputs = system.dose_inputs("gut", "oral", given, np.array([[0.4, 0.5], [0.5, 1.0]]))
    assert [i.state for i in inputs] == ["gut.A", "gut.A"]
    assert np.asarray(inputs[0].amount).tolist() == [2.0, 5.0]
    assert np.asarray(inputs[1].start_h).tolist() == [2.5, 3.0]
    edges = EdgeList(2)
    for one in inputs:
        edges.add_input(system.program, one)
    assert edges.build().of(1) == [(2.0, BOLUS, 0, 5.0), (3.0, RATE, 0, 5.0), (4.0, RATE, 0, -5.0)]


def test_unknown_ports_parts_and_channels_are_named():
    system = chain()
    given = DoseInput(np.array([1.0]), 0.0, 0.0)
    with pytest.raises(InputError, match="dose port of first is 'nose'; allowed: iv"):
        system.dose_inputs("first", "nose", given, system.typical[None])
    with pytest.raises(InputError, match="part of chain is 'third'"):
        system.part("third")


def test_individual_values_bounds_and_names():
    system = chain()
    people = system.individual({"first.k": np.array([0.1, 0.2])}, {}, 2)
    assert people.tolist() == [[0.1, 10.0, 0.2, 4.0], [0.2, 10.0, 0.2, 4.0]]
    with pytest.raises(InputError, match=r"first\.k of subject 1 is -0\.2"):
        system.individual({"first.k": np.array([0.1, -0.2])}, {}, 2)


def test_derived_parameters_must_exist():
    class Odd(Tank):
        """Odd.

        Equation    none
        Assumes     nothing
        Fails when  always
        """

        def derive(self, cov):
            return {"CL": self.k * self.V}

    with pytest.raises(ModelError, match="derive returns CL"):
        System("odd", (Part(Odd(k=1.0, V=1.0), "o"),)).individual({}, {}, 1)


def test_parts_that_cannot_be_exported_are_known():
    program = System("black", (Part(Tank(k=1.0, V=1.0), "a"), Part(Black(), "b"))).program
    assert not program.exportable
    assert program.not_exportable == ("b",)


def test_edges_keep_their_order_and_subjects():
    edges = EdgeList(3).add(BOLUS, 0, 2.0, np.array([1.0, 2, 3])).add(RATE, 1, [1.0, 2.0, 5.0], 4.0).build()
    assert edges.of(0) == [(1.0, RATE, 1, 4.0), (2.0, BOLUS, 0, 1.0)]
    assert edges.of(1) == [(2.0, BOLUS, 0, 2.0), (2.0, RATE, 1, 4.0)], "equal times keep the order in which they came"
    assert edges.take(np.array([2, 0])).of(1) == edges.of(0)
    assert Edges.empty(2).of(1) == []
    with pytest.raises(InputError, match="finite"):
        EdgeList(1).add(BOLUS, 0, np.nan, 1.0)
