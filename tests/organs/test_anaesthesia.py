"""Depth of anaesthesia, isoboles, the table of animal doses."""

import numpy as np
import pytest

import ketasim as ks
from ketasim.analysis.isoboles import co2_response, hypnosis, isobole
from ketasim.core.errors import InputError
from ketasim.organs import veterinary


def run(regimen, minutes, patient=None, **more):
    return ks.simulate(patient=patient, regimen=regimen, times_h=np.asarray(minutes) / 60, **more)


def test_index_rises_under_another_anaesthetic():
    """Hans 2005: 33 to 46 after 0.5 mg/kg under sevoflurane (8 to 18 accepted)."""
    minutes = np.linspace(0, 15, 31)
    got = run("0.5 mg/kg iv over 1 min", minutes, outputs=["bis"], settings={"bis_baseline": 33})["bis"][0]
    assert 8 < got.max() - got[0] < 18


def test_index_awake_stays_where_it_is():
    got = run("2 mg/kg iv over 1 min", [0, 2, 10], outputs=["bis"])["bis"][0]
    assert np.all(got > 90)


def test_vapour_is_spared_by_each_drug():
    alone = run("1 mg/kg iv over 1 min", [0, 5], outputs=["mac"])["mac"][0]
    both = run("1 mg/kg iv over 1 min also fentanyl 0.002 mg/kg iv at 0 min", [0, 5], outputs=["mac"])["mac"][0]
    assert alone[0] == pytest.approx(1.0)
    assert 0.5 < alone[1] < 0.95
    assert both[1] < alone[1]


def test_hypnotics_add():
    """Ketamine and propofol add (1999 study of 48 people): the isobole is a straight line."""
    line = isobole(hypnosis, 0.5, np.linspace(0, 600, 7), most_b=20_000.0)
    assert np.allclose(line.index, 1.0, atol=1e-3)
    assert np.all(np.diff(line.b) < 0)


def test_S_ketamine_opposes_the_opioid_at_the_breath():
    """Jonkman 2018: twice the remifentanil for the same loss at 127 ng/mL."""
    line = isobole(co2_response, 0.5, [0.0, 63.5, 127.0, 254.0], most_b=100.0)
    assert line.b / line.b[0] == pytest.approx([1.0, 1.5, 2.0, 3.0], rel=1e-6)


def test_isobole_says_what_is_wrong():
    with pytest.raises(InputError, match="levels of the first drug"):
        isobole(hypnosis, 0.5, [], most_b=1.0)


def test_animals():
    cat, dog = veterinary.dose("cat"), veterinary.dose("Dog")
    assert (cat.low_mg_kg, cat.high_mg_kg) == (10.0, 20.0)
    assert (dog.low_mg_kg, dog.high_mg_kg) == (5.0, 10.0)
    assert all(row.grade in "CD" and 0 < row.low_mg_kg <= row.high_mg_kg for row in veterinary.doses())
    with pytest.raises(InputError, match="species"):
        veterinary.dose("dragon")
