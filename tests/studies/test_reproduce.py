"""A result runs again to the same bits, and a result that was changed is found out."""

import numpy as np
import pytest

import ketasim as ks
from ketasim.core.errors import InputError
from ketasim.studies.reproduce import compare, reproduce
from ketasim.studies.trials import design as designs
from ketasim.studies.trials import run

TIMES = [0.0, 0.5, 1.0, 4.0]


@pytest.mark.parametrize("suffix", ["parquet", "json"])
def test_a_patient_runs_again(tmp_path, suffix):
    result = ks.simulate(patient=ks.Patient(weight_kg=93), regimen="0.5 mg/kg iv over 40 min", times_h=TIMES, seed=3,
                         outputs=["ketamine.venous", "cadss"], vary="between")  # fmt: skip
    path = tmp_path / f"one.{suffix}"
    getattr(result, f"to_{suffix}")(path)
    again = reproduce(path)
    assert again.identical and again.numbers == 8 and not again.versions


def test_a_result_of_every_output_runs_again(tmp_path):
    """Outputs that were not named are not named again: the equations are those of the manifest."""
    result = ks.simulate(regimen="0.5 mg/kg iv over 40 min", times_h=TIMES, seed=3, subjects=2)
    result.to_parquet(tmp_path / "all.parquet")
    again = reproduce(tmp_path / "all.parquet")
    assert again.identical and not again.notes


def test_a_population_runs_again_and_a_changed_number_is_found(tmp_path):
    people = ks.sample("trd_adult", 4, 9)
    result = ks.simulate(patient=people, regimen="ketamine 1 mg/kg im", times_h=TIMES, outputs=["ketamine.venous"])
    path = tmp_path / "four.json"
    text = result.to_json(path)
    assert reproduce(path).identical
    number = f"{result['ketamine.venous'][2, 1]!r}".removeprefix("np.float64(").removesuffix(")")
    assert number in text
    path.write_text(text.replace(number, f"{float(number) * 1.01}"))
    changed = reproduce(path)
    count, _, share = changed.differences["ketamine.venous"]
    assert not changed.identical and count == 1 and share == pytest.approx(0.01 / 1.01, rel=1e-6)


def test_other_people_under_the_same_name_are_noticed(tmp_path):
    people = ks.sample("trd_adult", 3, 9).with_covariates(weight_kg=np.array([60.0, 70.0, 80.0]))
    result = ks.simulate(patient=people, regimen="ketamine 1 mg/kg im", times_h=TIMES, outputs=["ketamine.venous"])
    result.to_parquet(tmp_path / "other.parquet")
    again = reproduce(tmp_path / "other.parquet")
    assert not again.identical and any("people" in note for note in again.notes)


def test_a_trial_runs_again(tmp_path):
    plan = designs.parse("""
title = "t"
seed = 2
replicates = 2
[[arms]]
id = "a"
regimen = "0.5 mg/kg iv over 40 min"
n = 4
[[arms]]
id = "b"
regimen = "saline iv over 40 min"
n = 4
control = true
[visits]
days = [1]
""")
    run(plan, tmp_path)
    again = reproduce(tmp_path)
    assert again.identical and again.numbers > 100


def test_compare_counts_bits_and_treats_nan_as_nan():
    a = {"x": np.array([1.0, np.nan, 2.0]), "y": np.arange(3), "gone": np.zeros(1)}
    b = {"x": np.array([1.0, np.nan, np.nextafter(2.0, 3)]), "y": np.arange(4)}
    numbers, found, notes = compare(a, b)
    assert numbers == 3 and found["x"][0] == 1 and 0 < found["x"][2] < 1e-15 and len(notes) == 2


def test_what_is_no_result_is_refused(tmp_path):
    (tmp_path / "x.json").write_text("{}")
    for path in (tmp_path, tmp_path / "x.json", tmp_path / "y.csv", tmp_path / "none.parquet"):
        with pytest.raises(InputError):
            reproduce(path)
