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
    """A typical value on the scale it is estimated on, with bounds; `fixed` keeps it; `prior` is the (mean, SD) of a
    normal belief about it."""

    name: str
    value: float
    low: float = -np.inf
    high: float = np.inf
    fixed: bool = False
    prior: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        if not self.low <= self.value <= self.high:
            raise InputError(f"theta {self.name}", self.value, f"from {self.low:g} to {self.high:g}")
        if not self.fixed and self.value in (self.low, self.high):
            raise InputError(f"theta {self.name}", self.value, "a start inside its bounds, not on one")
        if self.prior is not None and not (len(self.prior) == 2 and self.prior[1] > 0):
            raise InputError(f"theta {self.name} prior", self.prior, "(mean, SD) with an SD larger than 0")


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
    occasion : names of etas that also vary between occasions (column OCC); `individual` gets η + κ of the record's
    occasion under the same name. occasion_omega : covariance of κ to start from.
    occasions : how many the data have; `resolved` fills it in and lists every κ among the etas.
    """

    thetas: Sequence[Theta]
    etas: Sequence[str]
    omega: np.ndarray
    residual: Residual
    individual: Individual
    omega_fixed: bool = False
    note: str = ""
    occasion: Sequence[str] = field(default=())
    occasion_omega: np.ndarray | None = None
    occasions: int = 0

    def __post_init__(self) -> None:
        omega = _covariance("omega", self.omega, len(self.etas))
        if self.occasion:
            unknown = [k for k in self.occasion if k not in self.etas]
            if unknown:
                raise InputError("occasion", unknown[0], ", ".join(self.etas))
            if self.occasion_omega is None:
                raise InputError("occasion_omega", "absent", "a covariance matrix to start from")
            kappa = _covariance("occasion_omega", self.occasion_omega, len(self.occasion))
            object.__setattr__(self, "occasion_omega", kappa)
        names = [t.name for t in self.thetas]
        if len(set(names)) < len(names):
            raise InputError("thetas", ", ".join(names), "each name once")
        object.__setattr__(self, "omega", omega)

    @property
    def between(self) -> int:
        """Number of etas that belong to the person."""
        return len(self.etas) - self.occasions * len(self.occasion)

    def resolved(self, data: Any) -> PopulationModel:
        """The model for a data set: with occasions, every κ of every occasion is one more eta, tied in variance."""
        if not self.occasion or self.occasions:
            return self
        count, q, m = len(data.occasions), len(self.occasion), len(self.etas)
        if count < 2:
            raise InputError("OCC", "one occasion", "a column OCC with two occasions or more, to tell κ from η")
        omega = np.zeros((m + q * count,) * 2)
        omega[:m, :m] = self.omega
        for k in range(count):
            at = m + k * q
            omega[at : at + q, at : at + q] = self.occasion_omega
        etas = (*self.etas, *(f"{name}@{label:g}" for label in data.occasions for name in self.occasion))
        return replace(self, etas=etas, omega=omega, occasions=count)

    def tied(self, moment: np.ndarray) -> np.ndarray:
        """A second moment of all etas with the blocks of the occasions averaged."""
        if not self.occasions:
            return moment
        q, m, out = len(self.occasion), self.between, np.zeros_like(moment)
        out[:m, :m] = moment[:m, :m]
        starts = [m + k * q for k in range(self.occasions)]
        mean = np.mean([moment[a : a + q, a : a + q] for a in starts], axis=0)
        for a in starts:
            out[a : a + q, a : a + q] = mean
        return out

    def with_values(self, theta: Values, omega: np.ndarray, sigma: Values) -> PopulationModel:
        """The same model at other values."""
        thetas = [replace(t, value=float(theta[t.name]), fixed=True) for t in self.thetas]
        thetas = [replace(new, fixed=old.fixed) if old.low < new.value < old.high else new
                  for old, new in zip(self.thetas, thetas, strict=True)]  # fmt: skip
        return replace(self, thetas=tuple(thetas), omega=omega, residual=replace(self.residual, **sigma))


def _covariance(field_name: str, value: Any, size: int) -> np.ndarray:
    omega = np.atleast_2d(np.asarray(value, float))
    if omega.shape == (1, size) and size > 1:
        omega = np.diag(omega[0])
    if omega.shape != (size, size):
        raise InputError(field_name, f"shape {omega.shape}", f"{size} × {size}, or the diagonal")
    if not np.allclose(omega, omega.T):
        raise InputError(field_name, "not symmetric", "a covariance matrix")
    if size and np.linalg.eigvalsh(omega).min() <= 0:
        raise InputError(field_name, "not positive definite", "a covariance matrix")
    return omega
