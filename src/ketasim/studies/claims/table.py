"""The table of claims: id, the claim, how far evidence carries it, its grade and its papers."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from ketasim.core.errors import InputError

STANDS = ("supported", "partly supported", "not supported", "open")
GRADES = ("A", "B", "C", "D")


@dataclass(frozen=True)
class Claim:
    """One claim.

    stands : what published evidence says of it, one of `STANDS`. grade : A several good studies, B one good source,
    C weak, D assumed or disputed. papers : keys of the bibliography. but : what the claim leaves out or gets wrong.
    """

    id: str
    system: str
    claim: str
    stands: str
    grade: str
    papers: tuple[str, ...]
    but: str = ""


@lru_cache(maxsize=1)
def claims() -> Mapping[str, Claim]:
    """Every claim by id, in the order of the table."""
    text = (resources.files("ketasim") / "data" / "claims.csv").read_text(encoding="utf-8")
    rows = {}
    for row in csv.DictReader(text.splitlines()):
        claim = Claim(
            row["id"],
            row["system"],
            row["claim"],
            row["stands"],
            row["grade"],
            tuple(row["papers"].split()),
            row["but"],
        )
        if claim.stands not in STANDS or claim.grade not in GRADES:
            raise InputError(f"claim {claim.id}", (claim.stands, claim.grade), f"one of {STANDS}, one of {GRADES}")
        rows[claim.id] = claim
    return rows
