"""The seam between studies and the simulation: what an arm asks for, and what it gets back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from .curve import Array


@dataclass(frozen=True)
class Request:
    """One batch of people who get one regimen.

    replicate : (n,) index of the simulated copy of the arm each person belongs to; people of one copy share the draw of
    `doubt`. typical : no variability at all. population : a population the project knows, under the
    covariates given. overrides : parameter name → typical value, for refitted models.
    values : parameter name → individual values (n,), all drawn elsewhere: nothing else is drawn then.
    """

    model: str
    regimen: str
    ids: np.ndarray
    replicate: np.ndarray
    covariates: Mapping[str, np.ndarray]
    times_h: Array
    outputs: tuple[str, ...]
    seed: int = 0
    typical: bool = False
    population: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    overrides: Mapping[str, float] = field(default_factory=dict)
    values: Mapping[str, Array] = field(default_factory=dict)


@dataclass(frozen=True)
class Curves:
    """Outputs of a batch: output → (n, nt), units, the dose in mg each person got, what failed, words to show,
    weights, and the mean mg of each dose in the order of `doses`."""

    values: Mapping[str, Array]
    units: Mapping[str, str]
    dose_mg: Array
    failed: np.ndarray
    notes: tuple[str, ...] = ()
    weight_kg: Array | None = None
    each_mg: tuple[float, ...] = ()


class Simulator(Protocol):
    """Anything that can run a request; the default is `ketasim.studies.native.KetasimSimulator`."""

    def doses(self, regimen: str) -> list[tuple[float, float, str, str]]:
        """(start h, duration h, drug, route) of every dose of a regimen sentence, in order of time."""

    def outputs(self, model: str, regimen: str) -> frozenset[str]:
        """Ids of the outputs a model can give for the drugs and routes of a regimen."""

    def run(self, request: Request) -> Curves:
        """Simulate the batch."""
