"""Fear circuitry: how strongly the amygdala answers to threat while the drug acts."""

from ketasim.core import ops
from ketasim.core.component import Component, par


class FearCircuit(Component):
    """Response of the amygdala to fearful or negative pictures, as a share of the same person's without drug.

    Equation    fear_circuit = 1 − k D/(C50 + D),   D = S + w_R R
    Assumes     present level alone decides: the response was lost under an infusion (Abel 2003, Scheidegger 2016); a
                day later healthy people startled as before (32 men at 7 T)
    Fails when  the person has an anxiety disorder (no such study measured them), or the day after is read from it
    """

    table = "outcomes/indications/fear"
    site = "venous"
    inputs = {"S": "ng/mL", "R": "ng/mL"}
    outputs = {"fear_circuit": "ratio"}
    w_R: float = par("fraction", "potency of R-ketamine relative to S", low=0.0)
    k: float = par("fraction", "largest loss of the response", low=0.0, high=1.0)
    C50: float = par("ng/mL", "S-ketamine level of half the loss", low=0.0)

    def read(self, x, u):
        return {"fear_circuit": 1.0 - self.k * ops.hill(ops.positive(u["S"] + self.w_R * u["R"]), self.C50)}
