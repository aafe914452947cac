"""Contradictory records are typed errors that name the row; nothing is skipped in silence."""

import pickle

import numpy as np
import pytest

from ketasim.core.component import Component, par
from ketasim.core.errors import InputError
from ketasim.dosing.records import Compartment, RecordError, read, simulate_records

HEAD = "ID,TIME,AMT,RATE,II,ADDL,SS,EVID,CMT,DV,MDV\n"
DOSE = "1,0,100,0,0,0,0,1,1,.,1\n"
SEEN = "1,1,0,0,0,0,0,0,2,5,0\n"


@pytest.mark.parametrize(
    ("rule", "column", "line"),
    [
        ("unknown EVID", "EVID", "1,2,0,0,0,0,0,7,1,.,1"),
        ("unknown SS", "SS", "1,2,100,0,12,0,3,1,1,.,1"),
        ("unknown MDV", "MDV", "1,2,0,0,0,0,0,0,2,5,4"),
        ("unknown RATE", "RATE", "1,2,100,-3,0,0,0,1,1,.,1"),
        ("negative CMT", "CMT", "1,2,0,0,0,0,0,2,-1,.,1"),
        ("negative ADDL", "ADDL", "1,2,100,0,12,-1,0,1,1,.,1"),
        ("negative II", "II", "1,2,100,0,-12,0,0,1,1,.,1"),
        ("too many doses", "ADDL", "1,2,100,0,12,9999999,0,1,1,.,1"),
        ("AMT on EVID 0", "AMT", "1,2,100,0,0,0,0,0,2,5,0"),
        ("AMT on EVID 2", "AMT", "1,2,100,0,0,0,0,2,2,.,1"),
        ("AMT on EVID 3", "AMT", "1,2,100,0,0,0,0,3,2,.,1"),
        ("RATE on EVID 0", "RATE", "1,2,0,10,0,0,0,0,2,5,0"),
        ("SS on EVID 3", "SS", "1,2,0,0,0,0,1,3,2,.,1"),
        ("SS on EVID 0", "SS", "1,2,0,0,0,0,1,0,2,5,0"),
        ("ADDL on EVID 2", "ADDL", "1,2,0,0,0,2,0,2,2,.,1"),
        ("II on EVID 0", "II", "1,2,0,0,12,0,0,0,2,5,0"),
        ("negative AMT", "AMT", "1,2,-100,0,0,0,0,1,1,.,1"),
        ("RATE -2 without AMT", "AMT", "1,2,0,-2,0,0,0,1,1,.,1"),
        ("RATE -2 without AMT", "AMT", "1,2,0,-2,0,0,1,1,1,.,1"),
        ("RATE -1 without AMT", "AMT", "1,2,0,-1,0,0,0,1,1,.,1"),
        ("RATE without AMT", "AMT", "1,2,0,10,0,0,0,1,1,.,1"),
        ("negative AMT", "AMT", "1,2,-5,10,0,0,0,1,1,.,1"),
        ("dose without AMT", "AMT", "1,2,0,0,0,0,0,1,1,.,1"),
        ("dose without AMT", "AMT", "1,2,0,0,12,0,1,4,1,.,1"),
        ("ADDL without II", "II", "1,2,100,0,0,3,0,1,1,.,1"),
        ("SS without II", "II", "1,2,100,0,0,0,1,1,1,.,1"),
        ("SS without II", "II", "1,2,100,0,0,0,2,1,1,.,1"),
        ("endless infusion with II", "II", "1,2,0,10,12,0,1,1,1,.,1"),
        ("endless infusion with ADDL", "ADDL", "1,2,0,10,0,2,1,1,1,.,1"),
        ("DV missing", "DV", "1,2,0,0,0,0,0,0,2,.,0"),
        ("DV infinite", "DV", "1,2,0,0,0,0,0,0,2,inf,0"),
        ("DV on a dose", "DV", "1,2,100,0,0,0,0,1,1,5,0"),
        ("TIME missing", "TIME", "1,.,0,0,0,0,0,0,2,5,0"),
        ("TIME falls", "TIME", "1,0.5,0,0,0,0,0,0,2,5,0"),
        ("duplicate", "record", "1,1,0,0,0,0,0,0,2,5,0"),
        ("not a number", "AMT", "1,2,lots,0,0,0,0,1,1,.,1"),
        ("not a number", "DV", "1,2,0,0,0,0,0,0,2,high,0"),
        ("not a whole number", "ADDL", "1,2,100,0,12,1.5,0,1,1,.,1"),
        ("not a whole number", "EVID", "1,2,100,0,0,0,0,1.5,1,.,1"),
        ("ragged row", "record", "1,2,100"),
        ("ID missing", "ID", ".,2,100,0,0,0,0,1,1,.,1"),
        ("infinite AMT", "AMT", "1,2,inf,0,0,0,0,1,1,.,1"),
        ("infinite AMT", "AMT", "1,2,1e400,0,0,0,0,1,1,.,1"),
        ("infinite RATE", "RATE", "1,2,100,inf,0,0,0,1,1,.,1"),
        ("infinite II", "II", "1,2,100,0,inf,2,0,1,1,.,1"),
    ],
)
def test_contradiction_names_its_row(rule, column, line):
    with pytest.raises(RecordError) as error:
        read(HEAD + DOSE + SEEN + line + "\n")
    assert (error.value.rule, error.value.row, error.value.column) == (rule, 4, column)
    assert str(error.value).startswith(f"row 4: {column}")
    assert isinstance(error.value, InputError)


def test_every_problem_is_listed_and_the_error_travels():
    text = HEAD + DOSE + "1,1,100,0,0,3,0,1,1,.,1\n1,2,100,0,0,0,1,1,1,.,1\n"
    with pytest.raises(RecordError) as error:
        read(text)
    assert [(p.row, p.rule) for p in error.value.problems] == [(3, "ADDL without II"), (4, "SS without II")]
    assert "1 more problem" in str(error.value)
    copy = pickle.loads(pickle.dumps(error.value))
    assert copy.problems == error.value.problems and str(copy) == str(error.value)


def test_a_subject_whose_records_are_apart_is_refused():
    with pytest.raises(RecordError, match="row 4: ID"):
        read(HEAD + DOSE + "2,0,100,0,0,0,0,1,1,.,1\n" + SEEN)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("ID,AMT\n1,2\n", "TIME"),
        ("TIME,AMT\n1,2\n", "ID"),
        ("ID,TIME\n", "at least one record"),
        ("ID,TIME,time\n1,2,3\n", "once"),
        ("ID,TIME,LOQ,LLOQ\n1,2,3,4\n", "Another column"),
        ("ID,TIME,DATE,DAT2\n1,2,3,4\n", "at most one"),
    ],
)
def test_tables_that_cannot_be_read(text, words):
    with pytest.raises(InputError, match=words):
        read(text)


def test_settings_are_checked(tmp_path):
    with pytest.raises(InputError, match="existing CSV file"):
        read(tmp_path / "nothing.csv")
    for bad in ({"time_unit": "moon"}, {"carry": "both"}, {"duplicates": "drop"}, {"columns": {"TIME": "hours"}}):
        with pytest.raises(InputError):
            read(HEAD + DOSE, **bad)
    with pytest.raises(InputError, match="equally long"):
        read({"ID": [1, 1], "TIME": [0]})
    with pytest.raises(InputError, match="a CSV path"):
        read(3)


@pytest.mark.parametrize("value", ["03/05/24", "12-31", "61", "2024-13-01", "31/12/2024"])
def test_dates_that_could_mean_two_things_are_refused(value):
    with pytest.raises(RecordError) as error:
        read(f"ID,DATE,TIME\n1,2024-03-05,08:00\n1,{value},09:30\n")
    assert error.value.row == 3 and error.value.column == "DATE"


def test_dates_and_clock_times_are_counted_in_hours():
    text = "ID,{},TIME,EVID,AMT\n1,{},08:00,1,10\n1,{},09:30,0,0\n2,{},23:15:30,1,10\n"
    for column, days in (
        ("DATE", ("12/31/2023", "01/01/2024", "02/28/2024")),
        ("DAT1", ("31/12/2023", "01-01-2024", "28.02.2024")),
        ("DAT2", ("2023/12/31", "2024-01-01", "2024-02-28")),
        ("DAT3", ("2023/31/12", "2024/01/01", "2024/28/02")),
        ("DATE", ("2023-12-31", "2024-01-01", "2024-02-28")),
    ):
        assert read(text.format(column, *days)).time.tolist() == [0, 25.5, 0]
    with pytest.raises(RecordError, match="hh:mm"):
        read("ID,TIME\n1,08:75\n")


def test_what_was_inferred_is_said():
    data = read("ID,TIME,AMT,DV,LLOQ,WT,II\n1,0,100,.,.,70,24\n1,1,0,0.2,0.5,.,0\n1,2,0,4,0.5,72,0\n")
    text = " ".join(data.notes)
    for words in ("no EVID column", "1 observations under LLOQ", "WT: 1 gaps filled", "II has no effect"):
        assert words in text
    assert data.blq.tolist() == [False, True, False] and data.covariates["WT"].tolist() == [70, 72, 72]
    assert read("ID,TIME,WT\n1,0,70\n1,1,.\n1,2,72\n", carry="locf").covariates["WT"].tolist() == [70, 70, 72]


def test_lines_left_out_on_request_are_counted():
    data = read("ID,TIME,AMT\n1,0,5\n#2,0,5\n1,1,0\n", ignore="#")
    assert len(data) == 2 and "rows [3]" in data.notes[0]
    assert data.row.tolist() == [2, 4]


def test_below_the_limit_in_every_spelling():
    data = read("ID,TIME,DV,CENS,LIMIT\n1,1,0.5,1,0\n1,2,9,-1,.\n1,3,2,0,.\n")
    assert data.blq.tolist() == [True, False, False] and data.lloq[0] == 0.5 and data.cens.tolist() == [1, -1, 0]
    assert read("ID,TIME,DV,BLQ,LLOQ\n1,1,0,1,0.5\n1,2,3,0,0.5\n").blq.tolist() == [True, False]
    words = read("ID,TIME,DV\n1,1,BLQ\n1,2,<0.3\n1,3,2\n")
    assert words.blq.tolist() == [True, True, False] and words.lloq[1] == 0.3
    with pytest.raises(RecordError, match="BLQ"):
        read("ID,TIME,DV,BLQ\n1,1,0,2\n")
    with pytest.raises(RecordError, match="LIMIT"):
        read("ID,TIME,DV,CENS,LIMIT,LLOQ\n1,1,0.5,1,2,0.5\n")
    with pytest.raises(RecordError, match="positive limit"):
        read("ID,TIME,DV,LLOQ\n1,1,1,-2\n")


@pytest.mark.parametrize(
    ("rule", "column", "line"),
    [
        ("DV under LLOQ", "DV", "1,1,0,0,0.2,0,0,0.5"),
        ("BLQ over LLOQ", "DV", "1,1,0,0,0.9,0,1,0.5"),
        ("BLQ on a dose", "BLQ", "1,1,10,1,.,1,1,0.5"),
        ("unknown BLQ", "BLQ", "1,1,0,0,0.9,0,2,0.5"),
        ("unknown MDV", "MDV", "1,1,10,1,.,2,0,0.5"),
    ],
)
def test_contradictions_about_the_limit_name_their_row(rule, column, line):
    with pytest.raises(RecordError) as error:
        read(f"ID,TIME,AMT,EVID,DV,MDV,BLQ,LLOQ\n1,0,10,1,.,1,0,.\n{line}\n")
    assert (error.value.rule, error.value.row, error.value.column) == (rule, 3, column)


def test_a_covariate_that_a_subject_never_has_is_named():
    text = "ID,TIME,EVID,k,WT\n1,0,2,0.1,70\n2,0,2,.,.\n"
    with pytest.raises(RecordError, match=r"row 3: k is nan; .* k, WT are missing for subject 2 here"):
        simulate_records(MODEL, text)


def test_other_programs_event_codes():
    data = read("ID,TIME,AMT,EVID,DV\n1,0,4,101,0\n1,1,0,0,2\n", evid={101: 1})
    assert data.evid.tolist() == [1, 0] and "EVID 101 read as 1" in data.notes


def test_durations_instead_of_rates():
    assert read("ID,TIME,AMT,EVID,DUR\n1,0,10,1,4\n").rate.tolist() == [2.5]
    for line in ("1,0,10,1,-4,0", "1,0,10,1,4,2", "1,0,10,1,inf,0"):
        with pytest.raises(RecordError, match="DUR"):
            read(f"ID,TIME,AMT,EVID,DUR,RATE\n{line}\n")


def test_frames_are_read_like_files():
    import pandas as pd
    import polars as pl

    columns = {"ID": [1, 1], "TIME": [0.0, 1.0], "AMT": [10.0, None], "EVID": [1, 0], "DV": [None, 2.5]}
    for frame in (pd.DataFrame(columns), pl.DataFrame(columns)):
        data = read(frame)
        assert data.ids == ("1",) and data.dv[1] == 2.5 and data.row.tolist() == [1, 2]


def test_before_a_fit_everybody_needs_an_observation():
    data = read("ID,TIME,AMT,EVID,DV\n1,0,10,1,.\n1,1,0,0,2\n2,0,10,1,.\n")
    assert data.subjects_without_observations() == ("2",)
    with pytest.raises(InputError, match="at least one observation"):
        data.require_observations()
    with pytest.raises(InputError, match="quantified"):
        read("ID,TIME,DV\n1,1,BLQ\n1,2,BLQ\n").require_observations()


class Turnover(Component):
    """A substance made at a constant rate, a drug, and a store without a way out."""

    states = {"A": "mg", "store": "mg", "loop": "mg"}
    outputs = {"C": "mg"}
    ports = {"iv": "A", "stock": "loop"}
    k: float = par("1/h", "loss")
    back: float = par("1/h", "exchange")

    def rates(self, x, u):
        return {"A": -self.k * x["A"], "store": self.k * x["A"], "loop": self.back * x["loop"] * 0}

    def read(self, x, u):
        return {"C": x["A"] + 0 * x["loop"]}


MODEL = Turnover(k=0.2, back=0.1)


def test_compartments_and_dose_attributes_that_do_not_exist():
    for line, column in (("1,0,10,0,9", "CMT"), ("1,0,10,-1,1", "RATE"), ("1,0,10,-2,1", "RATE")):
        with pytest.raises(RecordError) as error:
            simulate_records(MODEL, f"ID,TIME,AMT,RATE,CMT\n{line}\n")
        assert error.value.row == 2 and error.value.column == column
    with pytest.raises(RecordError, match="CMT"):
        simulate_records(MODEL, "ID,TIME,AMT,CMT\n1,0,10,moon\n")
    with pytest.raises(InputError, match="state"):
        simulate_records(MODEL, "ID,TIME,AMT,CMT\n1,0,10,1\n", compartments={1: "moon"})


@pytest.mark.parametrize(
    ("column", "value", "rate", "rule"),
    [
        ("ALAG1", -1, 0, "negative lag"),
        ("F1", -0.1, 0, "negative F"),
        ("R1", 0, -1, "rate not positive"),
        ("D1", -2, -2, "duration not positive"),
    ],
)
def test_dose_attributes_out_of_range(column, value, rate, rule):
    with pytest.raises(RecordError) as error:
        simulate_records(MODEL, f"ID,TIME,AMT,RATE,CMT,{column}\n1,0,10,0,2,1\n1,1,10,{rate},1,{value}\n")
    assert error.value.rule == rule and error.value.row == 3


def test_missing_parameter_column_is_named_with_its_row():
    with pytest.raises(RecordError, match=r"row 2: k") as error:
        simulate_records(MODEL, {"ID": [1, 2], "TIME": [0, 0], "EVID": [2, 2], "k": [0.1, np.nan]})
    assert error.value.rule == "not finite"


def test_no_steady_state_is_said():
    with pytest.raises(RecordError, match="no way out"):
        simulate_records(Leaky(k=0.0), "ID,TIME,AMT,II,SS,CMT\n1,0,10,12,1,1\n")


class Leaky(Component):
    """One compartment whose loss may be zero."""

    states = {"A": "mg"}
    outputs = {"A": "mg"}
    ports = {"iv": "A"}
    k: float = par("1/h", "loss")

    def rates(self, x, u):
        return {"A": -self.k * x["A"]}


def test_wrong_names_are_answered_with_the_right_ones():
    text = "ID,TIME,AMT,CMT\n1,0,10,1\n"
    for bad, words in (
        ({"parameters": {"moon": 1}}, "k, back"), ({"outputs": ["moon"]}, "C"), ({"engine": "moon"}, "native"),
        ({"ss2": "moon"}, "add"), ({"columns": {"k": "moon"}}, "one of"),
        ({"parameters": {"k": [1, 2, 3]}}, "1 \\(subjects\\)"),
    ):  # fmt: skip
        with pytest.raises(InputError, match=words):
            simulate_records(MODEL, text, **bad)
    with pytest.raises(InputError, match="a Component"):
        simulate_records("ketamine", text)
    assert Compartment("A").f is None


def test_blanks_semicolons_and_tabs_part_fields_too():
    for mark in (",", ";", "\t", "   "):
        data = read(mark.join(("ID", "TIME", "DV")) + "\n" + mark.join(("1", "2.5", "7")) + "\n")
        assert data.time.tolist() == [2.5] and data.dv.tolist() == [7.0]


@pytest.mark.parametrize(
    ("name", "options", "subjects", "doses", "observations"),
    [
        ("Wang2007", {"columns": {"DV": "Y"}}, 10, 0, 20),
        ("phenobarbital", {}, 59, 589, 155),
        ("warfarin_pks", {}, 32, 32, None),
        ("warfarin", {}, 32, 32, None),
        ("theo_sd", {"evid": {101: 1}}, 12, 12, 132),
    ],
)
def test_classical_data_sets_are_read(anchors, name, options, subjects, doses, observations):
    data = read(anchors / "estimation" / f"{name}.csv", **options)
    assert data.subjects == subjects and data.dosing.sum() == doses
    assert observations is None or data.observed.sum() == observations
    assert data.require_observations() is data


def test_public_names():
    import ketasim as ks

    assert ks.records.read is read and ks.simulate_records is simulate_records
