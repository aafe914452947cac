"""Nothing is lost: what is dosed equals what is still there plus what has left, to 1e-9 of the dose."""

import numpy as np
import pytest

from ketasim.core.component import Component, DoseInput
from ketasim.core.schedule import EdgeList
from ketasim.core.solvers import solver
from ketasim.core.system import Part, System
from ketasim.kinetics.absorption.depot import Intramuscular, Rectal, Subcutaneous
from ketasim.kinetics.absorption.tablet import Tablet
from ketasim.kinetics.disposition.clements1981 import Clements1981
from ketasim.kinetics.disposition.domino1984 import Domino1984
from ketasim.kinetics.disposition.enantiomer import KampR, KampS
from ketasim.kinetics.disposition.fanta2015 import Fanta2015
from ketasim.kinetics.disposition.herd2007 import Herd2007
from ketasim.kinetics.disposition.kamp2020 import Kamp2020
from ketasim.kinetics.disposition.perezruixo2021 import PerezRuixo2021
from ketasim.kinetics.disposition.simons2022 import Simons2022
from ketasim.kinetics.metabolism.hydroxynorketamine import HydroxynorketamineS
from ketasim.kinetics.metabolism.norketamine import SimonsNorketamine
from ketasim.kinetics.metabolism.otto2021 import Otto2021


class Gone(Component):
    """Counts what leaves.

    Equation    dA/dt = flux
    Assumes     nothing
    Fails when  never
    """

    inputs = {"flux": "umol/h"}
    states = {"A": "umol"}
    linear = True

    def rates(self, x, u):
        return {"A": u["flux"]}


def balance(parts, part, port, leaving):
    """(dosed, held + gone) after 100 µmol over half an hour, at 20 times in a day."""
    system = System("balance", (*parts, Part(Gone(), "gone", wire={"flux": leaving})))
    person = system.individual({}, {"weight_kg": np.array([81.0])}, 1)
    edges = EdgeList(1)
    dosed = np.zeros(1)
    for one in system.dose_inputs(part, port, DoseInput(np.array([100.0]), 0.0, 0.5), person):
        dosed = dosed + one.amount
        edges.add_input(system.program, one)
    totals = []
    for end in (2.0, 5.0, 24.0):  # states are read at the end of the run, past every input
        run = solver("exact")(system.program, person, edges.build(), np.array([end]), (), end_h=end)
        totals.append(run.final_state.sum())
    return float(dosed[0]), np.array(totals)


@pytest.mark.parametrize("c", [Kamp2020, KampS, KampR, Simons2022, Fanta2015, Domino1984, Clements1981, Herd2007])
def test_dispositions(c):
    dosed, held = balance((Part(c(), "p"),), "p", "iv", "p.eliminated")
    assert dosed == 100.0
    np.testing.assert_allclose(held, dosed, rtol=1e-9)


@pytest.mark.parametrize("route", ["iv", "intranasal", "oral"])
def test_nasal_model_holds_every_mole_of_parent(route):
    parts = (Part(PerezRuixo2021(), "p"),)
    system = System("s", (*parts, Part(Gone(), "gone", wire={"flux": "p.eliminated"})))
    person = system.individual({}, {}, 1)
    edges = EdgeList(1)
    for one in system.dose_inputs("p", route, DoseInput(np.array([100.0]), 0.0, 0.0), person):
        edges.add_input(system.program, one)
    run = solver("exact")(system.program, person, edges.build(), np.array([7.0]), (), end_h=7.0)
    parent = [i for i, s in enumerate(system.program.state_names) if s not in ("p.M1", "p.M2")]
    assert run.final_state[0, parent].sum() == pytest.approx(100.0, rel=1e-9)


def test_metabolite_chain_closes_in_moles():
    parts = (
        Part(Simons2022(), "p"),
        Part(SimonsNorketamine(), "n", wire={"metabolised": "p.eliminated"}),
        Part(HydroxynorketamineS(), "h", wire={"metabolised": "n.eliminated"}),
    )
    dosed, held = balance(parts, "p", "iv", ("n.elsewhere", "h.eliminated", "h.elsewhere"))
    np.testing.assert_allclose(held, dosed, rtol=1e-9)


def test_otto_chain_closes_in_moles():
    parts = (Part(Fanta2015(), "p"), Part(Otto2021(), "n", wire={"metabolised": "p.eliminated"}))
    dosed, held = balance(parts, "p", "iv", "n.eliminated")
    np.testing.assert_allclose(held, dosed, rtol=1e-9)


@pytest.mark.parametrize(
    "depot, port, absorbed", [(Intramuscular, "im", 93.0), (Subcutaneous, "sc", 90.0), (Rectal, "rectal", 25.0)]
)
def test_depots_pass_on_what_is_absorbed(depot, port, absorbed):
    parts = (Part(depot(), "d"), Part(KampS(), "p", wire={"input": "d.flux"}))
    dosed, held = balance(parts, "d", port, "p.eliminated")
    assert dosed == pytest.approx(absorbed)
    np.testing.assert_allclose(held, dosed, rtol=1e-9)


def test_tablet_passes_on_the_whole_dose():
    parts = (Part(Tablet(), "t"), Part(KampS(), "p", wire={"input": "t.mucosal"}))
    dosed, held = balance(parts, "t", "mucosal", ("p.eliminated", "t.swallowed"))
    assert dosed == pytest.approx(100.0)
    np.testing.assert_allclose(held, dosed, rtol=1e-9)
