"""How far the observed numbers may lie from a true model: the covariance of the rows.

Five parts, all on the scale of comparison (logarithms for rows compared by fold):

    sampling      the arm had n people: the pool of the arm is drawn from again and again, n at a time, which gives the
                  covariance of all rows of an arm (times of the same people go together) and the small-sample shift
    printed       where the paper prints a standard error, SD or interval, it replaces the size of the sampling error
    pool          the simulated people are a sample as well
    nuisance      the doubt about every number that is not calibrated, one standard deviation up and down
    discrepancy   no model is true, and no two studies are alike: a fraction of each observed value; `together` is the
                  share of its variance that the rows of one study have in common

Rows that count events (shares, rates, hazards) get at least the error of counting.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ketasim.core.spread import Floats
from ketasim.fitting.calibrate.arms import Bench
from ketasim.fitting.calibrate.printed import printed
from ketasim.fitting.calibrate.selection import Target
from ketasim.fitting.calibrate.statistic import predicted
from ketasim.studies.catalogue import SHARES, STATISTICS
from ketasim.studies.run import ArmRun

UNKNOWN_N, MOST_DRAWN, RESAMPLES, POOL = 24, 100, 200, 200
LEAST = 1e-6


@dataclass(frozen=True)
class Noise:
    """Covariance of the rows on their scale of comparison.

    covariance : (rows, rows). shift : (rows,), expected small-sample difference of the row from the pool's.
    sampling, nuisance, discrepancy : standard deviations (rows,) of the parts. drivers : the doubtful numbers that move
    the rows most, (label, (rows,) effect of one standard deviation). notes : words about what could not be used.
    """

    covariance: Floats
    shift: Floats
    sampling: Floats
    nuisance: Floats
    discrepancy: Floats
    drivers: tuple[tuple[str, Floats], ...] = ()
    notes: tuple[str, ...] = ()


def scaled(targets: Sequence[Target], values: Floats) -> Floats:
    """Values (…, rows) on the scale of comparison; NaN where a logarithm has none."""
    out = np.array(values, dtype=float)
    for k, t in enumerate(targets):
        if t.log:
            with np.errstate(divide="ignore", invalid="ignore"):
                out[..., k] = np.where(out[..., k] > 0, np.log(out[..., k]), np.nan)
    return out


def observed(targets: Sequence[Target]) -> Floats:
    """Observed values on the scale of comparison, (rows,); for signs and ranks 0."""
    raw = np.array([0.0 if t.soft or t.row.value is None else t.row.value for t in targets])
    return scaled(targets, raw)


def people_of(t: Target) -> tuple[int, int | None]:
    """People behind a row and behind its comparator."""
    first = t.row.n or t.arm.n or UNKNOWN_N
    return first, (t.comparator.n or UNKNOWN_N) if t.comparator else None


def noise(
    bench: Bench, z: np.ndarray, discrepancy: float = 0.1, together: float = 0.5, nuisance: bool = True, few: int = 16
) -> Noise:
    """The covariance of the rows at a latent point of the calibrated numbers."""
    targets = bench.targets
    people = bench.people if bench.people > 1 else POOL
    here = bench.typical(z)
    runs = bench.runs([here], people)
    centre = scaled(targets, bench.predict_settings([here], people))[0]
    boot = scaled(targets, _resampled(bench, runs))
    boot = np.where(np.isfinite(boot), boot, np.nan)
    with np.errstate(invalid="ignore"):
        middle = np.nanmean(np.where(np.isfinite(boot), boot, centre), axis=0)
    away = np.where(np.isfinite(boot), boot - middle, 0.0)
    drawn = np.array([_drawn(t) for t in targets])
    n = np.array([people_of(t)[0] for t in targets], dtype=float)
    covariance = away.T @ away / max(len(boot) - 1, 1) * np.sqrt(np.outer(drawn / n, drawn / n))
    same = np.array([[a.study.id == b.study.id for b in targets] for a in targets])
    covariance = np.where(same, covariance, 0.0)
    covariance *= np.where(np.eye(len(targets)) > 0, 1.0, 1.0 / (1.0 + len(targets) / len(boot)))
    size = np.sqrt(np.maximum(np.diag(covariance), LEAST**2))
    wanted, extra, notes = size.copy(), np.zeros(len(targets)), []
    for k, t in enumerate(targets):
        said = printed(t.row, *people_of(t))
        wanted[k] = said.se if said.se is not None else max(size[k], counting(t, centre[k]))
        extra[k] = said.extra
        if said.note:
            notes.append(f"{t.row.id}: {said.note}")
        if t.row.n is None and t.arm.n is None and STATISTICS[t.row.statistic].family != "parameter":
            notes.append(f"{t.row.id}: number of people not printed, {UNKNOWN_N} taken")
    of_pool = np.sqrt(n / people) * (bench.people > 1)
    pool = covariance * np.outer(of_pool, of_pool)
    stretch = wanted / size
    covariance = covariance * np.outer(stretch, stretch)
    covariance += np.diag(np.maximum(wanted**2 - np.diag(covariance), 0.0))
    covariance += pool
    apart = discrepancy * np.array([1.0 if t.log else (t.row.value or 0.0) * (not t.soft) for t in targets])
    common = np.outer(apart, apart) * np.where(np.eye(len(targets)) > 0, 1.0, together * same)
    effects = _nuisance(bench, here, few if bench.people > 1 else 1) if nuisance else ()
    moved = np.array([e for _, e in effects]).reshape(len(effects), len(targets))
    total = covariance + np.diag(extra**2 + LEAST**2) + common + moved.T @ moved
    for k, t in enumerate(targets):
        if pool[k, k] > 0.25 * total[k, k]:
            notes.append(f"{t.row.id}: the {people} simulated people are its largest error; more would sharpen it")
    order = sorted(effects, key=lambda item: -float(np.max(np.abs(item[1]) / np.sqrt(np.diag(total)))))
    return Noise(
        covariance=total,
        shift=np.where(np.isfinite(middle - centre), middle - centre, 0.0) * (drawn / n),
        sampling=np.sqrt(np.diag(covariance)),
        nuisance=np.sqrt((moved**2).sum(axis=0)),
        discrepancy=np.sqrt(apart**2 + extra**2),
        drivers=tuple(order[:8]),
        notes=tuple(notes),
    )


def counting(t: Target, m: float) -> float:
    """Least standard error of a row that counts people or events, on its scale; 0 for others."""
    name, (n, other) = t.row.statistic, people_of(t)
    inner = t.row.of if name in ("difference", "odds_ratio", "risk_ratio", "ratio") else name
    if inner in SHARES:
        unit = 100.0 if t.row.unit == "%" else 1.0
        if name == "difference":
            return unit * 0.5 * float(np.sqrt(0.5 / n + 0.5 / (other or n)))
        if name in ("odds_ratio", "risk_ratio", "ratio"):
            return float(np.sqrt(1.0 / n + 1.0 / (other or n)))
        p = (n * np.clip(m / unit, 0.0, 1.0) + 0.5) / (n + 1.0)
        return unit * float(np.sqrt(p * (1.0 - p) / n))
    if name == "median_time_to_event":
        return float(1.0 / (np.log(2.0) * np.sqrt(n)))
    if name == "hazard_ratio":
        return float(np.sqrt(2.0 / n + 2.0 / (other or n)))
    return float(1.0 / np.sqrt(n)) if name == "event_rate" else 0.0


def _drawn(t: Target) -> float:
    return float(min(people_of(t)[0], MOST_DRAWN))


def _resampled(bench: Bench, runs: dict[tuple[str, str], ArmRun]) -> Floats:
    """Rows (resamples, rows) of arms drawn with replacement from their pools, each arm on its own."""
    again: dict[tuple[str, str, int], ArmRun] = {}
    columns = []
    for t in bench.targets:
        if STATISTICS[t.row.statistic].family == "parameter" or t.row.id in (bench.predictors or {}):
            columns.append(np.full(RESAMPLES, np.nan))
            continue
        mine: dict[str, ArmRun] = {}
        for name in dict.fromkeys((t.row.arm, *((t.row.comparator,) if t.row.comparator else ()), *t.row.order)):
            n = int(_drawn(t)) if name == t.row.arm else min(t.study.arm(name).n or UNKNOWN_N, MOST_DRAWN)
            key = (t.study.id, name, n)
            if key not in again:
                word = zlib.crc32(f"{t.study.id}/{name}".encode())
                again[key] = _again(runs[t.study.id, name], n, [bench.seed, word])
            mine[name] = again[key]
        columns.append(predicted(t, mine))
    return np.stack(columns, axis=1)


def _again(run: ArmRun, n: int, key: list[int]) -> ArmRun:
    index = np.random.default_rng(key).integers(0, run.dose_mg.shape[1], (RESAMPLES, n))
    values = {name: v[0][index] for name, v in run.values.items()}
    return replace(run, values=values, dose_mg=run.dose_mg[0][index], weight_kg=run.weight_kg[0][index])


def _nuisance(bench: Bench, here: dict[str, float], people: int) -> tuple[tuple[str, Floats], ...]:
    """(label, half the difference of the rows between one standard deviation up and down) of every doubtful number."""
    other = bench.doubtful()
    if not other:
        return ()
    settings = [{**here, label: v} for label, low, high in other for v in (low, high)]
    rows = scaled(bench.targets, bench.predict_settings(settings, people))
    half = 0.5 * (rows[1::2] - rows[::2])
    half = np.where(np.isfinite(half), half, 0.0)
    return tuple((label, h) for (label, _, _), h in zip(other, half) if np.any(np.abs(h) > 1e-9))
