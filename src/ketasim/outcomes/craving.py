"""Alcohol, cocaine and opioids: craving, lapse and days without use."""

from ketasim.core import ops
from ketasim.core.component import Component, par

CASES = ("aud", "cud", "oud")


class Lapse(Component):
    """Craving for what the person is treated for, the rate of lapsing, and the chance of a day without use.

    Equation    dW/dt = k_w (formation − 1) (1 − W) − W/τ
                lapse_hazard = ζ λ (q + (1 − q) e^(−t/τ_q)) e^(−p T) e^(−g W);   craving = C0 (1 − c W)
                dA/dt = r (1 − A) − lapse_hazard A,   A = 1 at the start: treatment begins with a stop
    Assumes     new connections open a window in which habits can change (no other part tells a full from a tenth dose);
                psychotherapy (T) keeps it open for a month, without it a week; the rate of lapsing falls in the months
                after a stop, as curves of relapse do; one size of effect for the three substances, a rate for each;
                people outside these diagnoses have no rate; ζ is the person's own
    Fails when  treatment is offered without any plan, or people drop out: trials count the lost as lapsed
    """

    table = "outcomes/weeks/craving"
    inputs = {"formation": "ratio", "t": "h"}
    optional = {"formation": 1.0}
    states = {"W": "fraction", "A": "fraction"}
    outputs = {"lapse_hazard": "1/d", "craving": "points", "window": "fraction", "abstinence": "fraction"}
    positive = ("A",)
    base: float = par("points", "craving before treatment", low=0.0)
    k_w: float = par("1/h", "opening of the window at full formation", low=0.0)
    tau: float = par("h", "closing of the window", low=0.0)
    tau_therapy: float = par("h", "closing of the window with psychotherapy", low=0.0)
    hazard: float = par("1/d", "rate of lapsing at the start, in cocaine use", low=0.0)
    alcohol: float = par("1/d", "the same in alcohol use", low=0.0)
    opioid: float = par("1/d", "the same in opioid use", low=0.0)
    frailty: float = par("ratio", "rate of this person over that of others", low=0.0)
    q: float = par("fraction", "share of the rate that is left in the long run", low=0.0, high=1.0)
    tau_q: float = par("h", "its fall", low=0.0)
    p: float = par("1", "protection by psychotherapy itself", low=0.0)
    therapy: float = par("fraction", "whether there is psychotherapy (0 or 1)", low=0.0, high=1.0)
    g: float = par("1", "protection by an open window", low=0.0)
    c: float = par("fraction", "fall of craving in an open window", low=0.0, high=1.0)
    r: float = par("1/d", "return to days without use", low=0.0)
    d: float = par("d/h", "days an hour", low=0.0)

    def derive(self, cov):
        aud, cud, oud = (cov.get(f"diagnosis.{d}", 0.0) + 0.0 * cov["age_y"] for d in CASES)
        therapy = cov.get("setting_psychotherapy", 0.0) + 0.0 * aud
        return {
            "base": cov.get("craving", 0.0) + 0.0 * aud,
            "tau": self.tau + therapy * (self.tau_therapy - self.tau),
            "therapy": therapy,
            "hazard": self.frailty * (cud * self.hazard + aud * self.alcohol + oud * self.opioid),
        }

    def initial(self):
        return {"A": 1.0}

    def rate(self, x, u):
        """Lapses a day."""
        falling = self.q + (1.0 - self.q) * ops.exp(-u["t"] / self.tau_q)
        return self.hazard * falling * ops.exp(-self.p * self.therapy - self.g * x["W"])

    def rates(self, x, u):
        return {
            "W": self.k_w * (u["formation"] - 1.0) * (1.0 - x["W"]) - x["W"] / self.tau,
            "A": self.d * (self.r * (1.0 - x["A"]) - self.rate(x, u) * x["A"]),
        }

    def read(self, x, u):
        return {
            "lapse_hazard": self.rate(x, u),
            "craving": ops.minimum(self.base * (1.0 - self.c * x["W"]), 100.0),
            "window": x["W"],
            "abstinence": x["A"],
        }
