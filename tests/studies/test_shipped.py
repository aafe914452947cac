"""The studies that come with the package: complete against the evidence tables, readable, cited, and run."""

from __future__ import annotations

import csv
import re
from functools import cache
from pathlib import Path

import pytest

from ketasim.core.citations import references
from ketasim.studies import KetasimSimulator, Settings, read_folder, scores, validate
from ketasim.studies.experiments import EXPERIMENTS, PLANNED
from ketasim.studies.outputs import CONTRACT
from ketasim.studies.study import Study


@cache
def studies() -> tuple[Study, ...]:
    return tuple(read_folder())


@pytest.mark.parametrize("table", ["pk_observations.csv", "brain_targets.csv", "clinical_targets.csv"])
def test_every_evidence_row_is_kept(shared: Path, table: str) -> None:
    with (shared / "evidence" / table).open(encoding="utf-8") as stream:
        wanted = {row["id"]: row for row in csv.DictReader(stream)}
    found = {row.evidence for study in studies() for row in study.observations}
    assert set(wanted) <= found


def test_evidence_values_and_uses_are_unchanged(shared: Path) -> None:
    """A row may only lose rights on the way (development → check, anything → do_not_score), never gain them."""
    turned = {"PK085"}  # printed as the bound share, kept as the unbound one
    with (shared / "evidence" / "pk_observations.csv").open(encoding="utf-8") as stream:
        evidence = {row["id"]: row for row in csv.DictReader(stream)}
    rows = {row.id: row for study in studies() for row in study.observations}
    for key, printed in evidence.items():
        row = rows[key]
        if key not in turned:
            assert row.value == float(printed["value"]), key
            assert row.unit == printed["unit"], key
        allowed = {
            "development": {"calibrate", "check", "do_not_score"},
            "transcription": {"transcription", "do_not_score"},
            "do_not_score": {"do_not_score"},
        }
        assert row.use in allowed[printed["split"]], key
        if printed["status"] == "recalled":
            assert row.status == "recalled" and row.use == "do_not_score", key
        if printed["tolerance"]:
            assert row.tolerance == "±" + printed["tolerance"].replace("%", " %"), key


def test_clinical_uses_are_unchanged(shared: Path) -> None:
    with (shared / "evidence" / "clinical_targets.csv").open(encoding="utf-8") as stream:
        use = {row["id"]: row["use"] for row in csv.DictReader(stream)}
    for study in studies():
        for row in study.observations:
            if row.evidence in use:
                # a check that set a number must say so ("calibrate"); the way back would hide what was fitted
                assert row.use in (use[row.evidence], "do_not_score", "calibrate"), row.id


def test_ids_are_unique() -> None:
    ids = [row.id for study in studies() for row in study.observations]
    assert len(ids) == len(set(ids))


def test_every_citation_is_in_the_bibliography() -> None:
    missing = {key for study in studies() for key in study.citations if key not in references()}
    assert not missing


def test_outputs_and_experiments_are_of_the_contract() -> None:
    known = CONTRACT | KetasimSimulator().outputs("ketamine", "0.5 mg/kg iv over 40 min")
    for study in studies():
        for row in study.observations:
            for name in (row.output, row.denominator):
                assert not name or name in known, (study.id, row.id, name)
            assert not row.experiment or row.experiment in (*EXPERIMENTS, *PLANNED), row.id


def test_regimens_parse() -> None:
    from ketasim.dosing import Regimen

    for study in studies():
        for arm in study.arms:
            if arm.regimen:
                assert str(Regimen.parse(arm.regimen)), (study.id, arm.id)


def test_numbers_fitted_in_the_tables_name_calibrate_rows() -> None:
    """A parameter that lists the rows it was fitted to lists rows that may set a parameter (or explains an
    exponent)."""
    from ketasim.core.parameters import ParameterTable

    every = [row for study in studies() for row in study.observations]
    root = Path(__file__).parents[2] / "src" / "ketasim" / "data" / "parameters"
    for file in sorted(root.rglob("*.toml")):
        for parameter in ParameterTable.load(file.relative_to(root).with_suffix("").as_posix()):
            for key in parameter.rows:
                named = [row for row in every if any(re.fullmatch(f"{key}[a-z]?", x) for x in (row.id, row.evidence))]
                assert named, (file.name, parameter.name, key)
                for row in named:
                    assert row.use in ("calibrate", "do_not_score") and row.status != "recalled", (parameter.name, key)


def test_rows_without_an_infusion_time_are_shown() -> None:
    """PK166, PK167, PK172, PK173 and PK182: the IV arm of chong2006 has no infusion time in the notes."""
    rows = {row.id: row for study in studies() for row in study.observations}
    for key in ("PK166", "PK167", "PK172", "PK173", "PK182"):
        assert rows[key].use == "do_not_score" and "infusion time" in rows[key].reason


@pytest.mark.slow
def test_kinetics_meet_what_was_asked_of_them() -> None:
    """Transcriptions all inside; adult IV venous at least 80 % within 1.5-fold with GMFE ≤ 1.35; known misses miss."""
    rows = validate(systems="pk", settings=Settings(replicates=20))
    assert not [row for row in rows if row["verdict"] == "error"]
    copied = [row for row in rows if row["use"] == "transcription"]
    assert len(copied) > 50 and all(row["verdict"] == "pass" for row in copied)
    groups = {s["group"]: s for s in scores(rows)}
    assert groups["adult IV, venous, independent of the model"]["met"] is True
    by_id = {row["id"]: row for row in rows}
    assert by_id["PK084"]["verdict"] == "fail"  # volume at steady state of the label: a known miss, shown as one


def test_the_format_is_documented(root: Path) -> None:
    """Every field and every statistic of the format has its line in the reference."""
    from ketasim.studies.catalogue import STATISTICS
    from ketasim.studies.study import Arm, Observation, Population

    text = (root / "docs" / "reference" / "study_format.md").read_text(encoding="utf-8")
    names = [
        *STATISTICS,
        *(f.alias or n for m in (Study, Arm, Observation, Population) for n, f in m.model_fields.items()),
    ]
    assert [name for name in names if name != "path" and f"`{name}`" not in text] == []


def test_the_example_of_the_reference_is_a_study(root: Path, tmp_path: Path) -> None:
    from ketasim.studies import read_study

    text = (root / "docs" / "reference" / "study_format.md").read_text(encoding="utf-8")
    folder = tmp_path / "smith2020"
    folder.mkdir()
    (folder / "study.toml").write_text(text.split("```toml\n")[1].split("```")[0], encoding="utf-8")
    assert read_study(folder / "study.toml").observations[0].value == -9.1
