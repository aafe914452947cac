"""The contract of every mechanism: each concrete Component of the package passes testing.check_component."""

import numpy as np
import pytest
from docs.generate_reference import instances

from ketasim.core.component import Component
from ketasim.core.parameters import ParameterTable
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


TAIL = 0.05
BOUNDED = [c for c in CASES if any(limit is not None for pair in c.bounds().values() for limit in pair)]


@pytest.mark.parametrize("component", BOUNDED, ids=name)
def test_nobody_is_drawn_outside_the_bounds(component):
    """Draws are kept within declared bounds; a value outside would stop the run."""
    drawn = draw(component.parameters(), 7, np.arange(5_000), layers=("between", "doubt"))
    for key, (low, high) in component.bounds().items():
        if key in drawn:
            assert low is None or drawn[key].min() >= low, key
            assert high is None or drawn[key].max() <= high, key


@pytest.mark.parametrize("component", BOUNDED, ids=name)
def test_bounds_cut_off_only_tails(component):
    """A spread of which bounds cut a good part is the wrong distribution: a share is logit-normal, say."""
    bounds = component.bounds()
    free = {
        key: entry.to(component.parameters()[key].unit)
        for key, entry in ((key, ParameterTable.load(component.table)[_entry(component, key)]) for key in bounds)
        if bounds[key] != (None, None)
    } if component.table else {}  # fmt: skip
    drawn = draw(free, 7, np.arange(5_000), layers=("between", "doubt"))
    for key, values in drawn.items():
        low, high = bounds[key]
        outside = np.mean((values < (-np.inf if low is None else low)) | (values > (np.inf if high is None else high)))
        assert outside <= TAIL, f"{component.table}.{key}: {outside:.1%} of draws lie outside {low} to {high}"


def _entry(component: Component, key: str) -> str:
    field = next(f for f in component._par_fields() if f.name == key)
    return field.metadata["key"] or key
