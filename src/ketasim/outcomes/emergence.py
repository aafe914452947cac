"""Waking from ketamine anaesthesia: emergence reactions, and the severe ones among them."""

from ketasim.core import ops
from ketasim.core.component import Component, par
from ketasim.outcomes.endpoint import child, elder

EDGE = 1e-18
"""max(gap, 0) is rounded off over 1e-9, so that solvers of other tools do not stall at the kink."""


class Emergence(Component):
    """Emergence reactions (vivid dreams, agitation) and delirium (agitation that needs treatment).

    Equation    dM/dt = (p_unresponsive − M)/τ;   g = max(M − p_unresponsive, 0)²
                dΛ/dt = z h g damp level/(l50 + level);   p_emergence = 1 − e^−Λ;   p_delirium = 1 − e^(−s Λ)
    Assumes     the risk lies in waking fast while the experience still runs: the square makes a slow waking (after an
                intramuscular dose) safer; a share s of reactions is severe; benzodiazepines damp both through `damp`
    Fails when  noise, handling or premedication decide; in old age reactions are fewer, delirium of other causes is not
    """

    table = "outcomes/acute/emergence"
    inputs = {"unresponsive": "fraction", "level": "fraction", "damp": "fraction"}
    optional = {"damp": 1.0}
    states = {"M": "fraction", "L": ""}
    outputs = {"p_emergence": "fraction", "p_delirium": "fraction"}
    jump_events = ("session_start",)
    positive = ("M", "L")
    tau: float = par("h", "memory of having been unresponsive", low=0.0)
    h: float = par("1/h", "hazard of a sudden waking in full experience", low=0.0)
    l50: float = par("fraction", "dissociation level of half that hazard", low=0.0)
    z: float = par("ratio", "proneness of the person", low=0.0)
    s: float = par("fraction", "share of severe reactions", low=0.0, high=1.0)
    elderly: float = par("ratio", "hazard in old age over that of adults", low=0.0)
    children: float = par("ratio", "hazard in children over that of adults", low=0.0)

    def derive(self, cov):
        old, young = elder(cov["age_y"]), child(cov["age_y"])
        return {"h": self.h * (1.0 + old * (self.elderly - 1.0)) * (1.0 + young * (self.children - 1.0))}

    def rates(self, x, u):
        gap = x["M"] - u["unresponsive"]
        gap = 0.5 * (gap + ops.sqrt(gap * gap + EDGE))
        waking = self.h * gap * gap * ops.hill(u["level"], self.l50) * u["damp"]
        return {"M": (u["unresponsive"] - x["M"]) / self.tau, "L": self.z * waking}

    def jump(self, event, x, u):
        return {"L": 0.0}

    def read(self, x, u):
        return {"p_emergence": 1.0 - ops.exp(-x["L"]), "p_delirium": 1.0 - ops.exp(-self.s * x["L"])}
