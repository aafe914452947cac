"""Glutamate and GABA of the frontal cortex under channel block."""

from ketasim.core import ops
from ketasim.core.component import Component, par


class Glutamate(Component):
    """The surge: interneurones are blocked more than pyramidal cells, until everything is blocked.

    Equation    D = max(w_pv B_pv + (1 − w_pv) B_sst − B_pyr, 0)
                dG/dt = k ((1 + g D)(1 − B_pyr)^l − G),   dA/dt = k ((1 + a D)(1 − B_pyr)^l − A)
                AMPA drive = max(G − 1, 0)
    Assumes     disinhibition drives release in proportion; pyramidal cells whose own channels are blocked release less
                and at last nothing (inverted U); spectroscopy sees release (carbon-13 cycling is another quantity)
    Fails when  glia or uptake decide the extracellular level; the time course of spectroscopy is not that of release
    """

    table = "circuits/glutamate"
    inputs = {"B_pyr": "fraction", "B_pv": "fraction", "B_sst": "fraction"}
    states = {"G": "ratio", "A": "ratio"}
    outputs = {
        "glutamate": "ratio",
        "gaba": "ratio",
        "ampa_drive": "ratio",
        "disinhibition": "fraction",
    }
    w_pv: float = par("fraction", "weight of PV interneurones", low=0.0, high=1.0)
    g: float = par("", "glutamate per unit of disinhibition", low=0.0)
    a: float = par("", "GABA per unit of disinhibition", low=0.0)
    loss: float = par("", "exponent of the fall with block of pyramidal cells", low=0.0)
    k: float = par("1/h", "turnover", low=0.0)

    def initial(self):
        return {"G": 1.0, "A": 1.0}

    def _disinhibition(self, u):
        blocked = self.w_pv * u["B_pv"] + (1.0 - self.w_pv) * u["B_sst"]
        return ops.positive(blocked - u["B_pyr"])

    def rates(self, x, u):
        D, left = self._disinhibition(u), ops.power(ops.maximum(1.0 - u["B_pyr"], ops.FLOOR), self.loss)
        return {
            "G": self.k * ((1.0 + self.g * D) * left - x["G"]),
            "A": self.k * ((1.0 + self.a * D) * left - x["A"]),
        }

    def read(self, x, u):
        return {
            "glutamate": x["G"],
            "gaba": x["A"],
            "ampa_drive": ops.positive(x["G"] - 1.0),
            "disinhibition": self._disinhibition(u),
        }


class Mglur5(Component):
    """Change of [11C]ABP688 binding at metabotropic receptors that a glutamate rise displaces.

    Equation    Δ% = −s (G − 1)
    Assumes     displacement in proportion to the rise, by the same ratio as dopamine displaces raclopride
    Fails when  receptors go inside and stay there (the fall was still seen a day later), or the tracer does not
                follow glutamate at all, as others argue
    """

    table = "circuits/mglur5"
    inputs = {"G": "ratio"}
    outputs = {"change": "%"}
    s: float = par("%", "loss of binding for a doubling of glutamate", low=0.0)

    def read(self, x, u):
        return {"change": -self.s * (u["G"] - 1.0)}
