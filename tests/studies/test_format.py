# ruff: noqa: E501  (one case a line)
"""Malformed studies get one sentence with the file, the arm or row, and what is allowed; good ones round-trip."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketasim.core.errors import InputError
from ketasim.studies import read_folder, read_study
from ketasim.studies.study import Study

GOOD = """
title = "A study"
citations = ["smith2020"]
[population]
describe = "adults"
[population.covariates]
weight_kg = { mean = 70, sd = 10, low = 40, high = 120 }
ancestry = { european = 0.9, japanese = 0.1 }
[[arms]]
id = "iv"
regimen = "10 mg iv over 2 min"
n = 6
site = "venous"
[[arms]]
id = "oral"
regimen = "25 mg oral"
n = 6
[[observations]]
id = "A1"
arm = "iv"
statistic = "Cmax"
output = "ketamine.venous"
value = 156
unit = "ng/mL"
tolerance = "fold 1.5"
"""


def study(tmp_path: Path, text: str, table: str = "") -> Study:
    folder = tmp_path / "smith2020"
    folder.mkdir(exist_ok=True)
    (folder / "study.toml").write_text(text, encoding="utf-8")
    if table:
        (folder / "observations.csv").write_text(table, encoding="utf-8")
    return read_study(folder / "study.toml")


def test_good_study(tmp_path: Path) -> None:
    read = study(tmp_path, GOOD)
    assert read.id == "smith2020"
    assert read.observations[0].value == 156
    assert read.people(read.arm("iv")).covariates["weight_kg"].mean == 70  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('arm = "iv"', 'arm = "im"', "observation 1 (A1): there is no arm 'im' (arms are iv, oral)"),
        ('"Cmax"', '"cmax"', "observation 1 (A1), field statistic is 'cmax'; allowed: one of concentration"),
        ("n = 6\nsite", "n = 0\nsite", "arm 1 (iv), field n is 0"),
        ("value = 156", 'value = "many"', "observation 1 (A1), field value is 'many'"),
        ("value = 156", "", "observation 1 (A1): the statistic Cmax needs value"),
        ("value = 156", "value = inf", "field value is inf"),
        ('unit = "ng/mL"', 'unit = "ng/mL"\ncolour = 3', "field colour is 'not a field'"),
        ("0.9", "0.8", "the shares of ancestry must sum to 1"),
        ("sd = 10", "sd = -1", "field population.covariates.sd is -1"),
        ("low = 40", "low = 140", "low must not be above high"),
        ('"fold 1.5"', '"about 2"', 'field tolerance is \'about 2\'; allowed: "fold 1.5"'),
        ('"Cmax"', '"concentration"', "the statistic concentration needs time"),
        ('"Cmax"', '"concentration"\ntime = "4 moons"', "field time is '4 moons'; allowed: a number and a unit"),
        ('"Cmax"', '"AUC"\nfrom = "3 h"\nuntil = "1 h"', "from must not be later than until"),
        ('"Cmax"', '"difference"\nof = "change"', "needs comparator"),
        ('"Cmax"', '"difference"\nof = "hazard_ratio"\ncomparator = "oral"', "of must be a statistic of one arm"),
        ('"Cmax"', '"sign"\nof = "peak"', "the value of a sign is -1, 0 or 1"),
        ('regimen = "25 mg oral"', "", "arm 2 (oral): give a regimen sentence"),
        ('id = "oral"', 'id = "iv"', "arms: the id 'iv' is used twice"),
        ('citations = ["smith2020"]', "", "field citations: this field is required"),
        ('citations = ["smith2020"]', "citations = []", "citations"),
        ('unit = "ng/mL"', 'unit = "ng/mL"\nuse = "do_not_score"', 'use = "do_not_score" needs a reason'),
        ('unit = "ng/mL"', 'unit = "ng/mL"\ncitation = "jones1999"', "the citation 'jones1999' is not among"),
        ('site = "venous"', 'samples = ["10 min", "5 min"]', "arm 1 (iv), field samples"),
        ("[[arms]]", "[[arms", "not valid TOML"),
        ('output = "ketamine.venous"', 'output = "keta mine"', "an output id such as ketamine.venous"),
    ],
)  # fmt: skip
def test_malformed(tmp_path: Path, old: str, new: str, words: str) -> None:
    assert old in GOOD
    with pytest.raises(InputError) as caught:
        study(tmp_path, GOOD.replace(old, new, 1))
    message = str(caught.value)
    assert message.startswith("smith2020/study.toml")
    assert words in message
    assert "\n" not in message


def test_table_beside_the_study(tmp_path: Path) -> None:
    table = "id,arm,statistic,output,time,value,unit,tolerance,order\nB1,oral,concentration,ketamine.venous,1 h,20,ng/mL,,\n"
    read = study(tmp_path, GOOD, table)
    assert [row.id for row in read.observations] == ["A1", "B1"]
    assert read.observations[1].value == 20.0


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("id,arm,statistic\nB1,oral\n", "line 2: has not the 3 cells of the header"),
        (
            "id,arm,statistic,output,value,unit\nB1,oral,Cmax,ketamine.venous,x,ng/mL\n",
            "observation 2 (B1), field value is 'x'",
        ),
        ("id,arm,statistic,output,value,unit\nA1,oral,Cmax,ketamine.venous,1,ng/mL\n", "the id 'A1' is used twice"),
    ],
)
def test_malformed_table(tmp_path: Path, table: str, words: str) -> None:
    with pytest.raises(InputError, match="smith2020"):
        study(tmp_path, GOOD, table)
    with pytest.raises(InputError) as caught:
        study(tmp_path, GOOD, table)
    assert words in str(caught.value)


def test_folders(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="an existing folder"):
        read_folder(tmp_path / "nowhere")
    with pytest.raises(InputError, match=r"study\.toml"):
        read_folder(tmp_path)
    study(tmp_path, GOOD)
    assert [s.id for s in read_folder(tmp_path)] == ["smith2020"]
    assert read_folder(tmp_path / "smith2020") == read_folder(tmp_path / "smith2020" / "study.toml")
    (tmp_path / "smith2020" / "study.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match="not UTF-8"):
        read_folder(tmp_path)


VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-10, 10) | st.floats(allow_nan=True) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=5,
)
PATHS = [
    ("citations",), ("population",), ("population", "covariates"), ("population", "covariates", "weight_kg"), ("arms",),
    ("arms", 0), ("arms", 0, "n"), ("arms", 0, "regimen"), ("arms", 0, "samples"), ("arms", 0, "settings"), ("observations",),
    ("observations", 0), ("observations", 0, "value"), ("observations", 0, "time"), ("observations", 0, "tolerance"),
    ("observations", 0, "statistic"), ("observations", 0, "threshold"), ("observations", 0, "order"),
]  # fmt: skip


@given(st.sampled_from(PATHS), VALUES)
def test_anything_at_all_is_read_or_refused_in_one_sentence(path: tuple[Any, ...], value: Any) -> None:
    from pydantic import ValidationError

    from ketasim.studies.read import _sentence

    raw = tomllib.loads(GOOD)
    place = raw
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    try:
        Study.model_validate({"id": "smith2020", **raw})
    except ValidationError as error:
        text = str(_sentence("smith2020/study.toml", raw, error))
        assert text.startswith("smith2020/study.toml")
    except InputError as error:
        assert error.field
