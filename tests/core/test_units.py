"""Our small unit converter against pint."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketasim.core import units
from ketasim.core.errors import InputError

PAIRS = [
    ("ng/mL", "mg/L"), ("ug/L", "ng/mL"), ("umol/L", "nmol/mL"), ("L/h", "mL/min"), ("1/min", "1/h"), ("d", "h"),
    ("mL/min/kg", "L/h/kg"), ("mmHg", "kPa"), ("mg", "ug"), ("umol/h", "mmol/d"), ("mV", "V"), ("Hz", "1/min"),
    ("week", "d"), ("g/mol", "kg/mol"), ("Da", "g/mol"), ("%", "fraction"), ("m", "cm"), ("uM", "umol/L"),
    ("L/min/mmHg", "mL/h/Pa"), ("mg*h/L", "ng*min/mL"), ("m**2", "cm^2"), ("nA", "pA"), ("W", "mW"), ("year", "month"),
]  # fmt: skip
PINT = {"%": "percent", "Da": "g/mol", "fraction": "", "uM": "umol/L", "month": "30.4375*d", "year": "365.25*d"}


def by_pint(unit: str):
    return units.registry().Quantity(1.0, PINT.get(unit, unit)) if "*d" not in PINT.get(unit, unit) else (
        units.registry().Quantity(float(PINT[unit].split("*")[0]), "day"))  # fmt: skip


@pytest.mark.parametrize(("a", "b"), PAIRS)
def test_factor_is_that_of_pint(a, b):
    expected = (by_pint(a) / by_pint(b)).to("").magnitude
    assert units.factor(a, b) == pytest.approx(expected, rel=1e-12)
    assert units.factor(b, a) == pytest.approx(1 / expected, rel=1e-12)
    assert units.convert(3.5, a, b) == pytest.approx(3.5 * expected, rel=1e-12)


SYMBOLS = st.sampled_from(
    ["L", "mL", "g", "mg", "ng", "umol", "nmol", "h", "min", "s", "d", "kg", "m", "cm", "Pa", "mV"]
)
TERMS = st.lists(st.tuples(st.sampled_from("*/"), SYMBOLS, st.integers(1, 3)), min_size=1, max_size=4)


@given(SYMBOLS, TERMS)
def test_random_products_are_those_of_pint(first, terms):
    text = first + "".join(f"{operator}{symbol}**{power}" for operator, symbol, power in terms)
    factor, dimension = units.parse(text)
    base = units.registry().Quantity(1.0, text).to_base_units()
    # pint's base is metre, kilogram, second, mole, ampere; ours dm, mg, h, umol, A
    time, length, mass, amount, _current = dimension
    ours_in_si = factor * 3600.0**time * 0.1**length * 1e-6**mass * 1e-6**amount
    assert ours_in_si == pytest.approx(base.magnitude, rel=1e-10)
    pints = {k: v for k, v in base.dimensionality.items() if v}
    names = ("[time]", "[length]", "[mass]", "[substance]", "[current]")
    assert pints == {k: v for k, v in zip(names, dimension, strict=True) if v}


@pytest.mark.parametrize(("a", "b"), [("mg", "mmol"), ("1/h", "h"), ("ng/mL", "umol/L"), ("L", "g"), ("mmHg", "L")])
def test_what_cannot_be_converted_is_refused(a, b):
    assert not units.compatible(a, b)
    with pytest.raises(InputError, match="unit that converts"):
        units.factor(a, b)


@pytest.mark.parametrize("unit", ["furlong", "mg//L", "mg/L)", "(mg", "mg L", "5 mg", "mg/", "**2", "mg**x"])
def test_nonsense_is_refused_by_name(unit):
    with pytest.raises(InputError, match="unit is"):
        units.parse(unit)


def test_counts_and_scores_are_pure_numbers():
    for unit in ("", "1", "points", "ratio", "fraction", "dB", "odds"):
        assert units.factor(unit, "fraction") == 1.0


def test_decimal_factors_are_exact():
    assert units.factor("h", "min") == 60.0
    assert units.factor("1/min", "1/h") == 60.0
    assert units.factor("mg", "ug") == 1000.0
    assert units.factor("mg/L", "ng/mL") == 1000.0
    assert units.factor("L/min", "L/h") == 60.0
