"""Arms of trials of depression, simulated with people drawn as the trial let them in."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

import ketasim as ks
from ketasim.outcomes.courses import remission, response

DAY = 24.0


def arm(
    regimen: str, days: list[float], madrs: float, sd: float, least: float, settings: Mapping[str, float],
    people: int = 600, outputs: tuple[str, ...] = ("madrs",),
) -> ks.Result:  # fmt: skip
    """One arm: people of the population `trd_adult` with a MADRS drawn about `madrs`, cut at the inclusion score."""
    cohort = ks.sample("trd_adult", people, 7)
    z = np.random.default_rng(7).normal(size=8 * people)
    score = madrs + sd * z
    cohort = ks.Cohort(
        ids=cohort.ids, covariates={**cohort.covariates, "madrs": score[(score >= least) & (score <= 60)][:people]}
    )
    return ks.simulate(
        patient=cohort, regimen=regimen, times_h=[d * DAY for d in days], seed=7, settings=dict(settings),
        outputs=outputs,
    )  # fmt: skip


def change(result: ks.Result, day: float) -> float:
    """Mean change of the MADRS by a day of the result."""
    i = int(np.flatnonzero(np.isclose(result.times_h, day * DAY))[0])
    return float(np.mean(result["madrs"][:, i] - result["madrs"][:, 0]))


def spread(result: ks.Result, day: float) -> float:
    """SD of the change of the MADRS by a day of the result."""
    i = int(np.flatnonzero(np.isclose(result.times_h, day * DAY))[0])
    return float(np.std(result["madrs"][:, i] - result["madrs"][:, 0], ddof=1))


def responders(result: ks.Result, day: float) -> float:
    """Percentage whose MADRS was halved."""
    return 100 * float(np.mean(response(result, day * DAY)))


def remitters(result: ks.Result, day: float, limit: float = 12.0) -> float:
    """Percentage at or below the limit (12 in the esketamine programme)."""
    return 100 * float(np.mean(remission(result, day * DAY, limit=limit)))
