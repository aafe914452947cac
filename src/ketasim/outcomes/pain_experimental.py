"""Pressure pain threshold of volunteers."""

from ketasim.core import ops
from ketasim.core.component import par
from ketasim.outcomes.endpoint import LOSS, SITE, _Endpoint


class PressurePain(_Endpoint):
    """Pressure pain threshold relative to the person's own baseline (Olofsen 2022).

    Equation    threshold = 1 + (S + w_R R)/C50 / (1 + a_N antagonism), on the slow clock
    Assumes     S alone acts, S-norketamine is a weak antagonist, the effect is linear in the level
    Fails when  another modality is tested (heat is six times as sensitive as electrical pain)
    """

    table = "outcomes/acute/pressure_pain"
    site = "arterial"
    inputs = {**SITE, **LOSS, "opioid": "ratio"}
    optional = {"opioid": 0.0}
    outputs = {"pressure_pain": "ratio"}
    C50: float = par("ng/mL", "S-ketamine level that doubles the threshold", low=0.0)
    o: float = par("fraction", "rise of the threshold by one unit of opioid", low=0.0)

    def read(self, x, u):
        return {"pressure_pain": 1.0 + self.drive(u) / self.C50 + self.o * ops.positive(u["opioid"])}
