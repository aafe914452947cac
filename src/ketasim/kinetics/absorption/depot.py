"""First-order depots: intramuscular, subcutaneous, rectal."""

from __future__ import annotations

import numpy as np

from ketasim.core.component import Component, Input, par
from ketasim.kinetics.size import covariate

ADULT_Y = 18.0


class _Depot(Component):
    """A depot that empties in proportion to what it holds.

    Equation    dA/dt = −ka·A; flux = ka·A; F of the dose enters the depot
    Assumes     one rate, no lag
    Fails when  uptake is limited by the dose, the volume or the local flow
    """

    states = {"A": "umol"}
    outputs = {"flux": "umol/h"}
    positive = ("A",)
    conserves = ({"A": 1.0, "flux": 1.0},)
    linear = True
    site = "arterial"
    F: float = par("fraction", "share of the dose that is absorbed unchanged", low=0.0, high=1.0)
    ka: float = par("1/h", "absorption", low=0.0)

    def rates(self, x, u):
        return {"A": -self.ka * x["A"]}

    def read(self, x, u):
        return {"flux": self.ka * x["A"]}

    def dose(self, port, d):
        return [Input(self.ports[port], d.amount * self.F, d.start_h, d.duration_h)]


class Intramuscular(_Depot):
    """Intramuscular injection.

    Equation    dA/dt = −ka·A; F of the dose enters the depot
    Assumes     the adult's availability from 18 years, the children's below
    Fails when  an adolescent is asked for: the two availabilities conflict (0.93 and 0.41)
    """

    table = "kinetics/intramuscular"
    ports = {"im": "A"}
    F_child: float = par("fraction", "share absorbed unchanged under 18 years", low=0.0, high=1.0)

    def derive(self, cov):
        if "age_y" not in cov:
            return {}
        return {"F": np.where(covariate(cov, "age_y", 40.0) < ADULT_Y, self.F_child, self.F)}


class Subcutaneous(_Depot):
    """Subcutaneous injection or infusion.

    Equation    dA/dt = −ka·A; F of the dose enters the depot
    Assumes     both numbers: no human study was found
    Fails when  an accurate peak is needed
    """

    table = "kinetics/subcutaneous"
    ports = {"sc": "A"}


class Rectal(_Depot):
    """Rectal solution.

    Equation    dA/dt = −ka·A; F of the dose enters the depot
    Assumes     as in anaesthetised children of 2–9 years; metabolites formed in first pass are left out
    Fails when  used in adults
    """

    table = "kinetics/rectal"
    ports = {"rectal": "A"}
