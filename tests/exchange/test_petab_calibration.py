"""A calibration handed over as a PEtab problem: the linter passes it, another simulator gets the same rows."""

import numpy as np
import pytest

from ketasim.core.errors import InputError
from ketasim.exchange.petab_calibration import write_calibration
from ketasim.fitting.calibrate import calibrate

LINK = "kinetics/plasma.link"


@pytest.fixture(scope="module")
def handed(tmp_path_factory):
    done = calibrate("otto2021", [LINK], people=1, nuisance=False)
    return done, *write_calibration(done, tmp_path_factory.mktemp("petab"))


def test_the_linter_passes_it(handed):
    v2 = pytest.importorskip("petab.v2", reason="PEtab's library is not installed")
    pytest.importorskip("libsbml")
    done, file, left_out = handed
    read = v2.Problem.from_yaml(file)
    assert [str(issue) for issue in read.validate()] == []
    assert left_out == []
    assert read.n_measurements == len(done.lines)
    assert read.get_x_nominal_dict() == {"link": pytest.approx(done[LINK].value)}


def test_libroadrunner_gets_the_rows_from_its_files(handed):
    """The model file, the condition (a number in minutes, its target in hours) and the measurement times alone."""
    roadrunner = pytest.importorskip("roadrunner", reason="libRoadRunner is not installed")
    done, file, _ = handed

    def table(name):
        head, *rows = [line.split("\t") for line in (file.parent / name).read_text().splitlines()]
        return [dict(zip(head, row, strict=True)) for row in rows]

    (condition,), (number,) = table("conditions.tsv"), table("parameters.tsv")
    factor, _, name = condition["targetValue"].partition(" * ")
    assert name == number["parameterId"] == "link"
    model = roadrunner.RoadRunner(str(next(file.parent.glob("*.xml"))))
    model.integrator.setValue("relative_tolerance", 1e-9)
    model.setValue(condition["targetId"], float(factor) * float(number["nominalValue"]))
    (observable,) = table("observables.tsv")
    times = [float(r["time"]) for r in table("measurements.tsv")]
    model.timeCourseSelections = ["time", observable["observableFormula"]]
    found = model.simulate(times=[0.0, *times])[1:, 1]
    assert found == pytest.approx(done.bench.predict(done.point.z)[0], rel=1e-4)
    assert [float(r["measurement"]) for r in table("measurements.tsv")] == [line.observed for line in done.lines]


def test_what_petab_cannot_hold_is_named(handed, tmp_path):
    import dataclasses

    done = handed[0]
    first = done.bench.targets[0]
    area = dataclasses.replace(first, row=first.row.model_copy(update={"statistic": "AUC"}))
    bench = dataclasses.replace(done.bench, targets=(area, *done.bench.targets[1:]))
    other = dataclasses.replace(done, bench=bench)
    with pytest.raises(InputError, match=f"{first.row.id}.*AUC"):
        write_calibration(other, tmp_path / "a")
    _, left_out = write_calibration(other, tmp_path / "b", leave_out=True)
    assert left_out == [f"row {first.row.id} left out: statistic AUC"]
    assert len((tmp_path / "b" / "measurements.tsv").read_text().splitlines()) == len(done.lines)
    assert np.isfinite(done.misfit)
