# ruff: noqa: E501  (one case a line)
"""Times, tolerances and units as papers write them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketasim.core.errors import InputError
from ketasim.studies.amounts import Tolerance, hours
from ketasim.studies.units import factor


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("40 min", 2 / 3),
        ("24 h", 24),
        ("7 d", 168),
        ("2 wk", 336),
        ("-10 min", -1 / 6),
        ("1 y", 8766),
        ("inf", math.inf),
        ("0.5h", 0.5),
    ],
)
def test_hours(text: str, expected: float) -> None:
    assert hours(text) == pytest.approx(expected)


@pytest.mark.parametrize("text", ["", "40", "min", "40 moons", "4 0 min", "1e400000 h h"])
def test_hours_refuses(text: str) -> None:
    with pytest.raises(InputError, match="a number and a unit"):
        hours(text)


@pytest.mark.parametrize(
    ("text", "predicted", "observed", "inside"),
    [
        ("fold 1.5", 150, 100, True), ("fold 1.5", 151, 100, False), ("fold 1.5", 66.7, 100, True), ("fold 1.5", 66, 100, False),
        ("±3", -13.5, -16.5, True), ("±3", -13.4, -16.5, False), ("+/-3", 3, 0, True),
        ("±20 %", 120, 100, True), ("±20%", 121, 100, False), ("20 %", -80, -100, True),
        ("range 4 12", 12, 7.5, True), ("range 4 12", 12.1, 7.5, False), ("range -18 to 0", -10, -10, True), ("range -inf 5", -400, 0, True),
        ("x/÷2", 50, 100, True),
    ],
)  # fmt: skip
def test_tolerance(text: str, predicted: float, observed: float, inside: bool) -> None:
    assert Tolerance.parse(text).inside(predicted, observed) is inside


@pytest.mark.parametrize(
    "text", ["", "2", "fold", "fold 0.5", "range 5 4", "range 1", "about 3", "±", "±-3", "range . 4"]
)
def test_tolerance_refuses(text: str) -> None:
    with pytest.raises(InputError):
        Tolerance.parse(text)


@given(st.floats(1.0, 50.0), st.floats(1e-6, 1e6), st.floats(1e-6, 1e6))
def test_fold_is_symmetric(fold: float, p: float, o: float) -> None:
    t = Tolerance.parse(f"fold {fold}")
    assert t.inside(p, o) is t.inside(o, p)


@given(st.sampled_from(["additive", "relative", "fold"]), st.floats(1.0, 1e3), st.floats(-1e6, 1e6))
def test_exact_prediction_is_inside_and_nan_never(kind: str, value: float, x: float) -> None:
    t = Tolerance(kind, value)  # type: ignore[arg-type]
    assert t.inside(x, x)
    assert not t.inside(math.nan, x)
    assert Tolerance.parse(str(t)).kind == kind


# 237.73 g/mol (C13H16ClNO); clearances by hand: 84 L/h of a 70 kg person are 20 mL/min/kg
@pytest.mark.parametrize(
    ("source", "target", "value", "expected"),
    [
        ("ng/mL", "umol/L", 237.73, 1.0), ("umol/L", "ng/mL", 1.0, 237.73), ("ng/mL", "nmol/mL", 237.73, 1.0),
        ("ng/mL", "mg/L", 1000, 1.0), ("ng/mL", "ug/mL", 1000, 1.0), ("L/h", "mL/min/kg", 84, 20.0), ("L/h", "L/min", 60, 1.0),
        ("L", "L/kg", 70, 1.0), ("L/h", "L/h/70kg", 79, 79.0), ("ng/mL*h", "ng*min/mL", 1, 60.0), ("fraction", "%", 0.5, 50.0),
        ("ng/mL*h/mg", "ng*h/mL/mg", 4, 4.0), ("1/d", "1/h", 24, 1.0), ("mmHg", "mmHg", 3, 3.0), ("h", "min", 1, 60.0),
    ],
)  # fmt: skip
def test_units(source: str, target: str, value: float, expected: float) -> None:
    assert value * factor(source, target, output="ketamine.venous", weight_kg=70) == pytest.approx(expected)


@pytest.mark.parametrize(("source", "target"), [("ng/mL", "h"), ("mmHg", "ng/mL"), ("L/h", "L"), ("ng/mL", "mmol")])
def test_units_that_do_not_fit(source: str, target: str) -> None:
    with pytest.raises(InputError, match="fits"):
        factor(source, target, output="ketamine.venous", weight_kg=70)


def test_molar_needs_a_known_substance_and_per_kg_a_weight() -> None:
    with pytest.raises(InputError):
        factor("ng/mL", "umol/L", output="morphine.venous")
    with pytest.raises(InputError):
        factor("L/h", "mL/min/kg", output="ketamine.venous")
