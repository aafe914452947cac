"""Non-compartmental analysis of one concentration profile."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from ketasim.analysis.nca.areas import Areas, areas
from ketasim.analysis.nca.blq import BlqRule
from ketasim.analysis.nca.codes import mrt_codes
from ketasim.analysis.nca.profile import Profile, named_route, profile
from ketasim.analysis.nca.result import NcaResult, NcaRow
from ketasim.analysis.nca.terminal import LambdaZ, TerminalPhase, terminal_phase
from ketasim.analysis.nca.trapezoid import named_method
from ketasim.analysis.nca.units import Units
from ketasim.core.errors import InputError

NO_DOSE = "no dose given"


class Sheet:
    """Collects rows of one profile; a value that is not finite must come with its reason."""

    def __init__(self, subject: str) -> None:
        self.subject = subject
        self.rows: list[NcaRow] = []

    def add(self, code: str, value: float, unit: str, reason: str = "", start: float | None = None,
            end: float | None = None) -> None:  # fmt: skip
        number = float(value)
        if math.isfinite(number):
            reason = ""
        else:
            number, reason = math.nan, reason or "not defined for these data"
        self.rows.append(NcaRow(self.subject, code, number, unit, reason, start, end))


def _check_dose(dose: float | None, route: str, duration: float, tau: float | None) -> None:
    if dose is not None and not (math.isfinite(dose) and dose > 0):
        raise InputError("dose", dose, "a positive amount, or None where it is unknown")
    if route == "infusion" and not duration > 0:
        raise InputError("duration", duration, "the length of the infusion, above 0")
    if route != "infusion" and duration:
        raise InputError("duration", duration, "0 unless route is infusion")
    if tau is not None and not tau > 0:
        raise InputError("tau", tau, "a positive dosing interval")


def _observed(sheet: Sheet, prof: Profile, route: str, dose: float | None, u: Units) -> None:
    seen = prof.observed
    sheet.add("CMAX", prof.c[prof.peak], u.conc)
    sheet.add("TMAX", prof.t[prof.peak], u.time)
    if dose is not None:
        sheet.add("CMAXD", prof.c[prof.peak] / dose, u.per_dose(u.conc))
    sheet.add("CLST", prof.c[prof.last], u.conc)
    sheet.add("TLST", prof.t[prof.last], u.time)
    if route == "bolus":
        sheet.add("C0", prof.c0, u.conc)
    if route == "extravascular":
        first = int(np.flatnonzero(seen & prof.quantified & (prof.c > 0))[0])
        sheet.add("TLAG", prof.t[first - 1] if first > 0 else 0.0, u.time)


def _terminal(sheet: Sheet, phase: TerminalPhase | None, why: str, u: Units) -> None:
    nan = math.nan
    sheet.add("LAMZ", phase.rate if phase else nan, u.per_time, why)
    sheet.add("LAMZHL", phase.half_life if phase else nan, u.time, why)
    sheet.add("LAMZLL", phase.used[0] if phase else nan, u.time, why)
    sheet.add("LAMZUL", phase.used[-1] if phase else nan, u.time, why)
    sheet.add("LAMZNPT", len(phase.used) if phase else nan, "1", why)
    sheet.add("LAMZSPN", phase.span if phase else nan, "1", why)
    sheet.add("R2", phase.r2 if phase else nan, "1", why)
    sheet.add("R2ADJ", phase.r2_adjusted if phase else nan, "1", why)
    sheet.add("CORRXY", -math.sqrt(phase.r2) if phase else nan, "1", why)


def _exposure(sheet: Sheet, a: Areas, route: str, duration: float, dose: float | None, u: Units) -> None:
    auc, aumc = a.to_last()
    why, lam = a.no_phase, a.phase.rate if a.phase else math.nan
    sheet.add("AUCLST", auc, u.auc)
    sheet.add("AUCALL", a.all(), u.auc)
    sheet.add("AUMCLST", aumc, u.aumc)
    if dose is not None:
        sheet.add("AUCLSTD", auc / dose, u.per_dose(u.auc))
    predicted = a.phase.at(a.t_last) if a.phase else math.nan
    codes = mrt_codes(route)
    half_infusion = duration / 2
    sheet.add(codes[0], aumc / auc - half_infusion if auc > 0 else math.nan, u.time, "the area is 0")
    for kind, last, mrt in (("O", a.c_last, codes[1]), ("P", predicted, codes[2])):
        area, moment = (x + y for x, y in zip((auc, aumc), a.tail(a.t_last, last), strict=True))
        sheet.add(f"AUCIF{kind}", area, u.auc, why)
        sheet.add(f"AUCPE{kind}", 100 * (area - auc) / area, "%", why)
        sheet.add(f"AUMCIF{kind}", moment, u.aumc, why)
        sheet.add(f"AUMCPE{kind}", 100 * (moment - aumc) / moment, "%", why)
        sheet.add(mrt, moment / area - half_infusion, u.time, why)
        if route == "bolus" and a.profile.back_extrapolated:
            first, _, reason = a.between(0.0, float(a.profile.t[1]))
            sheet.add(f"AUCPBE{kind}", 100 * first / area, "%", reason or why)
        if dose is not None:
            sheet.add(f"AUCIF{kind}D", area / dose, u.per_dose(u.auc), why)
            litres = dose * u.litres_per_ratio()
            by_f = "F" if route == "extravascular" else ""
            sheet.add(f"CL{by_f}{kind}", litres / area, u.clearance, why)
            sheet.add(f"VZ{by_f}{kind}", litres / (area * lam), u.distribution, why)
            if not by_f:
                sheet.add(f"VSS{kind}", litres / area * (moment / area - half_infusion), u.distribution, why)


def _steady(sheet: Sheet, a: Areas, tau: float, route: str, duration: float, dose: float | None, u: Units) -> None:
    auc, aumc, why = a.between(0.0, tau)
    inside = a.profile.observed & (a.profile.t <= tau)
    c, t = a.profile.c[inside], a.profile.t[inside]
    trough, no_trough = a.value(tau)
    low = int(np.argmin(c))
    average = auc / tau
    sheet.add("AUCTAU", auc, u.auc, why)
    sheet.add("AUMCTAU", aumc, u.aumc, why)
    sheet.add("CAVG", average, u.conc, why)
    sheet.add("CMIN", c[low], u.conc)
    sheet.add("TMIN", t[low], u.time)
    sheet.add("CTROUGH", trough, u.conc, no_trough)
    sheet.add("FLUCP", 100 * (c.max() - c[low]) / average, "%", why)
    sheet.add("SWING", (c.max() - c[low]) / c[low] if c[low] > 0 else math.nan, "1", "the lowest concentration is 0")
    lam = a.phase.rate if a.phase else math.nan
    sheet.add("ACCI", 1 / -math.expm1(-lam * tau) if a.phase else math.nan, "1", a.no_phase)
    by_f = "F" if route == "extravascular" else ""
    tail = a.tail(tau, trough)[0]
    mrt = (aumc + tau * tail) / auc - duration / 2
    sheet.add(mrt_codes(route)[1], mrt, u.time, why or no_trough or a.no_phase)
    if dose is not None:
        litres = dose * u.litres_per_ratio()
        sheet.add(f"CL{by_f}TAU", litres / auc, u.clearance, why)
        sheet.add(f"VZ{by_f}TAU", litres / (auc * lam), u.distribution, why or a.no_phase)
        if not by_f:
            sheet.add("VSSO", litres / auc * mrt, u.distribution, why or no_trough or a.no_phase)


def nca(
    time: ArrayLike, conc: ArrayLike, *, dose: float | None, route: str = "extravascular", duration: float = 0.0,
    dose_time: float = 0.0, tau: float | None = None, method: str = "lin-up/log-down",
    lambda_z: LambdaZ | None = None, blq: str | BlqRule = "positional", below: ArrayLike | None = None,
    lloq: float | None = None, intervals: Sequence[tuple[float, float]] = (), units: Units | None = None,
    subject: str = "1",
) -> NcaResult:  # fmt: skip
    """Non-compartmental analysis of one profile.

    Parameters
    ----------
    time, conc : samples (n,) in `units.time` and `units.conc`.
    dose : amount in `units.dose`, or None (then nothing that needs it is reported).
    route : extravascular, bolus or infusion; `duration` is the length of the infusion in `units.time`.
    dose_time : clock time of the dose; TMAX, moments and intervals count from it.
    tau : the dosing interval of a profile at steady state; None for a single dose.
    method : linear, lin-up/log-down or linear-to-tmax-then-log.
    lambda_z : how the terminal phase is chosen (`LambdaZ`); automatic by default.
    blq, below, lloq : what lies below the limit and what it counts as (module `blq`).
    intervals : (start, end) pairs from the dose whose partial areas (AUCINT) are wanted.

    Mean residence times after an infusion are reduced by half its duration. A parameter that cannot be estimated is
    a row with NaN and the reason. Formulas: Gabrielsson & Weiner 2012; steady-state MRT: Smith & Schentag 1984.

    Raises InputError for contradictory input (module `profile` lists the checks).
    """
    route, method, u, rule = named_route(route), named_method(method), units or Units(), lambda_z or LambdaZ()
    _check_dose(dose, route, duration, tau)
    prof = profile(time, conc, route=route, dose_time=dose_time, steady_tau=tau, blq=blq, below=below, lloq=lloq,
                   subject=subject)  # fmt: skip
    tmax = 0.0 if route == "bolus" and prof.c0 >= prof.c.max() else float(prof.t[prof.peak])
    phase, why = terminal_phase(
        prof.t, prof.c, prof.quantified, tmax, route == "bolus", duration if route == "infusion" else 0.0, rule
    )
    a = areas(prof, method, phase, why)
    sheet = Sheet(subject)
    _observed(sheet, prof, route, dose, u)
    _terminal(sheet, phase, why, u)
    if tau is None:
        _exposure(sheet, a, route, duration, dose, u)
    else:
        sheet.add("AUCLST", a.to_last()[0], u.auc)
        _steady(sheet, a, tau, route, duration, dose, u)
    for start, end in intervals:
        if not 0 <= start < end:
            raise InputError("intervals", (start, end), "0 <= start < end, from the dose")
        area, _, reason = a.between(start, end)
        sheet.add("AUCINT", area, u.auc, reason, start, end)
    return NcaResult(tuple(sheet.rows), tuple((subject, n) for n in prof.notes), {subject: phase} if phase else {})
