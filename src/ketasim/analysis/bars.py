"""A bar chart with intervals as SVG text."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

ROW, LEFT, WIDTH = 22, 300, 420


def svg(title: str, rows: Sequence[tuple[str, float, float]], most: int = 20) -> str:
    """Horizontal bars: (label, value, half width of the interval), in the order given."""
    shown = list(rows)[:most]
    top = max((abs(v) + h for _, v, h in shown), default=1.0) or 1.0
    height = 50 + ROW * len(shown)
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + WIDTH + 90} {height}" role="img" '
        f'font-family="system-ui, sans-serif" font-size="12"><title>{escape(title)}</title>',
        f'<text x="{LEFT}" y="20" font-weight="600">{escape(title)}</text>',
    ]
    for i, (label, value, half) in enumerate(shown):
        y, w = 36 + i * ROW, max(0.0, value) / top * WIDTH
        low, high = (max(0.0, v) / top * WIDTH for v in (value - half, value + half))
        out.append(f'<text x="{LEFT - 8}" y="{y + 11}" text-anchor="end">{escape(label)}</text>')
        out.append(f'<rect x="{LEFT}" y="{y}" width="{w:.1f}" height="14" fill="#0072B2"/>')
        if half:
            out.append(f'<path d="M{LEFT + low:.1f} {y + 7}H{LEFT + high:.1f}" stroke="#000" stroke-width="1.5"/>')
        out.append(f'<text x="{LEFT + max(w, high) + 6:.1f}" y="{y + 11}">{value:.3g}</text>')
    return "\n".join([*out, "</svg>"])
