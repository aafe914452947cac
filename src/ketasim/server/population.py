"""Work behind Population: trial arms, forest and waterfall, one-at-a-time bars, Sobol indices; claims."""

from __future__ import annotations

from typing import Any

import numpy as np

from ketasim.core.errors import InputError
from ketasim.server import messages as m
from ketasim.server.jobs import Job
from ketasim.server.scenes import course, grid, person, window

CHUNK = 50
SCALES = ("madrs", "hdrs", "qids", "caps5", "ybocs", "lsas", "pain_chronic")
TORNADO = 14
SOBOL_RUNS = 64


def work(asked: Any) -> Any:
    """The function (job) → result of a job message."""
    table: dict[str, Any] = {"trial": trial, "tornado": tornado, "sobol": sobol, "claims": claims, "qualify": qualify}
    return lambda job: table[asked.kind](asked, job)


def trial(asked: m.Trial, job: Job) -> dict[str, Any]:
    """Each arm in chunks: mean and its 95 % limits over time, each person, differences from the first."""
    from ketasim.patients import Cohort
    from ketasim.simulate import simulate

    if asked.output not in SCALES:
        raise InputError("output", asked.output, ", ".join(SCALES))
    who = Cohort.from_patient(person({"diagnosis": "trd", **asked.patient}), asked.people)
    times = np.linspace(0.0, asked.days * 24, 57)
    arms, steps, done = [], len(asked.arms) * -(-asked.people // CHUNK), 0
    for arm in asked.arms:
        regimen, parts = course(arm.regimen), []
        if any(d.start_h >= times[-1] for d in regimen.fixed_doses):
            raise InputError("days", asked.days, f"longer than the course of {arm.name}")
        for chunk in who.chunks(CHUNK):
            result = simulate(
                "ketamine",
                chunk,
                regimen,
                times,
                asked.seed,
                vary=("between",),
                outputs=(asked.output,),
                settings=dict(arm.settings),
            )
            parts.append(result[asked.output])
            done += 1
            job.step(done / steps, f"{arm.name}: {min(len(parts) * CHUNK, asked.people)} of {asked.people} people")
        arms.append(np.concatenate(parts))
    change = [a[:, -1] - a[:, 0] for a in arms]
    rows: list[dict[str, Any]] = []
    for arm, values, moved in zip(asked.arms, arms, change):
        sem = values.std(axis=0, ddof=1) / np.sqrt(len(values))
        rows.append(
            {
                "name": arm.name,
                "regimen": arm.regimen,
                "n": len(values),
                "mean": _list(values.mean(axis=0)),
                "low": _list(values.mean(axis=0) - 1.96 * sem),
                "high": _list(values.mean(axis=0) + 1.96 * sem),
                "change": float(moved.mean()),
                "sd": float(moved.std(ddof=1)),
                "waterfall": _list(np.sort(moved)),
                "response": float((values[:, -1] <= 0.5 * values[:, 0]).mean()),
                "remission": float((values[:, -1] <= 10).mean()) if asked.output == "madrs" else None,
            }
        )
    return {
        "kind": "trial",
        "output": asked.output,
        "times_h": times.tolist(),
        "arms": rows,
        "forest": [_against(rows[0]["name"], r["name"], change[0], c) for r, c in zip(rows[1:], change[1:])],
    }


def _against(control: str, name: str, a: np.ndarray, b: np.ndarray) -> dict[str, Any]:
    """Difference of mean change with 95 % limits (Welch), as a trial of this size would print it."""
    difference = float(b.mean() - a.mean())
    error = float(np.sqrt(a.var(ddof=1) / len(a) + b.var(ddof=1) / len(b)))
    pooled = float(np.sqrt((a.var(ddof=1) + b.var(ddof=1)) / 2)) or 1.0
    return {
        "name": f"{name} − {control}",
        "difference": difference,
        "low": difference - 1.96 * error,
        "high": difference + 1.96 * error,
        "d": difference / pooled,
    }


def _list(values: np.ndarray) -> list[float]:
    return [round(float(v), 4) for v in values]


def tornado(asked: m.Drivers, job: Job) -> dict[str, Any]:
    """Each number alone at its 5th and 95th percentile (people or doubt), everything else typical."""
    from ketasim.analysis.reduction import reduction
    from ketasim.analysis.sensitivity import axes, values_at
    from ketasim.patients import Cohort
    from ketasim.simulate import build, simulate

    scene, regimen = asked.scene, window(asked.scene.regimen, asked.scene.until_h)
    built, _ = build(scene.model, regimen.fixed_doses, (asked.output,), dict(scene.options))
    parameters = built.system.parameters
    chosen = axes(parameters, ("between", "doubt"))
    job.step(0.1, f"{len(chosen)} numbers with a spread")
    cube = np.full((2 * len(chosen) + 1, len(chosen)), 0.5)
    for i in range(len(chosen)):
        cube[1 + 2 * i, i], cube[2 + 2 * i, i] = 0.05, 0.95
    values = values_at(cube, chosen, parameters)
    people = Cohort.from_patient(person(scene.patient), len(cube))
    times, parts = grid(regimen.doses, scene.until_h, 120), []
    for a in range(0, len(cube), CHUNK):
        rows = slice(a, a + CHUNK)
        part = simulate(
            scene.model,
            people[rows],
            regimen,
            times,
            scene.seed,
            vary=(),
            outputs=(asked.output,),
            options=dict(scene.options),
            settings=dict(scene.settings),
            values={k: v[rows] for k, v in values.items()},
        )
        parts.append(reduction(asked.reduction)(part, asked.output))
        job.step(0.1 + 0.9 * (a + CHUNK) / (len(cube) + CHUNK), f"{min(a + CHUNK, len(cube))} of {len(cube)} runs")
    y = np.concatenate(parts)
    rows_: list[dict[str, Any]] = [
        {
            "parameter": axis.key,
            "layer": axis.layer,
            "status": axis.parameter.status,
            "low": float(y[1 + 2 * i]),
            "high": float(y[2 + 2 * i]),
        }
        for i, axis in enumerate(chosen)
    ]
    rows_.sort(key=lambda r: -abs(r["high"] - r["low"]))
    return {
        "kind": "tornado",
        "output": asked.output,
        "reduction": asked.reduction,
        "middle": float(y[0]),
        "rows": rows_[:TORNADO],
    }


def sobol(asked: m.Drivers, job: Job) -> dict[str, Any]:
    """First-order and total indices of the numbers that a tornado finds largest (SALib)."""
    from ketasim.analysis.sensitivity import sensitivity

    first = tornado(asked, job)
    names = [r["parameter"] for r in first["rows"][:6]]
    job.done = 0.0

    def moved(done: int, total: int) -> None:
        job.step(done / total, f"{done} of {total} runs")

    found = sensitivity(
        asked.scene.regimen,
        asked.output,
        reduction=asked.reduction,
        model=asked.scene.model,
        method="sobol",
        patient=person(asked.scene.patient),
        parameters=list(dict.fromkeys(names)),
        n=SOBOL_RUNS,
        until=asked.scene.until_h,
        progress=moved,
    )
    return {
        "kind": "sobol",
        "output": asked.output,
        "reduction": asked.reduction,
        "runs": found.runs,
        "rows": [dict(r) for r in found.rows],
    }


def claims(asked: m.Claims, job: Job) -> dict[str, Any]:
    """Claims shown one by one."""
    from ketasim.studies.claims import claims as table
    from ketasim.studies.claims import show

    ids = asked.ids or list(table())
    rows = []
    for i, name in enumerate(ids):
        job.step(i / len(ids), name)
        rows.append(show(name))
    return {"kind": "claims", "rows": rows}


SHOWN = ("study", "arm", "statistic", "output", "time_h", "unit", "use", "observed", "predicted", "error", "error_kind")
SAID = ("tolerance", "verdict", "reason", "status")


def qualify(asked: m.Qualify, job: Job) -> dict[str, Any]:
    """Published rows of a layer beside what the model gives, with the verdict; failing rows are shown as failing."""
    from ketasim.studies import validate

    def moved(done: int, total: int, words: str) -> None:
        job.step(done / max(total, 1), words)

    rows = [{k: row.get(k) for k in (*SHOWN, *SAID)} for row in validate(systems=asked.layer, progress=moved)]
    plain = [{k: None if isinstance(v, float) and not np.isfinite(v) else v for k, v in row.items()} for row in rows]
    counts = {v: sum(r["verdict"] == v for r in plain) for v in ("pass", "fail", "shown", "error")}
    return {"kind": "qualify", "layer": asked.layer, "rows": plain, "counts": counts}
