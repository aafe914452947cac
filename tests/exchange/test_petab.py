"""PEtab problems, read and checked by PEtab's own linter."""

import numpy as np
import pytest
from tests.fitting.population_toys import Oral

from ketasim.core.errors import InputError
from ketasim.core.schedule import Edges
from ketasim.exchange import petab
from ketasim.exchange.petab import Arm, Number, Row

NUMBERS = (
    Number("CL", ("user.CL",), 4.0, 0.1, 100.0, ("log-normal", np.log(4.0), 0.5)),
    Number("V", ("user.V",), 40.0, 1.0, 500.0),
)


def dose(amount):
    ints = np.zeros(1, np.int32)
    return Edges(np.array([0, 1]), np.zeros(1), ints, ints, np.array([amount]))


def problem():
    from ketasim.dosing.records.target import as_system

    system = as_system(Oral(ka=1.0, CL=4.0, V=40.0))
    name = next(iter(system.program.outputs))
    numbers = tuple(
        Number(n.id, (next(p for p in system.program.parameter_names if p.endswith(f".{n.id}")),), n.value, n.low,
               n.high, n.prior) for n in NUMBERS
    )  # fmt: skip
    arms = [Arm("low", system, edges=dose(100.0)), Arm("high", system, edges=dose(300.0))]
    rows = [Row("low", name, t, y, 0.2, "log-normal") for t, y in ((1.0, 1.4), (4.0, 1.6), (12.0, 0.8))]
    rows += [Row("high", name, 4.0, 4.9, 0.5)]
    return arms, rows, numbers


@pytest.mark.parametrize("which", ["low", "high"])
def test_the_linter_finds_nothing(tmp_path, which):
    v2 = pytest.importorskip("petab.v2", reason="PEtab's library is not installed")
    pytest.importorskip("libsbml")
    arms, rows, numbers = problem()
    mine = [r for r in rows if r.arm == which]
    read = v2.Problem.from_yaml(petab.write(tmp_path, [a for a in arms if a.id == which], mine, numbers))
    found = [str(issue) for issue in read.validate()]
    assert not found, found
    assert read.x_ids == ["CL", "V"]
    assert read.n_measurements == len(mine)
    assert read.get_x_nominal_dict() == {"CL": 4.0, "V": 40.0}


def several():
    """Two arms of one system, a bolus and an infusion with a second dose, in people of their own."""
    arms, rows, numbers = problem()
    ints = np.array([1, 1, 0], np.int32), np.array([0, 0, 0], np.int32)
    edges = Edges(np.array([0, 3]), np.array([0.0, 2.0, 6.0]), *ints, np.array([150.0, -150.0, 50.0]))
    other = arms[1].system.typical.copy()
    other[arms[1].system.program.parameter_names.index("model.ka")] = 2.0
    return [arms[0], Arm("high", arms[1].system, other, edges)], rows, numbers


def test_several_arms_of_one_system_are_experiments_the_linter_passes(tmp_path):
    v2 = pytest.importorskip("petab.v2", reason="PEtab's library is not installed")
    pytest.importorskip("libsbml")
    read = v2.Problem.from_yaml(petab.write(tmp_path, *several()))
    found = [str(issue) for issue in read.validate()]
    assert not found, found
    assert len(read.models) == 1
    assert {e.id: [p.time for p in e.periods] for e in read.experiments} == {"low": [0.0], "high": [0.0, 2.0, 6.0]}
    assert {m.experiment_id for m in read.measurements} == {"low", "high"}
    assert {o.noise_distribution.value for o in read.observables} == {"normal", "log-normal"}
    changed = {(c.id, x.target_id): str(x.target_value) for c in read.conditions for x in c.changes}
    assert float(changed["high_0", "model__ka"]) == 2.0
    assert float(changed["high_0", "rate__model__D"]) == 150.0
    assert float(changed["high_1", "rate__model__D"]) == 0.0
    assert "model__D" in changed["high_2", "model__D"] and "50" in changed["high_2", "model__D"]


def test_arms_of_different_systems_are_several_models(tmp_path):
    """The linter cannot judge more than one model yet (libpetab issue 392); the tables are read."""
    v2 = pytest.importorskip("petab.v2", reason="PEtab's library is not installed")
    pytest.importorskip("libsbml")
    from ketasim.core.system import Part, System

    arms, rows, numbers = problem()
    both = System("two", (Part(Oral(ka=1.0, CL=4.0, V=40.0), "model", {}), Part(Oral(ka=1.0, CL=1.0, V=1.0), "b", {})))
    read = v2.Problem.from_yaml(petab.write(tmp_path, [arms[0], Arm("high", both, edges=dose(300.0))], rows, numbers))
    assert [m.model_id for m in read.models] == ["low", "high"]
    assert [m.model_id for m in read.measurements] == ["low", "low", "low", "high"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda a, r, n: (a, [Row("low", r[0].output, 1.0, 1.0, 0.2, statistic="auc")], n), ["auc", "PEtab"]),
        (lambda a, r, n: (a, [Row("none", r[0].output, 1.0, 1.0, 0.2)], n), ["arm", "low, high"]),
        (lambda a, r, n: (a, [Row("low", "x", 1.0, 1.0, 0.2)], n), ["output", "x"]),
        (lambda a, r, n: (a, [Row("low", r[0].output, 1.0, 1.0, 0.0)], n), ["sd", "larger than 0"]),
        (lambda a, r, n: (a, [Row("low", r[0].output, 1.0, -1.0, 0.2, "log-normal")], n), ["above 0"]),
        (lambda a, r, n: (a, r, [Number("CL", ("user.nothing",), 1.0, 0.1, 2.0)]), ["CL", "user.nothing"]),
        (lambda a, r, n: (a, r, [Number("CL", n[0].targets, 3.0, 0.1, 2.0)]), ["CL", "between 0.1 and 2"]),
        (lambda a, r, n: ([a[0], a[0]], r, n), ["arm", "each name once"]),
        (lambda a, r, n: (a, [], n), ["rows", "one or more"]),
    ],
)  # fmt: skip
def test_what_cannot_be_written_is_said(tmp_path, change, words):
    with pytest.raises(InputError) as caught:
        petab.write(tmp_path / "p", *change(*problem()))
    for word in words:
        assert word in str(caught.value)
    assert not (tmp_path / "p").exists(), "nothing is written before everything is checked"
