"""Orders: the plan of one session for many people, person by person, as `plan` makes it for one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ketasim.clinic.protocol import Protocol
from ketasim.core.errors import InputError
from ketasim.dosing import Regimen


@dataclass(frozen=True, eq=False)
class Order:
    """The k-th dose of the people `who`: mg is (len(who),)."""

    number: int
    drug: str
    route: str
    device: int
    start_min: float
    duration_min: float
    who: np.ndarray
    mg: np.ndarray


@dataclass(frozen=True, eq=False)
class Orders:
    """Everybody's doses of one session. count (n,) of doses, planned_mg (n,)."""

    orders: tuple[Order, ...]
    count: np.ndarray
    planned_mg: np.ndarray
    pairs: frozenset[tuple[str, str]]

    @property
    def main_drug(self) -> str:
        """The drug that is accounted for: that of the first dose."""
        return self.orders[0].drug

    def of(self, who: np.ndarray) -> Orders:
        """The orders of some people, who are then counted from 0."""
        place = np.full(len(self.count), -1)
        place[who] = np.arange(len(who))
        found = []
        for o in self.orders:
            mine = place[o.who] >= 0
            found.append(replace(o, who=place[o.who[mine]], mg=o.mg[mine]))
        return Orders(tuple(found), self.count[who], self.planned_mg[who], self.pairs)

    def number(self, k: int) -> tuple[Order, ...]:
        """Everybody's k-th dose."""
        return tuple(o for o in self.orders if o.number == k)


def order(cov: Mapping[str, np.ndarray], protocol: Protocol, factor: Any = 1.0) -> Orders:
    """Doses by protocol for people with these covariates, (n,) each; InputError where the pump or syringe cannot.

    factor : share of the planned dose, a number or (n,).
    """
    rule = protocol.dose
    n = len(cov["weight_kg"])
    everybody = np.arange(n)
    share = np.broadcast_to(np.asarray(factor, float), (n,))
    old = np.zeros(n, bool)
    if rule.elderly_regimen:
        old = np.asarray(cov["age_y"]) >= rule.elderly_from
    heavy = np.zeros(n, bool)
    if rule.ideal_weight_from_bmi is not None:
        heavy = np.asarray(cov["bmi"]) >= rule.ideal_weight_from_bmi
    found: list[Order] = []
    count, planned, pumped = np.zeros(n, int), np.zeros(n), np.zeros(n)
    for elderly in (False, True):
        for ideal in (False, True):
            who = everybody[(old == elderly) & (heavy == ideal)]
            if not len(who):
                continue
            text = str(rule.elderly_regimen) if elderly else rule.regimen
            if ideal and "mg/kg" in text and "ibw" not in text:
                text = text.replace("mg/kg", "mg/kg ibw", 1)
            regimen = Regimen.parse(text)
            regimen.require_runnable()
            doses = sorted(regimen.fixed_doses, key=lambda d: d.start_h)
            for k, d in enumerate(doses):
                weight, ibw = np.asarray(cov["weight_kg"])[who], np.asarray(cov["ibw_kg"])[who]
                mg = np.broadcast_to(np.asarray(d.amount_mg(weight, ibw), float), who.shape) * share[who]
                found.append(Order(k, d.drug, d.route, d.device_index, 60 * d.start_h, 60 * d.duration_h, who, mg))
                planned[who] += mg
                if d.route == "iv" and d.duration_h > 0:
                    _limit("pump rate", mg / rule.concentration_mg_ml / d.duration_h, rule.max_ml_h, "mL/h")
                    pumped[who] += mg
            count[who] = len(doses)
    volume = np.where(pumped > 0, planned / rule.concentration_mg_ml, 0.0)
    _limit("syringe", volume, rule.syringe_ml, "mL")
    return Orders(tuple(found), count, planned, frozenset((o.drug, o.route) for o in found))


def given(doses: Sequence[Any], start_h: float, cov: Mapping[str, np.ndarray], share: Any = 1.0) -> Orders:
    """Doses of one session of a regimen, the same for all people; times count from start_h."""
    weight, ibw = np.asarray(cov["weight_kg"]), np.asarray(cov["ibw_kg"])
    everybody = np.arange(len(weight))
    rows, planned = [], np.zeros(len(weight))
    for k, d in enumerate(sorted(doses, key=lambda d: d.start_h)):
        mg = np.broadcast_to(np.asarray(d.amount_mg(weight, ibw), float), everybody.shape)
        mg, begin = mg * share, 60 * (d.start_h - start_h)
        rows.append(Order(k, d.drug, d.route, d.device_index, begin, 60 * d.duration_h, everybody, mg))
        planned += mg
    pairs = frozenset((o.drug, o.route) for o in rows)
    return Orders(tuple(rows), np.full(len(weight), len(rows)), planned, pairs)


def _limit(field: str, value: np.ndarray, most: float, unit: str) -> None:
    over = np.flatnonzero(value > most)
    if len(over):
        raise InputError(
            field, f"{value[over[0]]:.0f} {unit}", f"at most {most:g} {unit}",
            f"{len(over)} of {len(value)} people. Use a stronger solution.",
        )  # fmt: skip
