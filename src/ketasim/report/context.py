"""What sections share besides the Result: a Result for doubt, the ensemble, observations, windows and figures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Any

import numpy as np

from ketasim.core.result import Result
from ketasim.report.charts.chart import Chart
from ketasim.report.observations import Observed
from ketasim.report.sessions import Session, Window, sessions, windows

Ensemble = Mapping[str, Sequence[tuple[str, Any, Any]]]
NOTHING = 1e-12  # a value that never reaches this is zero to any reader
PARENTS = ("ketamine", "S_ketamine", "R_ketamine")
ROUND_H = (1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 10.0, 12.0, 16.0, 20.0, 24.0, 36.0)


@dataclass(eq=False)
class Context:
    """One rendering of one Result.

    doubt : Result of the same run in which only our doubt about typical values was drawn (between people off).
    ensemble : sampling site → (model name, times in h, values) of every published model that applies.
    observed : observations to lay over the curves. figures : every chart a section asked for, by id.
    """

    result: Result
    title: str = ""
    kind: str = "kinetics"
    doubt: Result | None = None
    ensemble: Ensemble = field(default_factory=dict)
    ensemble_output: str = "ketamine"
    observed: Observed | None = None
    figures: dict[str, Chart] = field(default_factory=dict)
    claimed: frozenset[str] = frozenset()
    _quantiles: dict[tuple[int, str], tuple[np.ndarray, np.ndarray, np.ndarray]] = field(default_factory=dict)

    @cached_property
    def sessions(self) -> tuple[Session, ...]:
        """Sessions of the regimen."""
        return sessions(self.result.doses)

    @cached_property
    def shown(self) -> tuple[str, ...]:
        """Outputs that hold anything (an enantiomer that was not given is zero throughout)."""
        return tuple(name for name, v in self.result.outputs.items() if holds_something(v))

    def windows(self, outputs: Sequence[str] = ()) -> tuple[Window, ...]:
        """The whole run and, where it is long, its first and last session, as long as these outputs last."""
        last = float(self.result.times_h[-1]) if len(self.result.times_h) else 0.0
        return windows(self.sessions, last, self._worth_h(outputs))

    def _worth_h(self, outputs: Sequence[str]) -> float:
        """Hours from the start of a session until the slowest of some outputs is within 5 % of where it settles."""
        if not self.sessions:
            return np.inf
        start = self.sessions[0].start_h
        stop = self.sessions[1].start_h if len(self.sessions) > 1 else np.inf
        t = self.result.times_h
        inside = (t >= start) & (t <= stop)
        longest = self.sessions[0].end_h - start + 1.0
        for name in outputs or self.matching("*.arterial", "*.venous", "*.brain"):
            y = self.typical(name)[1][inside]
            away = np.abs(y - (y[np.isfinite(y)][-1] if np.isfinite(y).any() else 0.0))
            high = np.flatnonzero(away > 0.05 * np.nanmax(away, initial=0.0))
            if len(high):
                longest = max(longest, float(t[inside][high[-1]]) - start)
        return float(min(next((h for h in ROUND_H if h >= longest), 48.0), 48.0))

    def typical(self, output: str, result: Result | None = None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(5 %, median, 95 %) over finished subjects of an output, each (times,); kept, because charts share them.

        Of a probability the middle is the mean: the share of people it happens to.
        """
        source = self.result if result is None else result
        key = (id(source), output)
        if key not in self._quantiles:
            low, middle, high = source.quantiles(output, (0.05, 0.5, 0.95))
            if is_probability(output) and not np.isnan(source[output]).any():
                middle = source[output].mean(axis=0)
            self._quantiles[key] = (low, middle, high)
        return self._quantiles[key]

    def matching(self, *patterns: str) -> list[str]:
        """Outputs with something in them whose id fits any pattern, in the order of the patterns."""
        return list(dict.fromkeys(n for p in patterns for n in self.shown if fnmatchcase(n, p)))

    @cached_property
    def parent(self) -> str:
        """The moiety the page is about: ketamine, else the enantiomer given, else the first with a plasma level."""
        heads = [n.rpartition(".")[0] for n in self.matching("*.arterial", "*.venous")]
        return next((p for p in PARENTS if p in heads), heads[0] if heads else "")

    def site(self, analyte: str) -> str:
        """The output of an analyte at the site drawn first: arterial, venous or brain; '' where there is none."""
        return next((f"{analyte}.{s}" for s in ("arterial", "venous", "brain") if f"{analyte}.{s}" in self.shown), "")

    def flags(self, names: Iterable[str]) -> list[str]:
        """Words a reader must see beside these outputs, each once."""
        return list(dict.fromkeys(f for n in names for f in self.result.flags.get(n, ())))

    @property
    def many(self) -> bool:
        """Whether there is a spread between subjects to show."""
        return len(self.result) > 1

    @cached_property
    def spread(self) -> str:
        """What the spread between subjects of the result consists of, in words."""
        layers = list(self.result.manifest.get("vary", self.result.manifest.get("layers", ())))
        words = {
            "between": "differences between people",
            "occasion": "changes from one occasion to the next",
            "doubt": "doubt about the typical values",
        }
        named = [words[x] for x in ("between", "occasion", "doubt") if x in layers]
        return " and ".join(named) or "differences between people"


def is_probability(output: str) -> bool:
    """Whether an output is the probability of an event (ids that begin with p_)."""
    return output.rpartition(".")[2].startswith("p_")


def finished(result: Result) -> Result:
    """The result without the subjects that could not be finished; the whole of it where nobody was."""
    if not result.failures or not len(result.times_h) or not result.outputs:
        return result
    lost = np.zeros(len(result), bool)
    for values in result.outputs.values():
        lost |= np.isnan(values).any(axis=1) & ~np.isnan(values).all(axis=1) | np.isnan(values[:, -1])
    if not lost.any() or lost.all():
        return result
    keep = ~lost
    return replace(
        result,
        outputs={k: v[keep] for k, v in result.outputs.items()},
        subjects=np.asarray(result.subjects)[keep],
        covariates={k: np.asarray(v)[keep] for k, v in result.covariates.items()},
        individual=None if result.individual is None else result.individual[keep],
        final_state=None if result.final_state is None else result.final_state[keep],
        reductions={
            k: np.asarray(v)[keep] if len(np.atleast_1d(v)) == len(keep) else v for k, v in result.reductions.items()
        },
    )


def holds_something(values: np.ndarray) -> bool:
    """Whether an output is finite and not zero somewhere."""
    if not values.size:
        return False
    high, low = np.fmax.reduce(values, axis=None), np.fmin.reduce(values, axis=None)  # nan only where all are
    return bool(max(high, -low) > NOTHING)
