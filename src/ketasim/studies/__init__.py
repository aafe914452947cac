"""Studies: what was done and seen, simulated again and compared. See docs/reference/study_format.md."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

_HOME = {
    "Arm": "study", "Observation": "study", "Population": "study", "Study": "study",
    "read_folder": "read", "read_study": "read", "Settings": "arm", "simulate_arm": "arm", "ArmRun": "run",
    "validate": "validation", "validate_study": "validation", "Row": "validation", "Score": "scoring", "score": "scoring",
    "scores": "scoring", "leave_one_out": "left_out", "measure": "measuring", "KetasimSimulator": "native",
    "write_page": "page",
}  # fmt: skip

__all__ = [*_HOME]  # noqa: PLE0604

if TYPE_CHECKING:
    from .arm import Settings, simulate_arm
    from .left_out import leave_one_out
    from .measuring import measure
    from .native import KetasimSimulator
    from .page import write_page
    from .read import read_folder, read_study
    from .run import ArmRun
    from .scoring import Score, score, scores
    from .study import Arm, Observation, Population, Study
    from .validation import Row, validate, validate_study


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = value
    return value
