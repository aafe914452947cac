"""Rival explanations of the antidepressant effect, fitted to the same rows and told apart where that is possible."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

_HOME = {"compare": "comparison", "Comparison": "comparison", "Posterior": "smoother", "DESIGNS": "designs"}

if TYPE_CHECKING:
    from ketasim.analysis.hypotheses.comparison import Comparison as Comparison
    from ketasim.analysis.hypotheses.comparison import compare as compare
    from ketasim.analysis.hypotheses.designs import DESIGNS as DESIGNS
    from ketasim.analysis.hypotheses.smoother import Posterior as Posterior

__all__ = [*_HOME]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = value
    return value
