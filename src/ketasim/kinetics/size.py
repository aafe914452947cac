"""Body size: volumes grow with weight, clearances with its three-quarter power (per 70 kg).

Source: holford1996; the exponents are fixed in every model here that uses them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

REFERENCE_KG = 70.0
CLEARANCE_EXPONENT = 0.75


def covariate(cov: Mapping[str, Any], name: str, default: float) -> Any:
    """A person's covariate, (n,) array, or the reference person's value where it was not given."""
    return np.asarray(cov[name], float) if name in cov else default


def clearance_factor(cov: Mapping[str, Any]) -> Any:
    """(weight / 70 kg) ** 0.75."""
    return (covariate(cov, "weight_kg", REFERENCE_KG) / REFERENCE_KG) ** CLEARANCE_EXPONENT


def volume_factor(cov: Mapping[str, Any]) -> Any:
    """weight / 70 kg."""
    return covariate(cov, "weight_kg", REFERENCE_KG) / REFERENCE_KG


def allometric(
    component: Any, cov: Mapping[str, Any], volumes: tuple[str, ...], clearances: tuple[str, ...]
) -> dict[str, Any]:
    """Scaled parameters of a component, by name; mean transit times and rate constants are left alone."""
    if "weight_kg" not in cov:
        return {}
    v, cl = volume_factor(cov), clearance_factor(cov)
    scaled = {name: getattr(component, name) * v for name in volumes}
    return scaled | {name: getattr(component, name) * cl for name in clearances}
