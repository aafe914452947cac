"""Runs behind the demonstrations: small, seeded, and asked only for what they need."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ketasim.core.errors import InputError
from ketasim.core.result import Result
from ketasim.studies.claims.shown import NotAvailable

INFUSION = "0.5 mg/kg iv over 40 min"
PEOPLE = 100


def run(
    regimen: str,
    outputs: Sequence[str],
    until_h: float,
    *,
    people: int = 1,
    points: int = 0,
    patient: Mapping[str, Any] | None = None,
    settings: Mapping[str, float] | None = None,
    options: Mapping[str, Any] | None = None,
    values: Mapping[str, float] | None = None,
    vary: Sequence[str] | None = None,
    model: str = "ketamine",
) -> Result:
    """One person (people = 1) or some drawn around one; times 0 to until_h. NotAvailable where an output is missing."""
    from ketasim.patients import Patient
    from ketasim.simulate import simulate

    times = np.linspace(0.0, until_h, (points or int(min(max(until_h * 12, 60), 400))) + 1)
    try:
        return simulate(
            model,
            Patient(**dict(patient or {})),
            regimen,
            times,
            seed=1,
            subjects=people,
            outputs=tuple(outputs),
            settings=settings,
            options=options,
            values=values,
            vary=vary,
        )
    except InputError as error:
        if error.field == "output":
            raise NotAvailable(f"the model has no output {error.value}") from None
        raise


def spread(values: np.ndarray) -> tuple[float, float, float]:
    """(median, 5th, 95th percentile) of finite values."""
    middle, low, high = np.nanquantile(np.asarray(values, float), (0.5, 0.05, 0.95))
    return float(middle), float(low), float(high)


def at(result: Result, name: str, hour: float) -> np.ndarray:
    """Values of an output at the asked time nearest an hour, (subjects,)."""
    return result[name][:, int(np.argmin(np.abs(result.times_h - hour)))]


def change(result: Result, name: str, how: str = "max") -> np.ndarray:
    """Largest rise ("max") or fall ("min") from the first value, (subjects,)."""
    moved = result[name] - result[name][:, :1]
    return moved.max(axis=1) if how == "max" else moved.min(axis=1)


def call(regimen: str, output: str, **more: Any) -> str:
    """The run as a line of Python a reader can repeat."""
    extra = "".join(f", {k}={v!r}" for k, v in more.items() if v)
    return f'ks.simulate(regimen="{regimen}"{extra})["{output}"]'
