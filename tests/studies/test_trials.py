"""Virtual trials against statsmodels, scipy, lifelines and closed forms."""

from pathlib import Path

import numpy as np
import pytest

from ketasim.core.errors import InputError
from ketasim.studies.endpoints.ancova import ancova
from ketasim.studies.endpoints.risk import risk_difference
from ketasim.studies.endpoints.survival import logrank
from ketasim.studies.trials import design as designs
from ketasim.studies.trials import people, run
from ketasim.studies.trials.power import proportion, required
from ketasim.studies.trials.report import summarise, text

EXAMPLES = Path(__file__).parents[2] / "examples" / "trials"

SMALL = """
title = "small"
seed = 5
replicates = 6
[population]
named = "trd_adult"
[[inclusion]]
field = "madrs"
at_least = 34
[[arms]]
id = "drug"
regimen = "0.5 mg/kg iv over 40 min"
n = 12
[[arms]]
id = "saline"
regimen = "saline iv over 40 min"
n = 12
control = true
[visits]
days = [1, 7]
"""


@pytest.fixture(scope="module")
def small():
    return designs.parse(SMALL)


@pytest.fixture(scope="module")
def data(small):
    return run(small)


def test_ancova_is_that_of_statsmodels():
    import pandas as pd
    import statsmodels.formula.api as smf

    rng = np.random.default_rng(1)
    arm, base = rng.integers(0, 3, (4, 60)), rng.normal(30, 6, (4, 60))
    y = -0.4 * base - 3.0 * (arm == 1) + rng.normal(0, 8, (4, 60))
    y[rng.random((4, 60)) < 0.1] = np.nan
    site = (rng.random((4, 60)) < 0.3).astype(float)
    site[3] = 0.0  # an empty stratum
    ours = ancova(y, arm, (base, site), 0, (1, 2))
    for r in range(4):
        table = pd.DataFrame({"y": y[r], "arm": arm[r], "base": base[r], "site": site[r]}).dropna()
        fit = smf.ols("y ~ C(arm) + base" + (" + site" if r < 3 else ""), table).fit()
        for j in (1, 2):
            name = f"C(arm)[T.{j}]"
            np.testing.assert_allclose(ours.estimate[r, j - 1], fit.params[name], rtol=1e-8)
            np.testing.assert_allclose(ours.se[r, j - 1], fit.bse[name], rtol=1e-8)
            np.testing.assert_allclose(ours.p[r, j - 1], fit.pvalues[name], rtol=1e-6)


def test_risk_test_is_the_chi_square_of_scipy():
    from scipy.stats import chi2_contingency

    event = np.array([[1.0] * 20 + [0.0] * 10 + [1.0] * 9 + [0.0] * 16 + [np.nan] * 2])
    arm = np.array([[1] * 30 + [0] * 25 + [1, 0]])
    ours = risk_difference(event, arm, 0, (1,))
    expected = chi2_contingency([[20, 10], [9, 16]], correction=False).pvalue
    np.testing.assert_allclose(ours.p[0, 0], expected, rtol=1e-10)
    np.testing.assert_allclose(ours.estimate[0, 0], 20 / 30 - 9 / 25)


def test_logrank_is_that_of_lifelines():
    from lifelines.statistics import logrank_test

    rng = np.random.default_rng(2)
    time, arm = np.ceil(rng.exponential(20, (3, 80))), rng.integers(0, 2, (3, 80))
    event = (rng.random((3, 80)) < 0.7).astype(float)
    ours = logrank(time, event, arm, 0, (1,))
    for r in range(3):
        a = arm[r] == 1
        expected = logrank_test(time[r][a], time[r][~a], event[r][a], event[r][~a]).p_value
        np.testing.assert_allclose(ours.p[r, 0], expected, rtol=1e-8)


def test_required_size_is_that_of_statsmodels():
    from statsmodels.stats.power import NormalIndPower

    rng = np.random.default_rng(3)
    n, effect, sd = 100, 4.0, 10.0
    y = rng.normal(0, sd, (3000, 2 * n))
    arm = np.tile(np.repeat([0, 1], n), (3000, 1))
    y += effect * arm
    found = ancova(y, arm, (), 0, (1,))
    ours, low, high = required(found, 0, 2 * n, 0.05, 0.9)
    expected = 2 * NormalIndPower().solve_power(effect / sd, power=0.9, alpha=0.05)
    assert low <= expected * 1.01 and expected * 0.99 <= high
    assert ours == pytest.approx(expected, rel=0.03)


def test_wilson_interval():
    share, error, low, high = proportion(np.arange(100) < 80)
    from statsmodels.stats.proportion import proportion_confint

    assert (low, high) == pytest.approx(proportion_confint(80, 100, method="wilson"))
    assert share == 0.8 and error == pytest.approx(0.04)


def test_arms_have_their_sizes_and_only_included_people(small, data):
    assert data.arm.shape == (6, 24)
    assert ((data.arm == 0).sum(axis=1) == 12).all()
    assert data.start.min() >= 34 and data.screened > data.arm.size


def test_blocks_balance_within_strata():
    plan = designs.parse(SMALL.replace("[visits]", '[randomisation]\nblock = 1\nstrata = [["female", 0.5]]\n[visits]'))
    ids = np.arange(24 * 50).reshape(50, 24)
    stratum = (ids % 3 == 0).astype(int)
    arm = people.allot(plan, ids, stratum)
    assert ((arm == 0).sum(axis=1) == 12).all()
    inside = ((arm == 0) & (stratum == 1)).sum(axis=1) - ((arm == 1) & (stratum == 1)).sum(axis=1)
    assert np.abs(inside).max() <= 1
    assert 0.4 < (arm[:, 0] == 0).mean() < 0.6 or len(np.unique(arm[:, 0])) == 2


def test_same_seed_same_trial_also_in_parts(small, data, tmp_path):
    again = run(small, tmp_path)
    resumed = run(small, tmp_path)
    for name in ("arm", "start", "scores", "felt"):
        np.testing.assert_array_equal(getattr(data, name), getattr(again, name))
        np.testing.assert_array_equal(getattr(data, name), getattr(resumed, name))
    with pytest.raises(InputError, match="empty folder"):
        run(small.changed(seed=6), tmp_path)


def test_the_core_simulation_gives_the_same_scores(small, data):
    import ketasim as ks

    group = people.recruit(small, 6, 0)
    who = group.arm.reshape(-1) == 0
    t = [0.0, 24.0, 168.0]
    direct = ks.simulate(
        patient=group.cohort[who], regimen=small.arms[0].regimen, times_h=t, seed=5, vary="between", outputs=["madrs"]
    )
    mine = data.true.reshape(-1, 2)[who]
    np.testing.assert_allclose(mine, direct["madrs"][:, 1:], rtol=2e-3, atol=0.05)


def test_missed_sessions_windows_rules_dropout_and_rescue():
    plan = designs.parse("""
title = "everything"
seed = 1
replicates = 3
[[arms]]
id = "drug"
regimen = "0.5 mg/kg iv over 40 min, weekly for 3 weeks"
n = 20
missed = 0.5
[[arms]]
id = "saline"
regimen = "saline iv over 40 min, weekly for 3 weeks"
n = 20
control = true
[visits]
days = [5, 12, 19]
window_days = 1
[dropout]
per_week = 0.3
[[rules]]
day = 5
improved_below = 2.0
factor = 0
[rescue]
points_worse = -60
from_day = 12
[rating]
sd = 3
[[endpoints]]
name = "change"
[[endpoints]]
name = "sbp"
kind = "safety"
output = "sbp"
limit = 150
[[endpoints]]
name = "left"
kind = "dropout"
""")
    found = run(plan)
    assert np.isnan(found.scores[:, :, 2]).all()  # everybody was rescued at the second visit
    assert set(np.unique(found.rescued)) <= {12.0, np.inf}
    gone = found.left < 5
    assert np.isnan(found.scores[gone]).all() and gone.any()
    drug = found.arm == 0
    assert np.allclose(found.given[drug], 1 / 3)  # the rule stopped everybody after the first session
    expected = 1 - np.exp(-0.3 * 19 / 7)
    assert (found.left <= 19).mean() == pytest.approx(expected, abs=0.12)
    result = summarise(plan, found)
    assert result["endpoints"][1]["contrasts"][0]["arm"] == "drug" and "study design" in text(result)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ("control = true", "control"),
        ("n = 12", "n"),
        ("days = [1, 7]", "days"),
        ('field = "madrs"', "inclusion"),
    ],
)
def test_bad_designs_are_refused_by_name(change, field):
    wrong = {"control = true": "", "n = 12": "n = -1", "days = [1, 7]": "days = [7, 1]"} | {
        'field = "madrs"': 'field = "x"'
    }
    with pytest.raises(InputError, match=field):
        run(designs.parse(SMALL.replace(change, wrong[change])))


def test_under_anaesthesia_nobody_can_tell(small):
    found = run(small.changed(settings={"anaesthesia": 1}, replicates=20))
    assert found.felt.max() == 0.0
    assert found.guess.mean() == pytest.approx(0.5, abs=4 * 0.5 / np.sqrt(found.guess.size))


def test_shipped_designs_can_be_read():
    files = [p for p in sorted(EXAMPLES.glob("*.toml")) if not p.name.startswith("search")]
    assert len(files) >= 5
    for path in files:
        plan = designs.read(path)
        assert plan.published and plan.citation


def test_a_cluster_gives_the_same_trial(small, data):
    distributed = pytest.importorskip("dask.distributed", reason="the extra cluster is not installed")
    with distributed.LocalCluster(n_workers=1, processes=False, dashboard_address=None) as cluster:
        found = run(small, scheduler=cluster.scheduler_address)
    np.testing.assert_array_equal(found.scores, data.scores)


def test_rivals_change_the_conclusion(small):
    from ketasim.studies.trials import under_hypotheses

    rows = under_hypotheses(small.changed(hypotheses=[
        {"name": "as designed"}, {"name": "none", "options": {"hypothesis": "expectancy"}},
    ]))  # fmt: skip
    assert rows[0]["estimate"] < rows[1]["estimate"]  # without a drug effect the fall is smaller


def test_doubt_is_shared_by_a_replicate_and_its_drivers_are_named(small):
    plan = small.changed(vary=("between", "doubt"), replicates=60, visits={"days": (1,)}, inclusion=())
    found = run(plan)
    rows = summarise(plan, found)["doubt"]
    names = [r["parameter"] for r in rows]
    assert all(abs(r["rank_correlation"]) > 0.3 for r in rows)
    plain = run(plan.changed(vary=("between",)))
    from ketasim.studies.trials import analyse

    spread = [np.nanstd(analyse(plan, x, plan.primary).estimate) for x in (found, plain)]
    assert spread[0] > spread[1], names


def test_the_clinics_exclusions_are_kept(small):
    from ketasim.clinic.protocol import Protocol

    plan = small.changed(protocol="esketamine_label", inclusion=())
    rules = [r for r in Protocol.load("esketamine_label").screening if r.verdict == "exclude"]
    cohort = people.recruit(plan, 4, 0).cohort
    assert rules
    for rule in rules:
        value = cohort.covariates[rule.field]
        assert not (value > rule.above).any() if rule.above is not None else not (value < rule.below).any()


def test_cox_and_kaplan_meier_without_censoring():
    from ketasim.studies.endpoints.survival import hazard_ratio, kaplan_meier

    rng = np.random.default_rng(6)
    group = np.repeat([0.0, 1.0], 2000)
    time = rng.exponential(1.0, 4000) / np.where(group == 1, 0.5, 1.0)
    ratio, low, high = hazard_ratio(time, np.ones(4000), group)
    assert low < 0.5 < high and ratio == pytest.approx(0.5, abs=0.06)
    left = kaplan_meier(time[:2000], np.ones(2000), np.array([1.0]))[0]
    assert left == pytest.approx((time[:2000] > 1.0).mean(), abs=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["murrough2013", "singh2016b", "daly2018", "popova2019", "lii2023"])
def test_published_trials_are_reproduced_or_say_why_not(name):
    """Printed numbers lie inside the replicates; a row that does not says why, and no trial has two of them."""
    plan = designs.read(EXAMPLES / f"{name}.toml").changed(replicates=100)
    rows = summarise(plan, run(plan, workers=2))["published"]
    outside = [r for r in rows if r["verdict"] == "outside"]
    assert len(rows) >= 4 and len(outside) <= 1
    assert all(r.get("why") for r in outside)
