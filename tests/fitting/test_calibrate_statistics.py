"""The smooth forms of shares, medians and peak times, and reading printed errors, against closed forms."""

import math

import numpy as np
import pytest

from ketasim.core.gaussian import ndtr, ndtri
from ketasim.fitting.calibrate.printed import printed
from ketasim.fitting.calibrate.problem import Soft, log_ndtr, soft_loss, soft_slopes
from ketasim.fitting.calibrate.statistic import parabola, soft_median, soft_share
from ketasim.studies import Observation


def row(**fields):
    base = {"id": "X1", "arm": "a", "statistic": "mean", "output": "madrs", "time": "1 d", "value": 10.0}
    return Observation.model_validate(base | fields)


@pytest.mark.parametrize("centre", [-1.5, -0.4, 0.0, 0.8, 2.0])
def test_soft_share_of_normal_margins_is_the_normal_distribution_function(centre):
    margin = centre + ndtri((np.arange(200) + 0.5) / 200)
    assert soft_share(margin[None])[0] == pytest.approx(float(ndtr(np.array([centre]))[0]), abs=0.004)


def test_soft_share_has_a_slope_where_the_count_has_none():
    margin = ndtri((np.arange(100) + 0.5) / 100)[None]
    step = 1e-4
    slope = (soft_share(margin + step) - soft_share(margin - step))[0] / (2 * step)
    assert slope == pytest.approx(1 / math.sqrt(2 * math.pi), rel=0.03)


def test_soft_share_of_people_all_alike_is_all_or_none():
    assert soft_share(np.array([[1.0, 1.0, 1.0], [-1.0, -1.0, -1.0]])).tolist() == [1.0, 0.0]


def test_median_weights_of_three_people():
    """Harrell and Davis: a beta(2, 2) distribution cut at thirds gives 7/27, 13/27, 7/27."""
    assert soft_median(np.array([[1.0, 0.0, 0.0], [0.0, 2.0, 1.0]])) == pytest.approx([7 / 27, 13 / 27 + 14 / 27])


def test_median_leaves_out_who_has_no_value():
    assert soft_median(np.array([[4.0, np.nan, 0.0, 0.0]]))[0] == pytest.approx(4 * 7 / 27)
    assert np.isnan(soft_median(np.array([[np.nan, np.nan]]))[0])


def test_peak_of_a_parabola_is_found_between_uneven_times():
    t = np.array([0.0, 1.0, 2.5, 3.0, 6.0])
    for top in (1.3, 2.2, 2.9):
        assert parabola(t, -((t[None] - top) ** 2))[0] == pytest.approx(top)
    assert parabola(t, t[None])[0] == 6.0


@pytest.mark.parametrize(
    "fields, n, m, expected",
    [
        ({"spread": 4.0, "spread_type": "SD"}, 16, None, 1.0),
        ({"spread": 4.0, "spread_type": "SD", "summary": "median"}, 16, None, 1.253),
        ({"spread": 4.0, "spread_type": "SD"}, 16, 16, math.sqrt(2)),
        ({"spread": 3.08, "spread_type": "SE"}, 11, None, 3.08),
        ({"spread_low": 6.08, "spread_high": 13.92, "spread_type": "95% CI"}, 5, None, 2.0),
        ({"spread_type": "CI 6.08-13.92"}, 5, None, 2.0),
        ({"spread_low": 8.0, "spread_high": 9.349, "spread_type": "IQR"}, 25, None, 0.2),
        ({"spread_type": "9/19", "unit": "%", "statistic": "share", "threshold": 1.0}, 5, None, 11.457),
        ({"spread_type": "t=-5.00"}, 5, None, 2.0),
        ({"spread_type": "most scales"}, 5, None, None),
        ({"spread_type": "diff CI -1.19 to 1.46"}, 5, None, None),
        ({}, 5, None, None),
    ],
)
def test_printed_errors(fields, n, m, expected):
    said = printed(row(**fields), n, m)
    assert said.se == (None if expected is None else pytest.approx(expected, rel=1e-4))
    assert bool(said.note) == (expected is None and bool(fields))


def test_printed_errors_of_positive_quantities_are_relative():
    fold = {"statistic": "Cmax", "output": "ketamine.venous", "unit": "ng/mL", "time": "", "value": 50.0}
    assert printed(row(**fold, spread=20.0, spread_type="SD"), 16).se == pytest.approx(0.1)
    ci = printed(row(**fold, spread_low=25.0, spread_high=100.0, spread_type="95% CI"), 16)
    assert ci.se == pytest.approx(math.log(4) / 3.92)
    read = printed(row(**fold, spread_type="reading error +/-10%"), 16)
    assert (read.se, read.extra) == (None, pytest.approx(0.1 / math.sqrt(3)))


def test_log_of_the_normal_distribution_function_far_out():
    """Mills ratio: Φ(−x) → φ(x)/x (1 − 1/x² …); scipy as the second opinion."""
    from scipy.special import log_ndtr as reference

    u = np.array([-300.0, -40.0, -10.5, -9.5, -3.0, 0.0, 2.0, 9.0])
    assert log_ndtr(u) == pytest.approx(reference(u), rel=1e-6)


@pytest.mark.parametrize("side", [-1.0, 0.0, 1.0])
def test_slopes_of_a_sign_are_those_of_its_loss(side):
    soft = Soft(np.array([0]), np.array([side]), np.array([0.3]), np.array([0.5]))
    for x in (-2.0, -0.9, 0.45, 1.7):
        loss = [float(soft_loss(soft, np.array([x + d]))[0]) for d in (-1e-4, 0.0, 1e-4)]
        first, second = soft_slopes(soft, np.array([x]))
        assert first[0] == pytest.approx((loss[2] - loss[0]) / 2e-4, rel=1e-5, abs=1e-7)
        assert second[0] == pytest.approx((loss[2] - 2 * loss[1] + loss[0]) / 1e-8, rel=1e-3, abs=1e-4)
