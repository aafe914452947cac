"""Cohort: making, slicing, frames, replacing covariates."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from ketasim.core.errors import InputError
from ketasim.patients import Cohort, Patient, concatenate, sample
from ketasim.patients import covariates as cov

PEOPLE = (
    Patient(weight_kg=70, comedication=["ticlopidine", "zzz"], cyp2b6="*6/*1"),
    Patient(age_y=5),
    Patient(sex="female", weight_kg=60, ancestry="japanese", diagnosis="trd", madrs=40, pregnant=True),
)


def test_copies_of_one_patient_take_no_memory_per_person():
    c = Cohort.from_patient(PEOPLE[0], 1_000_000, start=7)
    assert len(c) == 1_000_000 and c.ids[0] == 7 and c.patient(123) == PEOPLE[0]
    assert all(a.strides == (0,) for a in c.covariates.values())
    assert len(c[10:20]) == 10 and c[10:20].ids.tolist() == list(range(17, 27))
    assert c[:3].patient(1) == PEOPLE[0]


def test_from_patients_keeps_each_person():
    c = Cohort.from_patients(PEOPLE)
    assert [c.patient(i) for i in range(3)] == list(PEOPLE)
    for i, p in enumerate(PEOPLE):
        assert {k: v[i] for k, v in c.covariates.items()} == p.covariates()
    assert c.drugs["zzz"].tolist() == [True, False, False]
    part = c[[2, 0]]
    assert part.ids.tolist() == [2, 0] and part.patient(0) == PEOPLE[2]
    assert c[-1].patient(0) == PEOPLE[2] and c[np.array([True, False, True])].ids.tolist() == [0, 2]
    assert len(c[5:]) == 0 and len(Cohort.from_patients([])) == 0


def test_arrays_are_read_only_and_pickle():
    c = Cohort.from_patients(PEOPLE)
    with pytest.raises(ValueError):
        c.covariates["weight_kg"][0] = 1.0
    with pytest.raises(TypeError):
        c.covariates["weight_kg"] = 1.0
    again = pickle.loads(pickle.dumps(c))
    assert again.patient(2) == PEOPLE[2] and np.array_equal(again.covariates["bmi"], c.covariates["bmi"])


@pytest.mark.parametrize("kind", ["polars", "pandas"])
def test_frame_round_trip(kind):
    c = sample("trd_adult", 50, 3)
    again = Cohort.from_frame(c.to_frame(kind))
    assert np.array_equal(again.ids, c.ids) and set(again.covariates) == set(c.covariates)
    assert all(np.array_equal(again.covariates[k], c.covariates[k]) for k in c.covariates)
    assert {k: v.tolist() for k, v in again.drugs.items()} == {k: v.tolist() for k, v in c.drugs.items()}


def test_frame_of_a_user_is_checked_row_by_row():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(
        {"id": [3, 9], "weight_kg": [50, 61.5], "sex": ["f", "m"], "comedication": ["ticlopidine, foo", None]}
    )
    c = Cohort.from_frame(frame)
    assert c.ids.tolist() == [3, 9] and c.patient(0).comedication == ("ticlopidine", "foo")
    assert c.patient(1).comedication == () and c.covariates["class.cyp2b6_inhibitor"].tolist() == [1.0, 0.0]
    with pytest.raises(InputError, match=r"weight_kg is 0.*row 1"):
        Cohort.from_frame(pandas.DataFrame({"weight_kg": [50, 0]}))
    with pytest.raises(InputError, match="1 repeated"):
        Cohort.from_frame(pandas.DataFrame({"id": [1, 1], "weight_kg": [50, 60]}))
    with pytest.raises(InputError, match="Did you mean weight_kg"):
        Cohort.from_frame(pandas.DataFrame({"weigth_kg": [50, 60]}))


def test_replacing_covariates_recomputes_what_follows():
    c = sample("adult", 40, 1)
    d = c.with_covariates(weight_kg=80.0, sex="female", diagnosis="mdd")
    assert set(d.covariates["female"]) == {1.0} and set(d.covariates["diagnosis.mdd"]) == {1.0}
    assert np.allclose(d.covariates["bmi"], 80.0 / (c.covariates["height_cm"] / 100) ** 2)
    assert np.array_equal(d.covariates["egfr"], c.covariates["egfr"]) and np.array_equal(d.ids, c.ids)
    e = c.with_drugs("Rifampin", "unobtainium")
    assert e.covariates["takes.rifampicin"].all() and not e.covariates["takes.itraconazole"].any()
    assert e.covariates["class.cyp3a_inducer"].all() and e.drugs["unobtainium"].all()
    with pytest.raises(InputError, match="person 3"):
        c.with_covariates(weight_kg=np.where(np.arange(40) == 3, 0.0, 70.0))
    with pytest.raises(InputError):
        c.with_covariates(bmi=20.0)
    with pytest.raises(InputError, match="never, former, current"):
        c.with_covariates(smoking="often")


def test_chunks_and_concatenate():
    c = sample("adult", 25, 1)
    parts = list(c.chunks(10))
    assert [len(p) for p in parts] == [10, 10, 5]
    whole = concatenate(parts)
    assert np.array_equal(whole.ids, c.ids) and whole.population == "adult" and whole.seed == 1
    assert all(np.array_equal(whole.covariates[k], c.covariates[k]) for k in c.covariates)
    assert all(np.array_equal(whole.drugs[k], c.drugs[k]) for k in c.drugs)
    with pytest.raises(InputError):
        list(c.chunks(0))
    with pytest.raises(InputError):
        concatenate([])


@pytest.mark.parametrize(
    "call",
    [
        lambda: Cohort.from_patients(PEOPLE).patient(3),
        lambda: Cohort.from_patients(PEOPLE)[3],
        lambda: Cohort.from_patients(PEOPLE, ids=[1, 2]),
        lambda: Cohort.from_patients(PEOPLE, ids=[-1, 2, 3]),
        lambda: Cohort.from_patient(PEOPLE[0], -1),
        lambda: Cohort.from_arrays({"weight": [1.0]}, [0]),
        lambda: Cohort(np.arange(2), {"age_y": np.zeros(3)}),
        lambda: sample("adult", 3, 1).to_frame("excel"),
    ],
)
def test_bad_use(call):
    with pytest.raises(InputError):
        call()


def test_complete_derives_every_documented_covariate():
    full = cov.complete({"weight_kg": 70.0, "height_cm": 175.0, "age_y": [30, 40]}, {}, 2)
    assert list(full) and set(full) == set(cov.documented())
