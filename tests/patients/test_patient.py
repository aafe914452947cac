"""Patient: defaults, refusals in one sentence, contradictions, covariates."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from ketasim.core.errors import InputError
from ketasim.patients import Patient, growth, typical
from ketasim.patients import covariates as cov
from ketasim.patients.comedication import catalogue

REFUSED = [
    ({"weight_kg": 0}, "weight_kg", "0.4 to 400"),
    ({"weight_kg": 700}, "weight_kg", "0.4 to 400"),
    ({"weight_kg": float("nan")}, "weight_kg", "0.4 to 400"),
    ({"weight_kg": "heavy"}, "weight_kg", "0.4 to 400"),
    ({"weight_kg": True}, "weight_kg", "0.4 to 400"),
    ({"height_cm": 300}, "height_cm", "20 to 250"),
    ({"age_y": -1}, "age_y", "0 to 110"),
    ({"age_y": 130}, "age_y", "0 to 110"),
    ({"age_y": 3, "weight_kg": 90}, "weight_kg", "boy of 3 years"),
    ({"age_y": 3, "weight_kg": 14, "height_cm": 170}, "height_cm", "boy of 3 years"),
    ({"age_y": 30, "height_cm": 60}, "height_cm", "80 to 250"),
    ({"weight_kg": 30, "height_cm": 185}, "weight_kg", "body mass index"),
    ({"sex": "femal"}, "sex", "female or male"),
    ({"pregnant": True}, "pregnant", "sex male"),
    ({"pregnant": True, "sex": "female", "age_y": 70}, "pregnant", "10 to 60"),
    ({"breastfeeding": True, "sex": "male"}, "breastfeeding", "sex male"),
    ({"child_pugh": "D"}, "child_pugh", "none, A, B or C"),
    ({"ancestry": "martian"}, "ancestry", "european"),
    ({"diagnosis": "sad day"}, "diagnosis", "mdd"),
    ({"smoking": "yes"}, "smoking", "never, former or current"),
    ({"cyp2b6": "*1"}, "cyp2b6", "*1/*6"),
    ({"cyp2b6": "*1/*99"}, "cyp2b6", "*1/*6"),
    ({"madrs": 61}, "madrs", "0 to 60"),
    ({"pain_nrs": -1}, "pain_nrs", "0 to 10"),
    ({"prior_failures": 2.5}, "prior_failures", "whole number"),
    ({"diagnosis": "trd", "prior_failures": 1}, "prior_failures", "2 or more"),
    ({"expectancy": 1.5}, "expectancy", "0 to 1"),
    ({"sbp": 90, "dbp": 95}, "dbp", "below sbp"),
    ({"comedication": 3}, "comedication", "list of drug names"),
    ({"comedication": ["ticlopidine", ""]}, "comedication", "none empty"),
    ({"hypertension": "maybe"}, "hypertension", "true or false"),
    ({"wieght_kg": 70}, "wieght_kg", "weight_kg"),
    ({"egfr": 1000}, "egfr", "0 to 250"),
]


@pytest.mark.parametrize(("given_", "named", "allowed"), REFUSED)
def test_refusals_name_field_and_range(given_, named, allowed):
    with pytest.raises(InputError) as caught:
        Patient(**given_)
    text = str(caught.value)
    assert named in text and allowed in text and "\n" not in text


def test_typo_is_pointed_at():
    with pytest.raises(InputError, match="Did you mean weight_kg"):
        Patient(wieght_kg=70)


def test_defaults_are_filled_and_named():
    p = Patient()
    assert (p.weight_kg, p.height_cm, p.sex) == (70.0, 175.4, "male")
    assert set(p.imputed) == {"weight_kg", "height_cm", "egfr", "sbp", "dbp", "heart_rate"}
    woman = Patient(sex="F", height_cm=160, egfr=90, weight_kg=55)
    assert woman.sex == "female" and set(woman.imputed) == {"sbp", "dbp", "heart_rate"}
    assert Patient(hypertension=True).sbp == 130.0  # treated hypertension, wright2011
    child = Patient(age_y=3, sex="girl")
    assert child.weight_kg == pytest.approx(float(growth.lms("weight", 3.0, 1.0)[1]))
    assert any("filled in" in note for note in child.notes)


def test_trd_implies_two_failures():
    assert Patient(diagnosis="trd").prior_failures == 2
    assert Patient(diagnosis="trd", prior_failures=5).prior_failures == 5


def test_frozen_and_round_trip():
    p = Patient(age_y=61, sex="female", comedication=["Rifampin", "Foo 5"], cyp2b6="*6/*1", madrs=33.5)
    with pytest.raises(ValidationError):
        p.weight_kg = 3
    assert Patient(**p.model_dump()) == p
    assert Patient.model_validate_json(p.model_dump_json()) == p
    assert pickle.loads(pickle.dumps(p)) == p
    assert p.cyp2b6 == "*1/*6" and p.comedication == ("rifampicin", "foo 5")


def test_replace_fills_in_again():
    p = Patient(weight_kg=60)
    q = p.replace(sex="female", age_y=70)
    assert (q.weight_kg, q.height_cm, q.egfr) == (60.0, 161.7, pytest.approx(80.0))
    with pytest.raises(InputError):
        p.replace(age_y=2)


def test_unknown_drugs_are_kept_and_said():
    p = Patient(comedication=["Ticlopidine", "unobtainium"])
    assert p.unknown_drugs == ("unobtainium",)
    assert any("unobtainium" in note and "no effect modelled" in note for note in p.notes)
    assert p.takes("cyp2b6_inhibitor") and p.takes("ticlopidine") and not p.takes("benzodiazepine")
    assert Patient(comedication="ticlopidine, St. John's wort").comedication == ("ticlopidine", "st john's wort")


@pytest.mark.parametrize(
    "name",
    ["ticlopidine", "clopidogrel", "itraconazole", "clarithromycin", "grapefruit", "rifampicin", "St John's wort",
     "benzodiazepine", "SSRI", "MAOI", "stimulant", "beta-blocker", "lamotrigine", "clonidine", "opioid", "naltrexone"],
)  # fmt: skip
def test_catalogue_knows(name):
    assert catalogue().known(name) and catalogue().classes_of([name])


def test_catalogue_is_consistent():
    c = catalogue()
    for classes in c.drugs.values():
        assert set(classes) <= set(c.classes)
    assert set(c.named) <= set(c.drugs)
    assert set(c.aliases.values()) <= set(c.drugs) and not set(c.aliases) & set(c.drugs)


def test_covariates_are_numbers_with_documented_names():
    p = Patient(sex="female", ancestry="japanese", child_pugh="B", smoking="current", cyp2b6="*6/*18", diagnosis="trd",
                comedication=["lorazepam"], hypertension=True)  # fmt: skip
    c = p.covariates()
    assert list(c) == list(Patient().covariates()) and set(c) == set(cov.documented())
    assert all(isinstance(v, float) and np.isfinite(v) for v in c.values())
    want = {"female": 1, "asian": 1, "japanese": 1, "child_pugh": 2, "smoker": 1, "smoking": 2, "cyp2b6_reduced": 2,
            "hypertension": 1, "class.benzodiazepine": 1, "class.opioid": 0, "takes.midazolam": 0,
            "diagnosis.trd": 1, "diagnosis.healthy": 0,
            "prior_failures": 2, "madrs": 37.5}  # fmt: skip
    assert {k: c[k] for k in want} == want
    assert c["bmi"] == pytest.approx(p.bmi) and c["ibw_kg"] == pytest.approx(p.ibw_kg)
    assert c["lbw_kg"] == pytest.approx(p.lbw_kg) and c["bsa_m2"] == pytest.approx(p.bsa_m2)


def test_genotype_text_keeps_the_counts():
    for reduced, increased in ((0, 0), (1, 0), (2, 0), (0, 1), (0, 2), (1, 1)):
        assert cov.alleles(cov.genotype(reduced, increased)) == (reduced, increased)


def test_typical_scores_are_reachable_and_in_range():
    from ketasim.patients import marginal

    for diagnosis in cov.DIAGNOSIS:
        for name, (low, high, _) in cov.SCORES.items():
            row = typical.score(diagnosis, name)
            assert low <= row["low"] <= row["mean"] <= row["high"] <= high
            marginal.match_moments(row["mean"], row["sd"], row["low"], row["high"])


ADULTS = st.fixed_dictionaries(
    {"weight_kg": st.floats(45, 120), "height_cm": st.floats(150, 195), "age_y": st.floats(20, 95),
     "sex": st.sampled_from(["female", "male"])},
    optional={"ancestry": st.sampled_from(cov.ANCESTRY), "child_pugh": st.sampled_from(cov.CHILD_PUGH),
              "smoking": st.sampled_from(cov.SMOKING), "diagnosis": st.sampled_from(cov.DIAGNOSIS),
              "madrs": st.floats(0, 60), "expectancy": st.floats(0, 1), "egfr": st.floats(5, 200),
              "comedication": st.lists(st.sampled_from(sorted(catalogue().drugs)), max_size=4)},
)  # fmt: skip


@given(ADULTS)
def test_any_ordinary_adult_is_accepted(data):
    p = Patient(**data)
    assert Patient(**p.model_dump()) == p
    c = p.covariates()
    assert all(np.isfinite(v) for v in c.values())
    assert 0 < c["lbw_kg"] < p.weight_kg and c["ibw_kg"] > 0
    assert sum(v for k, v in c.items() if k.startswith("diagnosis.")) == 1.0


@given(st.floats(0, 19.99), st.booleans(), st.floats(-4.9, 7.9), st.floats(-4.9, 3.9))
def test_children_inside_the_band_are_accepted_and_outside_refused(age, female, weight, height):
    sex = "female" if female else "male"
    (w0, w1), (h0, h1) = growth.band("weight", age, female), growth.band("height", age, female)
    w = float(np.clip(growth.quantile("weight", weight, age, float(female)), w0, w1))
    h = float(np.clip(growth.quantile("height", height, age, float(female)), h0, h1))
    assert Patient(age_y=age, sex=sex, weight_kg=w, height_cm=h).age_y == age
    with pytest.raises(InputError):
        Patient(age_y=age, sex=sex, weight_kg=w1 * 1.01)


@given(st.dictionaries(st.sampled_from([*Patient.model_fields, "other"]),
                       st.one_of(st.none(), st.floats(), st.integers(-1000, 1000), st.text(max_size=5), st.booleans()),
                       max_size=4))  # fmt: skip
def test_rubbish_ends_in_one_sentence_or_a_patient(data):
    try:
        p = Patient(**data)
    except InputError as error:
        assert "\n" not in str(error).replace(repr(error.value), "")
        assert error.allowed
    else:
        assert np.isfinite(p.weight_kg) and p.covariates()
