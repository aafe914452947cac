"""The molecule: stored facts against RDKit, printed masses and salt factors."""

import pytest

from ketasim.core import citations
from ketasim.core.errors import InputError
from ketasim.core.parameters import ParameterTable
from ketasim.kinetics.molecule import base_of_hydrochloride, history, properties, substance, substances

# printed in monographs and labels
MASSES = {"ketamine": 237.73, "S_norketamine": 223.70, "S_HNK": 239.70, "DHNK": 221.68, "midazolam": 325.77}


@pytest.mark.parametrize("name", MASSES)
def test_printed_masses(name):
    assert substance(name).molar_mass == pytest.approx(MASSES[name], abs=0.006)


def test_masses_used_by_the_models_are_those_of_the_molecules():
    table = ParameterTable.load("kinetics/plasma")
    pairs = (("ketamine", "ketamine"), ("norketamine", "S_norketamine"), ("HNK", "S_HNK"), ("DHNK", "DHNK"))
    for key, name in (*pairs, ("midazolam", "midazolam")):
        assert table[f"M_{key}"].value == pytest.approx(substance(name).molar_mass, abs=0.006)
    ratio = substance("S_norketamine").molar_mass / substance("ketamine").molar_mass
    for paper in ("otto2021", "perezruixo2021", "flint2017"):
        assert ParameterTable.load(f"kinetics/{paper}")["mass_ratio"].value == pytest.approx(ratio, abs=3e-5)


def test_hydrochloride():
    """32.3 mg of hydrochloride in the nasal device hold 28 mg of base; 11.53 mg hold 10 mg."""
    assert substance("ketamine").hydrochloride_mass == pytest.approx(274.19, abs=0.01)
    assert base_of_hydrochloride(32.3) == pytest.approx(28.0, abs=0.05)
    assert base_of_hydrochloride(11.53) == pytest.approx(10.0, abs=0.01)
    assert properties()["salt"].value == pytest.approx(1 / base_of_hydrochloride(1.0), abs=5e-4)


@pytest.mark.parametrize("name", sorted(substances()))
def test_structure_agrees_with_what_is_written(name):
    pytest.importorskip("rdkit", reason="RDKit is in the extra [chem]")
    s = substance(name)
    found = s.computed()
    assert found["formula"] == s.formula
    assert found["molar_mass"] == pytest.approx(s.molar_mass, abs=0.01)
    assert sorted(found["cip"]) == sorted(s.cip)


def test_enantiomers_are_mirror_images():
    chem = pytest.importorskip("rdkit.Chem", reason="RDKit is in the extra [chem]")
    for left, right in (("esketamine", "arketamine"), ("S_norketamine", "R_norketamine"), ("S_HNK", "R_HNK")):
        a, b = (chem.MolFromSmiles(substance(n).smiles) for n in (left, right))
        assert chem.MolToSmiles(a) != chem.MolToSmiles(b)
        assert chem.MolToSmiles(a, isomericSmiles=False) == chem.MolToSmiles(b, isomericSmiles=False)


def test_drawing():
    pytest.importorskip("rdkit", reason="RDKit is in the extra [chem]")
    text = substance("esketamine").svg()
    assert text.lstrip().startswith("<?xml")
    assert "</svg>" in text


def test_names():
    assert substance("S-ketamine") is substance("esketamine")
    with pytest.raises(InputError, match="esketamine"):
        substance("ketamin")


def test_history_is_dated_and_sourced():
    events = history()
    assert [e.year for e in events] == sorted(e.year for e in events)
    known = citations.references()
    assert all(e.source in known for e in events)
    assert all(s.source in known for s in substances().values())
    assert any(e.year == 1965 for e in events)


def test_unbound_share_is_not_the_bound_one():
    """Label: 43–45 % bound, so 55–57 % is free."""
    free = ParameterTable.load("kinetics/plasma")["fu_ketamine"].value
    assert 0.55 <= free <= 0.57
    assert properties()["bound"].value + free == pytest.approx(1.0, abs=0.011)
