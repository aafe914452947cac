"""Relief of chronic pain that builds up and fades over days to weeks."""

from ketasim.core import ops
from ketasim.core.component import Component, par

LN2 = 0.6931471805599453


class SlowRelief(Component):
    """Disease-modifying relief of chronic pain after long infusions, and the placebo response beside it.

    Equation    dE/dt = ln2/t½ (S + w_R R − E);   at a session start B ← 1, dB/dt = −ln2/t_p B
                slow = 1 − (1 − z E/(C50 + E)) (1 − z_p B)
    Assumes     Dahan 2011: two thirds of patients respond (z), C50 10.5 ng/mL, 10.9 d to build and to fade; placebo
                responders (z_p) are helped by treatment of any kind for some weeks
    Fails when  pain is acute, or comes from another disease than complex regional pain syndrome
    """

    table = "outcomes/acute/pain_slow"
    inputs = {"S": "ng/mL", "R": "ng/mL"}
    states = {"E": "ng/mL", "B": "fraction"}
    outputs = {"slow": "fraction", "E": "ng/mL"}
    jump_events = ("session_start",)
    positive = ("E", "B")
    w_R: float = par("fraction", "potency of R-ketamine relative to S", low=0.0)
    half_time: float = par("h", "onset and offset", low=0.0)
    C50: float = par("ng/mL", "level of half the relief", low=0.0)
    z: float = par("fraction", "whether this person responds", low=0.0, high=1.0)
    z_p: float = par("fraction", "relief by placebo in this person", low=0.0, high=1.0)
    placebo_half_time: float = par("h", "fading of placebo", low=0.0)
    chronic: float = par("fraction", "whether the pain is chronic (0 or 1)", low=0.0, high=1.0)

    def derive(self, cov):
        chronic = cov.get("diagnosis.crps", 0.0) + cov.get("diagnosis.chronic_pain", 0.0) + 0.0 * cov["age_y"]
        return {"chronic": chronic}

    def rates(self, x, u):
        return {
            "E": LN2 / self.half_time * (u["S"] + self.w_R * u["R"] - x["E"]),
            "B": -LN2 / self.placebo_half_time * x["B"],
        }

    def jump(self, event, x, u):
        return {"B": 1.0}

    def read(self, x, u):
        drug = self.z * ops.hill(x["E"], self.C50)
        left = (1.0 - self.chronic * drug) * (1.0 - self.chronic * self.z_p * x["B"])
        return {"slow": 1.0 - left, "E": x["E"]}
