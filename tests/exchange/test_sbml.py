"""SBML: valid by libsbml, and the same curves when libRoadRunner runs it."""

import math
import xml.etree.ElementTree as tree

import numpy as np
import pytest

from ketasim.core import ops
from ketasim.core.component import Component, par
from ketasim.core.errors import InputError
from ketasim.core.schedule import BOLUS, JUMP, PARAMETER, RATE, RESET, SET, EdgeList
from ketasim.core.solvers import solver
from ketasim.core.system import Part, System
from ketasim.exchange import sbml, to_sbml
from ketasim.exchange.assembled import assemble

libsbml = pytest.importorskip("libsbml", reason="python-libsbml is in the extra [sbml]")
roadrunner = pytest.importorskip("roadrunner", reason="libroadrunner is in the extra [sbml]")
TOLERANCE = 1e-6


class Everything(Component):
    """Every kind of node that an equation can hold.

    Equation    see rates
    Assumes     nothing
    Fails when  never
    """

    inputs = {"t": "h"}
    states = {"A": "umol", "B": "fraction", "n": "count"}
    outputs = {"out": "fraction", "root": "fraction"}
    ports = {"iv": "A"}
    jump_events = ("session_start",)
    k: float = par("1/h", "loss")
    V: float = par("umol", "scale")
    g: float = par("1", "steepness")
    start: float = par("fraction", "value at the start")

    def rates(self, x, u):
        level = ops.hill(x["A"], self.V, self.g)
        push = ops.where_less(x["A"], self.V * 2.0, level, 0.3 * level + 0.1)
        wave = ops.maximum(ops.exp(-u["t"] / 5.0), ops.minimum(0.2, level))
        back = ops.log(1.0 + x["B"] ** 2) + ops.sqrt(1.0 + x["B"]) - ops.power(1.0 + x["B"], 0.7)
        return {"A": -self.k * x["A"], "B": (push + wave - back - x["B"]) * 0.5, "n": -0.01 * x["n"]}

    def read(self, x, u):
        return {"out": x["B"] + 1e-9 * x["n"], "root": ops.expit(x["B"]) / (1.0 + x["n"])}

    def initial(self):
        return {"B": self.start * 2.0, "n": 1.0}

    def jump(self, event, x, u):
        return {"n": x["n"] + x["B"], "B": x["B"] * 0.5}


def everything():
    return System("everything at once", (Part(Everything(k=0.7, V=3.0, g=1.7, start=0.2), "all_2A.B"),))


def every_edge():
    edges = EdgeList(1)
    edges.add(JUMP, 0, 0.0).add(BOLUS, 0, 0.0, 4.0).add(RATE, 0, 0.0, 6.0)
    edges.add(RATE, 0, 1.5, -6.0).add(BOLUS, 0, 1.5, 1.0).add(BOLUS, 0, 1.5, 2.0).add(JUMP, 0, 1.5).add(
        BOLUS, 0, 1.5, 0.5
    )
    edges.add(PARAMETER, 0, 2.0, 1.1).add(SET, 1, 3.0, 0.9).add(JUMP, 0, 3.0)
    edges.add(RATE, 0, 4.0, 0.1).add(RATE, 0, 4.5, 0.2).add(RATE, 0, 5.0, -0.1).add(RATE, 0, 5.5, -0.2)
    edges.add(RATE, 0, 6.0, 3.0).add(RESET, 0, 7.0).add(BOLUS, 0, 7.0, 2.0)
    return edges.build()


def run(text, names, times, relative=1e-10, absolute=1e-13):
    rr = roadrunner.RoadRunner(text)
    rr.integrator.relative_tolerance, rr.integrator.absolute_tolerance = relative, absolute
    rr.integrator.setValue("maximum_num_steps", 200_000)
    rr.timeCourseSelections = ["time", *(sbml.output_identifier(n) for n in names)]
    return np.array(rr.simulate(times=list(times)))[:, 1:].T


def agreement(got, want):
    """Largest difference over the largest value of each output."""
    return float(np.max(np.abs(got - want) / (np.abs(want).max(axis=1, keepdims=True) + 1e-30)))


def faults(text, units=False):
    document = libsbml.readSBMLFromString(text)
    document.setConsistencyChecks(libsbml.LIBSBML_CAT_UNITS_CONSISTENCY, units)
    document.checkConsistency()
    errors = [document.getError(i) for i in range(document.getNumErrors())]
    return [(e.getSeverityAsString(), e.getErrorId(), e.getShortMessage()) for e in errors]


MODELS = {
    "iv course": ("ketamine", "0.5 mg/kg iv over 40 min, 2/week for 1 weeks", 24.0),
    "nasal": ("ketamine", "84 mg esketamine intranasal", 24.0),
    "domino": ("domino1984", "2 mg/kg iv", 8.0),
    "pump": ("ketamine", "tci plasma 150 ng/mL for 3 min", 1.0),
    "film": ("simons2022", "50 mg esketamine sublingual", 12.0),
}
OUTPUTS = ("ketamine.arterial", "ketamine.venous", "ketamine.brain", "norketamine.arterial", "nmda.block.2A")


def built(name):
    model, regimen, _ = MODELS[name]
    return assemble(model, regimen, outputs=OUTPUTS if model == "ketamine" else None)


@pytest.mark.parametrize("name", MODELS)
def test_models_run_elsewhere_as_here(name):
    system, parameters, edges = built(name)
    outputs = tuple(system.program.outputs)
    # times between edges: where a dose starts or ends the two programs report opposite sides of it
    times = np.linspace(0.013, MODELS[name][2], 60)
    want = solver("reference")(system.program, parameters, edges, times, outputs).values[0]
    got = run(sbml.sbml(system, parameters, edges), outputs, [0.0, *times])[:, 1:]
    assert agreement(got, want) <= TOLERANCE


@pytest.mark.slow
def test_the_whole_model_runs_elsewhere_as_here():
    """Everything the default model offers, at once."""
    system, parameters, edges = assemble("ketamine", "0.5 mg/kg iv over 40 min")
    outputs = tuple(system.program.outputs)
    times = np.linspace(0.013, 24, 40)
    want = solver("native")(system.program, parameters, edges, times, outputs, rtol=1e-10, atol=1e-13).values[0]
    text = sbml.sbml(system, parameters, edges)
    assert faults(text) == []
    got = run(text, outputs, [0.0, *times], 1e-9, 1e-11)[:, 1:]
    seen = np.abs(want).max(axis=1) > 1e-9
    assert seen.sum() > 50
    assert agreement(got[seen], want[seen]) <= TOLERANCE


def test_a_floor_just_above_zero_is_no_kink_elsewhere():
    """The stiff method stopped at t = 1e-7 where the floor of a Hill curve was written as a piecewise."""
    system, parameters, edges = assemble("ketamine", "0.5 mg/kg iv over 40 min", outputs=("p_liver_injury",))
    text = sbml.sbml(system, parameters, edges)
    assert "<max/>" in text
    rr = roadrunner.RoadRunner(text)
    rr.integrator.setValue("maximum_num_steps", 3000)
    assert np.isfinite(np.array(rr.simulate(0, 24, 10))).all()


@pytest.mark.parametrize("name", MODELS)
def test_libsbml_finds_nothing_wrong(name):
    text = sbml.sbml(*built(name))
    assert faults(text) == []
    assert [f for f in faults(text, units=True) if f[0] != "Warning"] == []


def test_every_kind_of_node_and_edge():
    system, edges = everything(), every_edge()
    times = np.concatenate([np.arange(0.05, 10, 0.1)])
    names = tuple(system.program.outputs)
    want = solver("reference")(system.program, system.typical[None], edges, times, names).values[0]
    text = sbml.sbml(system, None, edges)
    assert faults(text) == []
    got = run(text, names, [0.0, *times])[:, 1:]
    assert agreement(got, want) <= TOLERANCE


def test_rates_that_end_leave_nothing_behind():
    """0.1 + 0.2 − 0.1 − 0.2 is not zero in floating point; the exported rate is."""
    text = sbml.sbml(everything(), None, every_edge())
    model = libsbml.readSBMLFromString(text).getModel()
    values = [
        libsbml.formulaToL3String(a.getMath())
        for e in model.getListOfEvents()
        for a in e.getListOfEventAssignments()
        if a.getVariable().startswith("rate__")
    ]
    assert values[-1] == "0"
    assert float(values[5]) == 0.0


def test_numbers_carry_units_and_sources():
    system, parameters, edges = built("domino")
    model = libsbml.readSBMLFromString(sbml.sbml(system, parameters, edges)).getModel()
    assert model.getTimeUnits() == "u_h"
    hour = model.getUnitDefinition("u_h").getUnit(0)
    assert (libsbml.UnitKind_toString(hour.getKind()), hour.getMultiplier()) == ("second", 3600.0)
    for i, name in enumerate(system.program.parameter_names):
        found = model.getParameter(sbml.identifier_of(name))
        assert found.getValue() == parameters[0, i]
        assert found.getName() == name
        assert found.isSetUnits()
    described = next(iter(system.parameters))
    assert "domino1984" in model.getParameter(sbml.identifier_of(described)).getNotesString()


def test_a_component_of_ones_own_can_be_exported():
    text = sbml.sbml(Everything(k=0.7, V=3.0, g=1.7, start=0.2))
    got = run(text, ["model.out"], [0.0, 1.0, 2.0])
    assert faults(text) == []
    assert got[0, 0] == pytest.approx(0.4 + 1e-9)


def test_parts_that_are_no_equations_are_refused_by_name():
    class Black(Component):
        """Not an equation.

        Equation    none
        Assumes     nothing
        Fails when  always
        """

        outputs = {"z": "fraction"}
        exportable = False

        def read(self, x, u):
            return {"z": 0.5}

    system = System("mixed", (*everything().parts, Part(Black(), "spectrum")))
    with pytest.raises(InputError, match="SBML export of mixed is 'spectrum'"):
        sbml.sbml(system)


def test_wrong_numbers_of_parameters_and_paths_are_refused(tmp_path):
    with pytest.raises(InputError, match="parameters is '3 values'; allowed: 4 values"):
        sbml.sbml(everything(), np.ones(3))
    with pytest.raises(InputError, match="SBML file"):
        sbml.write(everything(), tmp_path / "nowhere" / "m.xml")
    assert tree.parse(sbml.write(everything(), tmp_path / "m.xml")).getroot().get("level") == "3"


def test_ids_are_legal_and_different():
    assert sbml.identifier_of("occupancy.5HT2") == "occupancy__5HT2"
    assert sbml.identifier_of("2A.x") == "_2A__x"
    names = built("iv course")[0].program
    every = [*names.state_names, *names.parameter_names]
    assert len({sbml.identifier_of(n) for n in every}) == len(every)


def test_from_a_name_and_a_sentence():
    text = to_sbml("domino1984", "2 mg/kg iv")
    peak = run(text, ["ketamine.arterial"], [0.0, 1e-6])
    assert peak[0, -1] > 1000
    assert math.isfinite(peak[0, -1])
