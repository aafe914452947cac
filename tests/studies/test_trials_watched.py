"""Trials whose sessions are run by the clinic: the same people, holds and doses as the clinic's own series."""

import numpy as np
import pytest

from ketasim.clinic.series import treat_series
from ketasim.core.errors import InputError
from ketasim.studies.trials import design as designs
from ketasim.studies.trials.batch import run
from ketasim.studies.trials.conduction import conduct
from ketasim.studies.trials.people import recruit
from ketasim.studies.trials.report import summarise, text

DESIGN = """
title = "watched"
seed = 3
replicates = 2
protocol = "iv_depression"
watched = true
[population]
named = "trd_adult"
[[arms]]
id = "drug"
regimen = "0.5 mg/kg iv over 40 min, 2/week for 1 week"
n = 20
[[arms]]
id = "placebo"
regimen = "saline iv over 40 min, 2/week for 1 week"
n = 10
control = true
[visits]
days = [7]
[[endpoints]]
name = "pressure"
kind = "safety"
output = "sbp"
limit = 160
"""


@pytest.fixture(scope="module")
def trial():
    plan = designs.parse(DESIGN)
    return plan, conduct(plan, plan.replicates, 0)


def test_the_arm_gets_what_the_clinic_gave(trial):
    plan, data = trial
    group = recruit(plan, plan.replicates, 0)
    who = np.flatnonzero(group.arm.reshape(-1) == 0)
    series = treat_series(group.cohort[who], plan.arms[0].regimen, plan.protocol, seed=plan.seed, vary=plan.vary)
    np.testing.assert_allclose(data.given.reshape(-1)[who], series.shares.mean(axis=1))
    alarms = [e for e in series.events if e["kind"] == "alarm"]
    assert data.watched["alarms"].sum() == len(alarms) > 0
    held = (series.shares == 0).sum()
    assert data.watched["sessions_held"].sum() == held > 0
    shown = np.nanmax([t.worst["sbp"].max() for t in series.sessions])
    assert data.peaks["sbp"].reshape(-1)[who].max() == pytest.approx(shown)


def test_nothing_happens_to_an_arm_without_a_drug(trial):
    _, data = trial
    placebo = data.arm == 1
    assert (data.given[placebo] == 1).all() and data.watched["alarms"][placebo].sum() == 0


def test_holding_sessions_costs_benefit(trial):
    """People of a session that was held keep their score of an untreated course."""
    plan, data = trial
    free = conduct(plan.changed(watched=False), plan.replicates, 0)
    less = data.given < 1
    assert less.any() and (data.true[less] >= free.true[less] - 1e-6).all()
    np.testing.assert_allclose(data.true[~less], free.true[~less], atol=1e-6)


def test_chunks_and_files_keep_what_was_watched(trial, tmp_path):
    plan, data = trial
    again = run(plan, tmp_path)
    np.testing.assert_array_equal(again.watched["alarms"], data.watched["alarms"])
    np.testing.assert_array_equal(run(plan, tmp_path).watched["sessions_held"], data.watched["sessions_held"])
    result = summarise(plan, again)
    assert result["arms"][0]["watched"]["alarms"] > 0 and "sessions held" in text(result)


def test_watching_needs_a_protocol():
    with pytest.raises(InputError, match="protocol"):
        designs.parse(DESIGN.replace('protocol = "iv_depression"\n', ""))
