"""How much drug the urine, the liver and the bile ducts see: a running weekly amount."""

from ketasim.core import ops
from ketasim.core.component import Component, par


class WeeklyExposure(Component):
    """Grams a week, as a user would count them through the nose, that give today's plasma exposure.

    Equation    dX/dt = ((C_ket + C_nk) / (A_g F) − X) / τ
    Assumes     what reaches bladder and bile follows the plasma exposure of drug and norketamine together; a memory of
                two weeks stands between single doses and the habit that surveys ask about
    Fails when  purity or absorption of street drug differ from the reference
    """

    table = "organs/exposure"
    site = "arterial"
    inputs = {"ketamine": "ng/mL", "norketamine": "ng/mL"}
    states = {"X": "g/week"}
    outputs = {"X": "g/week"}
    positive = ("X",)
    A_g: float = par("ng/mL*week/g", "exposure of drug and norketamine from one gram by vein", low=0.0)
    F: float = par("fraction", "share of an insufflated gram that is absorbed", low=0.0, high=1.0)
    tau: float = par("h", "memory", low=0.0)

    def rates(self, x, u):
        return {"X": ((u["ketamine"] + u["norketamine"]) / (self.A_g * self.F) - x["X"]) / self.tau}

    def read(self, x, u):
        return {"X": ops.positive(x["X"])}
