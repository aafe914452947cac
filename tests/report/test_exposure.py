"""Numbers of exposure against closed forms."""

import numpy as np
import pytest

from ketasim.report.exposure import area, exposure
from ketasim.report.sessions import Session, sessions, windows

from .toys import course, dose


def test_one_compartment_infusion():
    """k = 0.5/h, 35 mg over 40 min into 100 L at 50 L/h: everything is known."""
    r = course(n=1, until=24.0)
    session = Session(0.0, 2 / 3, r.doses)
    e = exposure(r.times_h, r["ketamine.arterial"], session, 24.0)
    k, rate = 0.5, 35_000 / (2 / 3)
    peak = rate / 50 * (1 - np.exp(-k * 2 / 3))
    assert e.cmax == pytest.approx([peak], rel=1e-8)
    assert e.tmax_h == pytest.approx([2 / 3])
    assert e.auc == pytest.approx([35_000 / 50 * (1 - np.exp(-k * 23.4))], rel=2e-3)
    assert e.half_life_h == pytest.approx([np.log(2) / k], rel=1e-6)
    assert e.decrement_50_h == pytest.approx([np.log(2) / k], rel=1e-6)
    assert e.decrement_80_h == pytest.approx([np.log(5) / k], rel=1e-6)


def test_two_compartments_have_a_short_decrement_and_a_long_half_life():
    t = np.linspace(0, 48, 2001)
    y = (90 * np.exp(-3 * t) + 10 * np.exp(-0.1 * t))[None]
    e = exposure(t, y, Session(0.0, 0.0, ()), 48.0)
    assert e.half_life_h == pytest.approx([np.log(2) / 0.1], rel=1e-3)
    assert 90 * np.exp(-3 * e.decrement_50_h[0]) + 10 * np.exp(-0.1 * e.decrement_50_h[0]) == pytest.approx(
        50, rel=1e-3
    )
    assert e.auc == pytest.approx([90 / 3 + 10 / 0.1 * (1 - np.exp(-4.8))], rel=1e-3)


def test_area_is_exact_for_an_exponential_however_coarse():
    t = np.array([0.0, 1.0, 5.0, 12.0])
    assert area(t, 7 * np.exp(-0.4 * t)[None]) == pytest.approx([7 / 0.4 * (1 - np.exp(-4.8))], rel=1e-12)
    assert area(np.array([0.0, 2.0]), np.array([[0.0, 3.0], [3.0, 3.0], [3.0, 0.0]])).tolist() == [3.0, 6.0, 3.0]


def test_what_the_run_does_not_reach_is_not_invented():
    t = np.linspace(0, 1, 200)
    rising = (1 - np.exp(-t))[None]
    e = exposure(t, rising, Session(0.0, 1.0, ()), 1.0)
    assert np.isnan([e.half_life_h[0], e.decrement_50_h[0]]).all()
    slow = np.exp(-0.01 * t)[None]
    assert np.isnan(exposure(t, slow, Session(0.0, 0.0, ()), 1.0).half_life_h[0]), "shorter than one half-life"
    assert np.isnan(exposure(t, slow * np.nan, Session(0.0, 0.0, ()), 1.0).cmax[0])


def test_sessions_are_runs_of_doses_less_than_twelve_hours_apart():
    nasal = [dose(s, 0.0) for s in (0.0, 5 / 60, 10 / 60, 84.0, 84.1)]
    found = sessions(nasal)
    assert [(s.start_h, s.end_h, len(s.doses)) for s in found] == [(0.0, 10 / 60, 3), (84.0, 84.1, 2)]
    long = sessions([dose(0.0, 20.0), dose(25.0, 1.0)])
    assert len(long) == 1, "the gap counts from the end of a dose"
    assert sessions([]) == ()


def test_windows_show_the_whole_and_the_first_and_last_session():
    eight = sessions([dose(84.0 * i) for i in range(8)])
    found = windows(eight, 1440.0, 8.0)
    assert [(w.title, w.start_h, w.end_h) for w in found] == [
        ("the whole run", 0.0, 1440.0),
        ("first session", 0.0, 8.0),
        ("session 8, the last", 588.0, 596.0),
    ]
    assert len(windows(sessions([dose()]), 12.0, 10.0)) == 1
    assert [w.detail for w in windows(sessions([dose()]), 800.0, 10.0)] == [True, False]
    assert windows((), 5.0, 1.0)[0].end_h == 5.0
