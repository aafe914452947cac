"""What only the native engine promises: the same bits in any company, and safe object files."""

import dataclasses
import os
import subprocess
import sys
import textwrap
import threading
import time

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from tests.core.solvers.test_engines import NAMES, every_edge, every_kind, people

from ketasim.core import disk as cache
from ketasim.core.solvers.native import code as code_module
from ketasim.core.solvers.native import readout, run
from ketasim.core.solvers.native.code import code, usable
from ketasim.core.solvers.native.run import solve
from ketasim.core.solvers.reductions import Reduction

pytestmark = pytest.mark.skipif(not usable(), reason="no llvmlite or no fused multiply-add here")
TIMES = np.linspace(0, 12, 25)
SUMS = [Reduction("a", "auc"), Reduction("b", "tmax"), Reduction("o", "time_above", 4.0)]


def everything(solution):
    return [solution.values, solution.final_state, solution.stats["accepted"], *solution.reductions.values()]


def same(a, b):
    for x, y in zip(everything(a), everything(b), strict=True):
        assert_array_equal(x, y)


@pytest.fixture(scope="module")
def truth():
    return solve(every_kind(), people(37), every_edge(37), TIMES, NAMES, reductions=SUMS)


@pytest.mark.parametrize("lanes", [1, 2, 4, 8])
def test_bits_do_not_depend_on_lanes(truth, lanes):
    same(truth, solve(every_kind(), people(37), every_edge(37), TIMES, NAMES, reductions=SUMS, lanes=lanes))


@pytest.mark.parametrize("threads", [2, 5])
def test_bits_do_not_depend_on_threads(truth, threads):
    same(truth, solve(every_kind(), people(37), every_edge(37), TIMES, NAMES, reductions=SUMS, threads=threads))


def test_bits_do_not_depend_on_order_or_company(truth):
    order = np.random.default_rng(0).permutation(37)[:20]
    got = solve(every_kind(), people(37)[order], every_edge(37).take(order), TIMES, NAMES, reductions=SUMS)
    for x, y in zip(everything(truth), everything(got), strict=True):
        assert_array_equal(x[order], y)


def test_a_spoiled_neighbour_changes_nothing(truth):
    p = people(37)
    p[5] = np.nan
    got = solve(every_kind(), p, every_edge(37), TIMES, NAMES)
    keep = np.arange(37) != 5
    assert_array_equal(got.values[keep], truth.values[keep])
    assert got.status[5] and not got.status[keep].any()


@pytest.mark.parametrize("lanes", [1, 4, 8])
def test_outputs_read_in_batches_have_the_same_bits(truth, lanes, monkeypatch):
    """Long outputs are read for one lane at many times; the parameter changes within, so batches must end there."""
    monkeypatch.setenv("KETASIM_CACHE", "")
    monkeypatch.setattr(readout, "LONG", -1)
    monkeypatch.setattr(code_module, "_readouts", {})
    same(truth, solve(every_kind(), people(37), every_edge(37), TIMES, NAMES, reductions=SUMS, lanes=lanes))
    got = solve(every_kind(), people(37), every_edge(37), TIMES, NAMES, lanes=lanes, threads=2)
    assert_array_equal(got.values, truth.values)


def test_other_outputs_do_not_change_a_result(truth):
    got = solve(every_kind(), people(37), every_edge(37), TIMES, ("m", "a"))
    assert_array_equal(got.values[:, 1], truth.values[:, 0])
    assert_array_equal(got.values[:, 0], truth.values[:, 6])


def test_python_runs_while_the_engine_works(monkeypatch):
    """The stepper releases the interpreter: a thread counts on while another solves."""
    ticks, stop = [], threading.Event()

    def count():
        while not stop.is_set():
            ticks.append(time.perf_counter())
            time.sleep(0.001)

    compiled = code(every_kind(), NAMES)
    calls = []
    timed = dataclasses.replace(compiled, run=lambda context: calls.append(time_call(compiled.run, context)))
    monkeypatch.setattr(run, "code", lambda *_: timed)
    thread = threading.Thread(target=count)
    thread.start()
    solve(every_kind(), people(20_000), every_edge(20_000), TIMES, NAMES)
    stop.set()
    thread.join()
    ((start, end),) = calls
    assert sum(start < t < end for t in ticks) > 0.1 * (end - start) / 0.001


def time_call(function, argument):
    start = time.perf_counter()
    function(argument)
    return start, time.perf_counter()


def test_threads_of_the_caller_do_not_meet(truth):
    """Eight callers at once, with other outputs and lanes each time."""
    wrong = []

    def work(k):
        for i in range(4):
            names = NAMES[(k + i) % 5 :]
            found = solve(
                every_kind(),
                people(37),
                every_edge(37),
                TIMES,
                names,
                threads=1 + k % 3,
                lanes=(1, 2, 4, 8)[(k + i) % 4],
            )
            expected = truth.values[:, [NAMES.index(n) for n in names]]
            if not np.array_equal(found.values, expected):
                wrong.append((k, i))

    callers = [threading.Thread(target=work, args=(k,)) for k in range(8)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert wrong == []


# ---- the cache of compiled objects
@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("KETASIM_CACHE", str(tmp_path / "objects"))
    return tmp_path / "objects"


def test_cache_gives_back_what_was_stored(folder):
    assert cache.read("k") is None
    assert cache.write("k", {"names": ["f"]}, b"code")
    assert cache.read("k") == ({"names": ["f"]}, b"code")
    assert cache.read("other") is None


def stored(folder):
    return next(folder.glob("*.ko"))


@pytest.mark.parametrize("harm", ["flip", "cut", "empty", "renamed"])
def test_cache_ignores_a_harmed_file(folder, harm):
    cache.write("k", {"names": ["f"]}, b"code" * 50)
    path = stored(folder)
    content = bytearray(path.read_bytes())
    if harm == "flip":
        content[-7] ^= 1
    path.write_bytes({"cut": content[:-9], "empty": b""}.get(harm, bytes(content)))
    if harm == "renamed":
        path.rename(folder / "other.ko")
        assert cache.read("other") is None
    else:
        assert cache.read("k") is None


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="permissions are those of POSIX")
def test_cache_ignores_what_others_may_write(folder, tmp_path):
    cache.write("k", {"names": ["f"]}, b"code")
    path = stored(folder)
    path.chmod(0o666)
    assert cache.read("k") is None
    path.chmod(0o600)
    assert cache.read("k") is not None
    moved = tmp_path / "elsewhere"
    path.rename(moved)
    path.symlink_to(moved)
    assert cache.read("k") is None
    path.unlink()
    folder.chmod(0o777)
    assert cache.cache_folder() is None and not cache.write("k", {}, b"")


def test_without_a_folder_the_engine_works_from_memory(tmp_path, monkeypatch, truth):
    blocked = tmp_path / "file"
    blocked.write_text("")
    monkeypatch.setenv("KETASIM_CACHE", str(blocked / "below"))
    assert cache.cache_folder() is None
    monkeypatch.setattr(code_module, "_models", {})
    monkeypatch.setattr(code_module, "_readouts", {})
    same(truth, solve(every_kind(), people(37), every_edge(37), TIMES, NAMES, reductions=SUMS))


SCRIPT = textwrap.dedent("""
    import numpy as np
    from ketasim.core.solvers.native.run import solve
    from tests.core.solvers.test_engines import every_kind, every_edge, people
    s = solve(every_kind(), people(4), every_edge(4), np.linspace(0, 12, 25), ("a", "b"))
    print(s.values.tobytes().hex()[:400], s.stats["cached"])
""")


def test_processes_share_the_cache(folder, root):
    """Several processes at once on an empty folder, then one that finds everything there; then harmed files."""
    env = {**os.environ, "KETASIM_CACHE": str(folder), "PYTHONPATH": os.pathsep.join([str(root / "src"), str(root)])}

    def start():
        return subprocess.Popen([sys.executable, "-c", SCRIPT], env=env, stdout=subprocess.PIPE, text=True, cwd=root)

    together = [p.communicate()[0].split() for p in [start(), start(), start()]]
    again = start().communicate()[0].split()
    assert again[1] == "True"
    for path in folder.glob("*.ko"):
        path.write_bytes(path.read_bytes()[:-30])
    harmed = start().communicate()[0].split()
    assert harmed[1] == "False"
    assert len({row[0] for row in [*together, again, harmed]}) == 1


def test_without_a_compiler_numpy_answers(monkeypatch, truth):
    monkeypatch.setattr(run, "usable", lambda: False)
    got = solve(every_kind(), people(37), every_edge(37), TIMES, NAMES, reductions=SUMS)
    assert got.stats["engine"] == "vectorised" and "llvmlite" in got.stats["fallback"]
    np.testing.assert_allclose(got.values, truth.values, rtol=1e-6, atol=1e-9)
    for name, value in truth.reductions.items():
        np.testing.assert_allclose(got.reductions[name], value, rtol=1e-6)
