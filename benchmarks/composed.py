"""The composed default model beside libRoadRunner, on our own SBML export, all outputs stored.

People share one regimen's events (70 kg) and differ in their parameters, so that the peer compiles the model once.
The weeks-long parts are in it (mood, slow harm to liver and bladder).
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from ketasim import Cohort, Patient, Regimen
from ketasim.analysis.bench.quiet import quiet
from ketasim.core.solvers.native.run import solve
from ketasim.exchange.sbml import identifier_of, output_identifier, sbml
from ketasim.simulate import build, dose_edges, individuals
from ketasim.timeline import output_times

REGIMEN = "0.5 mg/kg iv over 40 min, 2/week for 4 weeks"
UNTIL_H = 35 * 24.0
OUTPUTS = (
    "ketamine.arterial", "ketamine.venous", "norketamine.venous", "HNK.venous", "S_ketamine.brain", "R_ketamine.brain",
    "nmda.block.2B", "nmda.block.pv", "map", "heart_rate", "cadss", "p_nausea", "spo2", "urothelial_injury", "craving",
    "madrs", "p_liver_injury",
)  # fmt: skip


def case(n: int, seed: int = 3) -> tuple[Any, np.ndarray, Any, np.ndarray]:
    """System, parameters (n, parameters), events, output times."""
    doses = Regimen.parse(REGIMEN).doses
    built, _ = build("ketamine", doses, OUTPUTS)
    cohort = Cohort.from_patient(Patient(weight_kg=70), n)
    parameters = individuals(built.system, cohort, seed, ("between",))
    edges = dose_edges(built, doses, parameters, cohort.covariates)
    times = output_times([d.start_h for d in doses], [d.start_h + d.duration_h for d in doses], UNTIL_H)
    return built.system, parameters, edges.take(np.zeros(n, int)), times


def run(short: bool = False) -> dict[str, Any]:
    """{"ratios": {"libroadrunner/ketamine": …}, …}; empty ratios where the peer is absent."""
    few, many, rounds = (3, 64, 1) if short else (6, 200, 3)
    system, parameters, edges, times = case(many)
    program = system.program
    outputs = tuple(name for name in OUTPUTS if name in program.outputs)
    first = edges.take(np.arange(few))
    truth = solve(program, parameters[:few], first, times, outputs, rtol=1e-9, end_h=UNTIL_H).values
    scale = np.abs(truth) + 1e-3 * np.abs(truth).max(axis=2, keepdims=True)
    scale[scale == 0] = 1.0

    def error(values: np.ndarray) -> float:
        return float(np.max(np.abs(values - truth) / scale))

    buffer = np.empty((many, len(times), len(outputs)))

    def ours() -> np.ndarray:
        return solve(program, parameters, edges, times, outputs, end_h=UNTIL_H, values=buffer).values

    reached = error(ours()[:few])
    size = {"states": len(program.state_names), "outputs": len(outputs)}
    found: dict[str, Any] = {"composed": {**size, "error": reached}}
    try:
        import roadrunner
    except ImportError:
        return {**found, "ratios": {}}
    with quiet():
        model = roadrunner.RoadRunner(sbml(system, parameters[0], edges))
    model.timeCourseSelections = [output_identifier(name) for name in outputs]
    names = [identifier_of(name) for name in program.parameter_names]
    start = program.initial_states(parameters[:few])
    moved = [i for i, node in enumerate(program.initial) if program.graph.nodes[node][0] != "const"]
    states = [identifier_of(program.state_names[i]) for i in moved]

    def theirs(rtol: float) -> np.ndarray:
        model.integrator.relative_tolerance, model.integrator.absolute_tolerance = rtol, rtol * 1e-3
        out = np.empty((few, len(outputs), len(times)))
        for i in range(few):
            model.resetAll()
            for name, value in [*zip(names, parameters[i], strict=True), *zip(states, start[i][moved], strict=True)]:
                model[name] = float(value)
            out[i] = np.asarray(model.simulate(times=times)).T
        return out

    ratios: list[float] = []
    log: list[dict[str, Any]] = []
    failures: list[str] = []
    for _ in range(rounds):
        begin = time.process_time()
        ours()
        mine = many / (time.process_time() - begin)
        points = []
        for rtol in (1e-5, 1e-6, 1e-7, 1e-8):
            with quiet():
                begin = time.process_time()
                try:
                    values = theirs(rtol)
                except RuntimeError as failure:
                    failures.append(f"libroadrunner at rtol {rtol:g}: {str(failure)[:80]}")
                    continue
                points.append((error(values), few / (time.process_time() - begin)))
        log.append({"ketasim": mine, "libroadrunner": points})
        if len(points) < 2:
            break
        slope = np.polyfit(*np.log(np.array(points)).T, 1)
        ratios.append(mine / float(np.exp(np.polyval(slope, np.log(reached)))))
    found["composed"].update(rounds=log, failures=failures)
    if not ratios:
        return {**found, "ratios": {}}
    return {**found, "ratios": {"libroadrunner/ketamine": float(np.median(ratios))}}


if __name__ == "__main__":
    print(run())
