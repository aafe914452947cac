"""The verb nca, and bad data sets through nca and fit: a sentence each, status 2, nothing dropped in silence."""

import json
import math

import pytest

from ketasim import cli

HEAD = "ID,TIME,AMT,DV,EVID,MDV"
LEVELS = {1: (".", 8, 4, 2, 1), 2: (".", 9, 5, 2.5, 1.2)}
ROWS = [f"{i},{t},{10 * (t == 0)},{dv},{int(t == 0)},{int(t == 0)}" for i in LEVELS for t, dv in enumerate(LEVELS[i])]


@pytest.fixture
def run(monkeypatch, capsys, tmp_path):
    """words → (status, standard output, standard error); `rows` becomes the data set."""

    def call(verb, rows, *words, head=HEAD, specification=""):
        path = tmp_path / "data.csv"
        path.write_text("\n".join([head, *rows]) + "\n")
        first = [specification] if specification else []
        monkeypatch.setattr("sys.argv", ["ketasim", verb, *first, str(path), *words])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        return ended.value.code or 0, said.out, said.err

    return call


def test_a_profile_that_halves_every_hour(run, tmp_path):
    """8, 4, 2, 1: linear to the peak (area 4), then ∫ 8·2^−(t−1): 7/ln 2 to the last, 1/ln 2 beyond."""
    table = tmp_path / "pp.csv"
    status, out, err = run("nca", ROWS, "--json", "--interval", "1-3", "--out", str(table))
    assert status == 0
    rows = {(r["USUBJID"], r["PPTESTCD"]): r for r in json.loads(out)}
    wanted = {"LAMZHL": 1.0, "CMAX": 8.0, "AUCLST": 4 + 7 / math.log(2), "AUCIFO": 4 + 8 / math.log(2),
              "AUCINT": 6 / math.log(2), "CLFO": 10 / (4 + 8 / math.log(2)) * 1000}  # fmt: skip
    for code, value in wanted.items():
        assert rows["1", code]["PPSTRESN"] == pytest.approx(value, rel=1e-9), code
    assert rows["1", "AUCIFO"]["PPSTRESU"] == "h*ng/mL"
    assert "0 supplied" in err
    assert len(table.read_text().splitlines()) == 1 + len(rows)
    text = run("nca", ROWS)[1]
    assert "profile 2" in text and "AUCIFO" in text and "…" not in text


def test_units_of_a_column_are_believed(run):
    head, rows = f"{HEAD},DVU", [f"{r},mg/L" for r in ROWS]
    found = {r["PPTESTCD"]: r for r in json.loads(run("nca", rows, "--json", head=head)[1]) if r["USUBJID"] == "1"}
    assert found["CLFO"]["PPSTRESN"] == pytest.approx(10 / (4 + 8 / math.log(2)), rel=1e-9)
    status, _, err = run("nca", rows, "--concentration-unit", "ng/mL", head=head)
    assert (status, "mg/L" in err) == (2, True)


BLQ = f"{HEAD},BLQ,LLOQ"
BAD = {
    "no observations": (HEAD, [*ROWS[:5], ROWS[5]], ["2", "observation"]),
    "times out of order": (HEAD, [ROWS[0], ROWS[2], ROWS[1], *ROWS[3:]], ["row 4", "TIME", "no earlier"]),
    "negative": (HEAD, [r.replace("1,3,0,2,", "1,3,0,-2,") for r in ROWS], ["-2", "0 or more"]),
    "duplicate": (HEAD, [*ROWS[:3], ROWS[2], *ROWS[3:]], ["row 5", "the same as row 4"]),
    "all below the limit": (BLQ, [r + (",1,9" if r.endswith("0,0") else ",0,1") for r in ROWS],
                            ["below the limit", "quantif"]),
    "several units": (f"{HEAD},DVU", [f"{r},{'ng/mL' if i < 6 else 'ug/mL'}" for i, r in enumerate(ROWS)],
                      ["row", "ug/mL", "one unit"]),
    "words": (HEAD, [r.replace("1,3,0,2,", "1,3,0,many,") for r in ROWS], ["row 5", "DV", "many"]),
}  # fmt: skip
SPECIFICATION = """
import numpy as np
from ketasim.core.component import Component, par
from ketasim.fitting.population.specification import PopulationModel, Residual, Theta
from ketasim.fitting.population.structure import ModelOnRecords


class Bolus(Component):
    states, outputs, ports = {"A": "mg"}, {"C": "mg/L"}, {"iv": "A"}
    CL: float = par("L/h", "clearance")
    V: float = par("L", "volume")

    def rates(self, x, u):
        return {"A": -self.CL / self.V * x["A"]}

    def read(self, x, u):
        return {"C": x["A"] / self.V}


model = PopulationModel((Theta("CL", 1.0, 0.0),), ("CL",), [[0.1]], Residual("proportional", proportional=0.2),
                        lambda t, e, c: {"CL": t["CL"] * np.exp(e["CL"]), "V": 1.0})


def structure(records):
    return ModelOnRecords(Bolus(CL=1.0, V=1.0), records, "C")
"""


@pytest.mark.parametrize("verb", ["nca", "fit"])
@pytest.mark.parametrize("name", BAD)
def test_bad_data_is_refused_in_words(run, tmp_path, verb, name):
    head, rows, words = BAD[name]
    file = tmp_path / "model.py"
    file.write_text(SPECIFICATION)
    status, out, err = run(verb, rows, head=head, specification=str(file) if verb == "fit" else "")
    assert status == 2, err
    assert out == ""
    assert "Traceback" not in err
    for word in words:
        assert word in err, err


def test_the_others_are_reported_on_request(run):
    rows = [r + (",1,9" if r.startswith("2") and r.endswith("0,0") else ",0,1") for r in ROWS]
    assert run("nca", rows, head=BLQ)[0] == 2
    status, out, err = run("nca", rows, "--keep", "--json", head=BLQ)
    assert status == 0
    assert "profile 2: not analysed" in err
    mine = [r for r in json.loads(out) if r["USUBJID"] == "2"]
    assert len(mine) == 1 and mine[0]["PPSTRESN"] is None and "below the limit" in mine[0]["PPREASND"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--method", "simpson"], "lin-up/log-down"),
        (["--route", "nose"], "extravascular"),
        (["--blq", "guess"], "positional"),
        (["--interval", "3"], "start-end"),
        (["--interval", "3-1"], "start < end"),
        (["--dose-unit", "banana"], "mass"),
        (["--concentration-unit", "umol/L"], "molar"),
        (["--out", "pp.pdf"], ".csv"),
    ],
)
def test_options_are_checked(run, words, said):
    status, out, err = run("nca", ROWS, *words)
    assert (status, out) == (2, "")
    assert said in err
