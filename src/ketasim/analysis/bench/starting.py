"""From a fresh process to the first result, with compiled code on disk and without."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time

import numpy as np

SCRIPT = """
from ketasim.analysis.bench import system45 as s
from ketasim.core.solvers.native.run import solve
solve(s.program(), s.people(1), s.infusions(s.weights(1)), s.output_times(), ("t2S", "B", "mood"))
"""


def measure(rounds: int = 3) -> dict[str, float]:
    """Median wall times of whole processes, seconds: `process_uncached_s`, `process_cached_s`."""
    took: dict[str, list[float]] = {"process_uncached_s": [], "process_cached_s": []}
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            os.chmod(folder, 0o700)
            environment = {**os.environ, "KETASIM_CACHE": folder}
            environment["PYTHONPATH"] = os.pathsep.join(p for p in sys.path if p)
            for name in took:
                start = time.perf_counter()
                subprocess.run([sys.executable, "-c", SCRIPT], env=environment, check=True, capture_output=True)
                took[name].append(time.perf_counter() - start)
    return {name: float(np.median(values)) for name, values in took.items()}
