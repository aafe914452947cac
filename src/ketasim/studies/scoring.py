"""Sums over validation rows: geometric mean fold error, shares inside, coverage, beside the naive model, against
the targets."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import TypedDict

import numpy as np

from .validation import Row

EXPOSURES = ("AUC", "AUC_per_dose")


class Score(TypedDict):
    """One group of scored rows.

    rows, passed : counts. inside : share inside tolerance. within_1_5, gmfe, ratio : of rows compared by fold (ratio is
    the geometric mean of predicted over observed). above : share predicted above the observation, half where equal.
    covered : share whose observation lies in the 90 % interval. naive_… : the same for the naive model, on the rows
    where it says something
    (`naive_rows`; `inside_same` is our share on those). target, met : what was asked of the group, if anything.
    """

    group: str
    rows: int
    passed: int
    inside: float | None
    within_1_5: float | None
    gmfe: float | None
    ratio: float | None
    above: float | None
    covered: float | None
    naive_rows: int
    inside_same: float | None
    naive_inside: float | None
    naive_gmfe: float | None
    target: str
    met: bool | None


def gmfe(folds: Sequence[float]) -> float | None:
    """Geometric mean fold error, 10^mean|log10(predicted/observed)|; None without values."""
    logs = [abs(math.log10(f)) for f in folds if f and f > 0 and math.isfinite(f)]
    return float(10 ** np.mean(logs)) if logs else None


def mean_fold(folds: Sequence[float]) -> float | None:
    """Geometric mean of predicted over observed: 1 where errors cancel; None without values."""
    logs = [math.log(f) for f in folds if f and f > 0 and math.isfinite(f)]
    return float(np.exp(np.mean(logs))) if logs else None


def _above(rows: Sequence[Row]) -> float | None:
    sides = [
        float(np.sign(row["predicted"] - row["observed"]))
        for row in rows
        if row["error_kind"] in ("fold", "difference") and row["predicted"] is not None and row["observed"] is not None
    ]
    return float(0.5 + 0.5 * np.mean(sides)) if sides else None


def score(
    group: str, rows: Iterable[Row], target: str = "", met: Callable[[Score], bool | None] | None = None
) -> Score:
    """Score of the rows with a pass or fail verdict."""
    scored = [row for row in rows if row["verdict"] in ("pass", "fail")]
    folds = [row for row in scored if row["error_kind"] == "fold" and row["error"]]
    errors = [row["error"] or math.nan for row in folds]
    covered = [row["covered"] for row in scored if row["covered"] is not None]
    both = [row for row in scored if row["naive_inside"] is not None]
    guesses = [row["naive"] / row["observed"] for row in folds if row["naive"] and row["observed"]]
    out = Score(
        group=group,
        rows=len(scored),
        passed=sum(row["verdict"] == "pass" for row in scored),
        inside=_share([row["verdict"] == "pass" for row in scored]),
        within_1_5=_share([1 / 1.5 <= e <= 1.5 for e in errors]),
        gmfe=gmfe(errors),
        ratio=mean_fold(errors),
        above=_above(scored),
        covered=_share(covered),
        naive_rows=len(both),
        inside_same=_share([row["verdict"] == "pass" for row in both]),
        naive_inside=_share([bool(row["naive_inside"]) for row in both]),
        naive_gmfe=gmfe(guesses),
        target=target,
        met=None,
    )
    if met is not None and scored:
        out["met"] = met(out)
    return out


def scores(rows: Sequence[Row]) -> list[Score]:
    """The standing scores: targets first, then per system and use, per kinetic route, and overall.

    Rows for transcription and calibration stand in groups of their own: they are no validation.
    """
    checks = [row for row in rows if row["use"] == "check"]
    kinetic = [row for row in checks if row["layer"] == "kinetics"]
    out = [score("adult IV, venous, independent of the model", [r for r in kinetic if _adult_iv_venous(r)],
                 "≥ 80 % within 1.5-fold, GMFE ≤ 1.35", _iv_met)]  # fmt: skip
    for route in sorted({r["route"] for r in kinetic if r["route"] not in ("", "iv")}):
        chosen = [r for r in kinetic if r["route"] == route and r["adult"] is not False and r["statistic"] in EXPOSURES]
        if chosen:
            out.append(
                score(f"adult {route}, AUC", chosen, "GMFE ≤ 1.6", lambda s: s["gmfe"] is not None and s["gmfe"] <= 1.6)
            )
    for layer in sorted({row["layer"] for row in rows}):
        for use in ("check", "calibrate", "transcription"):
            out.append(score(f"{layer}: {use}", [r for r in rows if r["layer"] == layer and r["use"] == use]))
    for route in sorted({r["route"] for r in kinetic if r["route"]}):
        out.append(score(f"kinetics, {route}: check", [r for r in kinetic if r["route"] == route]))
    out.append(score("all checks", checks))
    return [s for s in out if s["rows"]]


def _adult_iv_venous(row: Row) -> bool:
    levels = ("concentration", "average", "Cmax", *EXPOSURES)
    return (
        row["route"] == "iv"
        and row["adult"] is not False
        and row["site"] in ("venous", "unknown")
        and row["statistic"] in levels
    )


def _iv_met(s: Score) -> bool | None:
    if s["within_1_5"] is None or s["gmfe"] is None:
        return None
    return s["within_1_5"] >= 0.8 and s["gmfe"] <= 1.35


def _share(flags: Sequence[bool]) -> float | None:
    return float(np.mean(flags)) if flags else None
