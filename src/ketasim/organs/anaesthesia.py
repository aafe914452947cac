"""Depth of anaesthesia as monitors and vaporisers show it: bispectral index, and the vapour still needed."""

import numpy as np

from ketasim.core import ops
from ketasim.core.component import Component, par
from ketasim.organs.respiration import racemate

LN2 = 0.6931471805599453


class Depth(Component):
    """Bispectral index and the share of the minimum alveolar concentration still needed.

    Equation    dCe/dt = ln2/t½ (C − Ce);   C = 2 (S + w_R R)/(1 + w_R)
                BIS = b + a (1 − b/BIS_awake) bell,  b = BIS0 / (1 + (p + w_B B)^n)
                bell = Ce³/(K³ + Ce³) [1 − Ce⁴/(C_off⁴ + Ce⁴)]
                MAC = (1 − e Ce/(C50 + Ce)) Π (1 − e_i u_i/(1 + u_i)) over opioid, propofol, benzodiazepine, α2
    Assumes     ketamine deepens no index: it raises it in a person asleep by another drug; propofol and
                benzodiazepines add in units of half-effect
    Fails when  ketamine is the only anaesthetic (the index then means nothing)
    """

    table = "organs/depth"
    site = "arterial"
    inputs = {
        "S": "ng/mL",
        "R": "ng/mL",
        "opioid": "ratio",
        "benzodiazepine": "ratio",
        "propofol": "ratio",
        "alpha2": "ratio",
    }
    optional = {"opioid": 0.0, "benzodiazepine": 0.0, "propofol": 0.0, "alpha2": 0.0}
    states = {"Ce": "ng/mL"}
    outputs = {"bis": "points", "mac": "ratio"}
    positive = ("Ce",)
    half_time: float = par("h", "half-time of equilibration", low=0.0)
    w_R: float = par("fraction", "potency of R-ketamine relative to S", low=0.0)
    BIS_awake: float = par("points", "index when awake", low=0.0, high=100.0)
    BIS_asleep: float = par("points", "index under an unnamed general anaesthetic", low=0.0, high=100.0)
    BIS0: float = par("points", "index before ketamine", low=0.0, high=100.0)
    n: float = par("1", "steepness of propofol", low=0.0)
    w_B: float = par("fraction", "weight of benzodiazepine units", low=0.0)
    a: float = par("points", "largest rise under ketamine", low=0.0)
    K: float = par("ng/mL", "level of half of it", low=0.0)
    C_off: float = par("ng/mL", "level at which it is half gone again", low=0.0)
    e: float = par("fraction", "largest saving of vapour", low=0.0, high=1.0)
    C50: float = par("ng/mL", "level of half of it", low=0.0)
    e_opioid: float = par("fraction", "largest saving by an opioid", low=0.0, high=1.0)
    e_propofol: float = par("fraction", "largest saving by propofol", low=0.0, high=1.0)
    e_benzodiazepine: float = par("fraction", "largest saving by a benzodiazepine", low=0.0, high=1.0)
    e_alpha2: float = par("fraction", "largest saving by an alpha-2 agonist", low=0.0, high=1.0)

    def derive(self, cov):
        zero = 0.0 * cov["age_y"]
        asleep = np.where(cov.get("setting_anaesthesia", zero) > 0.0, self.BIS_asleep, self.BIS0)
        return {"BIS0": cov["setting_bis_baseline"] if "setting_bis_baseline" in cov else asleep}

    def rates(self, x, u):
        return {"Ce": LN2 / self.half_time * (racemate(u["S"], u["R"], self.w_R) - x["Ce"])}

    def read(self, x, u):
        b = self.BIS0 * (1.0 - ops.hill(u["propofol"] + self.w_B * u["benzodiazepine"], 1.0, self.n))
        bell = ops.hill(x["Ce"], self.K, 3) * (1.0 - ops.hill(x["Ce"], self.C_off, 4))
        need = 1.0 - self.e * ops.hill(x["Ce"], self.C50)
        for name, most in (
            ("opioid", self.e_opioid),
            ("propofol", self.e_propofol),
            ("benzodiazepine", self.e_benzodiazepine),
            ("alpha2", self.e_alpha2),
        ):
            need = need * (1.0 - most * ops.hill(u[name], 1.0))
        return {"bis": b + self.a * (1.0 - b / self.BIS_awake) * bell, "mac": need}
