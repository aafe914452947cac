"""Calibration: numbers of the parameter tables from published rows, with honest doubt. See docs/how-to/calibrate.md."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

_HOME = {"calibrate": "fit", "Calibration": "result", "Estimate": "result", "Prior": "prior", "prior_of": "prior",
    "main": "script",
}  # fmt: skip

if TYPE_CHECKING:
    from ketasim.fitting.calibrate.fit import calibrate as calibrate
    from ketasim.fitting.calibrate.prior import Prior as Prior
    from ketasim.fitting.calibrate.prior import prior_of as prior_of
    from ketasim.fitting.calibrate.result import Calibration as Calibration
    from ketasim.fitting.calibrate.result import Estimate as Estimate

__all__ = [*_HOME]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = value
    return value
