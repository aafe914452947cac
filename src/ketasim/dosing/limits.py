"""Warnings: what is above the published range, and what is probably not meant. Nothing is refused here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ketasim.dosing.catalogue import Limit, find_drug
from ketasim.dosing.doses import Dose
from ketasim.dosing.quantities import number_text
from ketasim.dosing.sentence import step_text
from ketasim.dosing.steps import Give

if TYPE_CHECKING:
    from ketasim.dosing.regimen import Regimen

SHORT_H = 1.0
_TOLERANCE = 1 + 1e-9


def warnings_of(regimen: Regimen, weight_kg: float, ibw_kg: float) -> tuple[str, ...]:
    """One sentence each, every one once, in the order of the doses."""
    found = [*_high_doses(regimen, weight_kg, ibw_kg), *_nose_sessions(regimen, weight_kg, ibw_kg), *_together(regimen)]
    return tuple(dict.fromkeys(found))


def _limit(drug: str, route: str, long: bool) -> Limit | None:
    for limit in find_drug(drug).limits:
        if limit.route == route and (limit.rate if long else limit.single) is not None:
            return limit
    return None


def _given(amount: float, basis: str, unit: str, weight_kg: float, ibw_kg: float) -> tuple[float, bool]:
    """An amount in the unit of a limit (mg or mg/kg), and whether the weight was needed."""
    per_kg = unit.startswith("mg/kg")
    if per_kg == (basis != "mg") and basis != "mg/kg_ibw":
        return amount, False
    mg = amount if basis == "mg" else amount * (ibw_kg if basis == "mg/kg_ibw" else weight_kg)
    return (mg / weight_kg if per_kg else mg), True


def _sentence(what: str, value: float, limit: Limit, top: float, weight: str) -> str:
    """`weight`: " at 70 kg" where the amount was converted, "" where it is in the limit's unit already."""
    source = {"assumed": "no source at hand"}.get(limit.source, limit.source)
    why = f"{source}, {limit.status}" + (f": {limit.note}" if limit.note else "")
    published = f"up to {number_text(top)} {limit.unit}; {why}"
    converted = f" ({value:.3g} {limit.unit}{weight})" if weight or limit.rate is not None else ""
    return f"{what}{converted} is above the published range ({published})"


def _high_doses(regimen: Regimen, weight_kg: float, ibw_kg: float) -> Iterator[str]:
    for strand in regimen.strands:
        for block in strand.blocks:
            for step in block.steps:
                if not isinstance(step, Give) or step.amount == 0:
                    continue
                long = step.duration_h > SHORT_H * _TOLERANCE
                limit = _limit(step.drug, step.route, long)
                if limit is None:
                    continue
                value, used = _given(step.amount, step.basis, limit.unit, weight_kg, ibw_kg)
                if long:
                    value /= step.duration_h
                top = limit.rate if long else limit.single
                if top is not None and value > top * _TOLERANCE:
                    weight = f" at {weight_kg:g} kg" if used else ""
                    yield _sentence(step_text(step), value, limit, top, weight)


def _nose_sessions(regimen: Regimen, weight_kg: float, ibw_kg: float) -> Iterator[str]:
    """Sprays of one session together, where more than one step gives them."""
    for session in regimen.sessions():
        sprays: dict[str, list[Dose]] = {}
        for dose in session.doses:
            if dose.route == "intranasal":
                sprays.setdefault(dose.drug, []).append(dose)
        for drug, doses in sprays.items():
            limit = _limit(drug, "intranasal", False)
            if limit is None or limit.single is None or len(doses) < 2:
                continue
            both = [_given(d.amount, d.basis, limit.unit, weight_kg, ibw_kg) for d in doses]
            value = sum(v for v, _ in both)
            if value > limit.single * _TOLERANCE:
                weight = f" at {weight_kg:g} kg" if any(used for _, used in both) else ""
                yield _sentence(
                    f"{drug} intranasal, {value:.3g} {limit.unit} in one session", value, limit, limit.single, weight
                )


def _together(regimen: Regimen) -> Iterator[str]:
    """Two doses of one drug at the same moment: a word is probably missing between them."""
    for strand in regimen.strands:
        for block in strand.blocks:
            for a, b in zip(block.steps, block.steps[1:], strict=False):
                if isinstance(a, Give) and isinstance(b, Give) and a.drug == b.drug and not (a.duration or b.duration):
                    yield (
                        f"{step_text(a)} and {step_text(b)} are given one straight after the other in each run; "
                        "write `x1` after the first, or `at day 3` after the second, for another day"
                    )
