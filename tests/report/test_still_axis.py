"""A level curve gets an axis that can be read."""

from ketasim.report.charts.scale import linear_range, linear_ticks


def test_rounding_noise_does_not_set_the_axis():
    low, high = linear_range(97.0403010, 97.0403011)
    assert high - low > 5.0
    assert len({f"{t:g}" for t in linear_ticks(low, high)}) == len(linear_ticks(low, high)) > 2


def test_a_curve_that_moves_keeps_its_range():
    low, high = linear_range(90.0, 98.0)
    assert 88.0 <= low <= 90.0 and 98.0 <= high <= 100.0
