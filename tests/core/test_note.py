"""Every output knows its unit, system, grade and papers (public contract)."""

import pytest

import ketasim as ks
from ketasim.core.errors import InputError
from ketasim.core.note import GRADES
from ketasim.models.catalogue import notes

FLOORS = {"kinetics", "receptors", "circuits", "plasticity", "organs", "outcomes"}


@pytest.fixture(scope="module")
def result():
    return ks.simulate(regimen="0.5 mg/kg iv over 40 min", until="1h")


def test_every_output_has_a_system_and_a_grade(result):
    assert [o for o in result if o not in result.notes] == []
    assert {n.system for n in result.notes.values()} == FLOORS
    assert {n.grade for _, n in notes()} <= set(GRADES)


def test_a_grade_said_in_a_flag_is_the_grade_of_the_table(result):
    said = {o: f[6] for o in result for f in result.flags.get(o, ()) if f.startswith("grade ")}
    assert len(said) > 20
    assert said == {o: result.notes[o].grade for o in said}


def test_papers_are_those_upstream_of_the_output(result):
    level = result.about("S_ketamine.arterial")
    assert any("Kamp" in p for p in level["papers"]) and not any("Murrough" in p for p in level["papers"])
    mood = result.about("madrs")
    assert any("Murrough" in p for p in mood["papers"]) and any("Kamp" in p for p in mood["papers"])
    assert mood["system"] == "outcomes" and mood["unit"] == "points" and mood["assumed"] > 0


def test_a_readout_knows_its_curves_and_its_own_numbers(result):
    gamma = result.about("eeg.gamma")
    assert any(k.startswith("column.") for k in gamma["parameters"]) and "nmda_2A" in gamma["parts"]


def test_unknown_output(result):
    with pytest.raises(InputError, match="foo"):
        result.about("foo")
