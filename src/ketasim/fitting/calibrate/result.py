"""A finished calibration: what was found, how sure it is, what it rests on, and the way back into the tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ketasim.core.spread import Floats
from ketasim.fitting.calibrate.arms import Bench
from ketasim.fitting.calibrate.identify import Warned
from ketasim.fitting.calibrate.noise import Noise
from ketasim.fitting.calibrate.problem import Point, Problem

if TYPE_CHECKING:
    from ketasim.fitting.calibrate.left_out import LeftOut
    from ketasim.fitting.calibrate.profile import Profile


@dataclass(frozen=True)
class Estimate:
    """One calibrated number, in the unit of its table.

    value : posterior median. low, high : 90 % interval. z, sd : of the latent (prior: 0 and 1). overlap : share of
    prior and posterior that coincide. doubt : the posterior as a table writes it.
    """

    name: str
    unit: str
    prior: float
    prior_low: float
    prior_high: float
    value: float
    low: float
    high: float
    z: float
    sd: float
    overlap: float
    doubt: Mapping[str, Any]


@dataclass(frozen=True)
class Line:
    """One row as fitted, in its own unit; `se` on the scale of comparison, `residual` in standard deviations.

    moves : numbers that move the row. informs : numbers that would move if the row were another by its own error, also
    where it only tells about an error it shares with others.
    """

    id: str
    study: str
    arm: str
    statistic: str
    output: str
    unit: str
    log: bool
    observed: float | None
    before: float
    fitted: float
    se: float
    residual: float | None
    moves: tuple[str, ...]
    informs: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Calibration:
    """What `calibrate` returns.

    estimates : the numbers. lines : the rows. converged : whether the gradient vanished. misfit, freedom : χ² of the
    rows and rows minus numbers learnt; inflation : factor on the posterior's standard deviations where the misfit was
    larger than that. correlation : of the latents, (p, p). warnings : what a reader must know.
    """

    bench: Bench
    problem: Problem
    point: Point
    noise: Noise
    covariance: Floats
    estimates: tuple[Estimate, ...]
    lines: tuple[Line, ...]
    converged: bool
    decrement: float
    misfit: float
    freedom: float
    inflation: float
    steps: int
    evaluations: int
    warnings: tuple[Warned, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    profiles: tuple[Profile, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    samples: Floats | None = None
    sampler: Mapping[str, Any] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Estimate:
        """The estimate of one number, by "table.entry"."""
        for e in self.estimates:
            if e.name == name:
                return e
        raise KeyError(name)

    @property
    def values(self) -> dict[str, float]:
        """name → fitted value in the table's unit."""
        return {e.name: e.value for e in self.estimates}

    @property
    def correlation(self) -> Floats:
        """Posterior correlations of the latents, (p, p)."""
        sd = np.sqrt(np.diag(self.covariance))
        return np.asarray(self.covariance / np.outer(sd, sd))

    @property
    def rows(self) -> tuple[str, ...]:
        """Ids of the rows used."""
        return tuple(line.id for line in self.lines)

    def rows_of(self, name: str) -> tuple[str, ...]:
        """Ids of the rows that inform this number."""
        return tuple(line.id for line in self.lines if name in line.informs)

    # ---- out
    def write(
        self, folder: str | Path | None = None, *, texts: Mapping[str, Mapping[str, str]] | None = None,
        script: str = "", even_if_not_converged: bool = False,
    ) -> list[Path]:  # fmt: skip
        """Put values, kind, doubt and rows into the parameter tables, keeping the rest of their text.

        folder : root of the tables (default: the package's own). texts : name → further fields (where, note, status …).
        script : the script that does this again, kept in the doubt. Returns the files changed.
        """
        from ketasim.fitting.calibrate.back import write_back

        return write_back(self, folder, texts or {}, script, even_if_not_converged)

    def table(self) -> str:
        """The result as plain text."""
        from ketasim.fitting.calibrate.words import text

        return text(self)

    def to_dict(self) -> dict[str, Any]:
        """Everything of the result that JSON can hold."""
        from ketasim.fitting.calibrate.words import as_dict

        return as_dict(self)

    def report(self, path: str | Path) -> Path:
        """Write one HTML page with the fit, the residuals and the profiles."""
        from ketasim.fitting.calibrate.page import write_page

        return write_page(self, path)

    def profile(self, names: Sequence[str] | None = None, **options: Any) -> Calibration:
        """The same with profile likelihoods added."""
        from ketasim.fitting.calibrate.profile import with_profiles

        return with_profiles(self, names, **options)

    def leave_one_study_out(self, **options: Any) -> Calibration:
        """The same with every study predicted from the others."""
        from ketasim.fitting.calibrate.left_out import with_left_out

        return with_left_out(self, **options)

    def sample(self, draws: int = 1000, **options: Any) -> Calibration:
        """The same with the posterior sampled by NUTS (extra `fit`); estimates and doubt then come from the draws."""
        from ketasim.fitting.calibrate.nuts import with_samples

        return with_samples(self, draws, **options)
