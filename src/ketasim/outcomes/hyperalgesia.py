"""Pain that opioids leave behind, and what ketamine does to it."""

from ketasim.core import ops
from ketasim.core.component import Component, par

LN2 = 0.6931471805599453


class Hyperalgesia(Component):
    """Sensitivity to pain after opioids, as a ratio to before them (area of hyperalgesia, as volunteers were tested).

    Equation    dP/dt = k O/(1 + O) (1 − h K)(1 − P) − ln2/t½ P;   K = C/(C50 + C), C = S + w_R R
                hyperalgesia = (1 + g P)(1 − m O/(1 + O))(1 − r K)
    Assumes     opioid hides what it builds; ketamine hinders the building (area abolished by S-ketamine, Koppert 2003)
                and shrinks the area while present
    Fails when  it is read for ratings of pain or for pressure: ketamine did not change rebound pain (Koppert 2003) nor
                acute tolerance to pressure (Luginbühl 2003)
    """

    table = "outcomes/indications/hyperalgesia"
    site = "arterial"
    inputs = {"S": "ng/mL", "R": "ng/mL", "opioid": "ratio"}
    optional = {"opioid": 0.0}
    states = {"P": "fraction"}
    outputs = {"hyperalgesia": "ratio"}
    positive = ("P",)
    w_R: float = par("fraction", "potency of R-ketamine relative to S", low=0.0)
    k: float = par("1/h", "building under a full opioid effect", low=0.0)
    half_time: float = par("h", "fading", low=0.0)
    h: float = par("fraction", "what ketamine takes from the building", low=0.0, high=1.0)
    C50: float = par("ng/mL", "S-ketamine level of half of that", low=0.0)
    g: float = par("ratio", "largest rise of sensitivity", low=0.0)
    m: float = par("fraction", "what a full opioid effect hides", low=0.0, high=1.0)
    r: float = par("fraction", "what ketamine itself takes away while present", low=0.0, high=1.0)

    def level(self, u):
        """Effect of ketamine, 0 to 1."""
        return ops.hill(ops.positive(u["S"] + self.w_R * u["R"]), self.C50)

    def rates(self, x, u):
        building = self.k * ops.hill(u["opioid"], 1.0) * (1.0 - self.h * self.level(u)) * (1.0 - x["P"])
        return {"P": building - LN2 / self.half_time * x["P"]}

    def read(self, x, u):
        hidden = (1.0 - self.m * ops.hill(u["opioid"], 1.0)) * (1.0 - self.r * self.level(u))
        return {"hyperalgesia": (1.0 + self.g * x["P"]) * hidden}
