"""Urine: amounts recovered, excretion rates, fraction of the dose and renal clearance."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from ketasim.analysis.nca.plasma import Sheet, _check_dose
from ketasim.analysis.nca.result import NcaResult
from ketasim.analysis.nca.terminal import LambdaZ, terminal_phase
from ketasim.analysis.nca.trapezoid import log_segments, named_method, segments
from ketasim.analysis.nca.units import Units
from ketasim.core.errors import InputError


def _checked(start: ArrayLike, end: ArrayLike, volume: ArrayLike, conc: ArrayLike) -> tuple[np.ndarray, ...]:
    arrays = tuple(np.asarray(x, dtype=float) for x in (start, end, volume, conc))
    t0, t1, v, c = arrays
    if any(x.shape != t0.shape or x.ndim != 1 for x in arrays) or t0.size == 0:
        raise InputError("urine", [x.shape for x in arrays], "four equally long lists with at least one collection")
    for name, x in (("start", t0), ("end", t1), ("volume", v), ("conc", c)):
        if not np.isfinite(x).all():
            i = int(np.flatnonzero(~np.isfinite(x))[0])
            raise InputError(f"urine.{name}", f"missing in collection {i + 1}", "a number for every collection")
        if name in ("volume", "conc") and (x < 0).any():
            raise InputError(f"urine.{name}", float(x.min()), "0 or more")
    if (t1 <= t0).any():
        i = int(np.flatnonzero(t1 <= t0)[0])
        raise InputError("urine.end", float(t1[i]), f"after the start of its collection ({t0[i]:g})")
    if (t0[1:] < t1[:-1]).any():
        i = int(np.flatnonzero(t0[1:] < t1[:-1])[0]) + 1
        raise InputError(
            "urine.start", float(t0[i]), f"collections in order without overlap (the last ended {t1[i - 1]:g})"
        )
    return arrays


def urine(
    start: ArrayLike, end: ArrayLike, volume: ArrayLike, conc: ArrayLike, *, dose: float | None,
    plasma: NcaResult | None = None, auc: float | None = None, dose_time: float = 0.0,
    method: str = "linear", lambda_z: LambdaZ | None = None, units: Units | None = None, subject: str = "1",
) -> NcaResult:  # fmt: skip
    """Excretion analysis of timed urine collections.

    Parameters
    ----------
    start, end : bounds of the collections (n,) in `units.time`.
    volume, conc : volume (`units.volume`) and concentration (`units.conc`) of each; 0 where nothing was found.
    dose : amount in `units.dose`, or None.
    auc : plasma AUC over exactly the collected stretch, in `units.auc`, for the renal clearance; or give `plasma`,
        an NcaResult that holds an AUCINT over that stretch.
    method, lambda_z : how the rate curve is integrated and its terminal phase chosen.

    A gap between collections is noted, and what was passed in it is not counted.
    """
    u, rule, name = units or Units(), lambda_z or LambdaZ(), named_method(method)
    _check_dose(dose, "extravascular", 0.0, None)
    t0, t1, v, c = _checked(start, end, volume, conc)
    t0, t1 = t0 - dose_time, t1 - dose_time
    notes = [f"no collection from {a:g} to {b:g}: not counted" for a, b in zip(t1[:-1], t0[1:], strict=True) if b > a]
    amount = v * c * u.dose_per_excreted()
    rate, middle = amount / (t1 - t0), 0.5 * (t0 + t1)
    unit_rate = f"({u.dose})/{u.time}" if "/" in u.dose else f"{u.dose}/{u.time}"
    total, first, last = float(amount.sum()), float(t0[0]), float(t1[-1])
    sheet = Sheet(subject)
    sheet.add("RCAMINT", total, u.dose, start=first, end=last)
    sheet.add("VOLPK", float(v.sum()), u.volume, start=first, end=last)
    if dose is not None:
        sheet.add("RCPCINT", 100 * total / dose, "%", start=first, end=last)
        sheet.add("FREXINT", total / dose, "1", start=first, end=last)
    none = "nothing was found in any collection"
    top = int(np.argmax(rate))
    found = rate > 0
    sheet.add("ERMAX", rate[top], unit_rate)
    sheet.add("ERTMAX", middle[top] if found.any() else math.nan, u.time, none)
    final = int(np.flatnonzero(found)[-1]) if found.any() else 0
    sheet.add("ERLST", rate[final] if found.any() else math.nan, unit_rate, none)
    sheet.add("ERTLST", middle[final] if found.any() else math.nan, u.time, none)
    phase, why = (
        terminal_phase(middle, rate, found, float(middle[top]), False, 0.0, rule) if found.any() else (None, none)
    )
    sheet.add("LAMZ", phase.rate if phase else math.nan, u.per_time, why)
    sheet.add("LAMZHL", phase.half_life if phase else math.nan, u.time, why)
    n = final + 1
    x = np.concatenate(([0.0], middle[:n])) if middle[0] > 0 else middle[:n]
    y = np.concatenate(([0.0], rate[:n])) if middle[0] > 0 else rate[:n]
    area = segments(x, y, log_segments(x, y, name, float(middle[top])))[0].sum() if found.any() else 0.0
    sheet.add("AURCLST", float(area), u.dose)
    left = rate[final] / phase.rate if phase else math.nan
    sheet.add("RCAMIFO", float(area) + left, u.dose, why)
    if dose is not None:
        sheet.add("RCPCIFO", 100 * (float(area) + left) / dose, "%", why)
    if plasma is not None:
        hit = [r for r in plasma if r.code == "AUCINT" and r.start == first and r.end == last]
        if not hit:
            raise InputError("plasma", "no AUCINT over the collected stretch",
                             f"an analysis with intervals=[({first:g}, {last:g})]")  # fmt: skip
        auc = hit[0].value
    if auc is not None:
        cleared = total * u.litres_per_ratio() / auc if auc > 0 else math.nan
        sheet.add("RENALCL", cleared, u.clearance, "the plasma area over the collection is not known or 0", first, last)
    return NcaResult(tuple(sheet.rows), tuple((subject, n) for n in notes), {subject: phase} if phase else {})
