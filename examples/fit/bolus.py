"""Specification of the example fit: one compartment, body size with fixed exponents, proportional error, limit by M3.

    ketasim fit examples/fit/bolus.py examples/fit/bolus.csv --method laplace --report fit.html

bolus.csv was simulated (24 people, 40 mg at once): clearance 60 L/h and volume 150 L at 70 kg, spread 25 % and 20 %,
error 12 %, values under 20 ng/mL reported as the limit.
"""

import numpy as np

from ketasim.core.component import Component, par
from ketasim.fitting.population.specification import PopulationModel, Residual, Theta
from ketasim.fitting.population.structure import ModelOnRecords


class OneCompartment(Component):
    """One compartment."""

    states = {"A": "mg"}
    outputs = {"C": "mg/L"}
    ports = {"iv": "A"}
    CL: float = par("L/h", "clearance")
    V: float = par("L", "volume")

    def rates(self, x, u):
        return {"A": -self.CL / self.V * x["A"]}

    def read(self, x, u):
        return {"C": x["A"] / self.V}


def individual(theta, eta, covariates):
    """Individual values: size with fixed exponents, log-normal spread."""
    size = covariates["WT"] / 70.0
    return {
        "CL": theta["CL"] * size**0.75 * np.exp(eta["CL"]),
        "V": theta["V"] * size * np.exp(eta["V"]),
    }


model = PopulationModel(
    thetas=(Theta("CL", 40.0, 1.0, 500.0), Theta("V", 100.0, 10.0, 1000.0)),
    etas=("CL", "V"),
    omega=np.diag([0.1, 0.1]),
    residual=Residual("proportional", proportional=0.2),
    individual=individual,
)


def structure(records):
    """Predictions of C on the records; DV is in ng/mL."""
    return ModelOnRecords(OneCompartment(CL=60.0, V=150.0), records, "C", unit="ng/mL")
