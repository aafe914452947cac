"""Minto 1997: remifentanil with age and lean body mass."""

from __future__ import annotations

import numpy as np

from ketasim.core.component import par
from ketasim.kinetics.mammillary import _Three
from ketasim.kinetics.size import covariate

AGE_Y, LEAN_KG = 40.0, 55.0
SMALLEST = 0.2


class Minto1997(_Three):
    """Remifentanil, three compartments, arterial.

    Equation    dA1/dt = input − CL·C1 − Q2(C1 − C2) − Q3(C1 − C3); dAi/dt = Qi(C1 − Ci)
                P = P0 + a(age − 40) + b(lean − 55); lean: James's formula from weight, height and sex
    Assumes     arterial plasma; no value falls below a fifth of the reference
    Fails when  used in children or in great obesity, where James's formula turns round
    """

    outputs = {"C": "umol/L", "eliminated": "umol/h", "arterial": "ng/mL"}
    table = "kinetics/minto1997"
    site = "arterial"
    M: float = par("g/mol", "molar mass", low=0.0)
    V1_age: float = par("L/year", "change of V1 with age")
    V1_lean: float = par("L/kg", "change of V1 with lean mass")
    V2_age: float = par("L/year", "change of V2 with age")
    V2_lean: float = par("L/kg", "change of V2 with lean mass")
    CL_age: float = par("L/h/year", "change of clearance with age")
    CL_lean: float = par("L/h/kg", "change of clearance with lean mass")
    Q2_age: float = par("L/h/year", "change of Q2 with age")
    Q3_age: float = par("L/h/year", "change of Q3 with age")

    def read(self, x, u):
        base = super().read(x, u)
        return base | {"arterial": self.M * base["C"]}

    def derive(self, cov):
        if "weight_kg" not in cov:
            return {}
        age = covariate(cov, "age_y", AGE_Y) - AGE_Y
        lean = lean_mass(cov) - LEAN_KG
        # the paper moves the typical value and lets people vary around it: a drawn value keeps its ratio to typical
        typical = self._typical()
        shifts = {
            "V1": self.V1_age * age + self.V1_lean * lean,
            "V2": self.V2_age * age + self.V2_lean * lean,
            "CL": self.CL_age * age + self.CL_lean * lean,
            "Q2": self.Q2_age * age,
            "Q3": self.Q3_age * age,
        }
        return {k: getattr(self, k) * np.maximum(1.0 + s / typical[k], SMALLEST) for k, s in shifts.items()}

    @classmethod
    def _typical(cls):
        return {k: p.value for k, p in cls().parameters().items()}


def lean_mass(cov):
    """James's lean body mass, kg."""
    weight, height = covariate(cov, "weight_kg", 70.0), covariate(cov, "height_cm", 170.0)
    square = (weight / height) ** 2
    woman = covariate(cov, "female", 0.0) > 0.5
    return np.where(woman, 1.07 * weight - 148.0 * square, 1.1 * weight - 128.0 * square)
