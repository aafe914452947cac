"""What somebody would predict without a mechanism: the yardstick every layer is printed beside.

Kinetics: one compartment with the weighted mean clearance and volume of 18 population studies (kamp2020, abstract: 79
L/h
and 252 L per 70 kg), everything absorbed at once, every metabolite equal to its parent, artery and vein alike.
Endpoints: the mean of the same statistic of the same output in the other studies (control arms apart from drug arms),
and, where there is none, "no drug effect": a difference of 0, a ratio of 1.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from ketasim.core.errors import InputError

from .catalogue import DIFFERENCES, STATISTICS
from .measuring import measure
from .run import ArmRun
from .study import Observation, Study

CL_L_H, V_L = 79.0, 252.0  # per 70 kg; kamp2020
WORDS = {
    "kinetics": "one compartment, 79 L/h and 252 L per 70 kg (kamp2020), complete absorption at once, "
    "metabolites like the parent",
    "other": "mean of the same statistic in the other studies, else no drug effect",
}


def kinetic(row: Observation, run: ArmRun, comparator: ArmRun | None) -> float:
    """Naive prediction of a kinetic row in the row's unit; NaN where the textbook model has nothing to say."""
    if run.units.get(row.output) != "ng/mL" or any(math.isnan(d[4]) for d in run.doses):
        return math.nan
    try:
        values = measure(row, _textbook(run), None if comparator is None else _textbook(comparator))
    except (InputError, KeyError):
        return math.nan
    guess = float(np.median(values))
    return 0.0 if row.statistic == "Tmax" and guess < 1e-3 else guess  # the naive peak of a swallowed dose is at once


def _textbook(run: ArmRun) -> ArmRun:
    """The same doses through one compartment, for one person of the arm's mean weight."""
    weight, t = float(np.mean(run.weight_kg)), run.times_h
    cl, v = CL_L_H * weight / 70, V_L * weight / 70
    k = cl / v
    given = [d for d in run.doses if d[2] in ("ketamine", "esketamine", "arketamine")]
    total = float(np.mean(run.dose_mg))
    curve = np.zeros_like(t)
    for start, duration, _, _, mg in given:
        since = t - start
        if duration > 0:
            on = np.clip(since, 0, duration)
            level = mg / duration / cl * (1 - np.exp(-k * on)) * np.exp(-k * np.maximum(since - duration, 0))
        else:
            level = mg / v * np.exp(-k * np.maximum(since, 0))
        curve += np.where(since >= 0, level, 0.0) * 1000  # mg/L to ng/mL
    racemic = any(d[2] == "ketamine" for d in given)
    values = {
        name: (curve * (0.5 if racemic and name[:2] in ("S_", "R_") else 1.0))[None, None, :] for name in run.values
    }
    return ArmRun(
        times_h=t, values=values, units=dict.fromkeys(values, "ng/mL"), dose_mg=np.array([[total]]),
        weight_kg=np.array([[weight]]), last_dose_h=run.last_dose_h, end_h=run.end_h, infusion_h=run.infusion_h,
        samples_h=run.samples_h,
    )  # fmt: skip


def class_mean(row: Observation, study: Study, studies: Iterable[Study]) -> float:
    """Mean observed value of the same statistic, output and unit in the other studies; else the value of no drug
    effect."""
    control = study.arm(row.arm).control
    others = [
        other.value
        for s in studies if s.id != study.id
        for other in s.observations
        if other.value is not None and other.use in ("calibrate", "check") and other.status != "recalled"
        and (other.statistic, other.of, other.output, other.unit, other.experiment)
        == (row.statistic, row.of, row.output, row.unit, row.experiment)
        and s.arm(other.arm).control == control
    ]  # fmt: skip
    return float(np.mean(others)) if others else no_effect(row)


def no_effect(row: Observation) -> float:
    """What "no drug effect" says about a row; NaN where it says nothing."""
    if row.statistic in DIFFERENCES or row.statistic == "sign" or (row.statistic == "SD" and row.of in DIFFERENCES):
        return 0.0
    if STATISTICS[row.statistic].dimension == "ratio" and row.statistic != "output_ratio":
        return 1.0
    return math.nan
