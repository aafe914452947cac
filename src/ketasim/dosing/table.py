"""The regimen as a table: one row a step, every cell written as in the sentence. Also the flat table of events."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictStr, ValidationError

from ketasim.core.errors import InputError
from ketasim.dosing.catalogue import default_product, find_drug
from ketasim.dosing.course import Block, Strand, at_text
from ketasim.dosing.parser import BlockBuilder
from ketasim.dosing.quantities import Span, Unit
from ketasim.dosing.reader import Reader
from ketasim.dosing.sentence import amount_text, concentration_text, target_text, usual_apart
from ketasim.dosing.steps import Give, Pause, Step, Target
from ketasim.dosing.validation import input_error, shown

if TYPE_CHECKING:
    from ketasim.dosing.regimen import Regimen

_T = TypeVar("_T")


class DoseRow(BaseModel):
    """One step as text: drug, amount (or rate, tci with target, pause), route, times; `join` is then or also."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    join: StrictStr | None = None
    drug: StrictStr | None = None
    amount: StrictStr | None = None
    rate: StrictStr | None = None
    of: StrictStr | None = None
    tci: StrictStr | None = None
    target: StrictStr | None = None
    pause: StrictStr | None = None
    hcl: StrictBool = False
    ibw: StrictBool = False
    route: StrictStr | None = None
    over: StrictStr | None = None
    for_: StrictStr | None = Field(default=None, alias="for")
    product: StrictStr | None = None
    sprays_apart: StrictStr | None = None
    at: StrictStr | None = None
    repeat: StrictStr | None = None


def _whole(name: str, text: str, read: Callable[[Reader], _T]) -> _T:
    """Read all of one cell; errors name the cell."""
    try:
        reader = Reader(text)
        value = read(reader)
        reader.end()
    except InputError as error:
        raise InputError(name, text, error.allowed, error.hint) from None
    return value


def _span(name: str, text: str | None) -> Span | None:
    return None if text is None else _whole(name, text, lambda r: r.span("time", "40 min"))


# ---------------------------------------------------------------------- reading


def strands_of(data: Mapping[str, Any]) -> tuple[Strand, ...]:
    """Strands of {"text": …} or {"doses": [...]}. Raises InputError naming the cell."""
    from ketasim.dosing.parser import parse_strands

    if not isinstance(data, Mapping):
        raise InputError("regimen", shown(data), "a sentence, or a table with `text` or `doses`")
    unknown = [k for k in data if k not in ("text", "doses")]
    if unknown:
        raise InputError(f"key regimen.{unknown[0]}", shown(data[unknown[0]]), "one of the keys text, doses")
    if ("text" in data) == ("doses" in data):
        raise InputError("regimen", "both text and doses" if "text" in data else "empty", "either `text` or `doses`")
    if "text" in data:
        if not isinstance(data["text"], str):
            raise InputError("regimen.text", shown(data["text"]), "text in quotation marks")
        return parse_strands(data["text"])
    rows = data["doses"]
    if isinstance(rows, (str, Mapping)) or not isinstance(rows, Sequence) or not rows:
        raise InputError("regimen.doses", shown(rows) if rows else "empty", "a list of tables, one a dose")
    return _strands(rows)


def _strands(rows: Sequence[Any]) -> tuple[Strand, ...]:
    strands: list[Strand] = []
    builder = BlockBuilder()
    name = "regimen.doses[0]"

    def finish() -> None:
        builder.close()
        strands.append(Strand(tuple(builder.blocks)))

    for i, raw in enumerate(rows):
        name = f"regimen.doses[{i}]"
        row = _row(raw, name)
        step = _step(row, name)
        at = _whole(f"{name}.at", row.at, lambda r: r.times()) if row.at is not None else ()
        repeat = _whole(f"{name}.repeat", row.repeat, _schedule) if row.repeat is not None else None
        if row.join not in (None, "then", "also"):
            raise InputError(f"{name}.join", row.join, "then or also")
        try:
            if i and row.join != "then":
                finish()
                builder = BlockBuilder()
            builder.add(step, at)
            if row.repeat is not None:
                builder.close(repeat)
        except InputError as error:
            raise InputError(f"{name}.{error.field}", error.value, error.allowed, error.hint) from None
    try:
        finish()
    except InputError as error:
        raise InputError(f"{name}.{error.field}", error.value, error.allowed, error.hint) from None
    return tuple(strands)


def _schedule(reader: Reader) -> Any:
    if not reader.at_schedule():
        reader.fail("schedule", "a schedule, as in 2/week for 4 weeks, every 3 d x6, or x1")
    return reader.schedule()


def _row(raw: Any, name: str) -> DoseRow:
    if isinstance(raw, Mapping):
        try:
            return DoseRow.model_validate(dict(raw))
        except ValidationError as error:
            raise input_error(error, DoseRow, name) from None
    raise InputError(name, shown(raw), "a table with keys such as drug, amount, route")


def _step(row: DoseRow, name: str) -> Step:
    kinds = [k for k in ("amount", "rate", "tci", "pause") if getattr(row, k) is not None]
    placebo = row.drug is not None and find_drug(row.drug).kind == "placebo"
    if len(kinds) != 1 and not (placebo and not kinds):
        raise InputError(name, " and ".join(kinds) or "without a dose", "one of amount, rate, tci, pause")
    kind = kinds[0] if kinds else "amount"
    _refuse_foreign(row, name, kind)
    try:
        if kind == "pause":
            pause = _span(f"{name}.pause", row.pause)
            assert pause is not None
            return Pause(pause)
        if kind == "tci":
            return _target(row, name)
        return _give(row, name, kind)
    except InputError as error:
        if error.field.startswith(name):
            raise
        raise InputError(f"{name}.{error.field}", error.value, error.allowed, error.hint) from None


_BELONGS = {
    "amount": {"hcl", "ibw", "of", "route", "over", "product", "sprays_apart", "drug"},
    "rate": {"hcl", "ibw", "of", "route", "for", "product", "drug"},
    "tci": {"target", "for", "drug"},
    "pause": set(),
}  # fmt: skip


def _refuse_foreign(row: DoseRow, name: str, kind: str) -> None:
    given = row.model_dump(by_alias=True, exclude_defaults=True)
    for key, value in given.items():
        if key not in _BELONGS[kind] | {kind, "join", "at", "repeat"}:
            raise InputError(f"{name}.{key}", shown(value), f"nothing here together with `{kind}`")


def _target(row: DoseRow, name: str) -> Target:
    if row.target is None or row.for_ is None:
        missing = "target" if row.target is None else "for"
        raise InputError(f"{name}.{missing}", "missing", 'a concentration ("100 ng/mL") and a time ("1 h") with tci')
    value, unit = _whole(f"{name}.target", row.target, lambda r: r.target())
    duration = _span(f"{name}.for", row.for_)
    assert duration is not None and row.tci is not None
    return Target(row.drug or "ketamine", row.tci, value, unit, duration)


def _give(row: DoseRow, name: str, kind: str) -> Give:
    text = row.rate if kind == "rate" else row.amount
    value, unit = 0.0, None
    if text is not None:
        value, unit = _whole(f"{name}.{kind}", text, lambda r: r.amount())
        _check_kind(unit, kind, text, name)
    if row.route is None and kind != "rate":
        raise InputError(f"{name}.route", "missing", 'a route, as in "iv"')
    time = _span(f"{name}.for", row.for_) if kind == "rate" else _span(f"{name}.over", row.over)
    of = _whole(f"{name}.of", row.of, lambda r: r.concentration()) if row.of is not None else None
    apart = _span(f"{name}.sprays_apart", row.sprays_apart)
    drug, route, product = row.drug or "ketamine", row.route or "iv", row.product or ""
    return Give(drug, value, unit, route, time, of, row.hcl, row.ibw, product, apart)


def _check_kind(unit: Unit, kind: str, text: str, name: str) -> None:
    if bool(unit.per) != (kind == "rate"):
        allowed = 'a rate, as in "0.3 mg/kg/h"' if kind == "rate" else 'an amount, as in "0.5 mg/kg"'
        raise InputError(f"{name}.{kind}", text, allowed, "Rates go in `rate`, amounts in `amount`.")


# ---------------------------------------------------------------------- writing


def rows_of(strands: Sequence[Strand]) -> list[dict[str, Any]]:
    """One dict a step, only the cells that say something; strands_of reads them back to equal strands."""
    rows: list[dict[str, Any]] = []
    for strand in strands:
        for place, block in enumerate(strand.blocks):
            following = strand.blocks[place + 1] if place + 1 < len(strand.blocks) else None
            rows += _block_rows(block, following, "also" if place == 0 else "then")
    rows[0].pop("join")
    return rows


def _block_rows(block: Block, following: Block | None, join: str) -> list[dict[str, Any]]:
    rows = [{"join": join if i == 0 else "then", **_step_row(step)} for i, step in enumerate(block.steps)]
    if block.at:
        rows[0]["at"] = at_text(block.at)
    if block.repeat is not None:
        rows[-1]["repeat"] = str(block.repeat)
    elif following is not None and not following.at and not block.is_pause:
        rows[-1]["repeat"] = "x1"
    return rows


def _step_row(step: Step) -> dict[str, Any]:
    if isinstance(step, Pause):
        return {"pause": str(step.duration)}
    if isinstance(step, Target):
        return {"drug": step.drug, "tci": step.site, "target": target_text(step), "for": str(step.duration)}
    row: dict[str, Any] = {"drug": step.drug}
    if step.unit is not None:
        row["rate" if step.is_rate else "amount"] = amount_text(step)
    if step.concentration is not None:
        row["of"] = concentration_text(step)
    row |= {name: True for name in ("hcl", "ibw") if getattr(step, name)}
    row["route"] = step.route
    if step.duration is not None:
        row["for" if step.is_rate else "over"] = str(step.duration)
    if step.product != default_product(step.drug, step.route):
        row["product"] = step.product
    if step.apart is not None and not usual_apart(step):
        row["sprays_apart"] = str(step.apart)
    return row


def toml_of(rows: Sequence[Mapping[str, Any]]) -> str:
    """[[regimen.doses]] tables of strings and booleans."""
    parts = []
    for row in rows:
        lines = [f"{k} = {json.dumps(v, ensure_ascii=False)}" for k, v in row.items()]
        parts.append("\n".join(["[[regimen.doses]]", *lines]))
    return "\n\n".join(parts) + "\n"


def event_rows(regimen: Regimen) -> list[dict[str, Any]]:
    """One dict a dose or target in time order: time_h, day, session, what, drug, route, amount, unit, duration_h, …"""
    rows = [
        {
            "time_h": d.start_h, "day": d.day, "session": d.session_index,
            "what": "infusion" if d.duration_h else "dose",
            "drug": d.drug, "route": d.route, "amount": d.amount, "unit": d.basis, "duration_h": d.duration_h,
            "product": d.product, "device": d.device_index,
        }
        for d in regimen.fixed_doses
    ]  # fmt: skip
    rows += [
        {
            "time_h": a.start_h, "day": int(a.start_h // 24), "session": a.session_index, "what": f"target {a.site}",
            "drug": a.drug, "route": "iv", "amount": a.ng_ml, "unit": "ng/mL", "duration_h": a.duration_h,
            "product": "", "device": 0,
        }
        for a in regimen.targets
    ]  # fmt: skip
    return sorted(rows, key=lambda r: float(str(r["time_h"])))
