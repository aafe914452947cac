"""Glutamate and GABA of the frontal cortex under channel block."""

from ketasim.core import ops
from ketasim.core.component import Component, par


class Glutamate(Component):
    """The surge: interneurones are blocked more than pyramidal cells, until everything is blocked.

    Equation    D = max(w_pv B_pv + (1 − w_pv) B_sst − B_pyr, 0)
                dG/dt = k (1 + g D − l B_pyr² − G),   dA/dt = k (1 + a D − l B_pyr² − A)
                AMPA drive = max(G − 1, 0);  warning = 1 where G exceeds what was seen in man
    Assumes     disinhibition drives release in proportion; strong block of pyramidal cells ends it (inverted U);
                spectroscopy and carbon-13 studies see the same quantity, though they disagree on its size
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
        "surge_warning": "fraction",
    }
    w_pv: float = par("fraction", "weight of PV interneurones", low=0.0, high=1.0)
    g: float = par("", "glutamate per unit of disinhibition", low=0.0)
    a: float = par("", "GABA per unit of disinhibition", low=0.0)
    loss: float = par("", "fall per squared block of pyramidal cells", low=0.0)
    k: float = par("1/h", "turnover", low=0.0)
    G_high: float = par("ratio", "largest surge published in man", low=1.0)

    def initial(self):
        return {"G": 1.0, "A": 1.0}

    def _disinhibition(self, u):
        blocked = self.w_pv * u["B_pv"] + (1.0 - self.w_pv) * u["B_sst"]
        return ops.positive(blocked - u["B_pyr"])

    def rates(self, x, u):
        D, lost = self._disinhibition(u), self.loss * u["B_pyr"] * u["B_pyr"]
        return {
            "G": self.k * (1.0 + self.g * D - lost - x["G"]),
            "A": self.k * (1.0 + self.a * D - lost - x["A"]),
        }

    def read(self, x, u):
        return {
            "glutamate": x["G"],
            "gaba": x["A"],
            "ampa_drive": ops.positive(x["G"] - 1.0),
            "disinhibition": self._disinhibition(u),
            "surge_warning": ops.where_less(self.G_high, x["G"], 1.0, 0.0),
        }
