"""Generalised anxiety and fear, on the scales its trials used."""

from ketasim.core import ops
from ketasim.core.component import par
from ketasim.outcomes.scale import PORTS, _Scale, together


class GeneralisedAnxiety(_Scale):
    """Hamilton anxiety scale (0 to 56), and the Fear Questionnaire as a share of the person's own baseline.

    Equation    v = (Σ vᵢ^m)^(1/m) over drug (s f benefit), relief while the drug acts (a C/(C_a + C), C = S + w_R R),
                control course and felt confirmation
                hama = B (e^(−v) + drift) within 0 … 56;   fear = e^(−k v) + drift, not below 0
    Assumes     ratings fell within the hour, before any benefit that lasts can be there: relief under the drug is
                a part of its own; fear moves with anxiety (both fell by about half an hour after a dose)
    Fails when  the open-label share is read as an effect of the drug: one small blind trial repeated the direction only
    """

    table = "outcomes/indications/generalised_anxiety"
    site = "venous"
    inputs = {**PORTS, "S": "ng/mL", "R": "ng/mL"}
    outputs = {"hama": "points", "fear": "ratio"}
    scale = "hama"
    top = 56.0
    w_R: float = par("fraction", "potency of R-ketamine relative to S", low=0.0)
    a: float = par("ratio", "largest improvement while the drug acts", low=0.0)
    C_a: float = par("ng/mL", "S-ketamine level of half of it", low=0.0)
    k: float = par("ratio", "improvement of fear over that of anxiety", low=0.0)

    def improvement(self, u):
        acute = self.a * ops.hill(ops.positive(u["S"] + self.w_R * u["R"]), self.C_a)
        control = self.placebo * u["v"], self.placebo * u["expectancy"]
        return together((self.s * u["f"] * u["benefit"], acute, *control), self.m)

    def read(self, x, u):
        fear = ops.positive(ops.exp(-self.k * self.improvement(u)) + u["drift"])
        return {"hama": self.score(u), "fear": fear}
