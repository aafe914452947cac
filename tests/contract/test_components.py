"""The contract of every mechanism: each concrete Component of the package passes testing.check_component."""

import importlib
import inspect
import pkgutil

import pytest

import ketasim
from ketasim.core.component import Component


def _modules() -> list[str]:
    floors = ("kinetics", "receptors", "circuits", "plasticity", "organs", "outcomes", "models")
    names = []
    for floor in floors:
        package = importlib.import_module(f"ketasim.{floor}")
        names.append(package.__name__)
        names += [m.name for m in pkgutil.walk_packages(package.__path__, package.__name__ + ".")]
    return names


def _concrete() -> list[type[Component]]:
    """Every Component defined in a biology floor, except those named with a leading underscore (shared equations)."""
    found = {}
    for name in _modules():
        module = importlib.import_module(name)
        for member in vars(module).values():
            if inspect.isclass(member) and issubclass(member, Component) and member.__module__ == name:
                abstract = inspect.isabstract(member) or member.__name__.startswith("_") or "abstract" in vars(member)
                if not abstract:
                    found[f"{name}.{member.__name__}"] = member
    return [found[key] for key in sorted(found)]


COMPONENTS = _concrete()


def test_there_are_components():
    assert COMPONENTS, f"no component found in {ketasim.__path__}"


@pytest.mark.parametrize("component", COMPONENTS, ids=lambda c: f"{c.__module__.removeprefix('ketasim.')}.{c.__name__}")
def test_component_keeps_the_contract(component):
    check = importlib.import_module("ketasim.testing").check_component
    check(component)
