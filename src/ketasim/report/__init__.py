"""Reports: one self-contained HTML page a run, built from sections, and every figure as a file of its own.

from ketasim import report
report.write_html(result, "run.html")
report.write_figures(result, "figures")
"""

from typing import TYPE_CHECKING, Any

_PUBLIC = {
    "Context": "ketasim.report.context",
    "Section": "ketasim.report.registry",
    "read_observed": "ketasim.report.observations",
    "register": "ketasim.report.registry",
    "render_html": "ketasim.report.page",
    "write_figures": "ketasim.report.files",
    "write_html": "ketasim.report.files",
    "write_report": "ketasim.report.files",
}

__all__ = [
    "Context",
    "Section",
    "read_observed",
    "register",
    "render_html",
    "write_figures",
    "write_html",
    "write_report",
]


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name not in _PUBLIC:
        raise AttributeError(f"module 'ketasim.report' has no attribute {name!r}")
    return getattr(import_module(_PUBLIC[name]), name)


if TYPE_CHECKING:
    from ketasim.report.context import Context
    from ketasim.report.files import write_figures, write_html, write_report
    from ketasim.report.observations import read_observed
    from ketasim.report.page import render_html
    from ketasim.report.registry import Section, register
