"""The contract of every mechanism: each concrete Component of the package passes testing.check_component."""

import pytest
from docs.generate_reference import instances

from ketasim.core.component import Component
from ketasim.testing import check_component

USED = instances()
CASES = [component for used in USED.values() for component in used]


def name(component: Component) -> str:
    kind = type(component)
    return f"{kind.__module__.removeprefix('ketasim.')}.{kind.__name__}({component.table})"


def test_there_are_components():
    assert CASES


def test_every_component_is_used():
    """A mechanism that has no table of its own and stands in no model is not checked by anything: remove it."""
    idle = [f"{cls.__module__}.{cls.__name__}" for cls, used in USED.items() if not used]
    assert not idle


@pytest.mark.parametrize("component", CASES, ids=name)
def test_component_keeps_the_contract(component):
    check_component(component)
