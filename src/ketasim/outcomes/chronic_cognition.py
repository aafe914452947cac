"""What years of heavy use do to memory and cortex."""

from ketasim.core import ops
from ketasim.core.component import Component, par


class ChronicCognition(Component):
    """Loss of spatial memory and of cortical thickness in heavy users.

    Equation    dK/dt = k max(X − X0, 0)/(X50 + X) (1 − K) − K/τ; spatial_memory_z = −z K; cortical_thickness = 1 − c K
    Assumes     nothing below a weekly amount X0, far above any treatment (a year of esketamine showed no decline);
                slow and partly reversible; users differ from others in more than ketamine
    Fails when  it is read as cause: the studies compare users with others after years of use
    """

    table = "outcomes/weeks/chronic_cognition"
    inputs = {"X": "g/week"}
    states = {"K": "fraction"}
    outputs = {"spatial_memory_z": "z", "cortical_thickness": "ratio"}
    positive = ("K",)
    k: float = par("1/h", "largest rate of loss", low=0.0)
    X0: float = par("g/week", "amount without loss", low=0.0)
    X50: float = par("g/week", "amount of half the rate", low=0.0)
    tau: float = par("h", "recovery", low=0.0)
    z: float = par("z", "loss of spatial memory at K = 1", low=0.0)
    c: float = par("fraction", "loss of thickness at K = 1", low=0.0, high=1.0)

    def rates(self, x, u):
        excess = ops.positive(u["X"] - self.X0) / (self.X50 + ops.positive(u["X"]))
        return {"K": self.k * excess * (1.0 - x["K"]) - x["K"] / self.tau}

    def read(self, x, u):
        return {"spatial_memory_z": -self.z * x["K"], "cortical_thickness": 1.0 - self.c * x["K"]}
