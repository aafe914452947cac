"""What components and tables declare about sites and people must agree; routes say how well they are known."""

import importlib
import inspect
import pkgutil

import pytest

import ketasim as ks
from ketasim import kinetics
from ketasim.core.component import Component
from ketasim.core.parameters import ParameterTable
from ketasim.models import MODELS

SITELESS = {"kinetics/liver", "kinetics/plasma", "kinetics/molecule"}


def components():
    found = []
    for info in pkgutil.walk_packages(kinetics.__path__, "ketasim.kinetics."):
        module = importlib.import_module(info.name)
        for member in vars(module).values():
            if inspect.isclass(member) and issubclass(member, Component) and member.__module__ == info.name:
                if not member.__name__.startswith("_") and member.table:
                    found.append(member)
    return found


@pytest.mark.parametrize("component", components(), ids=lambda c: c.__name__)
def test_component_and_table_name_the_same_site(component):
    meta = ParameterTable.load(component.table).meta
    if component.table in SITELESS or not component.site:
        return
    # metabolite chains reuse their paper's table; the midazolam and venous sets are venous throughout
    assert meta["site"] == component.site


@pytest.mark.parametrize("name", [n for n in MODELS if n != "ketamine"])
def test_model_and_table_name_the_same_site_and_age(name):
    model, meta = MODELS[name], ParameterTable.load(f"kinetics/{name}").meta
    assert meta["site"] == model.site
    assert tuple(meta["valid"]["age"]) == model.valid["age_y"]


@pytest.mark.parametrize(
    "regimen, words",
    [
        ("0.5 mg/kg sc", "no human study"),
        ("0.5 mg/kg im", "recalled in adults"),
        ("2 mg/kg rectal", "anaesthetised children"),
        ("25 mg sublingual", "S-ketamine film"),
        ("50 mg intranasal", "R-ketamine by intranasal"),
        ("esketamine 50 mg inhaled over 20 min", "composite"),
    ],
)
def test_routes_say_how_well_they_are_known(regimen, words):
    run = ks.simulate(regimen=regimen, times_h=[0.5], outputs=("ketamine.venous",))
    assert any(words in w for w in run.warnings), run.warnings


@pytest.mark.parametrize("regimen", ["0.5 mg/kg iv over 40 min", "esketamine 56 mg intranasal"])
def test_well_known_routes_stay_quiet(regimen):
    assert ks.simulate(regimen=regimen, times_h=[0.5], outputs=("ketamine.venous",)).warnings == ()
