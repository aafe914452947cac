"""The clinic: screening, protocol, session and log."""

from typing import Any

_PUBLIC = {
    "Account": "ketasim.clinic.log",
    "Course": "ketasim.clinic.course",
    "Log": "ketasim.clinic.log",
    "Protocol": "ketasim.clinic.protocol",
    "Session": "ketasim.clinic.session",
    "plan": "ketasim.clinic.plan",
    "predict_discharge": "ketasim.clinic.forecast",
    "screen": "ketasim.clinic.screening",
    "treat": "ketasim.clinic.group",
    "treat_series": "ketasim.clinic.series",
}
__all__ = list(_PUBLIC)


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name not in _PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_PUBLIC[name]), name)
