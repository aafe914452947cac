"""The 29 dosing scenarios of nonmem_events, to the digits NONMEM printed."""

import csv

import numpy as np
import pytest

from ketasim.core.component import Component, par
from ketasim.dosing.records import Compartment, plan, read, simulate_records


class OneCompartment(Component):
    """One compartment with first-order absorption.

    Equation    dA1/dt = −KA·A1 ; dA2/dt = KA·A1 − (CL/V)·A2
    """

    states = {"A1": "mg", "A2": "mg"}
    outputs = {"CP": "ug/L"}
    ports = {"oral": "A1", "iv": "A2"}
    CL: float = par("L/h", "clearance")
    V: float = par("L", "volume")
    KA: float = par("1/h", "absorption rate")

    def rates(self, x, u):
        absorbed = self.KA * x["A1"]
        return {"A1": -absorbed, "A2": absorbed - self.CL / self.V * x["A2"]}

    def read(self, x, u):
        return {"CP": x["A2"] / (self.V / 1000)}


MODEL = OneCompartment(CL=1.1, V=20.0, KA=1.5)
PLACES = {2: Compartment("A2", f="BIOAV", lag="LAGT", rate="RAT2", duration="DUR2")}


@pytest.fixture(scope="module")
def data(anchors):
    folder = anchors / "nonmem_events"
    records = read(folder / "input.csv")
    with (folder / "nonmem_output.csv").open() as handle:
        rows = list(csv.DictReader(handle))
    with (folder / "scenario_names.csv").open() as handle:
        names = [r["descr"] for r in csv.DictReader(handle)]
    return records, np.array([float(r["CP"]) for r in rows]), [r["CP"] for r in rows], names


def half_a_unit(text):
    """Half a unit of the last of five printed significant digits."""
    value = abs(float(text))
    return 0.0 if value == 0 else 0.5001 * 10.0 ** (np.floor(np.log10(value)) - 4)


@pytest.mark.parametrize("scenario", range(1, 30))
def test_scenario(data, scenario):
    records, printed, texts, names = data
    index = records.ids.index(str(scenario))
    one = records.take([index])
    here = np.flatnonzero(records.subject == index)
    ours = simulate_records(MODEL, one, compartments=PLACES)["CP"].to_numpy()
    allowed = np.array([half_a_unit(texts[i]) for i in here])
    off = np.abs(ours - printed[here])
    worst = int(np.argmax(off - allowed))
    assert (off <= allowed).all(), (names[scenario - 1], one.time[worst], ours[worst], printed[here][worst])


def test_all_scenarios_are_there(data):
    records, printed, _, _ = data
    assert records.subjects == 29 and len(records) == len(printed) == 3837
    assert plan(MODEL, records).exact
