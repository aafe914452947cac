"""The flat list a model reads: doses in time order, each in its session."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ketasim.core.errors import InputError
from ketasim.dosing.catalogue import find_drug, products
from ketasim.dosing.course import Placed, Strand
from ketasim.dosing.steps import Give

SESSION_GAP_H = 12.0
_WHISKER_H = 1e-9


@dataclass(frozen=True)
class Dose:
    """One dose of base by one route, or one device of it.

    amount : of base, in `basis` "mg", "mg/kg" (actual weight) or "mg/kg_ibw" (ideal weight). start_h : hours from the
    start of the regimen. duration_h : 0 means at once. device_index : 0 for the first device of this drug in the
    session, 1 for the second …; always 0 where there are no devices. session_index : 0 for the first session; a session
    is a run of doses less than 12 h apart. product : key of data/products.toml, "" where the form does not matter.
    salt : always "base": hydrochloride amounts have been converted. strand : which `also` part it comes from.
    opens_session : True for the one dose that begins its session; never a co-drug, nor a tablet of placebo.
    """

    drug: str
    route: str
    amount: float
    basis: str
    start_h: float
    duration_h: float = 0.0
    device_index: int = 0
    session_index: int = 0
    product: str = ""
    salt: str = "base"
    strand: int = 0
    opens_session: bool = False

    @property
    def end_h(self) -> float:
        return self.start_h + self.duration_h

    @property
    def day(self) -> int:
        """Whole days since the start of the regimen: the first dose is on day 0."""
        return int((self.start_h + _WHISKER_H) // 24)

    def amount_mg(self, weight_kg: ArrayLike, ibw_kg: ArrayLike | None = None) -> NDArray[np.float64]:
        """mg of base for each person: array of the shape of weight_kg (a scalar gives one entry).

        weight_kg : actual body weight, kg. ibw_kg : ideal body weight, kg; needed where basis is "mg/kg_ibw".
        """
        weight = np.atleast_1d(np.asarray(weight_kg, dtype=float))
        if self.basis == "mg":
            return np.full(weight.shape, self.amount)
        if self.basis == "mg/kg":
            return self.amount * weight
        if ibw_kg is None:
            raise InputError("ibw_kg", None, "ideal body weight in kg, as the dose is per kg of it")
        return self.amount * np.broadcast_to(np.asarray(ibw_kg, dtype=float), weight.shape)

    def moieties(self) -> dict[str, float]:
        """Share of the S and the R enantiomer; empty for drugs other than ketamine."""
        return dict(find_drug(self.drug).moieties)


@dataclass(frozen=True)
class Aim:
    """A concentration a pump is to hold: ng/mL of total drug in arterial plasma or at the effect site."""

    drug: str
    site: str
    ng_ml: float
    start_h: float
    duration_h: float
    session_index: int = 0
    strand: int = 0

    @property
    def end_h(self) -> float:
        return self.start_h + self.duration_h


@dataclass(frozen=True)
class Session:
    """A run of doses less than 12 h apart: from its first dose to the end of its last, with what is given in it."""

    index: int
    start_h: float
    end_h: float
    doses: tuple[Dose, ...]
    aims: tuple[Aim, ...] = ()

    @property
    def day(self) -> int:
        return int((self.start_h + _WHISKER_H) // 24)


def flatten(strands: Sequence[Strand]) -> tuple[tuple[Dose, ...], tuple[Aim, ...], tuple[tuple[float, float], ...]]:
    """Doses and aims of all strands in time order, and the (start, end) hours of the sessions."""
    doses: list[Dose] = []
    aims: list[Aim] = []
    for number, strand in enumerate(strands):
        for placed in strand.placed():
            step = placed.step
            if isinstance(step, Give):
                doses.extend(_doses(step, placed, number))
            else:
                aims.append(Aim(step.drug, step.site, step.ng_ml, placed.start_h, step.length_h, strand=number))
    doses.sort(key=lambda d: d.start_h)
    aims.sort(key=lambda a: a.start_h)
    everything: list[Dose | Aim] = [*doses, *aims]
    treatment = [x for x in everything if _is_treatment(x)]
    sessions = _sessions(sorted((x.start_h, x.end_h) for x in treatment))
    doses = _open_sessions([replace(d, session_index=_session_of(d.start_h, sessions)) for d in doses], sessions)
    aims = [replace(a, session_index=_session_of(a.start_h, sessions)) for a in aims]
    return tuple(_count_devices(doses)), tuple(aims), sessions


def _doses(step: Give, placed: Placed, strand: int) -> list[Dose]:
    count = step.devices
    gap = step.apart.hours if step.apart else 0.0
    return [
        Dose(
            step.drug, step.route, step.amount / count, step.basis, placed.start_h + k * gap, step.duration_h,
            product=step.product, strand=strand,
        )
        for k in range(count)
    ]  # fmt: skip


def _sessions(spans: list[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
    out: list[tuple[float, float]] = []
    for start, end in spans:
        if out and start - out[-1][1] < SESSION_GAP_H - _WHISKER_H:
            out[-1] = (out[-1][0], max(out[-1][1], end))
        else:
            out.append((start, end))
    return tuple(out)


def _session_of(start_h: float, sessions: tuple[tuple[float, float], ...]) -> int:
    """The session within 12 h of which something is given; failing that the last one begun (the first before any)."""
    begun = max(int(np.searchsorted([s for s, _ in sessions], start_h, side="right")) - 1, 0)
    after = begun + 1
    far_behind = start_h - sessions[begun][1] >= SESSION_GAP_H - _WHISKER_H
    if far_behind and after < len(sessions) and sessions[after][0] - start_h < SESSION_GAP_H - _WHISKER_H:
        return after
    return begun


def _is_treatment(x: Dose | Aim) -> bool:
    """True for what sessions are counted by: the first strand, and ketamine in any other."""
    return x.strand == 0 or find_drug(x.drug).kind == "ketamine"


def _at_home(x: Dose) -> bool:
    """A tablet without a drug is nothing to come to the clinic for."""
    return x.drug == "saline" and x.route == "oral"


def _open_sessions(doses: list[Dose], sessions: tuple[tuple[float, float], ...]) -> list[Dose]:
    """Mark the first dose of each session (a session begun by a pump has none)."""
    waiting = {start for start, _ in sessions}
    out = []
    for dose in doses:
        if dose.start_h in waiting and _is_treatment(dose) and not _at_home(dose):
            waiting.discard(dose.start_h)
            dose = replace(dose, opens_session=True)
        out.append(dose)
    return out


def _count_devices(doses: list[Dose]) -> list[Dose]:
    """Number the devices of a drug within each session, in time order."""
    seen: dict[tuple[str, str, int], int] = {}
    out = []
    for dose in doses:
        if dose.product and products()[dose.product].divided:
            key = (dose.drug, dose.product, dose.session_index)
            seen[key] = seen.get(key, -1) + 1
            dose = replace(dose, device_index=seen[key])
        out.append(dose)
    return out
