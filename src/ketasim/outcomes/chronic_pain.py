"""Chronic pain over weeks: a slow effect of long infusions beside fast relief."""

from ketasim.core import ops
from ketasim.core.component import Component, par
from ketasim.outcomes.scale import own

LN2 = 0.6931471805599453


class ChronicPain(Component):
    """Numeric rating (0 to 10) of the pain of complex regional pain syndrome, fibromyalgia and other chronic pain.

    Equation    dE/dt = ln2/t½ (C − E), C = S + w_R R; slow = z E/(C50 + E); placebo = z_p (1 − e^(−t/τ_1)) e^(−t/τ_2)
                fast = y z_a C^n/(C_a^n + C^n), y = y_crps in regional pain, else 1
                pain_chronic = B (1 − slow)(1 − placebo)(1 − fast) within 0 … 10
    Assumes     Dahan 2011: two thirds answer (z), 10.5 ng/mL, 10.9 d to build up and fade; fibromyalgia and neuropathic
                pain with the same constants (a short infusion then leaves next to nothing, as seen); relief while
                the drug is there was seen in fibromyalgia, hardly any on the first day in regional pain
    Fails when  pain is acute, or relief comes from being less distressed
    """

    table = "outcomes/weeks/chronic_pain"
    site = "venous"
    inputs = {"S": "ng/mL", "R": "ng/mL", "t": "h"}
    states = {"E": "ng/mL"}
    outputs = {"pain_chronic": "points"}
    positive = ("E",)
    base: float = par("points", "pain before treatment", low=0.0, high=10.0)
    w_R: float = par("fraction", "potency of R-ketamine relative to S", low=0.0)
    half_time: float = par("h", "building up and fading", low=0.0)
    C50: float = par("ng/mL", "level of half the slow relief", low=0.0)
    z: float = par("fraction", "whether this person answers to the drug", low=0.0, high=1.0)
    z_p: float = par("fraction", "relief by placebo in this person", low=0.0, high=1.0)
    tau_1: float = par("h", "onset of placebo", low=0.0)
    tau_2: float = par("h", "fading of placebo", low=0.0)
    z_a: float = par("fraction", "largest fast relief in this person", low=0.0, high=1.0)
    y_crps: float = par("fraction", "fast relief in regional pain over that in other pain", low=0.0, high=1.0)
    C_a: float = par("ng/mL", "S-ketamine level of half the fast relief", low=0.0)
    n_a: float = par("1", "steepness of fast relief", low=1.0)

    def derive(self, cov):
        regional = cov.get("diagnosis.crps", 0.0)
        return {
            "base": own(cov, "pain_nrs", self.base),
            "z_a": self.z_a * (1.0 + regional * (self.y_crps - 1.0)) + 0.0 * cov["age_y"],
        }

    def rates(self, x, u):
        return {"E": LN2 / self.half_time * (u["S"] + self.w_R * u["R"] - x["E"])}

    def read(self, x, u):
        slow = self.z * ops.hill(x["E"], self.C50)
        placebo = self.z_p * (1.0 - ops.exp(-u["t"] / self.tau_1)) * ops.exp(-u["t"] / self.tau_2)
        fast = self.z_a * ops.hill(u["S"] + self.w_R * u["R"], self.C_a, self.n_a)
        return {"pain_chronic": self.base * (1.0 - slow) * (1.0 - placebo) * (1.0 - fast)}
