"""How large the drug's effect comes out in one trial or clinic."""

from ketasim.core.component import Component, par


class Trial(Component):
    """Effect of this trial over that of a small early one, drawn once for a trial from a declared distribution.

    Equation    f = F · Π (factor of each feature the trial has);   control = G
    Assumes     features act as factors; what is left over differs between trials by the doubt of F, which all people of
                one simulated trial share; control arms differ between trials in the same way (G). No trial has a
                value of its own
    Fails when  features go together (all large programmes were also nasal and had many centres)
    """

    table = "outcomes/weeks/trial"
    outputs = {"f": "fraction", "control": "fraction"}
    F: float = par("fraction", "effect of a trial without any of the features", low=0.0)
    G: float = par("fraction", "control course of a trial over the usual one", low=0.0)
    multicentre: float = par("ratio", "factor in programmes of many centres", low=0.0)
    masked: float = par("ratio", "factor behind an active placebo", low=0.0)
    anaesthesia: float = par("ratio", "factor when given under anaesthesia", low=0.0)
    inpatient: float = par("ratio", "factor on a ward", low=0.0)

    def derive(self, cov):
        F = self.F + 0.0 * cov["age_y"]
        for feature in ("multicentre", "masked", "anaesthesia", "inpatient"):
            F = F * (1.0 + cov.get(f"setting_{feature}", 0.0) * (getattr(self, feature) - 1.0))
        return {"F": F}

    def read(self, x, u):
        return {"f": 1.0 * self.F, "control": 1.0 * self.G}
