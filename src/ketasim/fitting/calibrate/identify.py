"""What the rows can and cannot tell: overlap with the prior, flat directions, correlations, bounds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ketasim.core.spread import Floats
from ketasim.fitting.calibrate.prior import Prior

TIGHT, FLAT, NO_NEWS, FAR = 0.95, 1.0, 0.9, 2.0


@dataclass(frozen=True)
class Warned:
    """kind : flat, correlated, bound, prior, conflict, misfit, rough, unused, converged, note; text : one sentence."""

    kind: str
    text: str


def overlap(z: float, sd: float) -> float:
    """Share of N(0, 1) and N(z, sd²) that coincides: the integral of the smaller density, 1 for the same."""
    wide = max(1.0, sd)
    x = np.linspace(min(0.0, z) - 9 * wide, max(0.0, z) + 9 * wide, 20_001)
    a = np.exp(-0.5 * x**2)
    b = np.exp(-0.5 * ((x - z) / sd) ** 2) / sd
    return float(np.sum(np.minimum(a, b)) * (x[1] - x[0]) / np.sqrt(2 * np.pi))


def directions(information: Floats, priors: Sequence[Prior]) -> list[tuple[float, str]]:
    """(information of the rows over that of the prior, words) of each direction of the latents, least first.

    Information is JᵀΣ⁻¹J in units of the prior: below 1 the prior says more than the rows do.
    """
    size, vectors = np.linalg.eigh(0.5 * (information + information.T))
    out = []
    for value, v in zip(size, vectors.T):
        top = [i for i in np.argsort(-np.abs(v)) if abs(v[i]) > 0.3]
        sign = np.sign(v[top[0]])
        words = " ".join(f"{sign * v[i]:+.2f}·{priors[i].label}" for i in top)
        out.append((max(float(value), 0.0), words))
    return out


def warnings(
    priors: Sequence[Prior], z: Floats, covariance: Floats, information: Floats, low: Floats, high: Floats
) -> list[Warned]:
    """Sentences about directions, pairs, bounds and conflicts with the prior."""
    out: list[Warned] = []
    for value, words in directions(information, priors):
        if value < FLAT:
            out.append(Warned("flat", f"the rows say little about {words} (information {value:.2g} of the prior's 1)"))
    sd = np.sqrt(np.diag(covariance))
    for i in range(len(priors)):
        for j in range(i):
            r = covariance[i, j] / (sd[i] * sd[j])
            if abs(r) > TIGHT:
                out.append(Warned("correlated", f"{priors[j].label} and {priors[i].label} go together (r = {r:.3f})"))
    for i, p in enumerate(priors):
        if z[i] <= low[i] + 1e-6 or z[i] >= high[i] - 1e-6:
            side = "lower" if z[i] <= low[i] + 1e-6 else "upper"
            out.append(Warned("bound", f"{p.label} ended at its {side} bound, {float(p.natural(z[i])):.4g} {p.unit}"))
        if overlap(float(z[i]), float(sd[i])) > NO_NEWS:
            out.append(Warned("prior", f"{p.label}: the posterior is the prior; these rows taught nothing about it"))
        if abs(z[i]) > FAR:
            text = f"{p.label}: the rows want {abs(z[i]):.1f} prior standard deviations from {p.value:.4g} {p.unit}"
            out.append(Warned("conflict", text))
    return out
