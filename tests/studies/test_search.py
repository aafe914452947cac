"""The search on a model whose best regimen is known, and the front on points worked out by hand."""

import numpy as np
import pytest

from ketasim.core.errors import InputError
from ketasim.studies.search.measures import clinic_hours
from ketasim.studies.search.optimise import dominated, optimise, without_sampling
from ketasim.studies.search.plan import make

KINETIC = {
    "title": "x",
    "people": 20,
    "doubt_draws": 1,
    "horizon_days": 1,
    "rounds": 3,
    "goals": [
        {"name": "peak", "statistic": "peak_mean", "output": "ketamine.venous", "better": "higher"},
    ],
    "limits": [
        {
            "name": "high",
            "statistic": "peak_share_above",
            "output": "ketamine.venous",
            "threshold": 1e9,
            "at_most": 0.5,
        }
    ],
    "regimens": [
        {"regimen": "{dose} mg/kg iv over 40 min", "choices": {"dose": {"low": 0.25, "high": 1.0, "points": 2}}}
    ],
}


def test_front_of_points_worked_out_by_hand():
    losses = np.array([[1, 5], [2, 2], [5, 1], [3, 3], [2, 2], [1, 6]], float)
    assert dominated(losses).tolist() == [False, False, False, True, False, True]


def test_largest_dose_has_the_largest_peak():
    result = optimise(make(KINETIC))
    assert [r["regimen"] for r in result["front"]] == ["1 mg/kg iv over 40 min"]
    assert result["tried"] > 3 and "study design" in result["front"][0]["note"]


def test_a_limit_is_approached_by_refinement():
    free = optimise(make(KINETIC))
    peaks = {r["regimen"]: r["values"]["peak"] for r in free["all"]}
    top = peaks["1 mg/kg iv over 40 min"]
    limit = {"name": "top", "statistic": "peak_mean", "output": "ketamine.venous", "at_most": 0.6 * top}
    found = optimise(make({**KINETIC, "limits": [limit], "rounds": 5}))
    best = found["front"][0]
    dose = float(best["regimen"].split()[0])
    assert best["values"]["peak"] <= 0.6 * top
    assert 0.5 < dose <= 0.6 * 1.001  # linear kinetics: 60 % of the peak at 60 % of the dose


def test_nothing_allowed_is_said():
    limit = {"name": "none", "statistic": "sessions", "at_most": 0}
    result = optimise(make({**KINETIC, "limits": [limit], "rounds": 1}))
    assert result["front"] == [] and result["allowed"] == 0


def test_clinic_hours_count_each_session_and_its_observation():
    plan = make({**KINETIC, "horizon_days": 28, "observation_h": 2})
    assert clinic_hours("0.5 mg/kg iv over 40 min, 2/week for 4 weeks", plan) == pytest.approx(8 * (2 / 3 + 2))


def test_the_same_people_get_every_regimen_and_rivals_are_told():
    plan = make({
        **KINETIC, "horizon_days": 7, "rounds": 0, "doubt_draws": 4,
        "goals": [{"name": "madrs", "statistic": "mean_at", "output": "madrs", "day": 7, "better": "lower"},
                  {"name": "hours", "statistic": "clinic_hours", "better": "lower"}],
        "limits": [],
        "regimens": [{"regimen": "0.5 mg/kg iv over 40 min"}, {"regimen": "saline iv over 40 min"}],
        "hypotheses": [{"name": "none", "options": {"hypothesis": "expectancy"}}],
    })  # fmt: skip
    result = optimise(plan)
    drug = next(r for r in result["front"] if r["regimen"].startswith("0.5"))
    assert drug["values"]["madrs"] < drug["under_hypotheses"]["none"]["madrs"]
    assert drug["range_90"]["madrs"][0] < drug["values"]["madrs"] < drug["range_90"]["madrs"][1]
    assert optimise(plan) == result


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"goals": []}, "goals"),
        ({"regimens": [{"regimen": "{dose} mg iv", "choices": {}}]}, "regimens"),
        ({"limits": [{"name": "x", "statistic": "peak_mean", "output": "sbp"}]}, "limits"),
        ({"people": 20, "doubt_draws": 20}, "search"),
    ],
)
def test_bad_searches_are_refused_by_name(change, field):
    with pytest.raises(InputError, match=field):
        make({**KINETIC, **change})


SHARE = {"name": "high", "statistic": "peak_share_above", "output": "ketamine.venous", "threshold": 1e9}


@pytest.mark.parametrize(("at_most", "certain"), [(0.05, False), (0.2, True)])
def test_nobody_of_few_people_is_no_proof(at_most, certain):
    """None of 20: Wilson's upper limit is 16.1 % (z²/(n + z²) = 3.8415 / 23.8415)."""
    row = optimise(make({**KINETIC, "rounds": 0, "limits": [{**SHARE, "at_most": at_most}]}))["front"][0]
    limit = row["limits"]["high"]
    assert row["values"]["high"] == 0 and limit["kept"] and limit["certain"] is certain
    assert limit["low"] == pytest.approx(0, abs=1e-12) and limit["high"] == pytest.approx(3.8415 / 23.8415, rel=2e-3)


def test_a_share_between_has_the_interval_of_wilson():
    from statsmodels.stats.proportion import proportion_confint

    peaks = optimise(make({**KINETIC, "rounds": 0}))["front"][0]["values"]["peak"]
    plan = make({**KINETIC, "rounds": 0, "limits": [{**SHARE, "threshold": peaks, "at_most": 1.0}]})
    row = next(r for r in optimise(plan)["all"] if r["regimen"].startswith("1 "))
    k = round(row["values"]["high"] * 20)
    low, high = proportion_confint(k, 20, method="wilson")
    assert 0 < k < 20
    assert (row["limits"]["high"]["low"], row["limits"]["high"]["high"]) == pytest.approx((low, high), rel=0.08)


def test_exposure_sums_over_time_and_weeks_count():
    """Twice the sessions is about twice the urinary exposure; a score of at most 60 is kept for all four weeks."""
    goals = [
        {"name": "urine", "statistic": "integral_mean", "output": "weekly_exposure", "better": "lower"},
        {"name": "weeks", "statistic": "weeks_below_per_session", "output": "madrs", "threshold": 60,
         "better": "higher"},
        {"name": "week", "statistic": "integral_mean", "output": "madrs", "better": "lower"},
        {"name": "last", "statistic": "mean_at", "output": "madrs", "day": 28, "better": "lower"},
    ]  # fmt: skip
    plan = make({
        **KINETIC, "horizon_days": 28, "rounds": 0, "goals": goals,
        "limits": [{"name": "cadss", "statistic": "peak_mean", "output": "cadss", "at_most": 60},
                   {"name": "pressure", "statistic": "peak_share_above", "output": "sbp", "threshold": 180,
                    "at_most": 1}],
        "regimens": [{"regimen": "0.5 mg/kg iv over 40 min, 1/week for 4 weeks"},
                     {"regimen": "0.5 mg/kg iv over 40 min, 2/week for 4 weeks"}],
    })  # fmt: skip
    once, twice = optimise(plan)["all"]
    assert twice["values"]["urine"] / once["values"]["urine"] == pytest.approx(2.0, rel=0.15)
    assert once["values"]["weeks"] == pytest.approx(4 / 4) and twice["values"]["weeks"] == pytest.approx(4 / 8)
    assert 4 * 10 < once["values"]["week"] < 4 * 60 and once["values"]["cadss"] > 5
    assert 0 <= once["values"]["pressure"] < 0.5


@pytest.mark.parametrize("doubt", [0.0, 2.0])
def test_the_range_of_doubt_is_free_of_sampling(doubt):
    """Means of 10 people of SD 5 scatter by 1.58 on their own; with a doubt of SD 2 they scatter by 2.55."""
    rng = np.random.default_rng(4)
    draw = np.arange(4000) % 400
    values = rng.normal(0, doubt, 400)[draw] + rng.normal(0, 5, 4000)
    means = np.bincount(draw, values) / 10
    found = without_sampling(means, values, draw)
    assert means.std() == pytest.approx(np.hypot(doubt, 5 / np.sqrt(10)), rel=0.1)
    assert found.mean() == pytest.approx(means.mean())
    assert found.std() == pytest.approx(doubt, abs=0.25 if doubt else 0.6)
