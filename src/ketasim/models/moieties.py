"""Which enantiomers a drug holds, and in what mole shares."""

from __future__ import annotations

from collections.abc import Mapping

MOIETIES: Mapping[str, Mapping[str, float]] = {
    "ketamine": {"S": 0.5, "R": 0.5},
    "esketamine": {"S": 1.0},
    "arketamine": {"R": 1.0},
}


def moieties(drug: str) -> Mapping[str, float]:
    """Mole share of each enantiomer; empty for a drug that is not ketamine."""
    return MOIETIES.get(drug, {})
