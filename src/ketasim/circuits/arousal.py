"""The sympathetic and cortical drive that dissociation and blood pressure share."""

from ketasim.core.component import Component, par


class Arousal(Component):
    """Central drive of ketamine, a part below both the organs and the outcomes so that neither reads the other.

    Equation    dCe/dt = ke0 (S + w_R R − Ce),   arousal = Ce / (C50 + Ce)
    Assumes     one effect site two minutes behind arterial plasma; the S form drives it, the R form by w_R
    Fails when  catecholamine stores are spent, or an anaesthetic depresses the brain stem
    """

    table = "circuits/arousal"
    site = "arterial"
    inputs = {"S": "ng/mL", "R": "ng/mL"}
    states = {"Ce": "ng/mL"}
    outputs = {"arousal": "fraction", "Ce": "ng/mL"}
    positive = ("Ce",)
    ke0: float = par("1/h", "equilibration of the effect site", low=0.0)
    C50: float = par("ng/mL", "S-ketamine level at half the drive", low=0.0)
    w_R: float = par("fraction", "potency of R-ketamine relative to S", low=0.0)

    def rates(self, x, u):
        return {"Ce": self.ke0 * (u["S"] + self.w_R * u["R"] - x["Ce"])}

    def read(self, x, u):
        return {"arousal": x["Ce"] / (self.C50 + x["Ce"]), "Ce": x["Ce"]}
