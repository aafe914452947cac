"""Migraine: headache that yields to days of infusion, and aura that yields at once."""

from ketasim.core import ops
from ketasim.core.component import Component, par
from ketasim.outcomes.scale import own

LN2 = 0.6931471805599453


class Migraine(Component):
    """Headache of migraine (numeric rating, 0 to 10) and severity of aura (share of what it would have been).

    Equation    dE/dt = ln2/t½ (C − E), C = S + w_R R;   relief = z E/(C50 + E)
                migraine_pain = B (1 − relief)(1 − z_p (1 − e^(−t/τ_p)) e^(−t/τ_n));   migraine_aura = 1 − a C/(C_a + C)
    Assumes     rest and time ease an attack until the next (z_p); slow relief, faster than in regional pain:
                a short infusion did nothing to an attack (Etchison 2018), five days took half (Pomeroy 2017, no control
                arm), little of it lasted; aura became weaker, not shorter, after a nasal dose (Afridi 2013, direction
                only)
    Fails when  it is read as evidence of benefit: the only controlled trial of pain was null
    """

    table = "outcomes/indications/migraine"
    site = "venous"
    inputs = {"S": "ng/mL", "R": "ng/mL", "t": "h"}
    states = {"E": "ng/mL"}
    outputs = {"migraine_pain": "points", "migraine_aura": "ratio"}
    positive = ("E",)
    base: float = par("points", "headache before treatment", low=0.0, high=10.0)
    w_R: float = par("fraction", "potency of R-ketamine relative to S", low=0.0)
    half_time: float = par("h", "building up and fading", low=0.0)
    C50: float = par("ng/mL", "level of half the relief", low=0.0)
    z: float = par("fraction", "largest relief in this person", low=0.0, high=1.0)
    z_p: float = par("fraction", "what the attack loses by itself in hours", low=0.0, high=1.0)
    tau_p: float = par("h", "its time constant", low=0.0)
    tau_n: float = par("h", "time to the next attack", low=0.0)
    a: float = par("fraction", "largest loss of aura severity", low=0.0, high=1.0)
    C_a: float = par("ng/mL", "S-ketamine level of half of it", low=0.0)

    def derive(self, cov):
        return {"base": own(cov, "pain_nrs", self.base)}

    def level(self, u):
        """What acts, ng/mL of S-ketamine."""
        return ops.positive(u["S"] + self.w_R * u["R"])

    def rates(self, x, u):
        return {"E": LN2 / self.half_time * (self.level(u) - x["E"])}

    def read(self, x, u):
        relief = self.z * ops.hill(x["E"], self.C50)
        rest = self.z_p * (1.0 - ops.exp(-u["t"] / self.tau_p)) * ops.exp(-u["t"] / self.tau_n)
        return {
            "migraine_pain": self.base * (1.0 - relief) * (1.0 - rest),
            "migraine_aura": 1.0 - self.a * ops.hill(self.level(u), self.C_a),
        }
