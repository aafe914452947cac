"""Alcohol, cocaine and opioids: craving and lapse."""

from ketasim.core import ops
from ketasim.core.component import Component, par

LN2 = 0.6931471805599453


class Lapse(Component):
    """Craving for what the person is treated for, and the rate of lapsing.

    Equation    dW/dt = k_w drive (1 − W) − W/τ;   lapse_hazard = λ exp(−g W);   craving = C0 (1 − c W)
    Assumes     a window of days after a session in which habits can change; psychotherapy keeps it open for about a
                month, without it a week; one size for alcohol, cocaine and opioids; people outside these diagnoses have
                no rate
    Fails when  treatment is offered without any plan: trials of alcohol saw more abstinent days, not later relapse
    """

    table = "outcomes/weeks/craving"
    inputs = {"drive": "fraction"}
    states = {"W": "fraction"}
    outputs = {"lapse_hazard": "1/d", "craving": "points", "window": "fraction"}
    positive = ("W",)
    base: float = par("points", "craving before treatment", low=0.0)
    k_w: float = par("1/h", "opening of the window at full drive", low=0.0)
    tau: float = par("h", "closing of the window", low=0.0)
    tau_therapy: float = par("h", "closing of the window with psychotherapy", low=0.0)
    hazard: float = par("1/d", "rate of lapsing without treatment", low=0.0)
    g: float = par("1", "protection by an open window", low=0.0)
    c: float = par("fraction", "fall of craving in an open window", low=0.0, high=1.0)
    case: float = par("fraction", "whether the person is treated for alcohol, cocaine or opioids", low=0.0, high=1.0)

    def derive(self, cov):
        therapy = cov.get("setting_psychotherapy", 0.0)
        case = sum(cov.get(f"diagnosis.{d}", 0.0) for d in ("aud", "cud", "oud")) + 0.0 * cov["age_y"]
        return {
            "base": cov.get("craving", 0.0) + 0.0 * cov["age_y"],
            "tau": self.tau + therapy * (self.tau_therapy - self.tau) + 0.0 * case,
            "case": case,
        }

    def rates(self, x, u):
        return {"W": self.k_w * u["drive"] * (1.0 - x["W"]) - x["W"] / self.tau}

    def read(self, x, u):
        return {
            "lapse_hazard": self.case * self.hazard * ops.exp(-self.g * x["W"]),
            "craving": ops.minimum(self.base * (1.0 - self.c * x["W"]), 100.0),
            "window": x["W"],
        }
