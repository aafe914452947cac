"""Equations as MathML, which browsers draw by themselves: the pages need nothing from elsewhere."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from latex2mathml.converter import convert


def convert_block(latex: str, display: str) -> str:
    """MathML of LaTeX; `aligned` is written as the environment the converter knows."""
    return convert(latex.replace("{aligned}", "{split}"), display=display)


def inline(self: Any, node: nodes.math) -> None:
    self.body.append(convert_block(node.astext(), "inline"))
    raise nodes.SkipNode


def block(self: Any, node: nodes.math_block) -> None:
    self.body.append(f'<div class="math">{convert_block(node.astext(), "block")}</div>')
    raise nodes.SkipNode


def setup(app: Any) -> dict[str, bool]:
    app.add_html_math_renderer("mathml", inline_renderers=(inline, None), block_renderers=(block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
