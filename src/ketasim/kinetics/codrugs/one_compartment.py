"""One compartment with first-order absorption: enough for a drug that only modifies what ketamine does."""

from __future__ import annotations

from ketasim.core.component import Component, Input, par
from ketasim.kinetics.size import covariate

TABLES = (
    "labetalol", "esmolol", "propranolol", "hydralazine", "clonidine", "ondansetron", "lorazepam", "diazepam",
    "alfentanil",
)  # fmt: skip


class OneCompartment(Component):
    """One drug by vein, muscle or mouth.

    Equation    dD/dt = −ka D;   dA/dt = input + ka D − CL A/V;   C = A/V;   V, CL per kg of body weight
    Assumes     instant mixing in the whole volume; one absorption rate; a share F of what is swallowed arrives
    Fails when  the first minutes of an injection matter (the true peak is higher), or the liver or kidneys fail
    """

    table = "kinetics/codrugs/labetalol"
    site = "venous"
    linear = True
    states = {"D": "umol", "A": "umol"}
    outputs = {"venous": "ng/mL"}
    ports = {"iv": "A", "im": "D", "oral": "D"}
    positive = ("D", "A")
    V: float = par("L/kg", "volume per kg", low=0.0)
    CL: float = par("L/h/kg", "clearance per kg", low=0.0)
    ka: float = par("1/h", "absorption", low=0.0)
    F: float = par("fraction", "share of a swallowed dose that arrives", low=0.0, high=1.0)
    M: float = par("g/mol", "molar mass", low=0.0)
    weight: float = par("kg", "body weight", low=0.0)

    def rates(self, x, u):
        absorbed = self.ka * x["D"]
        return {"D": -absorbed, "A": absorbed - self.CL / self.V * x["A"]}

    def read(self, x, u):
        return {"venous": self.M * x["A"] / (self.V * self.weight)}

    def derive(self, cov):
        return {"weight": covariate(cov, "weight_kg", self.weight)}

    def dose(self, port, d):
        arrives = self.F if port == "oral" else 1.0
        return [Input(self.ports[port], d.amount * arrives, d.start_h, d.duration_h)]
