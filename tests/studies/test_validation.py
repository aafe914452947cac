# ruff: noqa: E501  (one row of a study a line)
"""validate on a simulator with known answers: verdicts, scores, reasons, the report, leave one out."""

from __future__ import annotations

import json
import math
from html.parser import HTMLParser
from pathlib import Path

import pytest

from ketasim.core.errors import InputError
from ketasim.studies import Settings, leave_one_out, read_folder, score, scores, validate, write_page
from ketasim.studies.naive import class_mean
from ketasim.studies.scoring import gmfe, mean_fold

from .analytic import Analytic

FEW = Settings(replicates=20)
HEAD = """
citations = ["kamp2020"]
[population.covariates]
age_y = 40
weight_kg = 70
[[arms]]
id = "iv"
regimen = "100 mg iv"
n = 12
site = "venous"
[[arms]]
id = "saline"
regimen = "saline iv"
n = 12
control = true
[[arms]]
id = "dish"
not_runnable = "a dish"
"""
# the analytic arm: 2000 exp(-0.2 t) ng/mL; madrs falls 1 point an hour for a day
ROWS = {
    "near": 'statistic = "concentration"\noutput = "ketamine.venous"\ntime = "5 h"\nvalue = 600\nunit = "ng/mL"',  # 736
    "far": 'statistic = "concentration"\noutput = "ketamine.venous"\ntime = "5 h"\nvalue = 300\nunit = "ng/mL"',
    "calibrated": 'statistic = "half_life"\noutput = "ketamine.venous"\nvalue = 3.4\nunit = "h"\nuse = "calibrate"',
    "read": 'statistic = "Cmax"\noutput = "ketamine.venous"\nvalue = 10\nunit = "ng/mL"\nuse = "do_not_score"\nreason = "odd assay"',
    "recalled": 'statistic = "Cmax"\noutput = "ketamine.venous"\nvalue = 10\nunit = "ng/mL"\nstatus = "recalled"',
    "change": 'statistic = "change"\noutput = "madrs"\ntime = "24 h"\nvalue = -22\nunit = "points"\ntolerance = "±3"\nlayer = "weeks"',
    "loose": 'statistic = "change"\noutput = "madrs"\ntime = "24 h"\nvalue = -22\nunit = "points"\nlayer = "weeks"',
    "difference": 'statistic = "difference"\nof = "change"\ncomparator = "saline"\noutput = "madrs"\ntime = "24 h"\nvalue = -12\nunit = "points"\ntolerance = "±3"\nlayer = "weeks"',
    "down": 'statistic = "sign"\nof = "change"\noutput = "madrs"\ntime = "24 h"\nvalue = -1\nlayer = "weeks"',
    "none": 'statistic = "sign"\nof = "change"\noutput = "madrs"\ntime = "24 h"\nvalue = 0\nlayer = "weeks"',
    "ordered": 'statistic = "rank"\nof = "change"\noutput = "madrs"\ntime = "24 h"\norder = ["iv", "saline"]\nlayer = "weeks"',
    "planned": 'statistic = "peak"\noutput = "cadss"\nvalue = 20\nunit = "points"\ntolerance = "±3"\nlayer = "acute"',
    "misspelt": 'statistic = "peak"\noutput = "cads"\nvalue = 20\nunit = "points"\ntolerance = "±3"\nlayer = "acute"',
    "unit": 'statistic = "Cmax"\noutput = "ketamine.venous"\nvalue = 20\nunit = "mmHg"',
    "never": 'statistic = "onset"\noutput = "ketamine.venous"\nthreshold = 1e9\nvalue = 20\nunit = "h"\ntolerance = "±3"',
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path, ROWS)


def write(tmp_path: Path, rows: dict[str, str], name: str = "kamp2020", arm: str = "iv") -> Path:
    home = tmp_path / name
    home.mkdir(exist_ok=True)
    text = HEAD + "".join(f'\n[[observations]]\nid = "{key}"\narm = "{arm}"\n{body}\n' for key, body in rows.items())
    (home / "study.toml").write_text(text, encoding="utf-8")
    return tmp_path


def test_verdicts(folder: Path) -> None:
    rows = {row["id"]: row for row in validate(folder, settings=FEW, simulator=Analytic())}
    assert list(rows) == list(ROWS)  # nothing is left out
    verdicts = {key: row["verdict"] for key, row in rows.items()}
    assert verdicts == {
        "near": "pass", "far": "fail", "calibrated": "pass", "read": "shown", "recalled": "shown", "change": "pass", "loose": "shown",
        "difference": "fail", "down": "pass", "none": "fail", "ordered": "pass", "planned": "shown", "misspelt": "error", "unit": "error",
        "never": "fail",
    }  # fmt: skip
    assert rows["near"]["predicted"] == pytest.approx(2000 * math.exp(-1), rel=1e-3)
    assert rows["near"]["error"] == pytest.approx(2000 * math.exp(-1) / 600, rel=1e-3)
    assert rows["near"]["tolerance_from"] == "default of kinetics"
    assert rows["difference"]["predicted"] == pytest.approx(-24.0)
    assert rows["read"]["reason"] == "odd assay" and rows["read"]["predicted"] == pytest.approx(2000)
    assert "recalled" in rows["recalled"]["reason"]
    assert rows["planned"]["reason"] == "the model ketamine gives no output cadss yet"
    assert "Did you mean 'cadss'" in rows["misspelt"]["reason"]
    assert "no value" in rows["never"]["reason"]


def test_rows_are_json(folder: Path) -> None:
    rows = validate(folder, settings=FEW, simulator=Analytic())
    assert json.loads(json.dumps(rows, allow_nan=False)) == rows


def test_systems(folder: Path) -> None:
    kinetic = validate(folder, "pk", settings=FEW, simulator=Analytic())
    assert {row["layer"] for row in kinetic} == {"kinetics"}
    assert len(validate(folder, ["weeks", "acute"], settings=FEW, simulator=Analytic())) == 8
    with pytest.raises(InputError, match="system is 'kinetic'"):
        validate(folder, "kinetic", settings=FEW, simulator=Analytic())


def test_naive_model_is_the_textbook_curve(folder: Path) -> None:
    """100 mg in 252 L with 79 L/h: 396.8 ng/mL exp(−0.3135 t)."""
    rows = {row["id"]: row for row in validate(folder, "pk", settings=FEW, simulator=WithDose())}
    assert rows["near"]["naive"] == pytest.approx(100 / 252 * 1000 * math.exp(-79 / 252 * 5), rel=1e-3)
    assert rows["near"]["naive_inside"] is False
    assert rows["calibrated"]["naive"] == pytest.approx(math.log(2) * 252 / 79, rel=1e-3)


class WithDose(Analytic):
    def run(self, request):  # type: ignore[no-untyped-def]
        from dataclasses import replace

        return replace(super().run(request), each_mg=(100.0,))


def test_naive_of_an_endpoint_is_the_mean_of_the_other_studies(tmp_path: Path) -> None:
    write(tmp_path, {"a": ROWS["change"]})
    write(tmp_path, {"b": ROWS["change"].replace("-22", "-10")}, "other2001")
    write(tmp_path, {"c": ROWS["change"].replace("-22", "-2")}, "third2002")
    write(tmp_path, {"d": ROWS["change"].replace("-22", "-99")}, "control2003", arm="saline")
    studies = read_folder(tmp_path)
    by_id = {study.id: study for study in studies}
    first = by_id["kamp2020"]
    assert class_mean(first.observations[0], first, studies) == pytest.approx((-10 - 2) / 2)  # drug arms of the others
    control = by_id["control2003"]
    assert class_mean(control.observations[0], control, studies) == 0.0  # no other control arm: no effect


def test_intervals_cover_as_they_should(tmp_path: Path) -> None:
    """Log-normal people, CV about 0.3, n = 12: the 90 % interval of the arm's median level is exp(±1.645·1.2533·0.3/√12)."""
    write(tmp_path, {"a": ROWS["near"] + '\nsummary = "median"'})
    (row,) = validate(tmp_path, settings=Settings(replicates=2000), simulator=Analytic(0.3))
    half = 1.645 * 1.2533 * 0.3 / math.sqrt(12)
    assert math.log(row["high"] / row["low"]) / 2 == pytest.approx(half, rel=0.08)
    assert row["predicted"] == pytest.approx(2000 * math.exp(-1), rel=0.02)


def test_arms_are_run_as_they_were(folder: Path) -> None:
    machine = Analytic()
    validate(folder, settings=FEW, simulator=machine)
    by_regimen = {(r.regimen, r.typical): r for r in machine.requests}
    request = by_regimen["100 mg iv", False]
    assert len(request.ids) == 20 * 12 and len(set(request.replicate)) == 20
    assert set(request.covariates["age_y"]) == {40.0}
    assert ("100 mg iv", True) not in by_regimen  # only transcription rows run the typical person


def test_transcription_runs_the_typical_person(tmp_path: Path) -> None:
    write(tmp_path, {"t": ROWS["near"].replace("600", "735.759") + '\nuse = "transcription"\ntolerance = "±2 %"'})
    machine = Analytic(0.5)
    (row,) = validate(tmp_path, settings=FEW, simulator=machine)
    assert row["verdict"] == "pass"
    assert [r.typical for r in machine.requests] == [True]


def test_same_seed_same_rows(folder: Path) -> None:
    first = validate(folder, settings=Settings(replicates=5, seed=3), simulator=Analytic(0.3))
    assert first == validate(folder, settings=Settings(replicates=5, seed=3), simulator=Analytic(0.3))
    assert first != validate(folder, settings=Settings(replicates=5, seed=4), simulator=Analytic(0.3))


def test_a_defect_in_one_arm_is_an_error_row(folder: Path) -> None:
    class Broken(Analytic):
        def run(self, request):  # type: ignore[no-untyped-def]
            raise ZeroDivisionError("oh")

    rows = validate(folder, settings=FEW, simulator=Broken())
    assert {row["verdict"] for row in rows if row["id"] == "near"} == {"error"}
    assert "ZeroDivisionError" in next(row["reason"] for row in rows if row["id"] == "near")


def test_gmfe_by_hand() -> None:
    assert gmfe([2.0, 0.5]) == pytest.approx(2.0)
    assert gmfe([1.0, 4.0]) == pytest.approx(2.0)
    assert gmfe([]) is None


def test_bias_by_hand(folder: Path) -> None:
    """Errors that cancel have no mean fold; 736 and 736 predicted for 600 and 300 are both above."""
    assert mean_fold([2.0, 0.5]) == pytest.approx(1.0) and mean_fold([2.0, 8.0]) == pytest.approx(4.0)
    assert mean_fold([]) is None
    rows = [r for r in validate(folder, settings=FEW, simulator=Analytic()) if r["id"] in ("near", "far")]
    found = score("two", rows)
    exact = 2000 * math.exp(-1.0)
    assert found["above"] == 1.0 and found["ratio"] == pytest.approx(exact / math.sqrt(600 * 300), rel=1e-6)


def test_processes_give_the_same_rows() -> None:
    from ketasim.studies.read import shipped

    seen: list[int] = []
    alone = validate(shipped() / "kamp2020", settings=Settings(replicates=2))
    both = validate(shipped(), "receptors", settings=Settings(replicates=2), workers=2,
                    progress=lambda done, total, name: seen.append(done))  # fmt: skip
    assert both == validate(shipped(), "receptors", settings=Settings(replicates=2))
    assert seen == sorted(seen) and seen[-1] == len(seen) > 1 and len({r["study"] for r in both}) > 1
    assert validate(shipped() / "kamp2020", settings=Settings(replicates=2), workers=2) == alone
    with pytest.raises(InputError, match="workers"):
        validate(shipped(), workers=2, simulator=Analytic())


def test_scores_keep_calibration_apart(folder: Path) -> None:
    rows = validate(folder, settings=FEW, simulator=Analytic())
    groups = {s["group"]: s for s in scores(rows)}
    assert groups["kinetics: calibrate"]["rows"] == 1
    assert groups["kinetics: check"]["rows"] == 3 and groups["kinetics: check"]["passed"] == 1
    target = groups["adult IV, venous, independent of the model"]
    assert target["rows"] == 2 and target["met"] is False
    assert score("x", [])["rows"] == 0


def test_leave_one_out(tmp_path: Path) -> None:
    write(tmp_path, {"a": ROWS["calibrated"], "b": ROWS["near"]})
    write(tmp_path, {"c": ROWS["near"]}, "other2001")
    seen: list[list[str]] = []

    def calibrate(rest):  # type: ignore[no-untyped-def]
        seen.append([s.id for s in rest])
        return {"part.CL": 12.0}

    machine = Analytic()
    rows = leave_one_out(calibrate, tmp_path, settings=FEW, simulator=machine)
    assert [row["id"] for row in rows] == ["a"]
    assert seen == [["other2001"]]
    assert machine.requests[0].overrides == {"part.CL": 12.0}


class Balanced(HTMLParser):
    VOID = {"meta", "br", "line", "circle", "path", "th", "td", "tr", "li", "p"}

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.open and self.open.pop() == tag


def test_report(folder: Path, tmp_path: Path) -> None:
    rows = validate(folder, settings=FEW, simulator=Analytic())
    rows[0]["note"] = "<script>alert(1)</script>"
    path = write_page(rows, tmp_path / "report.html")
    text = path.read_text(encoding="utf-8")
    Balanced().feed(text)
    assert "<script>" not in text and "http-equiv" not in text and "src=" not in text
    assert (
        text.index("could not be run")
        < text.index("Misses")
        < text.index("Inside tolerance")
        < text.index("Shown, not scored")
    )
    for key in ROWS:
        assert f">{key}<" in text
    for anchor in ("misses", "systems", "studies", "calibrated", "sources"):
        assert f"href='#{anchor}'" in text and f"id={anchor}>" in text
    assert "never set anything" in text
    with pytest.raises(InputError, match="report"):
        write_page(rows, tmp_path / "no" / "report.html")


def test_shipped_studies_are_the_context_of_a_foreign_folder(folder: Path) -> None:
    assert read_folder() != read_folder(folder)
