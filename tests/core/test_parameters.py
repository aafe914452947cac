"""Parameter tables: read as written, refused by name."""

import pytest

from ketasim.core.errors import InputError
from ketasim.core.parameters import ParameterTable, parse_table

GOOD = """
[meta]
title = "A model"
source = "kamp2020"
where = "Table 2"
[CL]
value = 1.4
unit = "L/min"
kind = "fitted"
status = "verified"
between = { dist = "lognormal", cv = 0.3 }
doubt = { dist = "normal", sd = 0.1, low = 0.6, high = 2.0 }
valid = { species = "human", age = [18, 65] }
[V]
value = 25
unit = "L"
kind = "fitted"
status = "secondary"
source = "simons2022"
[scale]
value = 0.75
unit = "1"
kind = "assumed"
status = "assumed"
source = "assumed"
note = "the usual exponent"
[omega]
pairs = [["CL", "V", 0.02]]
"""


def test_a_table_is_read_as_written():
    t = parse_table(GOOD, "x/y")
    cl = t["CL"]
    assert (cl.value, cl.unit, cl.kind, cl.status, cl.source, cl.where) == (
        1.4,
        "L/min",
        "fitted",
        "verified",
        "kamp2020",
        "Table 2",
    )
    assert cl.printed == (1.4, "L/min")
    assert cl.key == "x/y.CL"
    assert cl.valid == {"species": "human", "age": [18, 65]}
    assert t.omega == (("CL", "V", 0.02),)
    assert [p.name for p in t] == ["CL", "V", "scale"]
    assert t["scale"].assumed
    assert not cl.assumed


def test_a_source_of_its_own_does_not_borrow_the_tables_page():
    assert parse_table(GOOD, "x")["V"].where == ""


def test_spreads_in_the_parameters_unit_follow_it_and_others_do_not():
    hourly = parse_table(GOOD, "x")["CL"].to("L/h")
    assert hourly.value == pytest.approx(84.0)
    assert hourly.printed == (1.4, "L/min")
    assert hourly.between == {"dist": "lognormal", "cv": 0.3}
    assert hourly.doubt == {
        "dist": "normal",
        "sd": pytest.approx(6.0),
        "low": pytest.approx(36.0),
        "high": pytest.approx(120.0),
    }
    with pytest.raises(InputError, match="unit"):
        hourly.to("mg")


def edit(old, new):
    assert old in GOOD
    return GOOD.replace(old, new, 1)


@pytest.mark.parametrize(("text", "message"), [
    (edit('unit = "L/min"\n', ""), r"x\.CL is 'without unit'"),
    (edit('kind = "fitted"', 'kind = "guessed"'), r"x\.CL\.kind is 'guessed'; allowed: measured"),
    (edit('status = "verified"', 'status = "sure"'), r"x\.CL\.status"),
    (edit('status = "verified"\n', ""), "without status"),
    (edit("value = 1.4", 'value = "1.4"'), r"x\.CL\.value is '1\.4'; allowed: a number"),
    (edit("value = 1.4", "value = true"), r"x\.CL\.value"),
    (edit('unit = "L/min"', 'unit = "L//min"'), "unit is 'L//min'"),
    (edit('kind = "fitted"', 'kind = "fitted"\nvlaue = 3'), "vlaue"),
    (edit('dist = "lognormal"', 'dist = "cauchy"'), r"x\.CL\.between\.dist is 'cauchy'"),
    (edit('pairs = [["CL", "V", 0.02]]', 'pairs = [["CL", "Q", 0.02]]'), r"\[omega\] pair is 'Q'"),
    ("CL = 3", "a table with value, unit"),
    ("[CL\nvalue = 3", "valid TOML"),
])  # fmt: skip
def test_what_is_wrong_is_named(text, message):
    with pytest.raises(InputError, match=message):
        parse_table(text, "x")


def test_unknown_tables_and_names():
    with pytest.raises(InputError, match="parameter table is 'kinetics/nobody1900'"):
        ParameterTable.load("kinetics/nobody1900")
    with pytest.raises(InputError, match="parameter of x is 'Q'; allowed: CL, V, scale"):
        parse_table(GOOD, "x")["Q"]
