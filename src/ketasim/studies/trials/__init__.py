"""Virtual trials: a design becomes replicates of a trial, its endpoints and its power."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

_HOME = {
    "Design": "design", "read": "design", "parse": "design", "run": "batch", "conduct": "conduction",
    "TrialData": "conduction",
    "analyse": "endpoints", "summarise": "report", "under_hypotheses": "rivals",
}  # fmt: skip

__all__ = [*_HOME]

if TYPE_CHECKING:
    from .batch import run  # noqa: F401
    from .conduction import TrialData, conduct  # noqa: F401
    from .design import Design, parse, read  # noqa: F401
    from .endpoints import analyse  # noqa: F401
    from .report import summarise  # noqa: F401
    from .rivals import under_hypotheses  # noqa: F401


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
