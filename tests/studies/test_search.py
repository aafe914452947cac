"""The search on a model whose best regimen is known, and the front on points worked out by hand."""

import numpy as np
import pytest

from ketasim.core.errors import InputError
from ketasim.studies.search.measures import clinic_hours
from ketasim.studies.search.optimise import dominated, optimise
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
