"""Axes, numbers and simplification."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketasim.report.charts.marks import simplify
from ketasim.report.charts.scale import Scale, linear_range, linear_ticks, log_range, log_ticks, time_ticks, time_unit
from ketasim.report.numbers import count, duration, number, output_name, plain, tick


def test_scales_map_ends_to_ends():
    s = Scale(0.0, 200.0, 50.0, 850.0)
    assert s([0.0, 100.0, 200.0]).tolist() == [50.0, 450.0, 850.0]
    log = Scale(1.0, 1000.0, 300.0, 0.0, True)
    assert log([1.0, 10.0, 1000.0]) == pytest.approx([300.0, 200.0, 0.0])
    assert np.isfinite(log([0.0, -5.0])).all()
    assert np.isnan(log([np.nan])).all()


@given(st.floats(-1e4, 1e4), st.floats(1e-6, 1e6), st.integers(3, 9))
def test_ticks_are_inside_even_and_few(start, span, n):
    low = start * span
    ticks = linear_ticks(low, low + span, n)
    assert 1 <= len(ticks) <= 2.6 * n
    assert all(low - 1e-6 * span <= t <= low + span + 1e-6 * span for t in ticks)
    steps = np.diff(ticks)
    assert len(steps) == 0 or steps == pytest.approx(
        np.full(len(steps), steps[0]), rel=1e-3, abs=1e-9 * (abs(low) + span)
    )


@given(st.floats(1e-9, 1e9), st.floats(1.001, 1e6))
def test_ranges_hold_the_data(low, factor):
    high = low * factor
    a, b = linear_range(low, high)
    assert a * (1 - 1e-9) <= low <= high <= b * (1 + 1e-9)
    a, b = log_range(low, high)
    assert 0 < a <= max(low, high * 1e-4) * (1 + 1e-6)
    assert b >= high * (1 - 1e-6)
    assert b / a <= 1e6
    labelled, small = log_ticks(a, b)
    assert labelled
    assert not set(labelled) & set(small)


def test_time_ticks_are_those_of_a_clock_and_a_calendar():
    assert time_ticks(0, 24, "h", 8) == [0, 3, 6, 9, 12, 15, 18, 21, 24]
    assert time_ticks(0, 180, "min", 7) == [0, 30, 60, 90, 120, 150, 180]
    assert time_ticks(0, 60, "d", 9)[1] == 7
    assert [time_unit(h) for h in (0.5, 3.0, 24.0, 72.0, 1440.0)] == ["min", "min", "h", "h", "d"]


@given(st.integers(0, 1000))
def test_simplified_lines_stay_within_a_fraction_of_a_pixel(seed):
    rng = np.random.default_rng(seed)
    x = np.linspace(0, 800, 300)
    y = 100 * np.exp(-x / rng.uniform(20, 400)) + 40 * np.sin(x / rng.uniform(30, 200))
    sx, sy = simplify(x, y, 0.12)
    assert len(sx) < 200
    assert np.abs(np.interp(x, sx, sy) - y).max() <= 0.12 * np.hypot(1, np.abs(np.gradient(y, x)).max()) + 1e-9
    assert (sx[0], sx[-1]) == (0, 800)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (215.34, "215"),
        (1.2345, "1.23"),
        (0.012345, "0.0123"),
        (12345.0, "12,300"),
        (4.2e-7, "4.2×10⁻⁷"),
        (-3.5, "−3.50"),
        (float("nan"), "–"),
        (float("inf"), "–"),
        (99.96, "100"),
        (0.9996, "1.00"),
        (2.5e9, "2.5×10⁹"),
    ],
)
def test_numbers(value, text):
    assert number(value) == text


def test_given_numbers_keep_no_empty_digits():
    assert [plain(v) for v in (70.0, 0.5, 45.0, 1200.0)] == ["70", "0.5", "45", "1,200"]
    assert [tick(v) for v in (0, 0.5, 1000, 1e-5, -2)] == ["0", "0.5", "1,000", "1×10⁻⁵", "−2"]


@pytest.mark.parametrize(
    ("hours", "text"),
    [
        (40 / 60, "40 min"),
        (30 / 3600, "30 s"),
        (1.5, "90 min"),
        (2.5, "2.5 h"),
        (24, "24 h"),
        (60, "2.5 days"),
        (24 * 24.5, "24 days"),
    ],
)
def test_durations(hours, text):
    assert duration(hours) == text


def test_names():
    assert output_name("S_norketamine.venous") == "S-norketamine, venous plasma"
    assert output_name("ketamine.brain") == "ketamine, brain, unbound"
    assert output_name("p_nausea") == "p nausea"
    assert [count(1, "person", "people"), count(2, "person", "people"), count(1200, "row")] == [
        "1 person",
        "2 people",
        "1,200 rows",
    ]
