"""The people of an arm: drawn from what was printed, inside its limits, the same whatever the order."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketasim.studies import Settings, validate
from ketasim.studies.draw import covariates
from ketasim.studies.study import Population

IDS = np.arange(4000)


def drawn(typical: bool = False, ids: np.ndarray = IDS, **entries: object) -> dict[str, np.ndarray]:
    return covariates(Population(covariates=entries), ids, 1, "s/a", typical)


def test_kinds_of_covariates() -> None:
    found = drawn(
        weight_kg={"mean": 70, "sd": 10}, age_y={"low": 20, "high": 40}, height_cm=170, female=0.25,
        ancestry={"european": 0.9, "japanese": 0.1}, diagnosis="healthy",
    )  # fmt: skip
    assert found["weight_kg"].mean() == pytest.approx(70, abs=0.6) and found["weight_kg"].std() == pytest.approx(
        10, rel=0.05
    )
    assert found["age_y"].mean() == pytest.approx(30, abs=0.4) and found["age_y"].std() == pytest.approx(
        20 / 12**0.5, rel=0.05
    )
    assert set(found["height_cm"]) == {170.0} and set(found["diagnosis"]) == {"healthy"}
    assert set(found["female"]) == {0.0, 1.0} and found["female"].mean() == pytest.approx(0.25, abs=0.03)
    assert np.mean(found["ancestry"] == "japanese") == pytest.approx(0.1, abs=0.02)


@given(st.floats(-50, 50), st.floats(0.1, 40), st.floats(0.01, 30), st.floats(0.01, 30))
def test_truncation_holds(mean: float, sd: float, below: float, above: float) -> None:
    values = drawn(ids=np.arange(50), weight_kg={"mean": mean, "sd": sd, "low": mean - below, "high": mean + above})[
        "weight_kg"
    ]
    assert ((values >= mean - below - 1e-9) & (values <= mean + above + 1e-9)).all()


def test_typical_people_are_all_alike() -> None:
    found = drawn(
        True,
        weight_kg={"mean": 70, "sd": 10},
        age_y={"low": 20, "high": 40},
        ancestry={"european": 0.4, "japanese": 0.6},
    )
    assert (
        set(found["weight_kg"]) == {70.0} and set(found["age_y"]) == {30.0} and set(found["ancestry"]) == {"japanese"}
    )


def test_a_person_does_not_depend_on_the_others() -> None:
    whole = drawn(weight_kg={"mean": 70, "sd": 10})["weight_kg"]
    part = drawn(ids=np.array([17, 3]), weight_kg={"mean": 70, "sd": 10})["weight_kg"]
    assert list(part) == [whole[17], whole[3]]


def test_baseline_scores_follow_the_diagnosis_and_its_inclusion() -> None:
    from ketasim.patients.typical import score

    usual = score("trd", "madrs")
    found = drawn(diagnosis="trd")["madrs"]
    assert found.min() >= usual["low"] and found.std() > 2
    assert set(drawn(diagnosis="trd", madrs=33.0)["madrs"]) == {33.0}  # what the paper prints wins
    assert "madrs" not in drawn(diagnosis="healthy")


STUDY = """
citations = ["kamp2020"]
[population]
named = "{name}"
[[arms]]
id = "a"
regimen = "0.5 mg/kg iv over 40 min"
n = 20
[[observations]]
id = "r"
arm = "a"
statistic = "Cmax"
output = "ketamine.venous"
value = 185
unit = "ng/mL"
"""


@pytest.mark.parametrize(("name", "verdicts"), [("trd_adult", ("pass", "fail")), ("martians", ("error",))])
def test_named_population(tmp_path: Path, name: str, verdicts: tuple[str, ...]) -> None:
    folder = tmp_path / "somebody2020"
    folder.mkdir()
    (folder / "study.toml").write_text(STUDY.format(name=name), encoding="utf-8")
    (row,) = validate(folder, settings=Settings(replicates=3))
    assert row["verdict"] in verdicts
    if name == "martians":
        assert "martians" in row["reason"]
    else:
        assert row["low"] < row["predicted"] < row["high"]


def test_an_arm_with_a_pump_runs_and_its_dose_is_not_made_up() -> None:
    """A target of 100 then 200 ng/mL for half an hour each: typical people are held there; no dose in mg is claimed."""
    from ketasim.studies.native import KetasimSimulator
    from ketasim.studies.simulator import Request

    regimen = "tci plasma 100 ng/mL for 30 min then tci plasma 200 ng/mL for 30 min"
    simulator = KetasimSimulator()
    assert simulator.doses(regimen) == [(0.0, 0.5, "ketamine", "iv"), (0.5, 0.5, "ketamine", "iv")]
    ids = np.arange(2)
    asked = Request(
        model="kamp2020", regimen=regimen, ids=ids, replicate=ids, covariates={"weight_kg": np.full(2, 70.0)},
        times_h=np.array([0.0, 0.45, 0.95]), outputs=("ketamine.arterial",), typical=True,
    )  # fmt: skip
    found = simulator.run(asked)
    assert np.allclose(found.values["ketamine.arterial"], [[0, 100, 200]] * 2, rtol=0.03, atol=1e-9)
    assert np.isnan(found.dose_mg).all()
