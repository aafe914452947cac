"""Components: frozen, filled from tables, readable with other kinds of numbers."""

import dataclasses

import numpy as np
import pytest

from ketasim.core import parameters
from ketasim.core.component import Component, DoseInput, par
from ketasim.core.errors import InputError, ModelError
from ketasim.core.parameters import parse_table
from ketasim.core.units import registry
from ketasim.testing import check_component

from .toys import Counter, Half, Saturable, Tank

TABLE = """
[meta]
title = "toy"
source = "domino1984"
status = "verified"
where = "Table 1"
[k]
value = 0.02
unit = "1/min"
kind = "fitted"
between = { dist = "lognormal", cv = 0.3 }
[V]
value = 5000
unit = "mL"
kind = "fitted"
[omega]
pairs = [["k", "V", 0.01]]
"""


class Tabled(Component):
    """From a table.

    Equation    dA/dt = −k A
    Assumes     one tank
    Fails when  never
    """

    table = "toy"
    states = {"A": "umol"}
    outputs = {"A": "umol"}
    k: float = par("1/h", "elimination")
    volume: float = par("L", "volume", key="V", low=1.0)

    def rates(self, x, u):
        return {"A": -self.k * x["A"]}


@pytest.fixture
def toy_table(monkeypatch):
    table = parse_table(TABLE, "toy")
    monkeypatch.setattr(parameters, "_load", lambda name: table)
    return table


def test_values_come_from_the_table_in_the_units_of_the_equations(toy_table):
    c = Tabled()
    assert c.k == pytest.approx(1.2)
    assert c.volume == pytest.approx(5.0)
    p = c.parameters()["volume"]
    assert (p.unit, p.printed, p.source, p.where) == ("L", (5000.0, "mL"), "domino1984", "Table 1")
    assert c.omega() == (("k", "V", 0.01),)
    assert c.bounds() == {"k": (None, None), "volume": (1.0, None)}


def test_a_number_of_ones_own_shows_as_assumed(toy_table):
    p = Tabled(k=3.0).parameters()
    assert p["k"].assumed
    assert p["k"].source == "user"
    assert p["k"].value == 3.0
    assert not p["volume"].assumed


def test_components_do_not_change():
    tank = Tank(k=1.0, V=2.0)
    with pytest.raises(dataclasses.FrozenInstanceError):
        tank.k = 3.0
    other = tank.with_values({"k": np.array([1.0, 2.0])})
    assert tank.k == 1.0
    assert other.V == 2.0
    assert isinstance(other, Tank)


def test_the_same_equation_with_arrays_and_quantities():
    tank = Tank(k=1.0, V=2.0).with_values({"k": np.array([1.0, 2.0])})
    assert tank.rates({"A": 10.0}, {"input": 3.0})["A"].tolist() == [-7.0, -17.0]
    q = registry().Quantity
    real = Tank(k=1.0, V=2.0).with_values({"k": q(1.0, "1/h"), "V": q(2.0, "L")})
    assert real.rates({"A": q(10.0, "umol")}, {"input": q(3.0, "umol/h")})["A"].to("umol/h").magnitude == -7.0
    assert real.read({"A": q(10.0, "umol")}, {})["C"].to("umol/L").magnitude == 5.0


def test_a_number_missing_from_everywhere_is_named():
    with pytest.raises(ModelError, match=r"Tank\.V has no value"):
        Tank(k=1.0)


def test_units_that_cannot_fit_are_a_model_error(monkeypatch):
    wrong = parse_table(TABLE.replace('"1/min"', '"L"'), "toy")
    monkeypatch.setattr(parameters, "_load", lambda name: wrong)
    with pytest.raises(ModelError, match=r"toy\.k"):
        Tabled()


def test_the_default_dose_goes_to_the_port_whole():
    (one,) = Tank(k=1.0, V=1.0).dose("iv", DoseInput(np.array([5.0]), 1.0, 0.5))
    assert (one.state, one.amount.tolist(), one.start_h, one.duration_h) == ("A", [5.0], 1.0, 0.5)


@pytest.mark.parametrize("component", [
    Tank(k=1.0, V=2.0), Saturable(Vmax=2.0, Km=3.0, C50=1.0), Counter(step=1.0, first=2.0), Half(F=0.4, lag=0.1),
])  # fmt: skip
def test_the_contract_holds_for_the_toys(component):
    check_component(component)


class Mixed(Tank):
    """Adds an amount to a rate.

    Equation    dA/dt = input − A
    Assumes     a mistake
    Fails when  always
    """

    def rates(self, x, u):
        return {"A": u["input"] - x["A"]}


class Silent(Tank):
    """Says nothing."""


@pytest.mark.parametrize(("component", "clause"), [
    (Mixed(k=1.0, V=2.0), "unit"),
    (Silent(k=1.0, V=2.0), "docstring"),
])  # fmt: skip
def test_the_contract_catches(component, clause):
    with pytest.raises(AssertionError, match=f"(?i){clause}"):
        check_component(component)


def test_the_contract_catches_a_false_claim_of_linearity():
    class Square(Component):
        """Square.

        Equation    dA/dt = −k A²
        Assumes     a mistake
        Fails when  always
        """

        states = {"A": "umol"}
        outputs = {"A": "umol"}
        linear = True
        k: float = par("1/h/umol", "second-order loss")

        def rates(self, x, u):
            return {"A": -self.k * x["A"] * x["A"]}

    with pytest.raises(AssertionError, match="linear"):
        check_component(Square(k=1.0))


def test_errors_of_input_survive_a_process_boundary():
    import pickle

    error = pickle.loads(pickle.dumps(InputError("weight", 700, "from 1 to 300 kg", "Check the unit.")))
    assert str(error) == "weight is 700; allowed: from 1 to 300 kg. Check the unit."
    assert error.field == "weight"
