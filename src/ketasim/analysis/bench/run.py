"""The benchmark: what is measured, how it is made fair, and what it must reach.

Fairness. Every solver integrates the same people and stores all 594 × 45 values. Solvers take turns in every round, so
a noisy machine slows them alike, and a ratio is the median over rounds. A peer runs at several tolerances; its speed is
read (log–log) at the error our engine reaches at its default tolerance. Time is CPU time of the process.
"""

from __future__ import annotations

import platform
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ketasim.analysis.bench import peers as pr
from ketasim.analysis.bench import starting
from ketasim.analysis.bench import system45 as s45
from ketasim.analysis.bench.quiet import quiet
from ketasim.core.errors import InputError
from ketasim.core.solvers.native.cpu import processor
from ketasim.core.solvers.native.run import RTOL

REQUIRED = {"libroadrunner/system45": 40.0, "pydiffsol/system45": 24.0}
"""Ratios that must be reached with 8 lanes; with 4 lanes 0.6 of them."""
LIMITS_S = {
    "population_10000_wall_s": 2.5, "one_subject_warm_s": 3e-3, "process_cached_s": 0.5, "process_uncached_s": 1.5,
    "default_cached_s": 0.5, "default_uncached_s": 1.5,
}  # fmt: skip
LADDER = {"libroadrunner": (1e-6, 1e-7, 1e-8), "pydiffsol": (1e-6, 1e-7, 1e-8), "scipy": (1e-6, 1e-8)}
SEED = 20


def errors(values: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Largest |y − ref| / (|ref| + 1e-3 max over time of |ref|) of each subject, from (n, states, times)."""
    size = np.abs(truth) + 1e-3 * np.abs(truth).max(axis=2, keepdims=True)
    return np.max(np.abs(values - truth) / np.where(size == 0, 1.0, size), axis=(1, 2))


def run(
    short: bool = False, peers: Sequence[str] | None = None, say: Callable[[str], None] = lambda _: None
) -> dict[str, Any]:
    """Measure and compare.

    Parameters
    ----------
    short : fewer people and rounds (about 20 s), as CI does. peers : of libroadrunner, pydiffsol, scipy (default: those
    installed). say : called with progress in words.

    Returns
    -------
    {"ratios": {"peer/case": ours ÷ theirs}, "lanes": n, "times": seconds, "error": …, "required", "missing", …}
    """
    unknown = set(peers or ()) - set(pr.PEERS)
    if unknown:
        raise InputError("peer", sorted(unknown)[0], ", ".join(pr.PEERS))
    few, many, rounds = (4, 160, 2) if short else (12, 400, 5)
    people, weights = s45.people(many, SEED), s45.weights(many, SEED)
    ours = pr.ketasim()
    say("reference")
    truth = ours(people[:few], weights[:few], 1e-10).copy()
    error = float(errors(ours(people[:few], weights[:few], RTOL), truth).max())
    solvers, missing = _makers(peers)
    rates: dict[str, list[float]] = {"ketasim": []}
    speeds: dict[str, list[float]] = {name: [] for name in solvers}
    ours(people, weights, RTOL)
    for k in range(rounds):
        say(f"round {k + 1} of {rounds}")
        rates["ketasim"].append(many / _cpu(lambda: ours(people, weights, RTOL)))
        for name, solve in solvers.items():
            speeds[name].append(_speed_at(error, name, solve, people[:few], weights[:few], truth, short))
    ratios = {
        f"{name}/system45": float(np.median(np.array(rates["ketasim"]) / np.array(speed)))
        for name, speed in speeds.items()
    }
    say("populations and starting")
    times = {**_population(short), "one_subject_warm_s": _one_subject(), **starting.measure(1 if short else 3)}
    return {
        "ratios": ratios, "lanes": processor().lanes, "processor": processor().name,
        "python": platform.python_version(), "rtol": RTOL, "error": error,
        "subjects_per_cpu_s": {k: float(np.median(v)) for k, v in {**rates, **speeds}.items()},
        "rounds": {k: [round(x, 1) for x in v] for k, v in {**rates, **speeds}.items()}, "times": times,
        "required": required(), "limits_s": LIMITS_S, "missing": missing, "short": short,
    }  # fmt: skip


def required(lanes: int | None = None) -> dict[str, float]:
    """Ratios to reach with this many lanes (default: this processor's)."""
    wide = (lanes or processor().lanes) >= 8
    return {case: ratio if wide else 0.6 * ratio for case, ratio in REQUIRED.items()}


def shortfalls(result: dict[str, Any], share: float = 1.0) -> list[str]:
    """What falls below `share` of the required ratios, in words."""
    return [
        f"{case}: {result['ratios'][case]:.1f}, required {share * ratio:.1f}"
        for case, ratio in result["required"].items()
        if case in result["ratios"] and result["ratios"][case] < share * ratio
    ]


def _makers(wanted: Sequence[str] | None) -> tuple[dict[str, pr.Solver], list[str]]:
    solvers, missing = {}, []
    for name in wanted or pr.PEERS:
        try:
            with quiet():
                solvers[name] = pr.PEERS[name]()
        except ImportError:
            missing.append(name)
    return solvers, missing


def _cpu(job: Callable[[], Any]) -> float:
    start = time.process_time()
    job()
    return time.process_time() - start


def _speed_at(
    error: float, name: str, solve: pr.Solver, people: np.ndarray, weights: np.ndarray, truth: np.ndarray, short: bool
) -> float:
    """Subjects per CPU second of a peer at a given error."""
    ladder = LADDER[name]
    log_error, log_speed = [], []
    for rtol in ladder[:2] if short and len(ladder) > 2 else ladder:
        with quiet():
            start = time.process_time()
            values = solve(people, weights, rtol)
            took = time.process_time() - start
        log_error.append(np.log(max(float(np.nanmax(errors(values, truth))), 1e-15)))
        log_speed.append(np.log(len(people) / took))
    slope = np.polyfit(log_error, log_speed, 1)
    return float(np.exp(np.polyval(slope, np.log(error))))


def _population(short: bool) -> dict[str, float]:
    """Wall time of 10,000 people over 35 days, three outputs, two threads (short: 2,000, scaled)."""
    from ketasim.core.solvers.native.run import solve

    n = 2000 if short else 10_000
    people, edges = s45.people(n, SEED), s45.infusions(s45.weights(n, SEED))
    times, program = s45.output_times(), s45.program()
    names = ("t2S", "B", "mood")
    solve(program, people[:16], edges.take(np.arange(16)), times, names)
    start = time.perf_counter()
    found = solve(program, people, edges, times, names, threads=2, first_step_h=s45.FIRST_STEP_MIN)
    took = time.perf_counter() - start
    return {"population_10000_wall_s": took * 10_000 / n, "population_failures": float((found.status != 0).sum())}


def _one_subject() -> float:
    """Median wall time of one subject with new parameters in a prepared solve."""
    from ketasim.core.solvers.native import Prepared

    people, edges = s45.people(60, SEED), s45.infusions(s45.weights(1, SEED))
    ask = Prepared(s45.program(), edges, s45.output_times(), s45.program().state_names, first_step_h=s45.FIRST_STEP_MIN)
    ask(people[:1])
    took = []
    for k in range(len(people)):
        start = time.perf_counter()
        ask(people[k : k + 1])
        took.append(time.perf_counter() - start)
    return float(np.median(took))
