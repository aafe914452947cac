"""Outputs that are no curve: arrays over regions, read from finished curves when somebody asks for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass(frozen=True, eq=False)
class Labelled:
    """An array with the name of each axis and the labels along it, and words a reader must see beside it.

    values : the numbers. dims : one name an axis, the first being "subject". coords : name of an axis → its labels.
    time_h : (subjects, conditions), when each condition was read.
    """

    values: np.ndarray
    dims: tuple[str, ...]
    coords: Mapping[str, tuple[str, ...]]
    unit: str = ""
    time_h: np.ndarray | None = None
    words: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The JSON form."""
        plain = self.values.round(6).astype(object)
        plain[~np.isfinite(self.values)] = None
        out = {"unit": self.unit, "dims": list(self.dims), "coords": {k: list(v) for k, v in self.coords.items()}}
        when = {} if self.time_h is None else {"time_h": self.time_h.tolist()}
        return {**out, **when, "words": list(self.words), "value": plain.tolist()}

    def rows(self, name: str, subjects: np.ndarray) -> Iterator[tuple[Any, float, str, float]]:
        """(subject, time_h, output, value) of every entry; a symmetric pair of axes gives each pair once."""
        pair = len(self.dims) == 4
        regions = self.coords[self.dims[-1]]
        conditions = self.coords[self.dims[1]]
        for s, subject in enumerate(subjects):
            for k in range(len(conditions)):
                at = float("nan") if self.time_h is None else float(self.time_h[s, k])
                for i, region in enumerate(regions):
                    if not pair:
                        yield subject, at, f"{name}.{conditions[k]}.{region}", float(self.values[s, k, i])
                        continue
                    for j in range(i + 1, len(regions)):
                        label = f"{name}.{conditions[k]}.{region}.{regions[j]}"
                        yield subject, at, label, float(self.values[s, k, i, j])


@dataclass(frozen=True)
class ArrayOutput:
    """How an array is made: the curves it reads and compute(curves, times_h) → Labelled."""

    needs: tuple[str, ...]
    compute: Callable[[Mapping[str, np.ndarray], np.ndarray], Labelled]
    parameters: Mapping[str, Any] = field(default_factory=dict)
