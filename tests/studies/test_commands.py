"""trial, optimise, reproduce and validate as a user types them."""

import json
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from ketasim.studies.reproduce import reproduce
from ketasim.studies.trials import table

TRIAL = """
title = "small"
seed = 5
replicates = 3
[population]
named = "trd_adult"
[[arms]]
id = "drug"
regimen = "0.5 mg/kg iv over 40 min"
n = 12
[[arms]]
id = "placebo"
regimen = "saline iv over 40 min"
n = 12
control = true
[visits]
days = [1, 7]
[[endpoints]]
name = "change"
day = 1
primary = true
[[endpoints]]
name = "response"
kind = "response"
day = 1
[[hypotheses]]
name = "expectancy only"
options = { hypothesis = "expectancy" }
"""
SEARCH = """
title = "two doses"
people = 40
doubt_draws = 4
horizon_days = 1
rounds = 0
[[goals]]
name = "peak"
statistic = "peak_mean"
output = "ketamine.venous"
better = "higher"
[[limits]]
name = "high"
statistic = "peak_share_above"
output = "ketamine.venous"
threshold = 1e9
at_most = 0.05
[[regimens]]
regimen = "{dose} mg/kg iv over 40 min"
[regimens.choices]
dose = [0.25, 0.5]
"""


@pytest.fixture
def ketasim(capsys):
    from ketasim.cli import main

    def run(*words):
        with pytest.raises(SystemExit) as end:
            main([str(w) for w in words])
        said = capsys.readouterr()
        return end.value.code or 0, said.out, said.err

    return run


@pytest.fixture
def design(tmp_path):
    path = tmp_path / "design.toml"
    path.write_text(TRIAL)
    return path


def test_trial_says_effect_need_and_rivals_and_writes_a_page(ketasim, design, tmp_path):
    page = tmp_path / "page.html"
    code, out, err = ketasim("trial", design, "--hypotheses", "--report", page)
    assert code == 0 and "report in" in err
    assert "number needed to treat" in out and "points, the least that counts" in out and "expectancy only" in out
    text = page.read_text()
    assert "expectancy only" in text and "number needed to treat" in text and "study design" in text
    code, out, _ = ketasim("trial", design, "--json", "--replicates", 2, "--doubt")
    found = json.loads(out)
    assert code == 0 and found["replicates"] == 2 and found["vary"] == ["between", "doubt"]
    change, response = (e["contrasts"][0] for e in found["endpoints"])
    assert change["minimal_difference"] == pytest.approx(1.9)  # Duru and Fantino 2008, as in the parameter table
    assert response["number_needed"] == pytest.approx(1 / response["estimate"])


def test_doubt_can_be_taken_out_of_a_design(ketasim, design):
    design.write_text(TRIAL.replace("replicates = 3", 'replicates = 2\nvary = ["between", "doubt"]'))
    assert json.loads(ketasim("trial", design, "--no-doubt", "--json")[1])["vary"] == ["between"]
    assert json.loads(ketasim("trial", design, "--json")[1])["vary"] == ["between", "doubt"]


@pytest.mark.parametrize(
    ("words", "name"), [(["--report", "x.pdf"], "--report"), (["--replicates", "0"], "replicates")]
)
def test_trial_refuses(ketasim, design, words, name):
    code, out, err = ketasim("trial", design, *words)
    assert code == 2 and name in err and out == "" and "Traceback" not in err


@pytest.mark.slow
def test_a_trial_that_was_stopped_goes_on_to_the_same_data(tmp_path):
    """Ctrl-C between chunks: what is there is kept, and the whole is that of a run without a stop."""
    path = tmp_path / "design.toml"
    path.write_text(TRIAL.replace("replicates = 3", "replicates = 1200").replace("n = 12", "n = 40"))
    words = [sys.executable, "-m", "ketasim", "trial", str(path), "--out"]
    broken = subprocess.Popen([*words, str(tmp_path / "a")], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    end = time.monotonic() + 240
    while not list((tmp_path / "a").glob("chunks/*.parquet")) and time.monotonic() < end:
        time.sleep(0.02)
    broken.send_signal(signal.SIGINT)
    broken.communicate(timeout=120)
    kept = sorted((tmp_path / "a" / "chunks").glob("[0-9]*.parquet"))
    assert broken.returncode == 130 and 0 < len(kept) < 12
    before = {p.name: p.stat().st_mtime_ns for p in kept}
    assert any("not compared" in note for note in reproduce(tmp_path / "a").notes)
    for name in ("a", "b"):
        assert subprocess.run([*words, str(tmp_path / name)], capture_output=True, timeout=240).returncode == 0
    assert all((tmp_path / "a" / "chunks" / k).stat().st_mtime_ns == v for k, v in before.items())
    for one in sorted((tmp_path / "a" / "chunks").glob("[0-9]*.parquet")):
        first, second = table.read(one)[0], table.read(tmp_path / "b" / "chunks" / one.name)[0]
        assert all(np.array_equal(first[k], second[k], equal_nan=True) for k in second)
    assert (tmp_path / "a" / "result.json").read_text() == (tmp_path / "b" / "result.json").read_text()


def test_reproduce_a_trial_and_a_changed_one(ketasim, design, tmp_path):
    assert ketasim("trial", design, "--out", tmp_path / "t")[0] == 0
    code, out, _ = ketasim("reproduce", tmp_path / "t")
    assert code == 0 and "all the same" in out and "not all" not in out
    chunk = tmp_path / "t" / "chunks" / "00000.parquet"
    columns, meta = table.read(chunk)
    columns = {**columns, "score_1": columns["score_1"] + 1}
    table.write(chunk, columns, meta)
    code, out, _ = ketasim("reproduce", tmp_path / "t")
    assert code == 1 and "score_1" in out
    found = json.loads(ketasim("reproduce", tmp_path / "t", "--json")[1])
    assert not found["identical"] and found["differences"]["score_1"][0] == 72


def test_reproduce_a_population_in_chunks_and_a_file(ketasim, tmp_path):
    dose = ["simulate", "--dose", "0.5 mg/kg iv over 40 min", "--output", "ketamine.venous", "--seed", "3"]
    for k in (1, 2):
        assert ketasim(*dose, "--population", "trd_adult", "--subjects", 6, "--out", tmp_path / "p",
                       "--chunk", f"{k}/2")[0] == 0  # fmt: skip
    code, out, _ = ketasim("reproduce", tmp_path / "p")
    assert code == 0 and "population run" in out and "all the same" in out
    assert ketasim(*dose, "--out", tmp_path / "one.parquet")[0] == 0
    code, out, _ = ketasim("reproduce", tmp_path / "one.parquet")
    assert code == 0 and "all the same" in out
    code, _, err = ketasim("reproduce", tmp_path / "none.parquet")
    assert code == 2 and "none.parquet" in err


def test_optimise_prints_the_front_and_writes_it(ketasim, tmp_path):
    path = tmp_path / "search.toml"
    path.write_text(SEARCH)
    code, out, _ = ketasim("optimise", path, "--out", tmp_path / "r.json", "--report", tmp_path / "r.html")
    assert code == 0 and "0.5 mg/kg iv over 40 min" in out and "study design" in out and "± " in out
    assert "0.25" not in out
    found = json.loads((tmp_path / "r.json").read_text())
    assert found["tried"] == 2 and found["front"][0]["values"]["high"] == 0.0
    assert "study design" in (tmp_path / "r.html").read_text()
    path.write_text(SEARCH.replace("1e9", "0.1"))
    code, out, _ = ketasim("optimise", path)
    assert code == 1 and "no regimen keeps all limits" in out
    code, out, err = ketasim("optimise", path, "--out", tmp_path / "r.txt")
    assert code == 2 and "--out" in err and out == ""


def test_validate_against_an_earlier_release(ketasim, tmp_path):
    from ketasim.studies.read import shipped

    study = shipped() / "kamp2020"
    code, out, _ = ketasim("validate", study, "--replicates", 2, "--json")
    rows = json.loads(out)
    assert code == 0 and len(rows) > 1
    (tmp_path / "before.json").write_text(json.dumps(rows[1:]))
    words = ["validate", study, "--replicates", 2, "--report", tmp_path / "now.html", "--against"]
    assert ketasim(*words, tmp_path / "before.json")[0] == 0
    assert "1 rows are new, 0 are gone" in (tmp_path / "now.html").read_text()
    code, _, err = ketasim(*words, tmp_path / "nothing.json")
    assert code == 2 and "nothing.json" in err
    code, _, err = ketasim("validate", study, "--against", tmp_path / "before.json")
    assert code == 2 and "--report" in err
