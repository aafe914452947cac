"""The contract of every mechanism: each concrete Component of the package passes testing.check_component."""

import numpy as np
import pytest
from docs.generate_reference import instances

from ketasim.core.component import Component
from ketasim.core.variability import draw
from ketasim.testing import check_component

BROKEN: dict[str, str] = {}
USED = instances(BROKEN)
CASES = [component for used in USED.values() for component in used]


def name(component: Component) -> str:
    kind = type(component)
    return f"{kind.__module__.removeprefix('ketasim.')}.{kind.__name__}({component.table})"


def test_there_are_components():
    assert CASES


def test_every_component_and_model_can_be_made():
    assert not BROKEN


def test_every_component_is_used():
    """A mechanism that has no table of its own and stands in no model is not checked by anything: remove it."""
    idle = [f"{cls.__module__}.{cls.__name__}" for cls, used in USED.items() if not used]
    assert not idle


@pytest.mark.parametrize("component", CASES, ids=name)
def test_component_keeps_the_contract(component):
    check_component(component)


BOUNDED = [c for c in CASES if any(limit is not None for pair in c.bounds().values() for limit in pair)]


@pytest.mark.parametrize("component", BOUNDED, ids=name)
def test_nobody_is_drawn_outside_the_bounds(component):
    """A drawn value outside its declared bounds stops the run, so a spread must not be able to leave them."""
    drawn = draw(component.parameters(), 7, np.arange(20_000), layers=("between", "doubt"))
    for key, (low, high) in component.bounds().items():
        if key in drawn:
            values = drawn[key]
            assert low is None or values.min() >= low, f"{key} falls to {values.min():.3g}, below {low:g}"
            assert high is None or values.max() <= high, f"{key} rises to {values.max():.3g}, above {high:g}"
