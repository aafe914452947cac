"""The few shapes a laid-out chart is made of, in pixels, with colours as names of the theme."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

INK, SOFT, GRID, PAPER = "ink", "soft", "grid", "paper"


def series_colour(index: int) -> str:
    """Theme name of a series colour."""
    return f"c{index % 8}"


@dataclass(frozen=True, eq=False)
class Stroke:
    """A polyline; `clip` keeps it inside the plot."""

    x: np.ndarray
    y: np.ndarray
    colour: str
    width: float = 1.0
    dash: str = ""
    opacity: float = 1.0
    clip: bool = False


@dataclass(frozen=True, eq=False)
class Fill:
    """A filled polygon."""

    x: np.ndarray
    y: np.ndarray
    colour: str
    opacity: float = 1.0
    clip: bool = False


@dataclass(frozen=True)
class Words:
    """Text at a point; anchor start, middle or end; `role` label, legend or unit."""

    x: float
    y: float
    text: str
    anchor: str = "start"
    colour: str = SOFT
    size: float = 12.0
    bold: bool = False


@dataclass(frozen=True)
class Dot:
    """A symbol: circle, square, triangle or diamond, in turn."""

    x: float
    y: float
    radius: float
    colour: str
    shape: int = 0


Mark = Stroke | Fill | Words | Dot


@dataclass(frozen=True, eq=False)
class Drawing:
    """Marks on a sheet of width × height pixels; `plot` is the inner rectangle (left, top, right, bottom)."""

    width: float
    height: float
    plot: tuple[float, float, float, float]
    marks: tuple[Mark, ...]
    x_range: tuple[float, float]
    y_range: tuple[float, float]
    log: bool


def simplify(x: np.ndarray, y: np.ndarray, tolerance: float = 0.12) -> tuple[np.ndarray, np.ndarray]:
    """Fewest points of a polyline that stay within `tolerance` pixels of it (Ramer, Douglas and Peucker)."""
    n = len(x)
    if n < 3:
        return x, y
    keep = np.zeros(n, bool)
    keep[[0, -1]] = True
    stack = [(0, n - 1)]
    while stack:
        a, b = stack.pop()
        if b - a < 2:
            continue
        dx, dy = x[b] - x[a], y[b] - y[a]
        length = np.hypot(dx, dy)
        px, py = x[a + 1 : b] - x[a], y[a + 1 : b] - y[a]
        away = np.abs(dx * py - dy * px) / length if length > 1e-9 else np.hypot(px, py)
        far = int(np.argmax(away))
        if away[far] > tolerance:
            k = a + 1 + far
            keep[k] = True
            stack += [(a, k), (k, b)]
    return x[keep], y[keep]
