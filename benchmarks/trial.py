"""A thousand replicates of a trial of two arms of a hundred people over four weeks: simulated, then analysed."""

from __future__ import annotations

import os
import time
from typing import Any

from ketasim.studies.trials import design as designs
from ketasim.studies.trials.batch import run as simulate
from ketasim.studies.trials.endpoints import analyse

DESIGN = """
title = "Two arms of a hundred, four weeks"
seed = 1
replicates = 1000
[population]
named = "trd_adult"
[[arms]]
id = "ketamine"
regimen = "0.5 mg/kg iv over 40 min, 2/week for 4 weeks"
n = 100
[[arms]]
id = "placebo"
regimen = "saline iv over 40 min, 2/week for 4 weeks"
n = 100
control = true
[visits]
days = [7, 14, 21, 28]
[[endpoints]]
name = "ancova"
primary = true
[[endpoints]]
name = "mmrm"
kind = "change"
analysis = "mmrm"
"""
MUST_S = {"simulate": 60.0, "ancova": 30.0}


def run(short: bool = False) -> dict[str, Any]:
    """Wall and processor time, s, on two cores; short: a tenth of the replicates."""
    plan = designs.parse(DESIGN).changed(replicates=100 if short else 1000)
    out: dict[str, Any] = {"replicates": plan.replicates, "people": plan.people, "cores": os.cpu_count()}
    held: dict[str, Any] = {}

    def timed(name: str, work: Any) -> None:
        wall, cpu = time.perf_counter(), time.process_time()
        held[name] = work()
        out[name] = {"wall_s": time.perf_counter() - wall, "cpu_s": time.process_time() - cpu}

    timed("simulate", lambda: simulate(plan, workers=2))
    for endpoint in plan.tested:
        timed(endpoint.name, lambda e=endpoint: analyse(plan, held["simulate"], e))
    return {**out, "must_s": MUST_S}


if __name__ == "__main__":
    print(run())
