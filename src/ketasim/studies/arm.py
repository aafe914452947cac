"""The arm simulator: an arm as it was run, several times over, each time with newly drawn people and newly drawn
doubt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from ketasim.core.errors import InputError

from . import draw, grid
from .amounts import hours
from .run import ArmRun
from .simulator import Request, Simulator
from .study import Arm, Observation, Study

UNKNOWN_N, MOST_PEOPLE, FEWEST_PEOPLE, MOST_DOSES = 24, 200, 8, 400_000


@dataclass(frozen=True)
class Settings:
    """How validation simulates.

    replicates : simulated copies of each arm (each with its own people and its own draw of doubt).
    most_people : people simulated per copy at most. overrides : typical values that replace the model's own.
    """

    seed: int = 20_240_607
    replicates: int = 40
    most_people: int = MOST_PEOPLE
    overrides: Mapping[str, float] = field(default_factory=dict)


def simulate_arm(
    study: Study, arm: Arm, rows: Sequence[Observation], simulator: Simulator, settings: Settings, typical: bool = False
) -> ArmRun:
    """Simulate one arm for the rows that read it.

    Raises InputError when the regimen, a covariate or an output is unknown to the model.
    """
    if arm.not_runnable:
        raise InputError(f"arm {arm.id} of {study.id}", arm.not_runnable, "an arm that can be run")
    doses = simulator.doses(arm.regimen)
    spans = [(d[0], d[1]) for d in doses]
    last = max((s for s, _ in spans), default=0.0)
    end = max((s + d for s, d in spans), default=0.0)
    selecting = {"madrs"} if any(row.among for row in rows) else set()
    outputs = tuple(sorted({name for row in rows for name in (row.output, row.denominator) if name} | selecting))
    times = grid.times(arm, rows, spans, grid.horizon(arm, rows, last, end))
    copies, people = (1, 1) if typical else (settings.replicates, min(arm.n or UNKNOWN_N, settings.most_people))
    if not typical:  # a course of years is simulated in fewer people; the note below says so
        people = min(people, max(FEWEST_PEOPLE, MOST_DOSES // (copies * max(len(spans), 1))))
    ids = np.arange(copies * people)
    notes = []
    if not typical and arm.n is None:
        notes.append(f"number of people not printed; {UNKNOWN_N} simulated")
    elif not typical and arm.n is not None and arm.n > people:
        notes.append(f"{people} of {arm.n} people simulated per copy")
    request = Request(
        model=arm.model,
        regimen=arm.regimen,
        ids=ids,
        replicate=ids // people,
        covariates=draw.covariates(study.people(arm), ids, settings.seed, f"{study.id}/{arm.id}", typical),
        times_h=times,
        outputs=outputs,
        seed=settings.seed,
        typical=typical,
        population=study.people(arm).named,
        settings={**arm.settings, "background": arm.background, "masking": arm.masking, "blinding": arm.blinding},
        overrides=settings.overrides,
    )
    curves = simulator.run(request)
    bad = curves.failed.reshape(copies, people)
    values = {}
    for name, v in curves.values.items():
        shaped = np.array(v, dtype=float).reshape(copies, people, len(times))
        shaped[bad] = np.nan
        values[name] = shaped
    weight = np.full(len(ids), 70.0) if curves.weight_kg is None else np.asarray(curves.weight_kg, dtype=float)
    return ArmRun(
        times_h=times,
        values=values,
        units=dict(curves.units),
        dose_mg=np.asarray(curves.dose_mg, dtype=float).reshape(copies, people),
        weight_kg=weight.reshape(copies, people),
        last_dose_h=last,
        end_h=end,
        infusion_h=spans[0][1] if spans else 0.0,
        samples_h=tuple(hours(text) for text in arm.samples),
        failed=int(bad.sum()),
        doses=tuple((*d, mg) for d, mg in zip(doses, curves.each_mg or (np.nan,) * len(doses), strict=True)),
        notes=(*notes, *curves.notes),
    )
