"""Relapse as a hazard."""

from ketasim.core import ops
from ketasim.core.component import Component, par


class Relapse(Component):
    """Rate of relapse at this moment for a person who is well.

    Equation    dS/dt = (benefit − S)/τ_S;   relapse_hazard = λ0 exp(−γ benefit − a AD − σ S I)
    Assumes     present benefit protects, an oral antidepressant protects, and months of benefit (S) in a person who is
                much better (improvement I) protect most; read it for people who responded
    Fails when  life events strike, or the person was never well (the rate is then of no meaning)
    """

    table = "outcomes/weeks/relapse"
    inputs = {"benefit": "fraction", "improvement": "fraction"}
    states = {"S": "fraction"}
    outputs = {"relapse_hazard": "1/d"}
    lambda0: float = par("1/d", "rate without benefit, antidepressant or stability", low=0.0)
    gamma: float = par("1", "protection by full benefit", low=0.0)
    AD: float = par("fraction", "whether an oral antidepressant is taken (0 or 1)", low=0.0, high=1.0)
    a: float = par("1", "protection by an oral antidepressant", low=0.0)
    sigma: float = par("1", "protection by full stability", low=0.0)
    tau_S: float = par("h", "time to become stable", low=0.0)

    def derive(self, cov):
        taken = cov.get("setting_new_antidepressant", 0.0) + cov.get("setting_antidepressant", 0.0) + 0.0 * cov["age_y"]
        for group in ("ssri", "snri", "tca", "maoi", "other_antidepressant"):
            taken = taken + cov.get(f"class.{group}", 0.0)
        return {"AD": 1.0 * (taken > 0.0)}

    def rates(self, x, u):
        return {"S": (u["benefit"] - x["S"]) / self.tau_S}

    def read(self, x, u):
        protection = self.gamma * u["benefit"] + self.a * self.AD + self.sigma * x["S"] * u["improvement"]
        return {"relapse_hazard": self.lambda0 * ops.exp(-protection)}
