"""Two validations beside each other: what began to miss is named."""

import json

import pytest

from ketasim.core.errors import InputError
from ketasim.studies import Settings, validate
from ketasim.studies.page import page
from ketasim.studies.read import shipped
from ketasim.studies.trend import KEPT, kept, read_rows, trend


@pytest.fixture(scope="module")
def rows():
    return validate(shipped() / "kamp2020", settings=Settings(replicates=4))


def test_what_began_to_miss_is_named(rows, tmp_path):
    path = tmp_path / "before.json"
    scored = [r for r in rows if r["verdict"] in ("pass", "fail")]
    assert scored
    other = {"pass": "fail", "fail": "pass"}
    path.write_text(json.dumps([{**r, "verdict": other.get(r["verdict"], r["verdict"])} for r in rows[:-1]]))
    before = read_rows(path)
    found = trend(before, rows)
    kept = [r for r in scored if r is not rows[-1]]
    assert len(found["worse"]) == sum(r["verdict"] == "fail" for r in kept)
    assert len(found["better"]) == sum(r["verdict"] == "pass" for r in kept)
    assert found["new"] == 1 and found["gone"] == 0
    text = page(rows, before=before)
    assert "Trend since" in text and all(f"{study} {row}" in text for study, row in [*found["worse"], *found["better"]])


def test_the_same_validation_has_no_trend(rows):
    found = trend(rows, rows)
    assert found["worse"] == found["better"] == [] and found["new"] == found["gone"] == 0
    assert all(g["inside"][0] == g["inside"][1] for g in found["groups"])


def test_no_validation_is_refused(tmp_path):
    (tmp_path / "x.json").write_text('[{"verdict": "pass"}]')
    for name in ("x.json", "none.json"):
        with pytest.raises(InputError, match="earlier validation"):
            read_rows(tmp_path / name)


def test_kept_rows_are_short_the_same_each_time_and_say_as_much(rows, tmp_path):
    text = kept(rows, "0.1.0")
    path = tmp_path / "0.1.0.json"
    path.write_text(text)
    assert kept(rows, "0.1.0") == text and len(text) < 0.4 * len(json.dumps(rows))
    assert text.count("\n") == len(rows) + 2  # a line a row: a change of a row is a change of a line
    before = read_rows(path)
    assert all(set(r) == set(KEPT) for r in before)
    assert before[0]["predicted"] == pytest.approx(rows[0]["predicted"], rel=1e-3)
    found = trend(before, rows)
    assert found["worse"] == found["better"] == [] and found["new"] == found["gone"] == 0
    for g in found["groups"]:
        assert g["inside"][0] == g["inside"][1] and g["covered"][0] == g["covered"][1]
        assert g["gmfe"][0] == pytest.approx(g["gmfe"][1], rel=1e-3)
