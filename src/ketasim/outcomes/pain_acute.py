"""Clinical pain of the first hours on the numeric rating scale: ketamine, opioids and placebo together."""

from ketasim.core import ops
from ketasim.core.component import Component, par
from ketasim.outcomes.endpoint import SITE


class AcutePain(Component):
    """Pain now, from the pain before treatment and what each treatment leaves of it.

    Equation    nrs = nrs0 (1 − p W) (1 − k D^n/(C50^n + D^n)) (1 − m O/(s + O))
                s = opioid_need: how many units of opioid now do what one did, falling with ketamine, rising with use
    Assumes     independent shares; placebo lasts as long as the session's window W; S acts, R by w_R
    Fails when  the pain itself changes within hours, or relief outlasts the drug (chronic pain has its own output)
    """

    table = "outcomes/acute/pain"
    site = "arterial"
    inputs = {**SITE, "window": "fraction", "opioid": "ratio", "need": "ratio"}
    optional = {"window": 0.0, "opioid": 0.0, "need": 1.0}
    outputs = {"pain_nrs": "points", "relief": "fraction"}
    nrs0: float = par("points", "pain before treatment", low=0.0, high=10.0)
    w_R: float = par("fraction", "analgesic potency of R-ketamine relative to S", low=0.0)
    p: float = par("fraction", "relief by placebo", low=0.0, high=1.0)
    k: float = par("fraction", "largest relief by ketamine", low=0.0, high=1.0)
    C50: float = par("ng/mL", "S-ketamine level of half of it", low=0.0)
    n: float = par("1", "steepness", low=0.0)
    m: float = par("fraction", "largest relief by an opioid", low=0.0, high=1.0)

    def derive(self, cov):
        return {"nrs0": cov["pain_nrs"]}

    def read(self, x, u):
        acute = 1.0 - self.k * ops.hill(u["S"] + self.w_R * u["R"], self.C50, self.n)
        opioid = 1.0 - self.m * ops.hill(u["opioid"] / u["need"], 1.0)
        left = (1.0 - self.p * u["window"]) * acute * opioid
        return {"pain_nrs": self.nrs0 * left, "relief": 1.0 - left}


class OpioidNeed(Component):
    """How much more (or less) opioid the same relief takes: sparing by ketamine, tolerance by opioids.

    Equation    dT/dt = g O/(1 + O) (1 − h K) (1 − T) − ln2/t½ T;   K = C/(C50 + C),  C = 2 (S + w_R R)/(1 + w_R)
                need = (1 − s K) (1 + τ T)
    Assumes     ketamine spares opioid while present and slows the growth of tolerance by up to a half
    Fails when  hyperalgesia, not tolerance, raises the need; the numbers are assumed
    """

    table = "outcomes/acute/opioid_need"
    site = "arterial"
    inputs = {**SITE, "opioid": "ratio"}
    optional = {"opioid": 0.0}
    states = {"T": "fraction"}
    outputs = {"need": "ratio"}
    positive = ("T",)
    w_R: float = par("fraction", "potency of R-ketamine relative to S", low=0.0)
    C50: float = par("ng/mL", "racemate level of half the sparing", low=0.0)
    s: float = par("fraction", "largest sparing", low=0.0, high=1.0)
    h: float = par("fraction", "largest slowing of tolerance", low=0.0, high=1.0)
    g: float = par("1/h", "growth of tolerance under a full opioid effect", low=0.0)
    half_time: float = par("h", "decay of tolerance", low=0.0)
    tau: float = par("ratio", "extra need at full tolerance", low=0.0)

    def _K(self, u):
        return ops.hill(2.0 * (u["S"] + self.w_R * u["R"]) / (1.0 + self.w_R), self.C50)

    def rates(self, x, u):
        growth = self.g * ops.hill(u["opioid"], 1.0) * (1.0 - self.h * self._K(u)) * (1.0 - x["T"])
        return {"T": growth - 0.6931471805599453 / self.half_time * x["T"]}

    def read(self, x, u):
        return {"need": (1.0 - self.s * self._K(u)) * (1.0 + self.tau * x["T"])}
