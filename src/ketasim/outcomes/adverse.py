"""Adverse events of a session as hazards: the probability that the event has begun by now."""

import numpy as np

from ketasim.core import ops
from ketasim.core.component import par
from ketasim.outcomes.endpoint import LOSS, SITE, _Endpoint, child, elder


class Event(_Endpoint):
    """One adverse event of a session (dizziness, vertigo, headache, confusion …).

    Equation    dΛ/dt = z (h D^n/(C50^n + D^n) (1 − r H) + Λ0 rate);   p = 1 − e^−Λ;   Λ ← 0 at a session start
                D = s^a_S (S + w_R R)/(1 + a_T tolerance + a_N antagonism)
    Assumes     a hazard that follows the level; people differ in proneness z, in the same way in every session;
                complaints without drug arise at a small rate after the start of any session
    Fails when  reports depend on how they are asked for: rates are those of spontaneous reports in trials
    """

    table = "outcomes/acute/dizziness"
    site = "arterial"
    inputs = {**SITE, **LOSS, "habituation": "fraction", "rate": "1/h"}
    optional = {"habituation": 0.0, "rate": 0.0}
    states = {"L": ""}
    outputs = {"p": "fraction"}
    jump_events = ("session_start",)
    positive = ("L",)
    h: float = par("1/h", "largest hazard", low=0.0)
    C50: float = par("ng/mL", "S-ketamine level of half of it", low=0.0)
    n: float = par("1", "steepness", low=0.0)
    z: float = par("ratio", "proneness of the person", low=0.0)
    r: float = par("fraction", "loss over many sessions", low=0.0, high=1.0)
    L0: float = par("1", "events expected in a session without drug", low=0.0)
    elderly: float = par("ratio", "hazard in old age over that of adults", low=0.0)
    children: float = par("ratio", "hazard in children over that of adults", low=0.0)

    def derive(self, cov):
        old, young = elder(cov["age_y"]), child(cov["age_y"])
        return {"h": self.h * (1.0 + old * (self.elderly - 1.0)) * (1.0 + young * (self.children - 1.0))}

    def rates(self, x, u):
        drug = self.h * ops.hill(self.drive(u), self.C50, self.n) * ops.positive(1.0 - self.r * u["habituation"])
        return {"L": self.z * (drug + self.L0 * u["rate"])}

    def jump(self, event, x, u):
        return {"L": 0.0}

    def read(self, x, u):
        return {"p": 1.0 - ops.exp(-x["L"])}


class Nausea(_Endpoint):
    """Nausea and vomiting of a session.

    Equation    dN/dt = z (h D^n/(C50^n + D^n) (1 − r H) + N0 rate) (1 − a E);   dV/dt likewise with v h and V0
                p = 1 − e^−N, 1 − e^−V;   both ← 0 at a session start
    Assumes     one proneness for both; vomiting is the rarer of the two at every level; an antiemetic (E) takes a share
    Fails when  the person is not fasting, or opioids or volatile anaesthetics are given as well
    """

    table = "outcomes/acute/nausea"
    site = "arterial"
    inputs = {**SITE, **LOSS, "habituation": "fraction", "rate": "1/h", "antiemetic": "fraction", "opioid": "ratio"}
    optional = {"habituation": 0.0, "rate": 0.0, "antiemetic": 0.0, "opioid": 0.0}
    states = {"N": "", "V": ""}
    outputs = {"p_nausea": "fraction", "p_vomiting": "fraction"}
    jump_events = ("session_start",)
    positive = ("N", "V")
    h: float = par("1/h", "largest hazard of nausea", low=0.0)
    C50: float = par("ng/mL", "S-ketamine level of half of it", low=0.0)
    n: float = par("1", "steepness", low=0.0)
    v: float = par("fraction", "hazard of vomiting over that of nausea", low=0.0, high=1.0)
    z: float = par("ratio", "proneness of the person", low=0.0)
    r: float = par("fraction", "loss over many sessions", low=0.0, high=1.0)
    N0: float = par("1", "nausea expected in a session without drug", low=0.0)
    V0: float = par("1", "vomiting expected in a session without drug", low=0.0)
    a: float = par("fraction", "what an antiemetic takes", low=0.0, high=1.0)
    o: float = par("1/h", "hazard of nausea under one unit of opioid", low=0.0)
    children: float = par("ratio", "hazard of vomiting in children over that of adults", low=0.0)

    def derive(self, cov):
        return {"v": np.minimum(self.v * (1.0 + child(cov["age_y"]) * (self.children - 1.0)), 1.0)}

    def rates(self, x, u):
        drug = self.h * ops.hill(self.drive(u), self.C50, self.n) * ops.positive(1.0 - self.r * u["habituation"])
        drug = drug + self.o * ops.hill(u["opioid"], 1.0)
        spared = self.z * ops.positive(1.0 - self.a * u["antiemetic"])
        return {
            "N": spared * (drug + self.N0 * u["rate"]),
            "V": spared * (self.v * drug + self.V0 * u["rate"]),
        }

    def jump(self, event, x, u):
        return {"N": 0.0, "V": 0.0}

    def read(self, x, u):
        return {"p_nausea": 1.0 - ops.exp(-x["N"]), "p_vomiting": 1.0 - ops.exp(-x["V"])}
