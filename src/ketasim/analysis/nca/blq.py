"""What to do with concentrations below the limit of quantification.

A sample below the limit is `first` (before any quantifiable one), `middle` (between two quantifiable ones) or `last`
(after the final quantifiable one). Each place has one action:

=========== ==========================================================================
``zero``    the sample counts as 0
``half``    it counts as half the limit
``limit``   it counts as the limit
``drop``    it is left out, and the result says so
``half-one`` (`last` only) the first such sample counts as half the limit, the rest are left out (Beal 2001, M6)
=========== ==========================================================================

Named rules: ``positional`` (zero, drop, zero: the default), ``zero`` (0 everywhere), ``drop`` (left out everywhere),
``half`` (half the limit everywhere; Beal's M5), ``half-one`` (zero, half, half-one).
Without a limit, a concentration of exactly 0 is taken to be below it.
Source of the numbering: Beal SL, J Pharmacokinet Pharmacodyn 2001;28:481-504.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ketasim.core.errors import InputError

Array = NDArray[np.float64]
_ACTIONS = ("zero", "half", "limit", "drop")


@dataclass(frozen=True)
class BlqRule:
    """One action for each of the three places; see the module."""

    first: str = "zero"
    middle: str = "drop"
    last: str = "zero"

    def __post_init__(self) -> None:
        for place in ("first", "middle", "last"):
            allowed = (*_ACTIONS, "half-one") if place == "last" else _ACTIONS
            if getattr(self, place) not in allowed:
                raise InputError(f"blq.{place}", getattr(self, place), ", ".join(allowed))


RULES = {
    "positional": BlqRule(),
    "zero": BlqRule("zero", "zero", "zero"),
    "drop": BlqRule("drop", "drop", "drop"),
    "half": BlqRule("half", "half", "half"),
    "half-one": BlqRule("zero", "half", "half-one"),
}


def named_rule(rule: str | BlqRule) -> BlqRule:
    """A BlqRule from its name, or the rule itself."""
    if isinstance(rule, BlqRule):
        return rule
    if rule not in RULES:
        raise InputError("blq", rule, ", ".join(RULES) + ", or a BlqRule")
    return RULES[rule]


def apply(
    t: Array, c: Array, below: NDArray[np.bool_], rule: BlqRule, lloq: float | None
) -> tuple[Array, Array, NDArray[np.bool_], tuple[str, ...]]:
    """(times, concentrations, quantified flags, one sentence per sample that was changed or left out)."""
    if below.all():
        raise InputError(
            "conc", "every sample below the limit of quantification", "at least one quantifiable concentration"
        )
    seen = np.flatnonzero(~below)
    limit = {"zero": 0.0, "half": None if lloq is None else lloq / 2, "limit": lloq}
    out, keep, notes = c.copy(), np.ones(c.size, dtype=bool), []
    tail = 0
    for i in np.flatnonzero(below):
        place = "first" if i < seen[0] else "last" if i > seen[-1] else "middle"
        action = getattr(rule, place)
        if action == "half-one":
            action = "half" if tail == 0 else "drop"
            tail += 1
        if action == "drop":
            keep[i] = False
            notes.append(f"sample at {t[i]:g} is below the limit ({place}): left out")
            continue
        value = limit[action]
        if value is None:
            raise InputError("lloq", None, f"the limit of quantification, which the BLQ rule '{action}' needs")
        out[i] = value
        notes.append(f"sample at {t[i]:g} is below the limit ({place}): counted as {value:g}")
    return t[keep], out[keep], ~below[keep], tuple(notes)
