"""Studies: what was done and seen, simulated again and compared. See docs/reference/study_format.md."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

_HOME = {
    "Arm": "study", "Observation": "study", "Population": "study", "Study": "study",
    "read_folder": "read", "read_study": "read", "Settings": "arm", "simulate_arm": "arm", "ArmRun": "run",
    "validate": "validation", "validate_study": "validation", "Row": "validation",
    "Score": "scoring", "score": "scoring",
    "scores": "scoring", "leave_one_out": "left_out", "measure": "measuring", "KetasimSimulator": "native",
    "write_page": "page",
}  # fmt: skip

__all__ = [*_HOME]

if TYPE_CHECKING:  # the same names for type checkers; __all__ holds them at run time
    from .arm import Settings, simulate_arm  # noqa: F401
    from .left_out import leave_one_out  # noqa: F401
    from .measuring import measure  # noqa: F401
    from .native import KetasimSimulator  # noqa: F401
    from .page import write_page  # noqa: F401
    from .read import read_folder, read_study  # noqa: F401
    from .run import ArmRun  # noqa: F401
    from .scoring import Score, score, scores  # noqa: F401
    from .study import Arm, Observation, Population, Study  # noqa: F401
    from .validation import Row, validate, validate_study  # noqa: F401


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = value
    return value
