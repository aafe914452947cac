"""Writing fitted values back: the text around them stays, and nothing half-written is ever left."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketasim.core.errors import InputError
from ketasim.fitting.calibrate.writing import edited, rounded, write_files, written

TEXT = """\
# a file with a history
[meta]
title = "Test = table # not a comment"
source = "assumed"

[first]   # the first
value = 7.5   # min, from the figure
unit = "min"
kind = "assumed"
note = \"\"\"
[second]
value = 99   # a trap inside a string
\"\"\"
rows = [
  "A1",  # one
  "A2",
]

# about the second
[second]
value=1
unit = "1"
kind = "assumed"
doubt = { dist = "lognormal", cv = 0.5 } # wide
"""


def test_only_the_asked_fields_change():
    out = edited(TEXT, {"first": {"value": 11.25, "rows": ["B1", "B2"]}, "second": {"kind": "fitted"}})
    expected = (
        TEXT.replace("value = 7.5   # min", "value = 11.25   # min")
        .replace('rows = [\n  "A1",  # one\n  "A2",\n]', 'rows = ["B1", "B2"]')
        .replace('value=1\nunit = "1"\nkind = "assumed"', 'value=1\nunit = "1"\nkind = "fitted"')
    )
    assert out == expected


def test_a_new_field_goes_behind_the_last_of_its_entry():
    out = edited(TEXT, {"first": {"where": 'a "place"'}})
    assert ']\nwhere = "a \\"place\\""\n\n# about the second\n' in out
    assert tomllib.loads(out)["first"]["where"] == 'a "place"'
    assert out.replace('where = "a \\"place\\""\n', "") == TEXT


def test_comment_behind_an_inline_table_stays():
    doubt = {"dist": "lognormal", "cv": 0.2, "prior": {"value": 10, "dist": "lognormal", "cv": 1}}
    out = edited(TEXT, {"second": {"doubt": doubt}})
    assert out.endswith("} # wide\n")
    assert tomllib.loads(out)["second"]["doubt"] == doubt


def test_windows_line_ends_and_a_missing_last_one_survive():
    text = "[a]\r\nvalue = 1\r\n\r\n[b]\r\nvalue = 2"
    assert edited(text, {"a": {"value": 3, "kind": "x"}}) == '[a]\r\nvalue = 3\r\nkind = "x"\r\n\r\n[b]\r\nvalue = 2'
    assert edited(text, {"b": {"value": 4}}) == "[a]\r\nvalue = 1\r\n\r\n[b]\r\nvalue = 4"


def test_an_entry_that_is_not_there_is_refused():
    with pytest.raises(InputError, match="third"):
        edited(TEXT, {"third": {"value": 1}})


@given(
    st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc")), max_size=30),
    st.floats(allow_nan=False),
    st.lists(st.text(alphabet="abc#\"\\] ", max_size=6), max_size=3),
)
def test_any_value_comes_back_as_it_went_in(text, number, items):
    out = edited(TEXT, {"first": {"note": text, "value": number, "rows": items}})
    back = tomllib.loads(out)["first"]
    assert (back["note"], back["value"], back["rows"]) == (text, number, items)
    assert out.startswith('# a file with a history\n[meta]\ntitle = "Test = table # not a comment"\n')
    assert out.endswith(TEXT[TEXT.index("# about the second") :])


@pytest.mark.parametrize(
    "value, text",
    [(True, "true"), (3, "3"), (1e-7, "1e-07"), ([1.5, "a"], '[1.5, "a"]'), ({"x y": 1}, '{ "x y" = 1 }')],
)
def test_values_as_toml(value, text):
    assert written(value) == text


def test_rounding_keeps_significant_digits():
    assert rounded(0.000123456) == 0.0001235
    assert rounded(11.08374, 3) == 11.1


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError])
def test_interrupted_while_preparing_leaves_every_file_as_it_was(tmp_path, monkeypatch, error):
    files = {tmp_path / "a.toml": "a = 2\n", tmp_path / "b.toml": "b = 2\n"}
    for path in files:
        path.write_text(path.stem + " = 1\n")
    real, calls = Path.open, []

    def cut(self, *args, **options):
        calls.append(self)
        if len(calls) == 2:
            raise error("cut off")
        return real(self, *args, **options)

    monkeypatch.setattr(Path, "open", cut)
    with pytest.raises((KeyboardInterrupt, InputError)):
        write_files(files)
    monkeypatch.undo()
    assert {p.name: p.read_text() for p in tmp_path.iterdir()} == {"a.toml": "a = 1\n", "b.toml": "b = 1\n"}


def test_interrupted_between_two_files_leaves_both_whole(tmp_path, monkeypatch):
    files = {tmp_path / "a.toml": "a = 2\n" * 1000, tmp_path / "b.toml": "b = 2\n" * 1000}
    for path in files:
        path.write_text(path.stem + " = 1\n")
    real = Path.replace

    def cut(self, target):
        if Path(target).name == "b.toml":
            raise KeyboardInterrupt
        return real(self, target)

    monkeypatch.setattr(Path, "replace", cut)
    with pytest.raises(KeyboardInterrupt):
        write_files(files)
    monkeypatch.undo()
    assert {p.name: p.read_text() for p in tmp_path.iterdir()} == {"a.toml": "a = 2\n" * 1000, "b.toml": "b = 1\n"}
