"""Drawing → PNG, painted by matplotlib (extra `plot`) from the same marks as the SVG."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from ketasim.core.errors import KetasimError
from ketasim.report.charts.marks import Dot, Drawing, Fill, Stroke, Words
from ketasim.report.charts.svg import LIGHT, corners_of


def available() -> bool:
    """Whether PNG can be written here."""
    from importlib.util import find_spec

    return find_spec("matplotlib") is not None


def paint(drawing: Drawing, scale: float = 2.0) -> bytes:
    """PNG of a drawing at `scale` pixels a unit; KetasimError names the extra where matplotlib is absent."""
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
        from matplotlib.patches import Rectangle
    except ImportError:
        raise KetasimError("PNG figures need the plot extra: pip install 'ketasim[plot]' (SVG needs nothing)") from None
    figure = Figure(figsize=(drawing.width / 72, drawing.height / 72), dpi=72 * scale, facecolor=LIGHT["paper"])
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set_xlim(0, drawing.width)
    axes.set_ylim(drawing.height, 0)
    left, top, right, bottom = drawing.plot
    window = Rectangle((left, top - 3), right - left, bottom - top + 3, transform=axes.transData)
    for depth, mark in enumerate(drawing.marks):
        _paint(axes, mark, depth, window)
    sheet = BytesIO()
    figure.savefig(sheet, dpi=72 * scale, format="png")
    return sheet.getvalue()


def _paint(axes: Any, mark: Stroke | Fill | Words | Dot, depth: int, window: Any) -> None:
    colour = LIGHT[mark.colour]
    if isinstance(mark, Stroke):
        (drawn,) = axes.plot(
            mark.x, mark.y, color=colour, lw=mark.width, alpha=mark.opacity, zorder=depth, solid_joinstyle="round"
        )
        if mark.dash:
            drawn.set_dashes([float(v) / mark.width for v in mark.dash.split()])
        if mark.clip:
            drawn.set_clip_path(window)
    elif isinstance(mark, Fill):
        for drawn in axes.fill(mark.x, mark.y, color=colour, alpha=mark.opacity, lw=0, zorder=depth):
            if mark.clip:
                drawn.set_clip_path(window)
    elif isinstance(mark, Words):
        side = {"start": "left", "middle": "center", "end": "right"}[mark.anchor]
        axes.text(mark.x, mark.y, mark.text, ha=side, va="baseline", color=colour, size=mark.size * 0.92, zorder=depth,
                  weight="bold" if mark.bold else "normal")  # fmt: skip
    elif mark.shape % 4 == 0:
        axes.plot([mark.x], [mark.y], "o", ms=2 * mark.radius, mfc=LIGHT["paper"], mec=colour, mew=1.6, zorder=depth)
    else:
        axes.fill(*corners_of(mark), fc=LIGHT["paper"], ec=colour, lw=1.6, zorder=depth)
