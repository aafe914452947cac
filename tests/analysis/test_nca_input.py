"""Bad input of a non-compartmental analysis is refused in words; nothing is dropped in silence."""

import math

import numpy as np
import pytest

from ketasim.analysis.nca import BLQ_RULES, BlqRule, LambdaZ, Units, nca, nca_table, urine
from ketasim.core.errors import InputError

GOOD = {"time": [0, 1, 2, 3, 4], "conc": [0, 8, 4, 2, 1], "dose": 10}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"conc": [0, 8, -4, 2, 1]}, "-4 at time 2"),
        ({"conc": [0, 8, math.inf, 2, 1]}, "infinite"),
        ({"conc": [0, 0, 0, 0, 0]}, "below the limit"),
        ({"conc": [0, 8, 4, 2]}, "as many values"),
        ({"conc": [math.nan] * 5}, "missing at every time"),
        ({"time": [0, 2, 1, 3, 4]}, "increasing"),
        ({"time": [0, 1, 1, 3, 4]}, "1 twice"),
        ({"time": [0, 1, math.nan, 3, 4]}, "sample 3"),
        ({"time": [], "conc": []}, "at least one sample"),
        ({"dose": -1}, "positive amount"),
        ({"dose": 0}, "positive amount"),
        ({"route": "nose"}, "extravascular"),
        ({"route": "infusion"}, "length of the infusion"),
        ({"duration": 2.0}, "unless route is infusion"),
        ({"tau": -12}, "dosing interval"),
        ({"method": "simpson"}, "lin-up/log-down"),
        ({"blq": "guess"}, "positional"),
        ({"lloq": 0}, "positive concentration"),
        ({"intervals": [(3, 1)]}, "start < end"),
        ({"dose_time": 10}, "after the dose"),
    ],
)
def test_refused(change, words):
    given = {**GOOD, **change}
    with pytest.raises(InputError) as error:
        nca(given.pop("time"), given.pop("conc"), **given)
    assert words in str(error.value)


def test_lambda_z_settings_are_checked():
    for bad in ({"min_points": 2}, {"points": 2}, {"times": (1, 2)}, {"points": 3, "start": 1.0}):
        with pytest.raises(InputError):
            LambdaZ(**bad)
    with pytest.raises(InputError, match="three or more samples"):
        nca([0, 1, 2, 3, 4], [0, 8, 4, 2, 1], dose=1, lambda_z=LambdaZ(start=3))
    with pytest.raises(InputError, match="not excluded"):
        nca([0, 1, 2, 3, 4], [0, 8, 4, 2, 1], dose=1, lambda_z=LambdaZ(times=(2, 3, 3.5)))


def test_units_are_checked():
    for bad in ({"time": "fortnight"}, {"conc": "ng"}, {"dose": "mg/mL"}, {"conc": "bananas/L"}, {"volume": "h"}):
        with pytest.raises(InputError):
            Units(**bad)
    with pytest.raises(InputError, match="molar mass"):
        nca([0, 1, 2, 3, 4], [0, 8, 4, 2, 1], dose=1, units=Units(conc="umol/L"))


@pytest.mark.parametrize(
    ("rule", "kept", "area"),
    [
        ("zero", [0, 0, 8, 0, 4, 2, 0, 0], 4 + 4 + 2 + 3),
        ("positional", [0, 0, 8, 4, 2, 0, 0], 4 + 12 + 3),
        ("drop", [8, 4, 2], None),
        ("half", [0.5, 0.5, 8, 0.5, 4, 2, 0.5, 0.5], 0.5 + 4.25 + 4.25 + 2.25 + 3),
        ("half-one", [0, 0, 8, 0.5, 4, 2, 0.5], 4 + 4.25 + 2.25 + 3),
    ],
)
def test_each_rule_for_samples_below_the_limit(rule, kept, area):
    from ketasim.analysis.nca.blq import apply

    t, c = np.arange(8.0), np.array([0, 0.2, 8, 0.7, 4, 2, 0.9, 0])
    assert apply(t, c, c < 1, BLQ_RULES[rule], 1.0)[1].tolist() == kept
    result = nca(t, c, dose=None, lloq=1.0, blq=rule, method="linear")
    if area is not None:
        assert result["AUCLST"] == pytest.approx(area)
    assert sum("below the limit" in note for _, note in result.notes) == 5


def test_a_rule_with_a_limit_needs_the_limit():
    with pytest.raises(InputError, match="needs"):
        nca([0, 1, 2], [0, 5, 2], dose=None, blq=BlqRule(first="limit"))


def test_what_happened_to_every_sample_is_said():
    r = nca([-1, 0.5, 1, 2, 3, 4], [0.5, 8, math.nan, 3, 2, 1], dose=10)
    text = " ".join(note for _, note in r.notes)
    assert "sample at 1 has no concentration" in text
    assert "sample at -1 lies before the dose" in text
    assert "0.5 supplied (the last concentration before the dose)" in text


def test_urine_collections_are_checked():
    for bad in (
        ([0, 1], [2, 3], [1, 1], [1, 1]),
        ([0, 2], [2, 2], [1, 1], [1, 1]),
        ([0], [2], [-1], [1]),
        ([0], [2], [1], [math.nan]),
    ):
        with pytest.raises(InputError):
            urine(*bad, dose=1.0)
    gap = urine([0, 4], [2, 6], [10, 10], [5, 5], dose=1.0)
    assert "no collection from 2 to 4" in gap.notes[0][1]
    nothing = urine([0], [2], [10], [0], dose=1.0)
    assert nothing["RCAMINT"] == 0 and "nothing was found" in nothing.reason("ERTMAX")


def test_table_errors_name_the_row_and_the_column():
    with pytest.raises(InputError, match="TIM"):
        nca_table({"ID": [1], "TIM": [0], "DV": [1]}, dose=1)
    with pytest.raises(InputError, match="DV in row 3"):
        nca_table({"ID": [1, 1], "TIME": [0, 1], "DV": ["1", "x"]}, dose=1)
    with pytest.raises(InputError, match="one value for subject"):
        nca_table({"ID": [1, 1], "TIME": [0, 1], "DV": [1, 2], "D": [1, 2]}, dose="D")
