"""One concentration profile after one dose, checked and ready to integrate.

Nothing leaves the profile in silence: every sample that is left out, altered or supplied is named in `notes`.
Times count from the dose. A missing sample at the dose is supplied as 0 (first dose by mouth or infusion), as the
lowest value of the interval (steady state), or as C0 from the log-line through the first two samples (bolus).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ketasim.analysis.nca.blq import BlqRule, apply, named_rule
from ketasim.core.errors import InputError

Array = NDArray[np.float64]
ROUTES = ("extravascular", "bolus", "infusion")
_ROUTE_ALIASES = {"oral": "extravascular", "ev": "extravascular", "iv": "bolus", "iv bolus": "bolus",
                  "iv_bolus": "bolus", "iv infusion": "infusion", "iv_infusion": "infusion"}  # fmt: skip


@dataclass(frozen=True)
class Profile:
    """t, c: samples from the dose on (n,), the first at 0; `quantified` is False for BLQ and supplied values."""

    t: Array
    c: Array
    quantified: NDArray[np.bool_]
    observed: NDArray[np.bool_]
    c0: float
    back_extrapolated: bool
    notes: tuple[str, ...]

    @property
    def last(self) -> int:
        """Index of the last quantifiable sample."""
        return int(np.flatnonzero(self.quantified & (self.c > 0))[-1])

    @property
    def peak(self) -> int:
        """Index of the first sample that holds the highest observed concentration."""
        return int(np.argmax(np.where(self.observed, self.c, -np.inf)))


def named_route(route: str) -> str:
    """extravascular, bolus or infusion; an InputError names them."""
    text = route.strip().lower()
    text = _ROUTE_ALIASES.get(text, text)
    if text not in ROUTES:
        raise InputError("route", route, ", ".join(ROUTES))
    return text


def _checked(time: ArrayLike, conc: ArrayLike, subject: str) -> tuple[Array, Array]:
    t, c = np.asarray(time, dtype=float), np.asarray(conc, dtype=float)
    who = f" (subject {subject})" if subject else ""
    if t.ndim != 1 or t.shape != c.shape:
        raise InputError(f"conc{who}", f"shape {c.shape} with times of shape {t.shape}", "as many values as times")
    if t.size == 0:
        raise InputError(f"time{who}", "no samples", "at least one sample")
    if not np.isfinite(t).all():
        raise InputError(f"time{who}", f"not a number at sample {int(np.flatnonzero(~np.isfinite(t))[0]) + 1}",
                         "finite times")  # fmt: skip
    if np.isinf(c).any():
        raise InputError(f"conc{who}", "infinite", "finite concentrations")
    if (c < 0).any():
        i = int(np.flatnonzero(c < 0)[0])
        raise InputError(f"conc{who}", f"{c[i]:g} at time {t[i]:g}", "0 or more",
                         "Mark samples below the limit with blq or lloq.")  # fmt: skip
    step = np.diff(t)
    if (step < 0).any():
        i = int(np.flatnonzero(step < 0)[0]) + 1
        raise InputError(f"time{who}", f"{t[i]:g} after {t[i - 1]:g}", "times in increasing order")
    if (step == 0).any():
        i = int(np.flatnonzero(step == 0)[0])
        raise InputError(f"time{who}", f"{t[i]:g} twice", "one sample per time",
                         "Average or choose between duplicates first.")  # fmt: skip
    return t, c


def _back_extrapolated(t: Array, c: Array) -> float:
    """C0 by the log-line through the first two positive samples, or the first of them where it does not fall."""
    if t.size >= 2 and c[0] > c[1] > 0:
        slope = np.log(c[1] / c[0]) / (t[1] - t[0])
        return float(c[0] * np.exp(-slope * t[0]))
    return float(c[c > 0][0])


def profile(
    time: ArrayLike, conc: ArrayLike, *, route: str, dose_time: float = 0.0, steady_tau: float | None = None,
    blq: str | BlqRule = "positional", below: ArrayLike | None = None, lloq: float | None = None, subject: str = "",
) -> Profile:  # fmt: skip
    """A checked Profile.

    Parameters
    ----------
    time, conc : samples (n,), in the analysis's units; NaN concentrations are missing samples and are noted.
    route : extravascular, bolus or infusion.
    dose_time : clock time of the dose, subtracted from every time.
    steady_tau : the dosing interval, at steady state only.
    below : (n,) flags of samples below the limit; `lloq` marks every concentration under it, and without either a
        concentration of 0 is below the limit.

    Raises InputError for negative or infinite concentrations, times out of order, duplicates, and profiles with
    no quantifiable sample after the dose.
    """
    t, c = _checked(time, conc, subject)
    if lloq is not None and not lloq > 0:
        raise InputError("lloq", lloq, "a positive concentration")
    flags = np.zeros(t.size, dtype=bool) if below is None else np.asarray(below, dtype=bool)
    if flags.shape != t.shape:
        raise InputError("below", f"shape {flags.shape}", f"one flag per sample, {t.shape}")
    flags = flags | (c == 0 if lloq is None else c < lloq)
    notes: list[str] = []
    missing = np.isnan(c) & ~flags
    notes += [f"sample at {x:g} has no concentration: left out" for x in t[missing]]
    t, c, flags = t[~missing] - dose_time, np.nan_to_num(c[~missing]), flags[~missing]
    if t.size == 0:
        raise InputError("conc", "missing at every time", "at least one concentration")
    t, c, quantified, changed = apply(t, c, flags, named_rule(blq), lloq)
    notes += changed
    before = t < 0
    earlier = float(c[before][-1]) if before.any() else None
    notes += [f"sample at {x + dose_time:g} lies before the dose: not in any area" for x in t[before]]
    t, c, quantified = t[~before], c[~before], quantified[~before]
    if not (quantified & (c > 0)).any():
        raise InputError("conc", "no quantifiable concentration after the dose", "at least one")
    observed = np.ones(t.size, dtype=bool)
    back = False
    if route == "bolus" and (t[0] > 0 or not quantified[0]):
        later = t > 0
        c0 = _back_extrapolated(t[later], c[later])
        t, c = np.concatenate(([0.0], t[later])), np.concatenate(([c0], c[later]))
        quantified, observed = (np.concatenate(([False], x[later])) for x in (quantified, observed))
        back = True
        notes.append(f"C0 = {c0:g} extrapolated back to the dose")
    elif t[0] > 0:
        if earlier is not None:
            c0, why = earlier, "the last concentration before the dose"
        elif steady_tau is not None:
            c0, why = float(c[t <= steady_tau].min()), "the lowest concentration of the interval"
        else:
            c0, why = 0.0, "first dose"
        t, c = np.concatenate(([0.0], t)), np.concatenate(([c0], c))
        quantified, observed = (np.concatenate(([False], x)) for x in (quantified, observed))
        notes.append(f"no sample at the dose: {c0:g} supplied ({why})")
    return Profile(t, c, quantified, observed, float(c[0]), back, tuple(notes))
