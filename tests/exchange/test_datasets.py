"""Data sets written in three formats come back the same; what a format cannot hold is refused by row."""

import numpy as np
import pytest

from ketasim.core.errors import InputError
from ketasim.dosing.records import RecordError, read
from ketasim.exchange.adppk import read_adppk, write_adppk
from ketasim.exchange.datasets import read_monolix, read_nonmem, write_monolix, write_nonmem

TEXT = """ID,TIME,AMT,RATE,II,ADDL,SS,EVID,CMT,DV,MDV,BLQ,CENS,LLOQ,OCC,WT,SEX
001,0,100,0,24,3,1,1,1,.,1,0,0,.,1,70.123456789012345,F
001,0.1,0,0,0,0,0,0,2,3.3333333333333335,0,0,0,0.5,1,70.123456789012345,F
001,1.5,0,0,0,0,0,0,2,0.5,0,1,1,0.5,1,70.123456789012345,F
001,30,0,0,0,0,0,2,2,.,1,0,0,.,2,71,F
A-7,0,50,12.5,0,0,0,4,2,.,1,0,0,.,1,90,M
A-7,2,0,0,0,0,0,0,2,7,0,0,0,0.5,1,90,M
A-7,3,0,0,0,0,0,3,2,.,1,0,0,.,1,90,M
A-7,4,0,0,0,0,0,0,3,99,0,0,-1,.,1,90,M
"""
FIELDS = (
    "subject",
    "time",
    "clock",
    "amt",
    "rate",
    "ii",
    "addl",
    "ss",
    "evid",
    "cmt",
    "mdv",
    "dv",
    "blq",
    "cens",
    "lloq",
    "occ",
)


def same(a, b, skip=()):
    assert a.ids == b.ids
    for name in FIELDS:
        if name not in skip:
            assert np.array_equal(getattr(a, name), getattr(b, name), equal_nan=name in ("dv", "lloq")), name
    for k, v in a.covariates.items():
        assert np.array_equal(v, b.covariates[k], equal_nan=True), k
    assert {k: a.text[k] for k in a.text} == {k: b.text[k] for k in a.text}


@pytest.fixture
def data():
    return read(TEXT)


def test_nonmem_round_trip(data, tmp_path):
    same(data, read_nonmem(write_nonmem(data, tmp_path / "a.csv")))


def test_nonmem_round_trip_of_the_reference_input(anchors, tmp_path):
    original = read(anchors / "nonmem_events" / "input.csv")
    same(original, read_nonmem(write_nonmem(original, tmp_path / "a.csv")))


def test_what_nonmem_cannot_read_is_refused_when_strict(data, tmp_path):
    with pytest.raises(RecordError, match="row 6: ID"):
        write_nonmem(data, tmp_path / "a.csv", strict=True)
    with pytest.raises(InputError, match="SEX"):
        write_nonmem(data.take([0]), tmp_path / "a.csv", strict=True)


def test_monolix_round_trip(data, tmp_path):
    path = write_monolix(data, tmp_path / "m.csv")
    assert path.read_text().splitlines()[0].startswith("ID,TIME,AMT,ADM,RATE,II,ADDL,SS,EVID,MDV,Y,DVID,CENS,LIMIT")
    again = read_monolix(path)
    same(data, again, skip=("lloq",))
    assert again.lloq[2] == 0.5  # the limit of the censored observation; elsewhere this format has none


def test_monolix_as_others_write_it():
    lines = (
        "ID TIME AMT ADM TINF Y YTYPE CENS WEIGHT",
        "1 0 100 2 4 . . 0 70",
        "1 1 . . . 5 1 0 .",
        "1 9 . . . 0.1 1 1 .",
    )
    text = "\n".join(lines).replace(" ", "\t")
    got = read_monolix(text)
    assert got.rate[0] == 25 and got.cmt.tolist() == [2, 1, 1] and got.evid.tolist() == [1, 0, 0]
    assert got.blq.tolist() == [False, False, True] and got.lloq[2] == 0.1
    assert got.covariates["WEIGHT"].tolist() == [70, 70, 70] and got.carry == "locf"


def test_what_monolix_cannot_hold_is_refused_by_row(tmp_path):
    with pytest.raises(RecordError, match="row 2: RATE"):
        write_monolix(read("ID,TIME,AMT,RATE,EVID\n1,0,10,-2,1\n"), tmp_path / "m.csv")
    with pytest.raises(RecordError, match="row 2: LLOQ"):
        write_monolix(read("ID,TIME,DV\n1,0,BLQ\n"), tmp_path / "m.csv")


def test_adppk_round_trip(data, tmp_path):
    path = write_adppk(data, tmp_path / "adppk.csv", study="K-01", unit="ng/mL", dose_unit="mg")
    again = read_adppk(path)
    same(data, again)
    assert set(again.text["STUDYID"]) == {"K-01"} and set(again.text["AVALU"]) == {"ng/mL"}
    assert any("follow from other columns" in n for n in again.notes)
    twice = read_adppk(write_adppk(again, tmp_path / "b.csv", study="other"))
    same(again, twice)
    assert set(twice.text["STUDYID"]) == {"K-01"}


def test_adppk_times_count_from_the_first_dose(tmp_path):
    data = read("ID,TIME,AMT,EVID,DV\n1,10,.,0,0\n1,12,5,1,.\n1,15,.,0,3\n1,20,7,1,.\n1,21,.,0,4\n")
    lines = write_adppk(data, tmp_path / "a.csv", study="x").read_text().splitlines()
    head = lines[0].split(",")
    table = {k: [row.split(",")[head.index(k)] for row in lines[1:]] for k in ("AFRLT", "APRLT", "DOSEA", "RECSEQ")}
    assert table["AFRLT"] == ["-2", "0", "3", "8", "9"] and table["APRLT"] == ["-2", "0", "3", "0", "1"]
    assert table["DOSEA"] == ["5", "5", "5", "7", "7"] and table["RECSEQ"] == ["1", "2", "3", "4", "5"]


def test_adppk_as_others_write_it():
    text = """STUDYID,USUBJID,AFRLT,RLTU,EVID,AVAL,AMT,DOSEDUR,MDV,ALLOQ,BLQFL,EXCLF,CMT
S,a,0,DAYS,1,,10,0.5,1,,,0,1
S,a,1,DAYS,0,3,,,0,0.2,N,0,2
S,a,2,DAYS,0,0.1,,,0,0.2,Y,0,2
S,a,3,DAYS,0,9,,,0,0.2,N,5,2
"""
    got = read_adppk(text)
    assert got.time.tolist() == [0, 24, 48] and got.rate[0] == pytest.approx(10 / 12)
    assert got.blq.tolist() == [False, False, True] and "rows [5]" in " ".join(got.notes)
    assert len(read_adppk(text, excluded="keep")) == 4


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("USUBJID,EVID\na,0\n", "AFRLT"),
        ("USUBJID,AFRLT,EVID,RLTU\na,0,2,moons\n", "RLTU"),
        ("USUBJID,AFRLT,EVID,BLQFL\na,0,2,maybe\n", "row 2: BLQFL"),
        ("USUBJID,AFRLT,EVID,BLQFL,BLQFN\na,0,2,Y,0\n", "row 2: BLQFL"),
        ("USUBJID,AFRLT,EVID,AMT\na,0,0,5\n", "row 2: AMT"),
    ],
)
def test_adppk_errors_name_the_row(text, words):
    with pytest.raises(InputError, match=words):
        read_adppk(text)
