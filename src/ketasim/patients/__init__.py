"""Who receives it: covariates, comedication and virtual populations."""

from typing import Any

from ketasim.patients.cohort import Cohort, concatenate
from ketasim.patients.patient import Patient

__all__ = ["Cohort", "Patient", "concatenate", "populations", "sample"]


def __getattr__(name: str) -> Any:
    if name in ("sample", "populations"):
        from ketasim.patients import sampling

        return getattr(sampling, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
