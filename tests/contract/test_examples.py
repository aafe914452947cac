"""The scenarios in examples/ can be run: what the quick start does, with few people."""

from pathlib import Path

import numpy as np
import pytest

import ketasim as ks
from ketasim.dosing import load_scenario

ROOT = Path(__file__).resolve().parents[2]
SCENARIOS = sorted((ROOT / "examples").glob("*_course.toml"))


def test_there_are_examples():
    assert {"trd_iv_course", "esketamine_course"} <= {path.stem for path in SCENARIOS}


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda p: p.stem)
def test_example_runs(path):
    scenario = load_scenario(path)
    patient = ks.Patient.from_mapping(scenario.patient)
    result = ks.simulate(
        scenario.model, patient, scenario.regimen, until=scenario.until_h, subjects=3, seed=scenario.seed
    )
    assert not result.failures
    for name in result:
        assert np.isfinite(result[name]).all(), name
    assert (result.cmax("ketamine.venous") > 0).all()


@pytest.mark.slow
@pytest.mark.parametrize("path", SCENARIOS, ids=lambda p: p.stem)
def test_example_report(path, tmp_path):
    scenario = load_scenario(path)
    patient = ks.Patient.from_mapping(scenario.patient)
    result = ks.simulate(scenario.model, patient, scenario.regimen, until=scenario.until_h, subjects=40, seed=1)
    text = ks.report.write_report(result, tmp_path / "report.html").read_text("utf-8")
    assert len(text) > 100_000
    assert "<script src" not in text and "http://" not in text.replace("http://www.w3.org", "")
