"""Thoughts of suicide."""

from ketasim.core import ops
from ketasim.core.component import par
from ketasim.outcomes.scale import _Scale, own


class SuicidalIdeation(_Scale):
    """Probability that a person has relevant suicidal thoughts at this time.

    Equation    severity = S (e^(−v) + drift), S the ideation scale before treatment;   p = severity²/(S50² + severity²)
    Assumes     its own gain, apart from mood (the effect was independent of the change in mood); fast and fading
    Fails when  it is taken for a risk of an act: no trial shows fewer attempts or deaths
    """

    table = "outcomes/weeks/suicidality"
    outputs = {"p_suicidal_ideation": "fraction"}
    scale = "ssi"
    top = 38.0
    S50: float = par("points", "scale at which half have relevant thoughts", low=0.0)

    def derive(self, cov):
        return {"base": own(cov, "ssi", self.base)}

    def read(self, x, u):
        return {"p_suicidal_ideation": ops.hill(self.score(u), self.S50, 2)}
