"""The command line as a user meets it: exit status, one sentence on standard error, data on standard output."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from ketasim.cli.verbs import VERBS

IV = "0.5 mg/kg iv over 40 min"


def ketasim(*words: str, **options) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ketasim", *map(str, words)], capture_output=True, text=True, timeout=120, **options
    )


REFUSED = {
    "no dose": ([], "dose"),
    "unknown drug": (["--dose", "flurbinol 0.5 mg/kg iv over 40 min"], "flurbinol"),
    "unknown route": (["--dose", "0.5 mg/kg nowhere over 40 min"], "nowhere"),
    "missing unit": (["--dose", "0.5 iv over 40 min"], "0.5"),
    "negative dose": (["--dose", "-0.5 mg/kg iv over 40 min"], "-0.5"),
    "empty sentence": (["--dose", ""], "regimen"),
    "weight 0": (["--dose", IV, "--weight", "0"], "weight_kg"),
    "weight 700": (["--dose", IV, "--weight", "700"], "weight_kg"),
    "weight nan": (["--dose", IV, "--weight", "nan"], "weight_kg"),
    "unknown sex": (["--dose", IV, "--sex", "x"], "sex"),
    "unknown covariate": (["--dose", IV, "--patient", "wieght_kg=70"], "weight_kg"),
    "covariate without value": (["--dose", IV, "--patient", "weight_kg"], "name=value"),
    "unknown model": (["--dose", IV, "--model", "nosuch"], "nosuch"),
    "unknown engine": (["--dose", IV, "--engine", "steam"], "steam"),
    "unknown output": (["--dose", IV, "--output", "nosuch"], "nosuch"),
    "unknown layer": (["--dose", IV, "--vary", "weather"], "weather"),
    "no people": (["--dose", IV, "--subjects", "0"], "subjects"),
    "end that is no time": (["--dose", IV, "--until", "soon"], "soon"),
    "dose after the end": (["--dose", f"{IV} at day 9", "--until", "2d"], "216"),
    "file ending": (["--dose", IV, "--out", "values.xlsx"], "values.xlsx"),
    "scenario that is not there": (["nosuch.toml"], "nosuch.toml"),
    "observations that are not there": (["--dose", IV, "--report", "r.html", "--observed", "nosuch.csv"], "nosuch.csv"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_bad_input_ends_in_one_sentence(case, tmp_path):
    words, named = REFUSED[case]
    done = ketasim("simulate", *words, cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    assert named in done.stderr
    assert "Traceback" not in done.stderr
    assert len([line for line in done.stderr.splitlines() if line.startswith("ketasim: ")]) == 1
    assert not list(tmp_path.iterdir())


SCENARIOS = {
    "empty": ("", "empty"),
    "not TOML": ("regimen = ", "valid TOML"),
    "unknown key": (f'regimen = "{IV}"\nwait = 3\n', "wait"),
    "wrong type of regimen": ("regimen = 3\n", "regimen"),
    "wrong type of until": (f'regimen = "{IV}"\nuntil = [1]\n', "until"),
    "wrong type of seed": (f'regimen = "{IV}"\nseed = "one"\n', "seed"),
    "patient that is no table": (f'regimen = "{IV}"\npatient = 70\n', "patient"),
    "wrong type of weight": (f'regimen = "{IV}"\n[patient]\nweight_kg = "heavy"\n', "weight_kg"),
    "no regimen": ("[patient]\nweight_kg = 70\n", "regimen"),
}


@pytest.mark.parametrize("case", SCENARIOS)
def test_bad_scenario_ends_in_one_sentence(case, tmp_path):
    text, named = SCENARIOS[case]
    path = tmp_path / "scenario.toml"
    path.write_text(text, encoding="utf-8")
    done = ketasim("simulate", path)
    assert done.returncode == 2, done.stderr
    assert named in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_says_what_it_does(verb):
    done = ketasim(verb, "--help")
    assert done.returncode == 0, done.stderr
    assert VERBS[verb].help.split()[0] in ketasim("--help").stdout


def test_unknown_verb_is_refused():
    assert ketasim("simulat").returncode == 2


def test_json_is_the_public_form():
    done = ketasim("simulate", "--dose", IV, "--until", "6h", "--output", "ketamine.venous", "--json")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    curve = said["outputs"]["ketamine.venous"]
    assert curve["unit"] == "ng/mL"
    assert len(curve["time_h"]) == len(curve["value"])
    assert curve["time_h"][-1] == 6.0
    assert said["manifest"]["seed"] == 0


def test_table_on_a_pipe_is_tab_separated():
    done = ketasim("simulate", "--dose", IV, "--until", "6h", "--output", "ketamine.venous,ketamine.arterial")
    head, *rows = [line.split("\t") for line in done.stdout.splitlines()]
    assert [row[0] for row in rows] == ["ketamine.venous", "ketamine.arterial"]
    assert {len(row) for row in rows} == {len(head)}


def test_flags_replace_what_the_scenario_says(tmp_path):
    path = tmp_path / "course.toml"
    path.write_text(
        f'regimen = "{IV}"\nuntil = "6h"\noutputs = ["ketamine.venous"]\n[patient]\nweight_kg = 60\n', "utf-8"
    )
    plain = ["--dose", IV, "--until", "6h", "--output", "ketamine.venous", "--weight", 90]
    said = [
        json.loads(ketasim("simulate", *words, "--json").stdout) for words in ([path], [path, "--weight", 90], plain)
    ]
    values = [one["outputs"]["ketamine.venous"]["value"] for one in said]
    assert values[0] != values[1]
    assert values[1] == values[2]


def test_out_and_report_are_written(tmp_path):
    out, report = tmp_path / "new" / "run.csv", tmp_path / "run.html"
    done = ketasim("simulate", "--dose", IV, "--until", "6h", "--out", out, "--report", report)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert out.read_text("utf-8").startswith("subject,time_h,output,value,unit")
    assert report.read_text("utf-8").lstrip().lower().startswith("<!doctype html>")


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write anywhere")
def test_target_that_cannot_be_written(tmp_path):
    tmp_path.chmod(0o500)
    done = ketasim("simulate", "--dose", IV, "--out", tmp_path / "run.csv")
    assert done.returncode == 2
    assert "can be written" in done.stderr


def test_target_below_a_file_is_refused(tmp_path):
    (tmp_path / "file").write_text("", "utf-8")
    done = ketasim("simulate", "--dose", IV, "--out", tmp_path / "file" / "run.csv")
    assert done.returncode == 2
    assert "can be written" in done.stderr


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_interrupt_is_clean(tmp_path):
    out = tmp_path / "run.csv"
    run = subprocess.Popen(
        [sys.executable, "-m", "ketasim", "simulate", "--dose", f"{IV}, 2/week for 26 weeks", "--until", "200d",
         "--subjects", "20000", "--engine", "reference", "--output", "ketamine.venous", "--out", out],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    time.sleep(2.5)
    run.send_signal(signal.SIGINT)
    stdout, stderr = run.communicate(timeout=60)
    assert run.returncode == 130, stderr
    assert "Traceback" not in stderr
    assert stdout == ""
    assert not list(tmp_path.iterdir())


def test_an_interrupt_within_an_import_is_clean_too():
    """Python marks an interrupt that passes an exec, as dataclasses use, and would end by the signal."""
    code = (
        "from ketasim.cli import application, main\n"
        "@application.guarded\n"
        "def slow():\n"
        "    exec('raise KeyboardInterrupt')\n"
        "try:\n"
        "    slow()\n"
        "except application.typer.Exit as end:\n"
        "    raise SystemExit(end.exit_code)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 130, done.stderr


def test_closed_pipe_is_no_traceback():
    line = f'"{sys.executable}" -m ketasim simulate --dose "{IV}" --json | head -c 10'
    done = subprocess.run(line, shell=True, capture_output=True, text=True, timeout=120)
    assert "Traceback" not in done.stderr


def test_explain_names_the_paper():
    done = ketasim("explain", "ketamine.venous", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found
    assert all({"name", "kind"} <= set(item) for item in found)


def test_explain_offers_what_was_meant():
    done = ketasim("explain", "ketamine.venos")
    assert done.returncode == 2
    assert "ketamine.venous" in done.stderr


def test_cite_prints_each_paper_once():
    done = ketasim("cite")
    assert done.returncode == 0, done.stderr
    keys = [line for line in done.stdout.splitlines() if line.startswith("@")]
    assert keys
    assert len(keys) == len(set(keys))


def test_export_latex_to_a_file(tmp_path):
    out = tmp_path / "model.tex"
    done = ketasim("export", "latex", "--model", "kamp2020", "--out", out)
    assert done.returncode == 0, done.stderr
    assert r"\begin{document}" in out.read_text("utf-8")


def test_export_sbml_to_standard_output():
    done = ketasim("export", "sbml", "--model", "kamp2020", "--dose", IV, "--weight", 63)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("<?xml")
    assert "level3/version2" in done.stdout


def test_export_javascript_to_standard_output():
    done = ketasim("export", "javascript", "--model", "kamp2020", "--dose", IV)
    assert done.returncode == 0, done.stderr
    assert "export" in done.stdout


def test_export_names_what_it_cannot_read(tmp_path):
    assert ketasim("export", "sbml", "--dose", "0.5 mg/kg nowhere").returncode == 2
    assert ketasim("export", "latex", "--out", tmp_path / "model.doc").returncode == 2
    assert ketasim("export", "morse").returncode == 2
