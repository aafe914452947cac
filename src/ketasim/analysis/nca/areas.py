"""Areas and moments of a profile: to the last quantifiable sample, to infinity, and between any two times."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ketasim.analysis.nca.profile import Profile
from ketasim.analysis.nca.terminal import TerminalPhase
from ketasim.analysis.nca.trapezoid import area_between, log_segments, segments, value_at

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Areas:
    """A profile cut into segments under one integration rule, with its terminal phase (None where there is none)."""

    profile: Profile
    exponential: NDArray[np.bool_]
    phase: TerminalPhase | None
    no_phase: str

    @property
    def t_last(self) -> float:
        return float(self.profile.t[self.profile.last])

    @property
    def c_last(self) -> float:
        return float(self.profile.c[self.profile.last])

    def to_last(self) -> tuple[float, float]:
        """AUC and AUMC from the dose to the last quantifiable sample."""
        n = self.profile.last + 1
        area, moment = segments(self.profile.t[:n], self.profile.c[:n], self.exponential[: n - 1])
        return float(area.sum()), float(moment.sum())

    def all(self) -> float:
        """AUC through every sample: the stretch after the last quantifiable one down to the next value counts."""
        n = min(self.profile.last + 2, self.profile.t.size)
        area, _ = segments(self.profile.t[:n], self.profile.c[:n], self.exponential[: n - 1])
        return float(area.sum())

    def tail(self, start: float, concentration: float) -> tuple[float, float]:
        """AUC and AUMC from `start` to infinity, falling from `concentration` at the terminal rate."""
        if self.phase is None:
            return np.nan, np.nan
        area = concentration / self.phase.rate
        return area, start * area + area / self.phase.rate

    def between(self, start: float, end: float) -> tuple[float, float, str]:
        """AUC, AUMC and, where they are NaN, the reason. Beyond the last quantifiable sample the terminal line
        through the last observed concentration is followed."""
        area = moment = 0.0
        if start < self.t_last:
            inner = min(end, self.t_last)
            area, moment = area_between(self.profile.t, self.profile.c, self.exponential, start, inner)
        if end > self.t_last:
            if self.phase is None:
                return np.nan, np.nan, f"ends after the last quantifiable sample ({self.t_last:g}); {self.no_phase}"
            begin = max(start, self.t_last)
            first = self.c_last * np.exp(-self.phase.rate * (begin - self.t_last))
            final = self.c_last * np.exp(-self.phase.rate * (end - self.t_last))
            a0, m0 = self.tail(begin, first)
            a1, m1 = self.tail(end, final)
            area, moment = area + a0 - a1, moment + m0 - m1
        return float(area), float(moment), ""

    def value(self, at: float) -> tuple[float, str]:
        """Concentration at a time, observed or by the rule of its segment or the terminal line; or NaN and why."""
        t, c = self.profile.t, self.profile.c
        exact = np.flatnonzero(t == at)
        if exact.size:
            return float(c[exact[0]]), ""
        if at < self.t_last:
            return value_at(t, c, self.exponential, at), ""
        if self.phase is None:
            return np.nan, f"no sample at {at:g}; {self.no_phase}"
        return float(self.c_last * np.exp(-self.phase.rate * (at - self.t_last))), ""


def areas(profile: Profile, method: str, phase: TerminalPhase | None, no_phase: str) -> Areas:
    """`profile` under a named integration rule."""
    tmax = 0.0 if profile.c0 >= profile.c.max() else float(profile.t[profile.peak])
    return Areas(profile, log_segments(profile.t, profile.c, method, tmax), phase, no_phase)
