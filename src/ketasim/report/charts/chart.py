"""What a chart shows: lines, bands, points and doses over time, before anything is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

# Okabe and Ito's colours, ordered by contrast on white; yellow is left out because it cannot be seen there.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#777777")
DASHES = ("", "7 3", "2 3", "9 3 2 3", "12 4", "4 2 1 2", "1 3", "6 2 2 2 2 2")


@dataclass(frozen=True, eq=False)
class Line:
    """A curve; `colour` and `dash` are indices, so that no two series differ by colour alone."""

    label: str
    x: np.ndarray
    y: np.ndarray
    colour: int = 0
    dash: int = 0
    width: float = 2.0


@dataclass(frozen=True, eq=False)
class Band:
    """The room between two curves. `kind`: between (people), doubt (our knowledge) or models (published models)."""

    label: str
    x: np.ndarray
    low: np.ndarray
    high: np.ndarray
    colour: int = 0
    kind: str = "between"


@dataclass(frozen=True, eq=False)
class Points:
    """Observations, with an optional spread."""

    label: str
    x: np.ndarray
    y: np.ndarray
    colour: int = 6
    shape: int = 0


@dataclass(frozen=True)
class DoseMark:
    """A dose on the time axis; a duration of zero is drawn as a tick."""

    start: float
    duration: float = 0.0
    label: str = ""


@dataclass(frozen=True, eq=False)
class Chart:
    """One panel. x is in `x_unit` (min, h or d when `x_is_time`), y in `y_unit`."""

    title: str
    description: str
    x_unit: str
    y_unit: str
    lines: Sequence[Line] = ()
    bands: Sequence[Band] = ()
    points: Sequence[Points] = ()
    doses: Sequence[DoseMark] = ()
    x_range: tuple[float, float] | None = None
    x_label: str = ""
    y_label: str = ""
    x_is_time: bool = True
    decades: float = 4.0

    def span(self) -> tuple[float, float]:
        """Smallest and largest x drawn."""
        if self.x_range is not None:
            return self.x_range
        drawn: list[Line | Band | Points] = [*self.lines, *self.bands, *self.points]
        xs = [s.x for s in drawn if len(s.x)]
        return (float(min(x.min() for x in xs)), float(max(x.max() for x in xs))) if xs else (0.0, 1.0)

    def extent(self, positive: bool = False) -> tuple[float, float]:
        """Smallest and largest finite y inside the x range (positive values only, for a log axis)."""
        a, b = self.span()
        found = []
        drawn: list[Line | Band | Points] = [*self.lines, *self.bands, *self.points]
        for series in drawn:
            inside = (series.x >= a) & (series.x <= b)
            for y in (series.low, series.high) if isinstance(series, Band) else (series.y,):
                shown = y[inside]
                shown = shown[np.isfinite(shown) & ((shown > 0) if positive else True)]
                if len(shown):
                    found += [float(shown.min()), float(shown.max())]
        return (min(found), max(found)) if found else (0.1, 1.0)

    def loggable(self) -> bool:
        """Whether a logarithmic axis would show more than a linear one."""
        low, high = self.extent(positive=True)
        return self.extent()[0] >= -1e-6 * high and 0 < 20 * low < high
