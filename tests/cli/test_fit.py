"""The verbs fit and vpc on the example that is shipped."""

import json
import subprocess
import sys

import pytest


def run(root, *words):
    return subprocess.run(
        [sys.executable, "-m", "ketasim", *words], capture_output=True, text=True, cwd=root, check=False
    )  # fmt: skip


FILES = ("examples/fit/bolus.py", "examples/fit/bolus.csv")


@pytest.fixture(scope="module")
def fitted(tmp_path_factory):
    from pathlib import Path

    root, folder = Path(__file__).resolve().parents[2], tmp_path_factory.mktemp("fit")
    report, table = folder / "fit.html", folder / "fit.csv"
    done = run(root, "fit", *FILES, "--method", "laplace", "--json", "--report", str(report), "--table", str(table))
    assert done.returncode == 0, done.stderr
    (folder / "fit.json").write_text(done.stdout)
    return folder


def test_the_example_gives_back_what_it_was_simulated_from(fitted):
    found = json.loads((fitted / "fit.json").read_text())
    assert found["converged"]
    rows = {r["name"]: r for r in found["estimates"]}
    for name, true in (("CL", 60.0), ("V", 150.0), ("omega(CL)", 0.0625), ("omega(V)", 0.04),
                       ("sigma(proportional)", 0.12)):  # fmt: skip
        assert abs(rows[name]["estimate"] - true) < 3 * rows[name]["se"], name


def test_report_and_table_hold_every_panel_and_every_row(fitted):
    page = (fitted / "fit.html").read_text()
    for words in (
        "Observed against population prediction",
        "CWRES over time",
        "Predictive check",
        "Below the limit",
        "Prediction-corrected",
        "NPDE over time",
        "Everybody's own fit",
        "robust SE",
    ):
        assert words in page
    lines = (fitted / "fit.csv").read_text().splitlines()
    assert lines[0] == "ID,TIME,DV,PRED,IPRED,IWRES,CWRES,BLQ"
    assert len(lines) == 1 + 24 * 7


def test_a_check_of_the_fit_on_its_data(root, fitted):
    done = run(root, "vpc", *FILES, "--fit", str(fitted / "fit.json"), "--json", "--replicates", "100")
    assert done.returncode == 0, done.stderr
    (band,) = json.loads(done.stdout)
    assert band["inside"] > 0.7
    start = run(root, "vpc", *FILES, "--json", "--replicates", "100")
    assert json.loads(start.stdout)[0]["inside"] < 0.5


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["fit", "nothing.py", FILES[1]], "specification"),
        (["fit", FILES[0], "nothing.csv"], "data"),
        (["fit", *FILES, "--method", "magic"], "foce-i"),
        (["fit", *FILES, "--report", "x.pdf"], ".html"),
        (["vpc", *FILES, "--fit", "nothing.json"], "ketasim fit --json"),
        (["vpc", *FILES, "--stratify", "colour"], "colour"),
    ],
)
def test_mistakes_end_with_one_sentence_and_status_2(root, words, said):
    done = run(root, *words)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
