"""The calibration of mood: what its script computes is what the engine does, and its posterior stands in the tables."""

import sys

import numpy as np
import pytest

from ketasim.core.parameters import ParameterTable
from ketasim.fitting.calibrate.arms import Bench

TABLES = ("outcomes/weeks/course", "outcomes/weeks/mood", "outcomes/weeks/trial", "plasticity/cascade")


@pytest.fixture(scope="module")
def weeks(root):
    sys.path.insert(0, str(root / "calibration"))
    try:
        import weeks
    finally:
        sys.path.pop(0)
    return weeks


def test_the_script_predicts_what_the_engine_does(weeks, monkeypatch):
    """Two ways to the same rows, with people drawn apart: scales from curves, and every step by the engine."""
    monkeypatch.setattr(weeks, "STUDIES", ("murrough2013", "stone2022"))
    monkeypatch.setattr(weeks, "ARMS", {})
    rows = tuple(weeks.targets())
    assert len(rows) == 6
    ours = weeks.MoodBench(rows, (), people=256).predict_settings([{}])[0]
    theirs = Bench(rows, (), people=400, seed=5).predict_settings([{}])[0]
    assert ours == pytest.approx(theirs, abs=1.3)


def test_ranks_and_check_rows_take_no_part(weeks):
    rows = weeks.targets()
    assert {t.row.use for t in rows} == {"calibrate"} and not any(t.soft for t in rows)
    assert {t.study.id for t in rows} == set(weeks.STUDIES)


def test_classes_of_responders_keep_a_mean_of_one(weeks):
    spread = ParameterTable.load("outcomes/weeks/mood")["s"].between
    assert np.dot(spread["weights"], spread["factors"]) == pytest.approx(1.0, abs=2e-3)
    moved = weeks.level(weeks._moved(ParameterTable.load("outcomes/weeks/mood")["s"],
                                     {"outcomes/weeks/mood.s.between.weights.0": 0.3}))  # fmt: skip
    assert np.dot(moved.between["weights"], moved.between["factors"]) == pytest.approx(1.0)


@pytest.mark.parametrize("name", TABLES)
def test_the_posterior_is_kept_as_doubt(weeks, name):
    """Each number has its width, the belief from before its rows, seed and script; correlations hold together."""
    table = ParameterTable.load(name)
    for label in (*weeks.CONTROL, *weeks.DRUG):
        at, _, entry = label.partition(".")
        if at != name:
            continue
        entry, _, spread = entry.partition(".between.")
        doubt = table[entry].between["fitted"][spread] if spread else table[entry].doubt
        assert doubt["script"] == weeks.SCRIPT and doubt["seed"] == weeks.OPTIONS["seed"]
        assert doubt["prior"]["value"] == pytest.approx({**weeks.CONTROL, **weeks.DRUG}[label]["value"])
        assert spread or table[entry].kind == "fitted"
    if name.endswith(("course", "cascade")):
        names = sorted({n for a, b, _ in table.doubt for n in (a, b)})
        matrix = np.eye(len(names))
        for a, b, r in table.doubt:
            i, j = names.index(a), names.index(b)
            matrix[i, j] = matrix[j, i] = r
        assert len(names) >= 5 and np.linalg.eigvalsh(matrix).min() > 0.0
        assert np.abs(matrix - np.eye(len(names))).max() > 0.1
