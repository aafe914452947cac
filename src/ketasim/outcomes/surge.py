"""Glutamate surge and perception: a band of warning above what was published."""

from ketasim.core import ops
from ketasim.core.component import Component, par


class SurgeWarning(Component):
    """How far the experience or the glutamate surge lies above the published range (0 within, 1 far above).

    Equation    warning = max(x, y);  x = clip((glutamate − 1 − g0)/g1, 0, 1),  y = clip((level − l0)/l1, 0, 1)
    Assumes     surge size and dissociation rise together, as their correlation suggests; above the range in which
                either was measured, more of it is not known to be harmless
    Fails when  it is read as damage: nothing was measured there, which is what the band says
    """

    table = "outcomes/acute/surge"
    inputs = {"glutamate": "ratio", "level": "fraction"}
    optional = {"glutamate": 1.0}
    outputs = {"surge_warning": "fraction"}
    g0: float = par("ratio", "largest published rise of glutamate (0.3 is 30 %)", low=0.0)
    g1: float = par("ratio", "width of the band", low=0.0)
    l0: float = par("fraction", "dissociation level at the top of trials", low=0.0)
    l1: float = par("fraction", "width of the band", low=0.0)

    def read(self, x, u):
        def band(value):
            return ops.minimum(ops.positive(value), 1.0)

        surge = band((u["glutamate"] - 1.0 - self.g0) / self.g1)
        return {"surge_warning": ops.maximum(surge, band((u["level"] - self.l0) / self.l1))}
