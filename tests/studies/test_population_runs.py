"""Population runs: chunks add up, order and workers do not matter, holes are named."""

import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

pytest.importorskip("pyarrow")
pytest.importorskip("duckdb")

from ketasim.core.errors import InputError
from ketasim.studies.population import Plan, gather, run, run_chunk
from ketasim.studies.population.chunk import file_name
from ketasim.studies.population.gather import Incomplete, missing
from ketasim.studies.population.sketch import Sketch

REGIMEN = "0.5 mg/kg iv over 40 min"


def plan(**changes):
    fields = {
        "regimen": REGIMEN,
        "subjects": 60,
        "chunk_size": 20,
        "outputs": ("ketamine.venous",),
        "until_h": 6.0,
        "seed": 3,
    }
    return Plan.of(**{**fields, **changes})


def rows(folder):
    """The per-subject table of a run, as sorted tuples."""
    import pyarrow.parquet as pq

    tables = [pq.read_table(f).to_pydict() for f in sorted(folder.glob("part-*.parquet"))]
    return sorted((s, c, a) for t in tables for s, c, a in zip(t["subject"], t["cmax"], t["auc"], strict=True))


def test_cut_does_not_matter(tmp_path):
    """60 people in chunks of 20 and of 7, done backwards, are the same people to the last bit."""
    run(plan(), tmp_path / "a")
    other = plan(chunk_size=7)
    other.write(tmp_path / "b")
    for chunk in reversed(range(other.chunks)):
        run_chunk(other, chunk, tmp_path / "b")
    assert rows(tmp_path / "a") == rows(tmp_path / "b")
    assert len(rows(tmp_path / "a")) == 60


def test_twice_is_once(tmp_path):
    p = plan()
    run(p, tmp_path)
    before = rows(tmp_path)
    (tmp_path / file_name(1)).unlink()
    run_chunk(p, 1, tmp_path)
    run_chunk(p, 1, tmp_path)
    assert rows(tmp_path) == before
    assert not list(tmp_path.glob(".*.part"))


def test_holes_are_named(tmp_path):
    p = plan()
    p.write(tmp_path)
    run_chunk(p, 0, tmp_path)
    run_chunk(p, 2, tmp_path)
    with pytest.raises(Incomplete, match="chunk 2 of 3 missing"):
        gather(tmp_path)
    (tmp_path / file_name(0)).write_bytes(b"torn")
    assert missing(tmp_path) == [0, 1]
    run(p, tmp_path)
    assert missing(tmp_path) == []


def test_another_run_is_refused(tmp_path):
    plan().write(tmp_path)
    with pytest.raises(InputError, match="holds run"):
        plan(seed=4).write(tmp_path)


@pytest.mark.parametrize(
    ("changes", "field"), [({"subjects": 0}, "subjects"), ({"keep": "all"}, "keep"), ({"until_h": -1}, "until_h")]
)
def test_bad_plans_name_the_field(changes, field):
    with pytest.raises(InputError, match=field):
        plan(**changes)


def test_sketch_quantiles_match_numpy():
    """Counts in bins give NumPy's quantiles to a bin width, however the people are split."""
    rng = np.random.default_rng(0)
    values = rng.lognormal(size=(4000, 2, 3))
    low, high = Sketch.ranges(values[:256])
    whole = Sketch.of(values, low, high)
    parts = Sketch.of(values[:1000], low, high) + Sketch.of(values[1000:], low, high)
    assert (whole.counts == parts.counts).all()
    for q in (0.05, 0.5, 0.95):
        width = (high - low) / 512
        assert np.all(np.abs(parts.quantile(q) - np.quantile(values, q, axis=0)) <= 1.5 * width)


def test_summary_counts_everybody(tmp_path):
    found = run(plan(keep="curves"), tmp_path)
    assert found.summary[0]["subjects"] == 60
    assert found.summary[0]["failed"] == 0
    assert found.quantiles["ketamine.venous"].shape == (5, len(found.times_h))
    assert len(list(tmp_path.glob("curves-*.parquet"))) == 3


def _spawn(*words):
    return subprocess.Popen(
        [sys.executable, "-m", *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )


@pytest.mark.cluster
@pytest.mark.slow
def test_dask_with_a_worker_killed(tmp_path):
    """A real scheduler and two real workers, one killed in the middle: the result is whole and the same."""
    pytest.importorskip("distributed")
    address_file = tmp_path / "scheduler.json"
    scheduler = _spawn(
        "distributed.cli.dask_scheduler",
        "--host",
        "127.0.0.1",
        "--port",
        "0",
        "--no-dashboard",
        "--scheduler-file",
        str(address_file),
    )
    workers = []
    try:
        for _ in range(300):
            if address_file.exists():
                break
            time.sleep(0.1)
        address = json.loads(address_file.read_text())["address"]
        workers = [
            _spawn(
                "distributed.cli.dask_worker",
                address,
                "--nthreads",
                "1",
                "--no-nanny",
                "--no-dashboard",
                "--local-directory",
                str(tmp_path / f"w{i}"),
            )
            for i in range(2)
        ]
        p = plan(subjects=400, chunk_size=20)
        told = []

        def progress(done, total):
            told.append(done)
            if done == 4:
                os.killpg(workers[0].pid, signal.SIGKILL)

        run(p, tmp_path / "cluster", scheduler=address, progress=progress)
        run(p, tmp_path / "here")
        assert rows(tmp_path / "cluster") == rows(tmp_path / "here")
        assert told[-1] == p.chunks
    finally:
        for process in (*workers, scheduler):
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass


def test_no_scheduler_there(tmp_path, monkeypatch):
    pytest.importorskip("distributed")
    monkeypatch.setattr("ketasim.studies.population.cluster.WAIT_S", 1)
    with pytest.raises(InputError, match="scheduler"):
        run(plan(), tmp_path, scheduler="tcp://127.0.0.1:9")


def test_processes_agree_with_one(tmp_path):
    run(plan(), tmp_path / "one")
    run(plan(), tmp_path / "two", workers=2)
    assert rows(tmp_path / "one") == rows(tmp_path / "two")
