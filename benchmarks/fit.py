"""A population fit, timed: 120 subjects, 2,280 observations, one compartment with absorption, FOCE-I with covariance.

    python benchmarks/fit.py [--subjects 120]

Prints wall-clock and processor seconds, the estimates beside the values the data were simulated from.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.fitting.population_toys import oral_columns, oral_data, oral_model

from ketasim.fitting.population.estimate import estimate

TRUE = {
    "lka": 0.182, "lCL": 1.386, "lV": 3.689, "omega(ka)": 0.25, "omega(CL)": 0.09, "omega(V)": 0.0625,
    "sigma(additive)": 0.02, "sigma(proportional)": 0.1,
}  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--subjects", type=int, default=120)
    parser.add_argument("--method", default="foce-i")
    chosen = parser.parse_args()
    data = oral_data(oral_columns(chosen.subjects))
    model, wall, cpu = oral_model(), time.perf_counter(), time.process_time()
    fit = estimate(model, data, chosen.method)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(f"{data.records}: {wall:.1f} s, {cpu:.1f} s of processor; objective {fit.objective:.4f}")
    print("converged" if fit.converged else "; ".join(fit.problems), f"{fit.evaluations} evaluations")
    for name, value in fit.estimates.items():
        print(f"  {name:22s} {value:9.4f}  SE {fit.se.get(name, float('nan')):.4f}  simulated from {TRUE[name]}")
    return 0 if fit.converged else 1


if __name__ == "__main__":
    raise SystemExit(main())
