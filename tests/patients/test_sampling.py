"""Virtual people against the published summaries; keys, order, truncation, provenance.

Numbers beside the assertions are the papers' own (see data/references_patients.bib); tolerances allow for 60,000 people
and for differences between survey years.
"""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from scipy import stats

from ketasim.core.citations import references
from ketasim.core.errors import InputError
from ketasim.core.gaussian import ndtri
from ketasim.patients import Cohort, growth, marginal, populations, sample
from ketasim.patients import covariates as cov
from ketasim.patients.population import Population, parse
from ketasim.patients.sampling import plausible, sample_chunks

N = 60_000
FROM = 'unit = "1"\nkind = "assumed"\nstatus = "assumed"\nsource = "assumed"\n'


@pytest.fixture(scope="module")
def adult():
    return sample("adult", N, 11)


@pytest.fixture(scope="module")
def trd():
    return sample("trd_adult", N, 11)


def share(mask) -> float:
    return float(np.mean(mask))


# ---- adults against national surveys
def test_adult_body_size(adult):
    c = adult.covariates
    men, women = ((c["female"] == s) & (c["age_y"] >= 20) for s in (0.0, 1.0))
    assert c["weight_kg"][men].mean() == pytest.approx(89.8, abs=1.8)  # 197.9 lb, 2015-2016
    assert c["weight_kg"][women].mean() == pytest.approx(77.4, abs=1.5)  # 170.6 lb
    assert c["height_cm"][men].mean() == pytest.approx(175.4, abs=0.4)
    assert c["height_cm"][women].mean() == pytest.approx(161.7, abs=0.4)
    assert share(c["bmi"] >= 30) == pytest.approx(0.424, abs=0.02)  # Data Brief 360
    assert share(c["bmi"][men] >= 40) == pytest.approx(0.069, abs=0.01)
    assert share(c["bmi"][women] >= 40) == pytest.approx(0.115, abs=0.015)
    for sex in (men, women):
        r = np.corrcoef(c["weight_kg"][sex], c["height_cm"][sex])[0, 1]
        assert 0.25 < r < 0.5
    # Asian adults 17.4 % obese (Data Brief 360)
    assert share(c["bmi"][c["asian"] == 1.0] >= 30) == pytest.approx(0.174, abs=0.05)


def test_adult_hypertension_by_sex_and_age(adult):
    c = adult.covariates
    printed = {0.0: (0.092, 0.372, 0.585), 1.0: (0.056, 0.294, 0.668)}  # Data Brief 289
    for sex, row in printed.items():
        for (low, high), want in zip(((18, 40), (40, 60), (60, 120)), row, strict=True):
            at = (c["female"] == sex) & (c["age_y"] >= low) & (c["age_y"] < high)
            assert share(c["hypertension"][at]) == pytest.approx(want, abs=0.02)


def test_adult_pressure_pulse_and_filtration(adult):
    c = adult.covariates
    assert c["sbp"].mean() == pytest.approx(122.0, abs=1.0)  # all adults, 2001-2008
    assert c["dbp"].mean() == pytest.approx(71.0, abs=1.5)
    normal = c["hypertension"] == 0.0
    assert c["sbp"][normal].mean() == pytest.approx(116.0, abs=0.3)
    assert c["dbp"][normal].mean() == pytest.approx(69.0, abs=0.3)
    assert np.all(c["dbp"] < c["sbp"])
    assert c["heart_rate"][c["female"] == 1].mean() == pytest.approx(74.0, abs=0.5)
    assert c["heart_rate"][c["female"] == 0].mean() == pytest.approx(71.0, abs=0.5)
    for low, want in ((20, 116), (30, 107), (40, 99), (50, 93), (60, 85)):  # means by decade
        at = (c["age_y"] >= low) & (c["age_y"] < low + 10)
        assert c["egfr"][at].mean() == pytest.approx(want, abs=3.0)


def test_adult_shares(adult):
    c = adult.covariates
    assert share(c["child_pugh"] > 0) == pytest.approx(0.0027, abs=0.0009)
    assert share(c["smoker"][(c["age_y"] >= 35) & (c["age_y"] < 50)]) == pytest.approx(0.174, abs=0.015)
    assert share(c["pregnant"][c["female"] == 0]) == 0.0
    # obesity and hypertension go together, and the marginal above did not move
    assert np.corrcoef(c["bmi"], c["hypertension"])[0, 1] > 0.1


def test_genotypes_follow_the_allele_frequencies():
    pop = Population.load("adult")
    only = {**pop.entries, "ancestry": {**pop.entries["ancestry"], "weights": {"east_asian": 1.0}}}
    c = sample(Population("han", "", only), N, 5).covariates
    p = 0.202  # *6 18.4 % and *9 1.8 % of alleles in Han Chinese
    counts = np.bincount(c["cyp2b6_reduced"].astype(int), minlength=3)
    expected = N * np.array([(1 - p) ** 2, 2 * p * (1 - p), p**2])
    assert stats.chisquare(counts, expected).pvalue > 1e-3
    assert np.all(c["cyp2b6_reduced"] + c["cyp2b6_increased"] <= 2)
    assert c["cyp2b6_increased"].mean() == pytest.approx(2 * 0.091, abs=0.006)


# ---- the trial population against its baseline tables
def test_trd_baseline_table(trd):
    c = trd.covariates
    assert c["age_y"].mean() == pytest.approx(46.3, abs=0.15) and c["age_y"].std() == pytest.approx(11.2, abs=0.1)
    assert share(c["female"]) == pytest.approx(197 / 297, abs=0.006)
    assert c["bmi"].mean() == pytest.approx(28.0, abs=0.1) and c["bmi"].std() == pytest.approx(5.81, abs=0.15)
    pooled = (235 * 37.7 + 144 * 37.7 + 108 * 36.9 + 78 * 36.7) / 565  # TRANSFORM-1/2, Table 4
    assert c["madrs"].mean() == pytest.approx(pooled, abs=0.15) and c["madrs"].std() == pytest.approx(5.5, abs=0.1)
    assert c["madrs"].min() >= 28 and c["madrs"].max() <= 60 and np.all(c["madrs"] == np.rint(c["madrs"]))
    assert share(c["prior_failures"] <= 2) == pytest.approx(208 / 297, abs=0.006)
    assert share(trd.drugs["benzodiazepine"]) == pytest.approx(328 / 705, abs=0.006)
    for drug, want in {"duloxetine": 188, "escitalopram": 169, "sertraline": 96, "venlafaxine": 127}.items():
        assert share(trd.drugs[drug]) == pytest.approx(want / 580, abs=0.007)
    snri, ssri = c["class.snri"], c["class.ssri"]
    assert np.all(snri + ssri == 1.0)  # exactly one new antidepressant each
    assert share(c["diagnosis.trd"]) == 1.0
    assert 0.5 < np.corrcoef(c["madrs"], c["hdrs"])[0, 1] < 0.75


def test_treated_hypertension_takes_a_drug(trd):
    on = np.maximum(trd.covariates["class.antihypertensive"], trd.covariates["class.beta_blocker"])
    assert share(on[trd.covariates["hypertension"] == 1]) == pytest.approx(0.75, abs=0.02)
    assert share(on[trd.covariates["hypertension"] == 0]) == 0.0


# ---- children against the charts
def test_children_follow_the_growth_charts():
    c = sample("paediatric", 30_000, 2).covariates
    for measure, key in (("weight", "weight_kg"), ("height", "height_cm")):
        z = growth.z_score(measure, c[key], c["age_y"], c["female"])
        inner = np.clip(z, -2, 2)
        assert share(z < float(ndtri(0.03))) == pytest.approx(0.03, abs=0.005)
        assert share(z > float(ndtri(0.97))) == pytest.approx(0.03, abs=0.005)
        assert abs(np.median(inner)) < 0.02
    pairs = (("weight", "weight_kg"), ("height", "height_cm"))
    z = [growth.z_score(m, c[k], c["age_y"], c["female"]) for m, k in pairs]
    assert np.corrcoef(np.clip(z, -2, 2))[0, 1] == pytest.approx(0.65, abs=0.03)
    assert c["age_y"].min() >= 0.083 and c["age_y"].max() < 18.0
    assert share(c["class.benzodiazepine"]) == 0.0 and share(c["hypertension"]) == 0.0


# ---- what holds for every population
@pytest.mark.parametrize("name", populations())
def test_every_person_is_one_that_patient_accepts(name):
    c = sample(name, 4000, 8)
    assert plausible(c).all()
    for i in range(150):
        p = c.patient(i)
        assert p.weight_kg == c.covariates["weight_kg"][i]
    for key, (low, high) in cov.LIMITS.items():
        assert c.covariates[key].min() >= low and c.covariates[key].max() <= high, key
    assert all(np.isfinite(v).all() for v in c.covariates.values())


@pytest.mark.parametrize("name", populations())
def test_every_number_has_a_known_source(name):
    known = set(references()) | {"assumed"}
    rows = list(Population.load(name).rows())
    assert rows
    for where, row in rows:
        assert row["source"] in known, (name, where, row["source"])
        assert row["unit"] and row["kind"] and row["status"]
        if row["source"] == "assumed":
            assert row["kind"] == "assumed"


def test_typical_values_have_known_sources():
    import tomllib
    from importlib import resources

    text = (resources.files("ketasim") / "data" / "patients" / "typical.toml").read_text(encoding="utf-8")
    raw = tomllib.loads(text)
    known = set(references()) | {"assumed"}
    entries = [v for k, v in raw.items() if k != "scores"]
    entries += [row for group in raw["scores"].values() for row in group.values()]
    assert all(e["source"] in known and e["kind"] and e["status"] for e in entries)
    assert all(e["unit"] for k, e in raw.items() if k != "scores")


@pytest.mark.parametrize("name", populations())
def test_people_do_not_depend_on_chunks_or_start(name):
    whole = sample(name, 257, 42)
    parts = list(sample_chunks(name, 257, 42, size=50))
    for key in whole.covariates:
        assert np.array_equal(whole.covariates[key], np.concatenate([p.covariates[key] for p in parts])), key
    single = sample(name, 1, 42, start=200)
    assert {k: v[200] for k, v in whole.covariates.items()} == {k: v[0] for k, v in single.covariates.items()}
    assert [d for d, f in whole.drugs.items() if f[200]] == [d for d in whole.drugs if d in single.drugs]
    other = sample(name, 257, 43)
    assert not np.array_equal(whole.covariates["weight_kg"], other.covariates["weight_kg"])


def test_a_changed_entry_leaves_the_others_alone():
    pop = Population.load("adult")
    changed = {**pop.entries, "heart_rate": {**pop.entries["heart_rate"], "sd": 5.0}}
    a = sample(pop, 500, 1).covariates
    b = sample(Population("adult", "", changed, pop.copula, pop.drugs), 500, 1).covariates
    assert [k for k in a if not np.array_equal(a[k], b[k])] == ["heart_rate"]


def test_matched_moments_against_scipy():
    cases = ((37.5, 5.5, 28.0, 60.0), (46.3, 11.2, 18.0, 65.0), (4.0, 2.8, 0.0, 12.0), (5.0, 4.0, 0.0, 38.0))
    for mean, sd, low, high in cases:
        mu, s = marginal.match_moments(mean, sd, low, high)
        d = stats.truncnorm((low - mu) / s, (high - mu) / s, mu, s)
        assert d.mean() == pytest.approx(mean, abs=1e-6) and d.std() == pytest.approx(sd, abs=1e-6)
    with pytest.raises(InputError, match="flatter"):
        marginal.match_moments(4.0, 4.0, 0.0, 12.0)


def test_own_population_file(tmp_path):
    text = '[meta]\nbase = "trd_adult"\n[age]\ndist = "normal"\nmean = 70.0\nsd = 4.0\nlow = 65.0\nhigh = 86.0\n'
    text += 'unit = "y"\nkind = "measured"\nstatus = "recalled"\nsource = "jones2022"\n'
    path = tmp_path / "old_trd.toml"
    path.write_text(text)
    c = sample(path, 2000, 1)
    assert c.population == "old_trd" and c.covariates["age_y"].mean() == pytest.approx(70.0, abs=0.3)
    assert c.covariates["age_y"].min() >= 65 and c.drugs["duloxetine"].any()


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[age]\n", "female, height"),
        ("age = 3\n[female]\n[height]\n", "age"),
        ('[meta]\nbase = "adult"\n[shoe]\nunit = "1"\n', "shoe"),
        ('[meta]\nbase = "adult"\n[egfr]\ndist = "lognormal"\nunit = "1"\n', "kind, status, source"),
        (f'[meta]\nbase = "adult"\n[egfr]\ndist = "odd"\n{FROM}', "odd"),
        ('[meta]\nbase = "nowhere"\n', "nowhere"),
        ("age = [", "valid TOML"),
        (f'[meta]\nbase = "adult"\n[[drug]]\none_of = {{ soap = 1 }}\n{FROM}', "soap"),
        (f'[meta]\nbase = "adult"\n[ancestry]\ndist = "categories"\nweights = {{ moon = 1 }}\n{FROM}', "moon"),
    ],
)  # fmt: skip
def test_wrong_files_name_the_field(text, named):
    with pytest.raises(InputError, match=named):
        parse(text, "mine")


@pytest.mark.parametrize(
    "call",
    [lambda: sample("nobody", 3, 1), lambda: sample("adult", -1, 1), lambda: sample("adult", 2.5, 1),
     lambda: sample("adult", 3, -1), lambda: sample("adult", 3, 1, start=-2), lambda: sample("adult", True, 1)],
)  # fmt: skip
def test_bad_arguments(call):
    with pytest.raises(InputError):
        call()


def test_nobody_is_a_cohort_too():
    c = sample("adult", 0, 1)
    assert isinstance(c, Cohort) and len(c) == 0


@pytest.mark.slow
def test_a_million_people_in_chunks():
    """Ten chunks take the memory of one, 0.1 GB; a million people at once take 0.66 GB."""
    total = np.zeros(2)
    tracemalloc.start()
    for part in sample_chunks("adult", 1_000_000, 1, size=100_000):
        total += part.covariates["weight_kg"].sum(), len(part)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert total[1] == 1_000_000 and 80.0 < total[0] / total[1] < 88.0
    assert most < 3e8
