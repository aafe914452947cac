"""Validation beside that of an earlier release: groups of rows, and the rows whose verdict changed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypedDict, cast

from ketasim.core.errors import InputError

from .scoring import Score, scores
from .validation import Row

KEPT = (
    "study", "id", "layer", "use", "verdict", "route", "site", "adult", "statistic", "error_kind", "observed",
    "predicted", "low", "high", "error", "inside", "covered", "naive", "naive_inside",
)  # fmt: skip
DIGITS = 4


class GroupTrend(TypedDict):
    """One group: share inside tolerance, GMFE and coverage of the 90 % interval, before and now."""

    group: str
    rows: tuple[int, int]
    inside: tuple[float | None, float | None]
    gmfe: tuple[float | None, float | None]
    covered: tuple[float | None, float | None]


class Trend(TypedDict):
    """groups : those that exist before or now. worse, better : (study, row id) that began to miss, or to hold.
    new, gone : rows that exist only now, or only before."""

    groups: list[GroupTrend]
    worse: list[tuple[str, str]]
    better: list[tuple[str, str]]
    new: int
    gone: int


def kept(rows: Sequence[Row], version: str) -> str:
    """The rows of a release as text to be kept: what a trend needs, one short line a row, numbers of four digits."""

    def short(x: Any) -> Any:
        return float(f"{x:.{DIGITS}g}") if isinstance(x, float) else x

    lines = ",\n".join(
        json.dumps([short(cast(dict[str, Any], row)[name]) for name in KEPT], ensure_ascii=False, separators=(",", ":"))
        for row in rows
    )
    head = f'"ketasim":{json.dumps(version)},"fields":{json.dumps(KEPT)}'
    return f'{{{head},"rows":[\n{lines}\n]}}\n'


def read_rows(path: str | Path) -> list[Row]:
    """Rows of an earlier run, as `ketasim validate --json` prints them or as they are kept for a release."""
    allowed = "rows printed by ketasim validate --json, or those kept for a release"
    try:
        found: Any = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, ValueError) as error:
        raise InputError("earlier validation", str(path), f"{allowed} ({error})") from None
    if isinstance(found, dict) and isinstance(found.get("rows"), list) and isinstance(found.get("fields"), list):
        fields = found["fields"]
        if all(isinstance(r, list) and len(r) == len(fields) for r in found["rows"]):
            found = [dict(zip(fields, r, strict=True)) for r in found["rows"]]
    if not isinstance(found, list) or not all(isinstance(r, dict) and set(KEPT) <= set(r) for r in found):
        raise InputError("earlier validation", str(path), allowed)
    return cast(list[Row], found)


def trend(before: Sequence[Row], now: Sequence[Row]) -> Trend:
    """What changed between two validations."""
    old, new = ({(r["study"], r["id"]): r for r in rows} for rows in (before, now))
    both = [k for k in new if k in old]
    missed = {"fail", "error"}
    return Trend(
        groups=_groups(scores(before), scores(now)),
        worse=[k for k in both if new[k]["verdict"] in missed and old[k]["verdict"] not in missed],
        better=[k for k in both if new[k]["verdict"] == "pass" and old[k]["verdict"] in missed],
        new=len(set(new) - set(old)),
        gone=len(set(old) - set(new)),
    )


def _groups(before: Sequence[Score], now: Sequence[Score]) -> list[GroupTrend]:
    old, new = ({s["group"]: s for s in groups} for groups in (before, now))
    out = []
    for name in dict.fromkeys([*new, *old]):
        a, b = old.get(name), new.get(name)
        out.append(
            GroupTrend(
                group=name,
                rows=(a["rows"] if a else 0, b["rows"] if b else 0),
                inside=(a["inside"] if a else None, b["inside"] if b else None),
                gmfe=(a["gmfe"] if a else None, b["gmfe"] if b else None),
                covered=(a["covered"] if a else None, b["covered"] if b else None),
            )
        )
    return out
