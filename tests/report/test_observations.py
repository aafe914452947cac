"""A reader's own observations: units, sites, rows named when they cannot be used."""

import numpy as np
import pytest

from ketasim.core.errors import InputError
from ketasim.report import read_observed
from ketasim.report.observations import agreement

from .toys import course


@pytest.fixture
def write(tmp_path):
    def _write(text):
        path = tmp_path / "mine.csv"
        path.write_text(text, encoding="utf-8")
        return path

    return _write


def test_units_times_and_sites(write):
    path = write(
        "time_min,analyte,site,value,unit,subject\n"
        "# a comment\n"
        "30,ketamine,venous,0.1,mg/L,A\n\n"
        "60,norketamine,,50,,B\n"
        "9999,ketamine,arterial,1,ng/mL,A\n"
    )
    seen = read_observed(path, course())
    assert [(r.output, r.time_h, r.value, r.subject) for r in seen.rows] == [
        ("ketamine.venous", 0.5, pytest.approx(100.0), "A"),
        ("norketamine.arterial", 1.0, 50.0, "B"),
    ]
    assert len(seen.beyond) == 1
    assert seen.name == "mine.csv"


def test_a_file_of_a_spreadsheet_with_a_mark_at_its_start(write):
    path = write("\ufefftime_h, output ,value,unit\n1,ketamine.arterial,5,ng/mL\n")
    assert read_observed(path, course()).rows[0].value == 5.0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("time_h,output,value\n1,ketamine,3\n", r"row 2, output is 'ketamine'; allowed: ketamine\.arterial or"),
        ("time_h,output,value\n1,madrs,3\n", "row 2, output is 'madrs'"),
        (
            "time_h,output,value,unit\n1,ketamine.brain,3,ng/mL\n",
            "row 2, unit is 'ng/mL'; allowed: a unit that converts to umol/L",
        ),
        ("time_h,output,value\n1,ketamine.brain,3\n2,ketamine.brain,x\n", "row 3, value is 'x'; allowed: a number"),
        ("time_h,output,value\n,ketamine.brain,3\n", "row 2, time_h is ''"),
        ("time_h,output,value\n1,ketamine.brain,nan\n", "row 2, value"),
        ("output,value\nketamine.brain,3\n", "exactly one of time_h"),
        ("time_h,time_min,output,value\n1,2,ketamine.brain,3\n", "exactly one of time_h"),
        ("time_h,value\n1,3\n", "observations: columns"),
        ("time_h,output,value\n", "at least one row"),
        ("", "exactly one of time_h"),
        ("time_h,output,value\n500,ketamine.brain,3\n", "times inside the run, 0 to 24 h"),
    ],
)
def test_what_cannot_be_used_is_named(write, text, message):
    with pytest.raises(InputError, match=message):
        read_observed(write(text), course())


def test_a_missing_or_binary_file(tmp_path):
    with pytest.raises(InputError, match="observations"):
        read_observed(tmp_path / "none.csv", course())
    (tmp_path / "b.csv").write_bytes(b"\xff\xfe\x00\x81")
    with pytest.raises(InputError, match="UTF-8"):
        read_observed(tmp_path / "b.csv", course())


def test_agreement_is_the_fold_error_of_the_median(write):
    r = course(n=31)
    middle = np.median(r["ketamine.arterial"], axis=0)
    picks = [10, 40, 80, 120]
    factors = [1.0, 2.0, 0.5, 1.2]
    rows = "".join(f"{r.times_h[k]},ketamine.arterial,{middle[k] * f}\n" for k, f in zip(picks, factors))
    seen = read_observed(write("time_h,output,value\n" + rows), r)
    a = agreement(seen.rows, "ketamine.arterial", r)
    assert a.n == 4
    assert a.fold == pytest.approx(np.exp(-np.mean(np.log(factors))), rel=1e-6)
    assert a.typical_fold == pytest.approx(np.exp(np.mean(np.abs(np.log(factors)))), rel=1e-6)
    assert a.within_1_5 == 0.5
