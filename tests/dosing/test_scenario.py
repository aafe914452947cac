"""Scenario files: what is read, and one sentence for everything that cannot be."""

from pathlib import Path

import pytest

from ketasim.core.errors import InputError
from ketasim.dosing import Regimen, load_scenario, read_hours

GOOD = 'regimen = "0.5 mg/kg iv over 40 min, 2/week for 4 weeks"\n'


def load(tmp_path: Path, text: str):
    file = tmp_path / "scenario.toml"
    file.write_text(text, encoding="utf-8")
    return load_scenario(file)


def test_examples(root: Path):
    iv = load_scenario(root / "examples" / "trd_iv_course.toml")
    assert iv.regimen == Regimen.parse("0.5 mg/kg iv over 40 min, 2/week for 4 weeks")
    assert iv.until_h == 35 * 24 and iv.patient["weight_kg"] == 70 and iv.model == "ketamine"
    spray = load_scenario(root / "examples" / "esketamine_course.toml")
    sessions = spray.regimen.sessions()
    # The label: 56 mg on the first day, twice weekly to week 4, weekly to week 8, then every second week.
    assert [s.day for s in sessions] == [0, 3, 7, 10, 14, 17, 21, 24, 28, 35, 42, 49, 56, 70, 84]
    assert [sum(d.amount for d in s.doses) for s in sessions] == [56.0] + [84.0] * 14
    for scenario in (iv, spray):
        assert scenario.regimen.warnings == ()


def test_defaults_and_all_keys(tmp_path: Path):
    plain = load(tmp_path, GOOD)
    assert (plain.model, plain.seed, plain.subjects, plain.until_h, plain.outputs) == ("ketamine", 0, 1, None, ())
    full = load(
        tmp_path,
        'title = "t"\nnote = "n"\nmodel = "kamp2020"\nuntil = "60d"\nevery = "5 min"\noutputs = ["ketamine.venous"]\n'
        'seed = 7\nsubjects = 50\npopulation = "trd"\n[patient]\nage = 45\n[regimen]\ntext = "10 mg iv"\n',
    )
    assert full.until_h == 1440 and full.every_h == pytest.approx(1 / 12) and full.outputs == ("ketamine.venous",)
    assert (full.seed, full.subjects, full.population, full.patient) == (7, 50, "trd", {"age": 45})


BAD = [
    ("", "empty"),
    ("# nothing\n", "empty"),
    ("seed = 1\n", "regimen is 'missing'"),
    ("regimen = 5\n", "regimen is 5; allowed: a sentence, or a table"),
    ("regimen = []\n", "regimen is 'a list'"),
    ("[regimen]\n", "regimen is 'empty'"),
    ('[[regimen]]\ntext = "10 mg iv"\n', "regimen is 'a list'"),
    ('regimen = "10 mgg iv"\n', "regimen: unit is 'mgg'.*at character 4"),
    (GOOD + "seed = 1.5\n", "seed is 1.5; allowed: a whole number"),
    (GOOD + 'seed = "1"\n', "seed is '1'; allowed: a whole number"),
    (GOOD + "seed = -1\n", "seed is -1; allowed: a number at least 0"),
    (GOOD + "seed = true\n", "seed is True; allowed: a whole number"),
    (GOOD + "subjects = 0\n", "subjects is 0; allowed: a number at least 1"),
    (GOOD + 'subjects = "many"\n', "subjects is 'many'; allowed: a whole number"),
    (GOOD + "model = 3\n", "model is 3; allowed: text"),
    (GOOD + 'outputs = "ketamine.venous"\n', "outputs is 'ketamine.venous'; allowed: a list"),
    (GOOD + "outputs = [1]\n", r"outputs\[0\] is 1; allowed: text"),
    (GOOD + "patient = 70\n", "patient is 70; allowed: a table"),
    (GOOD + "until = 60\n", "until is 60; allowed: text"),
    (GOOD + 'until = "60"\n', "until is '60'; allowed: a time above 0 with its unit"),
    (GOOD + 'until = "0 d"\n', "until is '0 d'; allowed: a time above 0 with"),
    (GOOD + 'until = "-5 d"\n', "until is '-5 d'"),
    (GOOD + 'until = "10 d"\n', "until is '240 h'; allowed: later than the last dose, at 576 h. 5 doses begin after"),
    (GOOD + "sede = 1\n", "key sede is 1; allowed: one of the keys .* Did you mean 'seed'"),
    (GOOD + "[settings]\nx = 1\n", "key settings is 'a table'"),
    ("regimen = \n", "valid TOML"),
    (GOOD + GOOD, "valid TOML"),
]


@pytest.mark.parametrize(("text", "says"), BAD)
def test_bad_files_end_in_one_sentence(tmp_path: Path, text: str, says: str):
    with pytest.raises(InputError, match=says) as caught:
        load(tmp_path, text)
    assert "\n" not in str(caught.value)


def test_files_that_are_none(tmp_path: Path):
    with pytest.raises(InputError, match="a file that can be read"):
        load_scenario(tmp_path / "nowhere.toml")
    with pytest.raises(InputError, match="a file that can be read"):
        load_scenario(tmp_path)
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe\x00regimen")
    with pytest.raises(InputError, match="UTF-8"):
        load_scenario(tmp_path / "binary.toml")


@pytest.mark.parametrize(
    ("text", "hours"), [("60d", 1440), ("35 d", 840), ("90 min", 1.5), ("2 weeks", 336), ("36s", 0.01)]
)
def test_read_hours(text: str, hours: float):
    assert read_hours(text) == pytest.approx(hours, rel=1e-15)


@pytest.mark.parametrize("text", ["", "d", "60 x", "60 d 5", "soon", "1e99 d"])
def test_read_hours_refuses(text: str):
    with pytest.raises(InputError, match="until is"):
        read_hours(text)
