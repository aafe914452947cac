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


def test_a_chunk_in_blocks_is_the_same(tmp_path, monkeypatch):
    """However few people are in memory at once, the rows, the counts and the curves are the same."""
    p = plan(subjects=150, chunk_size=150, keep="curves")
    whole = run(p, tmp_path / "whole")
    monkeypatch.setattr("ketasim.studies.population.chunk.BLOCK_VALUES", 1)
    blocks = run(p, tmp_path / "blocks")
    assert rows(tmp_path / "whole") == rows(tmp_path / "blocks")
    for name, values in whole.quantiles.items():
        assert (values == blocks.quantiles[name]).all()
    import pyarrow.parquet as pq

    name = "curves-000000.parquet"
    a, b = (pq.read_table(tmp_path / f / name).to_pandas() for f in ("whole", "blocks"))
    order = ["subject", "output", "time_h"]
    assert a.sort_values(order, ignore_index=True).equals(b.sort_values(order, ignore_index=True))
    assert pq.ParquetFile(tmp_path / "blocks" / file_name(0)).num_row_groups == 3


def test_a_number_of_parts_shares_people_evenly():
    p = plan(subjects=10, parts=4)
    assert [len(p.rows(c)) for c in range(p.chunks)] == [2, 3, 2, 3]
    assert sorted(i for c in range(4) for i in p.rows(c)) == list(range(10))
    with pytest.raises(InputError, match="at most 10"):
        plan(subjects=10, parts=11)


COMMAND = ["simulate", "--dose", REGIMEN, "--until", "6h", "--output", "ketamine.venous", "--seed", "5"]


def said(words, capsys):
    """Exit status, stdout and stderr of the command line."""
    from ketasim.cli import main

    with pytest.raises(SystemExit) as left:
        raise SystemExit(main(words))
    out = capsys.readouterr()
    return left.value.code or 0, out.out, out.err


@pytest.mark.parametrize("who", [["--weight", "62", "--sex", "female"], ["--population", "elderly"]])
def test_simulate_by_chunks_is_simulate(tmp_path, capsys, who):
    """Three array jobs in any order, one of them twice, then gathered: Cmax of everybody as simulate itself gives."""
    import ketasim as ks

    command, folder = [*COMMAND, "--subjects", "40", *who], str(tmp_path / "run")
    for i in (2, 3):
        assert said([*command, "--out", folder, "--chunk", f"{i}/3"], capsys)[0] == 0
    status, _, told = said(["simulate", "--gather", "--out", folder], capsys)
    assert status == 1
    assert "chunk 1 of 3 missing" in told
    for i in (1, 2):
        assert said([*command, "--out", folder, "--chunk", f"{i}/3"], capsys)[0] == 0
    status, printed, _ = said(["simulate", "--gather", "--out", folder, "--json"], capsys)
    assert status == 0
    assert json.loads(printed)["summary"][0]["subjects"] == 40
    drawn = ks.sample("elderly", 40, 5) if "elderly" in who else ks.Patient(weight_kg=62, sex="female")
    plain = ks.simulate("ketamine", drawn, REGIMEN, seed=5, subjects=40, until=6.0, outputs=["ketamine.venous"])
    assert [c for _, c, _ in rows(tmp_path / "run")] == plain["ketamine.venous"].max(axis=1).tolist()


def test_simulate_goes_on_in_a_folder_cut_otherwise(tmp_path, capsys):
    command = [*COMMAND, "--subjects", "12", "--out", str(tmp_path / "run")]
    assert said([*command, "--chunk", "1/3"], capsys)[0] == 0
    assert said(command, capsys)[0] == 0
    assert len(list((tmp_path / "run").glob("part-*.parquet"))) == 3


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["--chunk", "1/3"], "--out"),
        (["--chunk", "1/3", "--out", "people.parquet"], "--out"),
        (["--chunk", "4/3", "--out", "run"], "--chunk"),
        (["--chunk", "0/3", "--out", "run"], "--chunk"),
        (["--chunk", "one", "--out", "run"], "--chunk"),
        (["--chunk", "1/3", "--gather", "--out", "run"], "--gather"),
        (["--chunk", "1/99", "--out", "run"], "parts"),
        (["--workers", "2", "--out", "run", "--report", "r.html"], "--report"),
    ],
)
def test_simulate_says_what_cannot_be_in_chunks(words, named, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    status, printed, told = said([*COMMAND, "--subjects", "9", *words], capsys)
    assert (status, printed) == (2, "")
    assert named in told
    assert len(told.splitlines()) == 1


def _spawn(*words):
    return subprocess.Popen(
        [sys.executable, "-m", *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )


@pytest.fixture
def cluster(tmp_path):
    """A real scheduler and two real workers: (address, worker processes)."""
    pytest.importorskip("distributed")
    file = tmp_path / "scheduler.json"
    words = ("--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(file))
    processes = [_spawn("distributed.cli.dask_scheduler", *words)]
    try:
        for _ in range(300):
            if file.exists():
                break
            time.sleep(0.1)
        address = json.loads(file.read_text())["address"]
        words = ("--nthreads", "1", "--no-nanny", "--no-dashboard")
        for i in range(2):
            folder = ("--local-directory", str(tmp_path / f"w{i}"))
            processes.append(_spawn("distributed.cli.dask_worker", address, *words, *folder))
        yield address, processes[1:]
    finally:
        for process in reversed(processes):
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass


@pytest.mark.cluster
@pytest.mark.slow
def test_dask_with_a_worker_killed(tmp_path, cluster):
    """One of two workers killed in the middle: the result is whole and the same."""
    address, workers = cluster
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


@pytest.mark.cluster
@pytest.mark.slow
def test_simulate_on_a_scheduler(tmp_path, capsys, cluster):
    """The verb itself on Dask: the rest of a run whose first chunk was an array job's."""
    command = [*COMMAND, "--subjects", "60"]
    assert said([*command, "--out", str(tmp_path / "a"), "--chunk", "1/4"], capsys)[0] == 0
    assert said([*command, "--out", str(tmp_path / "a"), "--scheduler", cluster[0]], capsys)[0] == 0
    assert said([*command, "--out", str(tmp_path / "b")], capsys)[0] == 0
    assert len(list((tmp_path / "a").glob("part-*.parquet"))) == 4
    assert rows(tmp_path / "a") == rows(tmp_path / "b")


def test_no_scheduler_there(tmp_path, monkeypatch):
    pytest.importorskip("distributed")
    monkeypatch.setattr("ketasim.studies.population.cluster.WAIT_S", 1)
    with pytest.raises(InputError, match="scheduler"):
        run(plan(), tmp_path, scheduler="tcp://127.0.0.1:9")


def test_processes_agree_with_one(tmp_path):
    run(plan(), tmp_path / "one")
    run(plan(), tmp_path / "two", workers=2)
    assert rows(tmp_path / "one") == rows(tmp_path / "two")
