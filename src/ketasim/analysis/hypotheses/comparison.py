"""compare: every explanation fitted to the same rows, what each says of the untried, and which study would decide."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ketasim.analysis.hypotheses.arms import Rows, TrialArm, drug, gather, madrs, make, predict
from ketasim.analysis.hypotheses.designs import DESIGNS, Design
from ketasim.analysis.hypotheses.leave_out import LeftOut, left_out, mean_likelihood
from ketasim.analysis.hypotheses.priors import FREE, Freedom
from ketasim.analysis.hypotheses.smoother import Posterior, log_likelihood, smooth
from ketasim.core.errors import InputError
from ketasim.core.spread import Floats
from ketasim.studies.amounts import Tolerance, hours

TRIAL_SD = 0.35  # SD of the logarithm of a trial's effect, as the doubt of outcomes/weeks/trial F


@dataclass(frozen=True)
class Fitted:
    """One explanation after the rows."""

    name: str
    posterior: Posterior
    left: tuple[LeftOut, ...]
    freedoms: tuple[Freedom, ...]
    inside: float

    @property
    def score(self) -> float:
        """Sum of the log scores of studies left out."""
        return sum(s.score for s in self.left)


@dataclass(frozen=True)
class Contrast:
    """What an explanation says of a design: mean and SD of the true difference of MADRS changes, and the standard
    error of a trial of that size."""

    design: Design
    mean: float
    sd: float
    error: float


@dataclass(frozen=True)
class Comparison:
    """All explanations on the same rows. contrasts : explanation → one entry a design."""

    rows: Rows
    fitted: Mapping[str, Fitted]
    contrasts: Mapping[str, tuple[Contrast, ...]]

    def against(self, a: str, b: str) -> tuple[float, float, str]:
        """(difference of scores, its standard error, verdict); "not distinguishable" below twice the error or 4."""
        d = np.array([x.score - y.score for x, y in zip(self.fitted[a].left, self.fitted[b].left, strict=True)])
        total, error = float(d.sum()), float(np.sqrt(len(d)) * d.std(ddof=1)) if len(d) > 1 else np.inf
        clear = abs(total) > max(2 * error, 4.0)
        return total, error, (f"{a if total > 0 else b} predicts better" if clear else "not distinguishable")

    def ranking(self, among: Sequence[str] | None = None) -> list[tuple[Design, float, tuple[str, str], float]]:
        """(design, mean decibans a trial yields between two explanations, the pair it separates best, its decibans)."""
        names = list(among or self.fitted)
        out = []
        for i, design in enumerate(d.design for d in self.contrasts[names[0]]):
            pairs = {(a, b): _decibans(self.contrasts[a][i], self.contrasts[b][i])
                     for a, b in itertools.combinations(names, 2)}  # fmt: skip
            best = max(pairs, key=lambda p: pairs[p])
            out.append((design, float(np.mean(list(pairs.values()))), best, pairs[best]))
        return sorted(out, key=lambda r: -r[1])


def _decibans(a: Contrast, b: Contrast) -> float:
    """Expected evidence (10 log10 of the Bayes factor, mean of both directions) one trial gives between two normals."""
    va, vb = a.sd**2 + a.error**2, b.sd**2 + b.error**2
    gap = (a.mean - b.mean) ** 2
    forward = 0.5 * (va / vb + gap / vb - 1 + np.log(vb / va))
    back = 0.5 * (vb / va + gap / va - 1 + np.log(va / vb))
    return float(10 / np.log(10) * 0.5 * (forward + back))


def compare(
    hypotheses: Sequence[str] | None = None, *, draws: int = 160, seed: int = 1, studies: Sequence[str] | None = None,
    designs: Sequence[Design] = DESIGNS, refit: bool = False, progress: Callable[[str], None] | None = None,
) -> Comparison:  # fmt: skip
    """Fit every explanation to the calibrate rows of the MADRS and predict the designs.

    draws : size of the ensemble of each fit. studies : ids to use (default: all). refit : fit again without each study
    whose weights are not to be trusted (k above 0.7). Takes about four seconds an explanation, and as much again for
    each fit without a study. Raises InputError on an unknown explanation.
    """
    names = tuple(hypotheses or FREE)
    for name in names:
        if name not in FREE:
            raise InputError("hypothesis", name, ", ".join(FREE))
    if draws < 40:
        raise InputError("draws", draws, "40 or more")
    arms, rows = gather(studies)
    if not rows.ids:
        raise InputError("studies", ", ".join(studies or ()), "studies with calibrate rows of the MADRS")
    planned = [(d, [make(d.study(), a, np.array([0.0, hours(d.time)])) for a in d.study().arms]) for d in designs]
    fitted, contrasts = {}, {}
    for name in names:
        if progress is not None:
            progress(name)
        fitted[name] = _fit(name, arms, rows, draws, seed, refit)
        contrasts[name] = tuple(_contrast(d, pair, fitted[name], seed) for d, pair in planned)
    return Comparison(rows, fitted, contrasts)


def _typical(name: str) -> dict[str, float]:
    """Typical values by parameter name of the default composition under an explanation."""
    from ketasim.dosing import Regimen
    from ketasim.simulate import build

    doses = Regimen.parse("0.5 mg/kg iv over 40 min").doses
    built = build("ketamine", doses, ("madrs",), {"hypothesis": name})[0]
    return {k: p.value for k, p in built.system.parameters.items()}


def _values(freedoms: Sequence[Freedom], z: Floats, typical: Mapping[str, float]) -> dict[str, Floats]:
    return {f.name: f.value(z[:, i], typical.get(f.name, 1.0)) for i, f in enumerate(freedoms)}


def _fit(name: str, arms: list[TrialArm], rows: Rows, draws: int, seed: int, refit: bool) -> Fitted:
    freedoms, typical = FREE[name], _typical(name)
    trials = list(dict.fromkeys(rows.studies))
    p = len(freedoms)

    def forward(z: Floats) -> Floats:
        effect = {s: np.exp(TRIAL_SD * z[:, p + i]) for i, s in enumerate(trials)}
        return predict(arms, rows, name, _values(freedoms, z, typical), effect)

    posterior = smooth(forward, rows.printed, rows.sigma, p + len(trials), draws, seed)
    middle = np.median(posterior.rows, axis=0)
    inside = [Tolerance.parse(t).inside(m, o) for t, m, o in zip(rows.tolerance, middle, rows.printed, strict=True)]
    left = tuple(left_out(posterior.log_likelihood, rows.studies))
    if refit:
        left = tuple(_without(s, forward, rows, p + len(trials), draws, seed) if s.rough else s for s in left)
    return Fitted(name, posterior, left, freedoms, float(np.mean(inside)))


def _without(
    one: LeftOut, forward: Callable[[Floats], Floats], rows: Rows, latents: int, draws: int, seed: int
) -> LeftOut:
    """The score of a study from a fit to the rows of the others."""
    mine = np.array([s == one.study for s in rows.studies])
    others = smooth(lambda z: forward(z)[:, ~mine], rows.printed[~mine], rows.sigma[~mine], latents, draws, seed)
    found = log_likelihood(forward(others.z)[:, mine], rows.printed[mine], rows.sigma[mine])
    return LeftOut(one.study, mean_likelihood(found.sum(axis=1)), one.k, refitted=True)


def _contrast(design: Design, pair: list[TrialArm], fitted: Fitted, seed: int) -> Contrast:
    z = fitted.posterior.z
    values = _values(fitted.freedoms, z, _typical(fitted.name))
    f = np.exp(TRIAL_SD * np.random.default_rng(seed + 1).standard_normal(len(z)))  # a trial that is not yet known
    changes = []
    for arm in pair:
        score = madrs(arm, values, drug(arm, fitted.name, values), f)
        changes.append(score[:, :, -1] - score[:, :, 0])
    first, second = changes
    difference = first.mean(axis=1) - second.mean(axis=1)
    spread = np.sqrt(np.mean(first.std(axis=1) ** 2 + second.std(axis=1) ** 2))
    return Contrast(design, float(difference.mean()), float(difference.std()), float(spread / np.sqrt(design.n)))
