"""Very many people streamed to Parquet, one row a person and output: memory, and time against their number.

python benchmarks/million.py                      a tenth of a million, then a million, in processes of their own
python benchmarks/million.py --people 200000
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

HISTORY = Path(__file__).with_name("history")
CHILD = """
import json, resource, sys, time
from ketasim.studies.population import Plan, run
plan = Plan.of(regimen="0.5 mg/kg iv over 40 min", subjects=int(sys.argv[1]), population="adult", until_h=24.0, seed=1,
               outputs=("ketamine.venous", "norketamine.venous"), chunk_size=20_000)
start = time.perf_counter(), time.process_time()
found = run(plan, sys.argv[2])
print(json.dumps({
    "people": plan.subjects, "wall_s": time.perf_counter() - start[0], "cpu_s": time.process_time() - start[1],
    "peak_memory_MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, "failed": len(found.failures),
    "counted": found.summary[0]["subjects"], "times": len(found.times_h),
    "cmax_5_50_95": {r["output"]: r["cmax"] for r in found.summary},
}))
"""


def measure(people: int) -> dict[str, Any]:
    """One run in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run([sys.executable, "-c", CHILD, str(people), folder], capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(done.stderr)
        size = sum(f.stat().st_size for f in Path(folder).iterdir()) / 1e6
    found: dict[str, Any] = json.loads(done.stdout)
    return {**found, "files_MB": size}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--no-history", action="store_true")
    given = parser.parse_args()
    runs = [measure(given.people // 10), measure(given.people)]
    each = [run["cpu_s"] / run["people"] for run in runs]
    result = {"runs": runs, "cpu_s_a_person_large_over_small": each[1] / each[0]}
    print(json.dumps(result, indent=1))
    if not given.no_history:
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        (HISTORY / f"{stamp}-million.json").write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
