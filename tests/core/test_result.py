"""Results: reductions against closed forms, files that can be read back, nothing half-written."""

import csv
import json
import math

import numpy as np
import pytest

from ketasim.core.errors import InputError
from ketasim.core.parameters import Parameter
from ketasim.core.result import Result


def parameter(name="k", source="domino1984", **more):
    given = {"kind": "fitted", "status": "verified", "where": "Table 2", "printed": (0.5, "1/h"), **more}
    return Parameter(name=name, value=0.5, unit="1/h", source=source, **given)


def result(n=3, **more):
    """Exponentials 10·(i+1)·e^(−t)."""
    t = np.linspace(0, 8, 4001)
    decay = np.stack([10.0 * (i + 1) * np.exp(-t) for i in range(n)])
    return Result(
        outputs={"drug.arterial": decay, "effect": decay**2},
        units={"drug.arterial": "ng/mL", "effect": "fraction"},
        times_h=t,
        subjects=np.arange(n) + 7,
        manifest={"seed": 3, "model": "toy"},
        parameters={"a.k": parameter()},
        **more,
    )


def test_peak_time_and_area_are_those_of_the_exponential():
    r = result()
    assert r.cmax("drug.arterial").tolist() == [10.0, 20.0, 30.0]
    assert r.tmax("drug.arterial").tolist() == [0.0, 0.0, 0.0]
    assert r.auc("drug.arterial") == pytest.approx([10 * (i + 1) * (1 - math.exp(-8)) for i in range(3)], rel=1e-6)
    piece = r.auc("drug.arterial", 1.0, 2.0)
    assert piece == pytest.approx([10 * (i + 1) * (math.exp(-1) - math.exp(-2)) for i in range(3)], rel=1e-6)


def test_quantiles_leave_out_who_could_not_be_finished():
    r = result(5)
    values = r.outputs["drug.arterial"].copy()
    values[2] = np.nan
    gaps = Result(outputs={"x": values}, units={"x": "1"}, times_h=r.times_h, subjects=r.subjects)
    low, middle, high = gaps.quantiles("x")
    kept = np.delete(values, 2, axis=0)
    assert middle == pytest.approx(np.median(kept, axis=0))
    assert low == pytest.approx(np.percentile(kept, 5, axis=0))
    assert high == pytest.approx(np.percentile(kept, 95, axis=0))


def test_quantiles_where_single_values_are_missing_or_all_are():
    values = np.array([[1.0, np.nan, np.nan], [3.0, 4.0, np.nan], [5.0, 6.0, np.nan]])
    r = Result(outputs={"x": values}, units={"x": "1"}, times_h=np.arange(3.0), subjects=np.arange(3))
    assert r.quantiles("x", (0.5,))[0].tolist()[:2] == [3.0, 5.0]
    nobody = Result(outputs={"x": values * np.nan}, units={"x": "1"}, times_h=np.arange(3.0), subjects=np.arange(3))
    assert np.isnan(nobody.quantiles("x")).all()


def test_an_unknown_output_is_named_with_those_there_are():
    with pytest.raises(InputError, match=r"output is 'madrs'; allowed: drug\.arterial, effect"):
        result()["madrs"]
    assert "effect" in result()
    assert list(result()) == ["drug.arterial", "effect"]
    assert len(result()) == 3


def test_the_long_table_has_every_value_once():
    r = result(2)
    columns = r.columns()
    assert {len(v) for v in columns.values()} == {2 * 2 * 4001}
    pick = (np.array(columns["output"]) == "effect") & (columns["subject"] == 8) & (columns["time_h"] == r.times_h[17])
    assert columns["value"][pick].tolist() == [r["effect"][1, 17]]
    assert set(columns["unit"][np.array(columns["output"]) == "effect"]) == {"fraction"}


def test_csv_can_be_read_back(tmp_path):
    r = result(1)
    path = r.to_csv(tmp_path / "new" / "run.csv")
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 2 * 4001
    assert float(rows[5]["value"]) == r["drug.arterial"][0, 5]


@pytest.mark.parametrize("library", ["polars", "pandas"])
def test_frames(library):
    pytest.importorskip(library, reason=f"{library} is in the extra [frames] or [test]")
    frame = result(2).to_frame(library)
    assert list(frame.columns) == ["subject", "time_h", "output", "value", "unit"]
    assert frame["value"].sum() == pytest.approx(sum(v.sum() for v in result(2).outputs.values()))


def test_parquet_carries_its_manifest(tmp_path):
    pq = pytest.importorskip("pyarrow.parquet", reason="pyarrow is in the extra [frames]")
    table = pq.read_table(result().to_parquet(tmp_path / "run.parquet"))
    assert table.num_rows == 3 * 2 * 4001
    assert json.loads(table.schema.metadata[b"ketasim"])["seed"] == 3


def test_json_form_is_the_public_contract(tmp_path):
    one = json.loads(result(1, flags={"effect": ("assumed",)}, warnings=("look",)).to_json(tmp_path / "r.json"))
    assert set(one) == {"outputs", "manifest"}
    effect = one["outputs"]["effect"]
    assert set(effect) == {"unit", "time_h", "value", "flags"}
    assert isinstance(effect["value"][0], float)
    assert one["manifest"]["warnings"] == ["look"]
    assert json.loads((tmp_path / "r.json").read_text("utf-8")) == one
    many = json.loads(result(2).to_json())
    assert len(many["outputs"]["effect"]["value"]) == 2
    assert "flags" not in many["outputs"]["effect"]


def test_json_has_no_nan():
    r = Result(
        outputs={"x": np.array([[1.0, np.nan, np.inf]])},
        units={"x": "1"},
        times_h=np.arange(3.0),
        subjects=np.arange(1),
    )
    assert json.loads(r.to_json())["outputs"]["x"]["value"] == [1.0, None, None]


def test_nothing_is_left_behind_when_writing_fails(tmp_path, monkeypatch):
    r = result(1)
    folder = tmp_path / "taken"
    folder.mkdir()
    with pytest.raises(InputError, match="output file"):
        r.to_json(folder)
    target = tmp_path / "r.csv"
    target.write_text("old", encoding="utf-8")
    monkeypatch.setattr(csv, "writer", lambda *a, **k: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(InputError, match="No space left on device"):
        r.to_csv(target)
    assert target.read_text("utf-8") == "old"
    assert [p.name for p in tmp_path.iterdir() if p.is_file()] == ["r.csv"]


def test_sources_show_the_number_as_printed():
    (row,) = result().sources()
    assert (row["parameter"], row["value"], row["unit"]) == ("a.k", "0.5", "1/h")
    assert (row["kind"], row["status"], row["source"], row["where"]) == ("fitted", "verified", "domino1984", "Table 2")


def test_bibtex_is_exactly_what_was_used():
    used = {"a": parameter(), "b": parameter("b", "assumed", kind="assumed"), "c": parameter("c", "user")}
    r = Result(outputs={}, units={}, times_h=np.zeros(0), subjects=np.zeros(0), parameters=used)
    text = r.bibtex()
    assert "{domino1984," in text
    assert "clements1981" not in text


def test_plot_has_one_panel_an_output():
    matplotlib = pytest.importorskip("matplotlib", reason="matplotlib is in the extra [plot]")
    matplotlib.use("Agg")
    figure = result().plot("drug.arterial", "effect", log=True)
    assert [a.get_yscale() for a in figure.axes] == ["log", "log"]
    assert "ng/mL" in figure.axes[0].get_ylabel()
