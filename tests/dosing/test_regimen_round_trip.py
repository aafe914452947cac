"""Sentence ↔ object ↔ table ↔ TOML, on regimens drawn at random."""

import copy
import json
import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.dosing.strategies import regimens, regimens_with_aims

from ketasim.core.errors import InputError
from ketasim.dosing import Regimen, RegimenError


@settings(max_examples=150, deadline=None)
@given(regimens_with_aims)
def test_sentence_reads_back_to_the_same_object(regimen: Regimen):
    assert Regimen.parse(str(regimen)) == regimen


@settings(max_examples=100, deadline=None)
@given(regimens_with_aims)
def test_sentence_may_be_written_in_capitals_and_without_commas(regimen: Regimen):
    assert Regimen.parse(str(regimen).upper()) == regimen
    assert Regimen.parse(str(regimen).replace(",", "")) == regimen
    assert Regimen.parse(str(regimen).replace(" ", "\n  ")) == regimen


@settings(max_examples=100, deadline=None)
@given(regimens_with_aims)
def test_table_and_toml_read_back_to_the_same_object(regimen: Regimen):
    assert Regimen.from_dict(regimen.to_dict()) == regimen
    assert Regimen.from_dict(json.loads(json.dumps(regimen.to_dict()))) == regimen
    assert Regimen.from_toml(regimen.to_toml()) == regimen
    assert str(Regimen.from_toml(regimen.to_toml())) == str(regimen)
    assert Regimen.from_dict({"text": str(regimen)}) == regimen


@settings(max_examples=25, deadline=None)
@given(regimens)
def test_copies_and_pickles_are_equal(regimen: Regimen):
    assert pickle.loads(pickle.dumps(regimen)) == regimen == copy.deepcopy(regimen)
    assert hash(regimen) == hash(Regimen.parse(str(regimen)))


VOCABULARY = """0.5 1 40 2 28 84 -3 0 1e9 mg/kg mg ug/kg/min mg/kg/h mL mL/h mg/mL ng/mL iv im intranasal oral
sublingual over for of at day week min h d 2/week daily every x6 x1 , then also hcl ibw bolus ketamine esketamine saline
midazolam tci plasma effect pause as film sprays apart and 4 weeks other""".split()


@settings(max_examples=600, deadline=None)
@given(st.lists(st.sampled_from(VOCABULARY), max_size=14).map(" ".join))
def test_any_row_of_words_is_read_or_refused_in_one_line(text: str):
    try:
        regimen = Regimen.parse(text)
    except InputError as error:
        _one_pointing_line(error, text)
    else:
        assert Regimen.parse(str(regimen)) == regimen


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=40))
def test_any_text_is_read_or_refused_in_one_line(text: str):
    with pytest.raises(InputError) as caught:
        Regimen.parse(text)
    _one_pointing_line(caught.value, text)


@settings(max_examples=200, deadline=None)
@given(regimens, st.data())
def test_a_sentence_with_a_word_gone_or_doubled_is_read_or_refused(regimen: Regimen, data: st.DataObject):
    words = str(regimen).split()
    at = data.draw(st.integers(0, len(words) - 1))
    text = " ".join(words[:at] + data.draw(st.sampled_from([[], [words[at]] * 2, ["zzz"]])) + words[at + 1 :])
    try:
        assert Regimen.parse(str(Regimen.parse(text))) == Regimen.parse(text)
    except InputError as error:
        _one_pointing_line(error, text)


def _one_pointing_line(error: InputError, text: str) -> None:
    assert isinstance(error, RegimenError), error
    assert "\n" not in str(error) and error.allowed and error.field
    assert 0 <= error.start < error.stop <= len(text) + 1
    line, marks = error.caret().split("\n")
    assert line in text and set(marks.strip()) == {"^"}
