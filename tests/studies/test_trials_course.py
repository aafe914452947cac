"""An arm led by the clinic is the clinic's own course of the same people; ratings missing at random."""

import numpy as np
import pytest

from ketasim.clinic.course import Course
from ketasim.core.errors import InputError
from ketasim.studies.reproduce import reproduce
from ketasim.studies.trials import design as designs
from ketasim.studies.trials.batch import run
from ketasim.studies.trials.conduction import conduct
from ketasim.studies.trials.endpoints import analyse, values
from ketasim.studies.trials.people import recruit
from ketasim.studies.trials.report import summarise, text

GUIDED = """
title = "guided"
seed = 4
replicates = 2
[population]
named = "trd_adult"
[[arms]]
id = "guided"
regimen = "0.5 mg/kg iv over 40 min"
course = "iv_depression"
n = 12
[[arms]]
id = "fixed"
regimen = "0.5 mg/kg iv over 40 min, 3/week for 2 weeks"
n = 12
control = true
[visits]
days = [14, 28, 56]
[[endpoints]]
name = "change"
[[endpoints]]
name = "relapse"
kind = "relapse"
day = 14
[[endpoints]]
name = "pressure"
kind = "safety"
output = "sbp"
limit = 160
"""


@pytest.fixture(scope="module")
def trial():
    plan = designs.parse(GUIDED)
    return plan, conduct(plan, plan.replicates, 0)


def test_the_arm_is_the_course_of_the_clinic(trial):
    plan, data = trial
    group = recruit(plan, plan.replicates, 0)
    who = np.flatnonzero(group.arm.reshape(-1) == 0)
    settings = {"open_label": 0.0, "anticipatory": 0.0}
    course = Course.run("iv_depression", group.cohort[who], 8, seed=4, vary=("between",), settings=settings)
    np.testing.assert_array_equal(data.watched["sessions_given"].reshape(-1)[who], course.sessions)
    at = [int(np.flatnonzero(course.day == d)[0]) for d in plan.visits.days]
    np.testing.assert_allclose(data.true.reshape(-1, 3)[who], course.score[:, at], atol=0.05)
    relapse = data.relapse.reshape(-1)[who]
    early = course.relapse_day <= 56
    np.testing.assert_array_equal(relapse[early], course.relapse_day[early])
    assert data.watched["sessions_given"].reshape(-1)[np.setdiff1d(np.arange(48), who)] == pytest.approx(6.0)
    assert data.watched["sessions_given"].reshape(-1)[who].max() > 6


def test_peaks_are_those_of_sessions(trial):
    """Two arms with the same first dose: pressure and felt effect rise alike, and in every person."""
    _, data = trial
    first = [data.peaks["sbp"][data.arm == k] for k in (0, 1)]
    assert all(np.isfinite(x).all() and x.min() > 90 for x in first)
    assert abs(first[0].mean() - first[1].mean()) < 3 * np.hypot(*(x.std() / np.sqrt(len(x)) for x in first))
    assert (data.felt > 0.1).all()


def test_chunks_and_a_rerun_keep_the_course(trial, tmp_path):
    plan, data = trial
    kept = run(plan, tmp_path)
    np.testing.assert_array_equal(kept.watched["courses_stopped"], data.watched["courses_stopped"])
    assert reproduce(tmp_path).identical
    words = text(summarise(plan, data))
    assert "sessions given" in words and "free of relapse" in words


def test_hypotheses_reach_the_course(trial):
    """Without a drug effect of any kind, an arm led by the clinic does not do as well."""
    plan, data = trial
    other = plan.changed(options={"hypothesis": "expectancy"})
    none = conduct(other, 2, 0)
    assert none.true[data.arm == 0][:, 0].mean() > data.true[data.arm == 0][:, 0].mean() + 2


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"missed": 0.1}, "course"),
        ({"course": "nosuch"}, "nosuch"),
        ({"regimen": "saline iv over 40 min"}, "saline"),
    ],
)
def test_what_a_course_cannot_do_is_refused(change, word):
    plan = designs.parse(GUIDED)
    arms = [{**plan.arms[0].model_dump(), **change}, plan.arms[1].model_dump()]
    with pytest.raises(InputError, match=word):
        conduct(plan.changed(arms=arms), 1, 0)


def test_another_scale_than_the_protocols_is_refused():
    plan = designs.parse(GUIDED).changed(visits={"output": "hdrs", "days": (14, 28, 56)})
    with pytest.raises(InputError, match="hdrs"):
        conduct(plan, 1, 0)


def test_ratings_missing_at_random():
    """A share of the ratings is missing at each visit, nobody leaves, and the last one seen is carried forward."""
    plan = designs.parse(GUIDED.replace('course = "iv_depression"\n', "")).changed(
        replicates=20, visits={"output": "madrs", "days": (1, 2, 3), "missed": 0.3},
        endpoints=[{"name": "change"}, {"name": "mixed", "kind": "change", "analysis": "mmrm"}],
    )  # fmt: skip
    data = conduct(plan, 20, 0)
    gone = np.isnan(data.scores)
    n = gone[:, :, 0].size
    assert gone.mean(axis=(0, 1)) == pytest.approx([0.3] * 3, abs=4 * np.sqrt(0.21 / n))
    assert np.isinf(data.left).all() and (gone[:, :, 0] & ~gone[:, :, 2]).any()
    change = values(plan, data, plan.tested[0])
    carried = gone[:, :, 2] & ~gone[:, :, 1]
    np.testing.assert_array_equal(change[carried], (data.scores[:, :, 1] - data.start)[carried])
    assert np.isfinite(analyse(plan, data, plan.tested[1]).p).mean() > 0.8
