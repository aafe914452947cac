"""What a population fit is about: typical values, random effects, residual error, and how they make a prediction."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import numpy as np

from ketasim.core.errors import InputError

Values = Mapping[str, Any]
Individual = Callable[[Values, Values, Values], dict[str, Any]]


@dataclass(frozen=True)
class Theta:
    """A typical value on the scale it is estimated on, with bounds; `fixed` keeps it."""

    name: str
    value: float
    low: float = -np.inf
    high: float = np.inf
    fixed: bool = False

    def __post_init__(self) -> None:
        if not self.low <= self.value <= self.high:
            raise InputError(f"theta {self.name}", self.value, f"from {self.low:g} to {self.high:g}")
        if not self.fixed and self.value in (self.low, self.high):
            raise InputError(f"theta {self.name}", self.value, "a start inside its bounds, not on one")


class Structure(Protocol):
    """Predictions for subjects: see `structure.py`."""

    subjects: int

    def predict(self, subjects: np.ndarray, individual: Individual, theta: Values, eta: Values) -> list[np.ndarray]:
        """One array of predictions a lane; lane k is subject subjects[k] with theta and eta values [k]."""
        ...


@dataclass(frozen=True)
class Residual:
    """Residual error model; its sizes are standard deviations.

    kind : additive (r = a²), proportional (r = (b f)²), combined (r = a² + (b f)²), log (additive on log y).
    additive, proportional : starting SDs (log uses `additive`). fixed : keep them.
    """

    kind: str
    additive: float = 0.0
    proportional: float = 0.0
    fixed: bool = False

    KINDS = ("additive", "proportional", "combined", "log")

    def __post_init__(self) -> None:
        if self.kind not in self.KINDS:
            raise InputError("residual", self.kind, ", ".join(self.KINDS))
        for name in self.names:
            if not getattr(self, name) > 0:
                raise InputError(f"residual {name}", getattr(self, name), "a standard deviation larger than 0")

    @property
    def names(self) -> tuple[str, ...]:
        """The sizes this kind has."""
        return {
            "additive": ("additive",), "log": ("additive",), "proportional": ("proportional",),
            "combined": ("additive", "proportional"),
        }[self.kind]  # fmt: skip


@dataclass(frozen=True)
class PopulationModel:
    """A model to fit.

    thetas : typical values. etas : names of the random effects. omega : their covariance to start from; zero
    off-diagonal entries stay zero. omega_fixed : keep it. residual : error model.
    individual(theta, eta, covariates) → parameters of the structure; called with arrays (one entry a record or lane)
    and must be written with arithmetic and NumPy functions.
    """

    thetas: Sequence[Theta]
    etas: Sequence[str]
    omega: np.ndarray
    residual: Residual
    individual: Individual
    omega_fixed: bool = False
    note: str = ""
    occasion: Sequence[str] = field(default=())

    def __post_init__(self) -> None:
        omega = np.atleast_2d(np.asarray(self.omega, float))
        if omega.shape == (1, len(self.etas)) and len(self.etas) > 1:
            omega = np.diag(omega[0])
        if omega.shape != (len(self.etas), len(self.etas)):
            raise InputError("omega", f"shape {omega.shape}", f"{len(self.etas)} × {len(self.etas)}, or the diagonal")
        if not np.allclose(omega, omega.T):
            raise InputError("omega", "not symmetric", "a covariance matrix")
        if len(self.etas) and np.linalg.eigvalsh(omega).min() <= 0:
            raise InputError("omega", "not positive definite", "a covariance matrix")
        names = [t.name for t in self.thetas]
        if len(set(names)) < len(names):
            raise InputError("thetas", ", ".join(names), "each name once")
        object.__setattr__(self, "omega", omega)

    def with_values(self, theta: Values, omega: np.ndarray, sigma: Values) -> PopulationModel:
        """The same model at other values."""
        thetas = [replace(t, value=float(theta[t.name]), fixed=True) for t in self.thetas]
        thetas = [replace(new, fixed=old.fixed) if old.low < new.value < old.high else new
                  for old, new in zip(self.thetas, thetas, strict=True)]  # fmt: skip
        return replace(self, thetas=tuple(thetas), omega=omega, residual=replace(self.residual, **sigma))
