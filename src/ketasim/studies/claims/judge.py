"""From a claim and its demonstration to a row with a verdict."""

from __future__ import annotations

import math
from collections.abc import Iterable
from importlib import import_module
from typing import Any

from ketasim.core import citations
from ketasim.core.errors import InputError
from ketasim.studies.claims.shown import DEMONSTRATIONS, NotAvailable, Shown
from ketasim.studies.claims.table import Claim, claims

VERDICTS = ("supported", "partly supported", "not supported", "open", "model disagrees", "not available")
_MODULES = ("molecule", "receptors", "brain", "body", "session", "mood", "pain", "uses", "long_use", "treatment")


def show(claim_id: str) -> dict[str, Any]:
    """Run one claim's demonstration. InputError on an unknown id."""
    table = claims()
    if claim_id not in table:
        raise InputError("claim", claim_id, ", ".join(table))
    claim = table[claim_id]
    for module in _MODULES:
        import_module(f"ketasim.studies.claims.{module}")
    try:
        found = DEMONSTRATIONS[claim_id]()
    except NotAvailable as error:
        return _row(claim, None, "not available", str(error))
    return _row(claim, found, claim.stands if found.holds else "model disagrees", "")


def show_all(ids: Iterable[str] = ()) -> list[dict[str, Any]]:
    """Rows of some claims, or of all."""
    return [show(claim_id) for claim_id in (list(ids) or claims())]


def _row(claim: Claim, found: Shown | None, verdict: str, missing: str) -> dict[str, Any]:
    papers = [{"key": r.key, "short": r.short, "link": r.link} for r in citations.cite(claim.papers)]
    row: dict[str, Any] = {
        "id": claim.id, "system": claim.system, "claim": claim.claim, "evidence": claim.stands, "grade": claim.grade,
        "verdict": verdict, "but": claim.but, "papers": papers, "missing": missing,
        "shows": "", "number": None, "unit": "", "low": None, "high": None, "interval": "", "rule": "", "more": {},
        "call": "",
    }  # fmt: skip
    if found is not None:
        row |= {
            "shows": found.words, "number": _finite(found.number), "unit": found.unit, "low": _finite(found.low),
            "high": _finite(found.high), "interval": found.interval if math.isfinite(found.low) else "",
            "rule": found.rule, "more": dict(found.more), "call": found.call,
        }  # fmt: skip
    return row


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
