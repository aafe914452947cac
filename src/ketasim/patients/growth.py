"""Weight and height of children against the CDC 2000 growth charts, and the band of plausible bodies at any age.

A child is refused when the modified z-score leaves the limits CDC uses to flag biologically implausible values
(weight -5 to 8, height -5 to 4). The modified z extends half the distance from the median to the second z-score
linearly, so that it does not shrink for very heavy children.

Sources: kuczmarski2002 (charts), freedman2015 (modified z-scores and limits).
"""

from __future__ import annotations

from functools import lru_cache
from importlib import resources

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ketasim.core.gaussian import ndtri

Floats = NDArray[np.float64]
ADULT_FROM = 20.0
LIMITS = {"weight": (-5.0, 8.0), "height": (-5.0, 4.0)}


@lru_cache(maxsize=1)
def _charts() -> dict[tuple[str, int], Floats]:
    """(measure, female) -> rows of age_months, L, M, S."""
    text = (resources.files("ketasim") / "data" / "patients" / "growth_cdc2000.csv").read_text(encoding="utf-8")
    rows: dict[tuple[str, int], list[list[float]]] = {}
    for line in text.splitlines():
        if line.startswith(("#", "measure")) or not line:
            continue
        measure, sex, *numbers = line.split(",")
        rows.setdefault((measure, int(sex == "female")), []).append([float(x) for x in numbers])
    return {key: np.array(value) for key, value in rows.items()}


def lms(measure: str, age_y: ArrayLike, female: ArrayLike) -> tuple[Floats, Floats, Floats]:
    """Box-Cox power, median (kg or cm) and coefficient of variation at an age; constant beyond 20 years."""
    months = np.asarray(age_y, dtype=np.float64) * 12.0
    woman = np.asarray(female, dtype=np.float64) > 0.5
    out = []
    for col in (1, 2, 3):
        boys, girls = (np.interp(months, c[:, 0], c[:, col]) for c in (_charts()[measure, 0], _charts()[measure, 1]))
        out.append(np.asarray(np.where(woman, girls, boys), dtype=np.float64))
    return out[0], out[1], out[2]


def quantile(measure: str, z: ArrayLike, age_y: ArrayLike, female: ArrayLike) -> Floats:
    """Weight (kg) or height (cm) at z-score `z` of the charts, linear in the modified z beyond |z| = 2."""
    power, median, s = lms(measure, age_y, female)
    zz = np.asarray(z, dtype=np.float64)
    inner = np.clip(zz, -2.0, 2.0)
    base = median * (1.0 + power * s * inner) ** (1.0 / power)
    edge = median * (1.0 + power * s * 2.0 * np.sign(zz)) ** (1.0 / power)
    step = np.abs(edge - median) / 2.0
    return np.asarray(np.where(np.abs(zz) <= 2.0, base, median + zz * step), dtype=np.float64)


def modified_z(measure: str, value: ArrayLike, age_y: ArrayLike, female: ArrayLike) -> Floats:
    """Distance from the median in half-distances to the second z-score on the same side."""
    _, median, _ = lms(measure, age_y, female)
    v = np.asarray(value, dtype=np.float64)
    up = (quantile(measure, 2.0, age_y, female) - median) / 2.0
    down = (median - quantile(measure, -2.0, age_y, female)) / 2.0
    return np.asarray(np.where(v >= median, (v - median) / up, (v - median) / down), dtype=np.float64)


def z_score(measure: str, value: ArrayLike, age_y: ArrayLike, female: ArrayLike) -> Floats:
    """The charts' own z-score, ((value/M)^L - 1)/(L S)."""
    power, median, s = lms(measure, age_y, female)
    v = np.asarray(value, dtype=np.float64)
    return np.asarray(((v / median) ** power - 1.0) / (power * s), dtype=np.float64)


def band(measure: str, age_y: float, female: bool) -> tuple[float, float]:
    """Plausible weight (kg) or height (cm) of a child, from the limits on the modified z."""
    _, median, _ = lms(measure, age_y, float(female))
    low, high = LIMITS[measure]
    down = (median - quantile(measure, -2.0, age_y, float(female))) / 2.0
    up = (quantile(measure, 2.0, age_y, float(female)) - median) / 2.0
    return max(float(median + low * down), 0.4 if measure == "weight" else 20.0), float(median + high * up)


def centile(measure: str, p: float, age_y: float, female: bool) -> float:
    """Weight or height at a centile (0 to 1) of the charts."""
    return float(quantile(measure, ndtri(p), age_y, float(female)))
