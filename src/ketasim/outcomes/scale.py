"""Any rating scale over weeks: baseline times what is left, kept inside the scale."""

from typing import Any, ClassVar

import numpy as np

from ketasim.core import ops
from ketasim.core.component import Component, Values, par

PORTS = {"benefit": "fraction", "f": "fraction", "v": "fraction", "expectancy": "fraction", "drift": "fraction"}
TINY = 1e-9


def together(parts: tuple[Any, ...], m: Any) -> Any:
    """Improvements that share one way to recovery: (Σ vᵢ^m)^(1/m); m = 1 adds them, a large m keeps the largest."""
    total: Any = 0.0
    for v in parts:
        total = total + ops.power(ops.maximum(v, TINY), m)
    return ops.power(total, 1.0 / m)


def own(cov: Values, name: str, otherwise: Any) -> Any:
    """A covariate where it is there, else a number for everybody."""
    return np.asarray(cov[name], float) if name in cov else otherwise + 0.0 * np.asarray(cov["age_y"], float)


class _Scale(Component):
    """Score = baseline (e^(−v) + drift), v from the drug's benefit, the control course and felt confirmation."""

    inputs = PORTS
    scale: ClassVar[str] = ""
    top: ClassVar[float] = 100.0
    base: float = par("points", "score before treatment", low=0.0)
    s: float = par("ratio", "gain of the benefit in this person", low=0.0)
    m: float = par("1", "overlap of improvements (1: they add)", low=1.0)
    placebo: float = par("ratio", "control course of this scale over that of the MADRS", low=0.0)

    def derive(self, cov: Values) -> dict[str, Any]:
        return {"base": own(cov, self.scale, self.base)}

    def improvement(self, u: Values) -> Any:
        """v of everything together."""
        control = self.placebo * u["v"], self.placebo * u["expectancy"]
        return together((self.s * u["f"] * u["benefit"], *control), self.m)

    def score(self, u: Values) -> Any:
        """The score inside its scale."""
        return ops.minimum(ops.positive(self.base * (ops.exp(-self.improvement(u)) + u["drift"])), self.top)
