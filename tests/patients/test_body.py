"""Derived body size against worked examples and the printed percentiles of the growth charts."""

from __future__ import annotations

import numpy as np
import pytest

from ketasim.patients import body, growth


def test_ideal_weight_of_devine():
    # 6 feet: 50 + 2.3 × 12 = 77.6 kg for men, 45.5 + 27.6 = 73.1 kg for women; 5 feet: 50 and 45.5 kg
    assert body.ideal_weight(182.88, 0.0, 90.0) == pytest.approx(77.6)
    assert body.ideal_weight(182.88, 1.0, 90.0) == pytest.approx(73.1)
    assert body.ideal_weight([152.4, 152.4], [0.0, 1.0], 90.0).tolist() == pytest.approx([50.0, 45.5])
    assert body.ideal_weight(95.0, 0.0, 14.0, 3.0) == 14.0
    assert 0.0 < float(body.ideal_weight(120.0, 1.0, 40.0)) < 45.5  # short adults never reach zero


def test_lean_weight_is_continuous_in_range_and_below_weight():
    # 70 kg, 175 cm man: BMI 22.857, 9270 × 70 / (6680 + 216 × 22.857) = 55.86 kg; woman 9270 × 70 / 14357.1 = 45.20 kg
    assert body.lean_weight(70.0, 175.0, 0.0) == pytest.approx(55.86, abs=0.01)
    assert body.lean_weight(70.0, 175.0, 1.0) == pytest.approx(45.20, abs=0.01)
    weights = np.linspace(40.0, 250.0, 100)
    lean = body.lean_weight(weights, 170.0, 1.0)
    assert np.all(np.diff(lean) > 0) and np.all(lean < weights)


def test_surface_and_bmi():
    assert body.surface(70.0, 170.0) == pytest.approx(1.818, abs=0.0005)
    assert body.bmi(81.0, 180.0) == pytest.approx(25.0)


@pytest.mark.parametrize(
    ("months", "p3", "p50", "p97"),
    [  # columns P3, P50 and P97 of the published stature table for boys
        (24.0, 79.91084447, 86.45220101, 93.02265441),
        (36.5, 88.37863651, 95.27359106, 102.940182),
        (60.5, 100.331847, 109.1751441, 117.831386),
        (120.5, 126.6677753, 138.8234114, 151.5294179),
    ],
)
def test_chart_percentiles_of_stature(months, p3, p50, p97):
    for p, want in ((0.03, p3), (0.5, p50), (0.97, p97)):
        assert growth.centile("height", p, months / 12.0, False) == pytest.approx(want, abs=1e-4)


def test_interpolation_between_rows_stays_close_to_the_monthly_table():
    # median stature of boys at months that the stored table leaves out
    for months, want in ((27.5, 89.17549228), (45.5, 100.7783198), (99.5, 129.5776723), (117.5, 137.5899378)):
        assert float(growth.lms("height", months / 12.0, 0.0)[1]) == pytest.approx(want, abs=0.1)


def test_modified_z_extends_half_the_second_deviation():
    for value in (0.5, 8.0, 17.0):
        for woman in (0.0, 1.0):
            two = growth.quantile("weight", [2.0, -2.0], value, woman)
            assert growth.modified_z("weight", two, value, woman) == pytest.approx([2.0, -2.0])
            median = growth.lms("weight", value, woman)[1]
            assert float(growth.modified_z("weight", two[0] + (two[0] - median), value, woman)) == pytest.approx(4.0)
            assert float(growth.z_score("weight", two[0], value, woman)) == pytest.approx(2.0)
            six = float(growth.quantile("weight", 6.0, value, woman))
            assert float(growth.modified_z("weight", six, value, woman)) == pytest.approx(6.0)


def test_band_is_wide_enough_for_every_child_of_the_charts():
    for age in np.linspace(0.0, 19.9, 60):
        for woman in (False, True):
            for measure in ("weight", "height"):
                low, high = growth.band(measure, age, woman)
                assert low < growth.centile(measure, 0.001, age, woman)
                assert growth.centile(measure, 0.999, age, woman) < high
