"""Body size derived from weight, height, age and sex; every function takes numbers or arrays (n,).

Sources: ideal weight Devine 1974; lean weight Janmahasatian 2005; body surface Mosteller 1987.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def _array(x: ArrayLike) -> Floats:
    return np.asarray(x, dtype=np.float64)


def bmi(weight_kg: ArrayLike, height_cm: ArrayLike) -> Floats:
    """Body mass index, kg/m²."""
    return np.asarray(_array(weight_kg) / (_array(height_cm) / 100.0) ** 2, dtype=np.float64)


def ideal_weight(height_cm: ArrayLike, female: ArrayLike, weight_kg: ArrayLike, age_y: ArrayLike = 40.0) -> Floats:
    """Devine's ideal body weight, kg (devine1974): 50 (men) or 45.5 (women) + 2.3 per inch above 60 inches.

    The formula was made for adults taller than 152.4 cm. Shorter adults keep the intercept lowered in proportion to
    height squared (our continuation, assumed); below 18 years the actual weight is returned.
    """
    h, w = _array(height_cm), _array(weight_kg)
    base = np.where(_array(female) > 0.5, 45.5, 50.0)
    tall = base + 2.3 * (h / 2.54 - 60.0)
    short = base * (h / 152.4) ** 2
    return np.asarray(np.where(_array(age_y) < 18.0, w, np.where(h >= 152.4, tall, short)), dtype=np.float64)


def lean_weight(weight_kg: ArrayLike, height_cm: ArrayLike, female: ArrayLike) -> Floats:
    """Fat-free mass, kg (janmahasatian2005): 9270 W / (6680 + 216 BMI) men, 9270 W / (8780 + 244 BMI) women."""
    w = _array(weight_kg)
    b = bmi(w, height_cm)
    woman = _array(female) > 0.5
    return np.asarray(9270.0 * w / np.where(woman, 8780.0 + 244.0 * b, 6680.0 + 216.0 * b), dtype=np.float64)


def surface(weight_kg: ArrayLike, height_cm: ArrayLike) -> Floats:
    """Body surface area, m² (mosteller1987)."""
    return np.asarray(np.sqrt(_array(weight_kg) * _array(height_cm) / 3600.0), dtype=np.float64)
