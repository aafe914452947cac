"""From a fresh process to the first result, with compiled code on disk and without."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

SYSTEM45 = """
from ketasim.analysis.bench import system45 as s
from ketasim.core.solvers.native.run import solve
solve(s.program(), s.people(1), s.infusions(s.weights(1)), s.output_times(), ("t2S", "B", "mood"))
"""
DEFAULT = """
import ketasim
ketasim.simulate(regimen="0.5 mg/kg iv over 40 min", until="35d")
"""


def measure(rounds: int = 3) -> dict[str, float]:
    """Median wall times of whole processes, seconds: `process_uncached_s`, `process_cached_s` of the 45-state system,
    `default_uncached_s`, `default_cached_s` of the default model with every output. Bytecode is there, as after an
    installation."""
    took: dict[str, list[float]] = {}
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            os.chmod(folder, 0o700)
            environment = {**os.environ, "KETASIM_CACHE": "", "PYTHONPYCACHEPREFIX": str(Path(folder) / "bytecode")}
            environment["PYTHONPATH"] = os.pathsep.join(p for p in sys.path if p)
            environment.pop("PYTHONDONTWRITEBYTECODE", None)
            for system, script in (("process", SYSTEM45), ("default", DEFAULT)):
                words = [sys.executable, "-c", script]
                subprocess.run(words, env=environment, check=True, capture_output=True)
                environment["KETASIM_CACHE"] = folder
                for state in ("uncached", "cached"):
                    start = time.perf_counter()
                    subprocess.run(words, env=environment, check=True, capture_output=True)
                    took.setdefault(f"{system}_{state}_s", []).append(time.perf_counter() - start)
                environment["KETASIM_CACHE"] = ""
    return {name: float(np.median(values)) for name, values in took.items()}
