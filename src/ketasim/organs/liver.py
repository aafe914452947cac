"""The liver and the bile ducts under long or repeated exposure."""

from ketasim.core import ops
from ketasim.core.component import Component, par


class LiverInjury(Component):
    """Probability of liver injury (enzymes three times the upper limit) once re-exposed after sensitisation.

    Equation    dC̄/dt = (C − C̄)/τ_C;   E = C̄⁴/(C50⁴ + C̄⁴)
                dP/dt = E − P/τ;   dQ/dt = (P − Q)/τ;   dM/dt = Q/τ − M/τ_M;   dH/dt = k M E;   p = s (1 − e^−H)
    Assumes     exposure counts when it is sustained over a day; injury needs it twice: the first primes over about ten
                days, a later one is met by what was primed; the memory fades over months; a share s of people can be
                injured; total ketamine counts, whichever enantiomer
    Fails when  anything but the few published courses is predicted: it rests on six people, three of them injured
                (Noppers 2011), with a series of single long infusions (Colina 2023) as the upper bound for one course
    """

    table = "organs/liver_injury"
    site = "arterial"
    inputs = {"C": "ng/mL"}
    states = {"Cm": "ng/mL", "P": "h", "Q": "h", "M": "h", "H": ""}
    outputs = {"p_liver_injury": "fraction"}
    positive = ("Cm", "P", "Q", "M", "H")
    tau_C: float = par("h", "averaging of the level", low=0.0)
    C50: float = par("ng/mL", "mean level at half the exposure signal", low=0.0)
    tau: float = par("h", "each of the two delays of priming", low=0.0)
    tau_M: float = par("h", "memory", low=0.0)
    k: float = par("1/h**2", "hazard per primed hour and hour of exposure", low=0.0)
    s: float = par("fraction", "share of people who can be injured", low=0.0, high=1.0)

    def rates(self, x, u):
        E = ops.hill(x["Cm"], self.C50, 4)
        return {
            "Cm": (u["C"] - x["Cm"]) / self.tau_C,
            "P": E - x["P"] / self.tau,
            "Q": (x["P"] - x["Q"]) / self.tau,
            "M": x["Q"] / self.tau - x["M"] / self.tau_M,
            "H": self.k * x["M"] * E,
        }

    def read(self, x, u):
        return {"p_liver_injury": self.s * (1.0 - ops.exp(-x["H"]))}


class BileDucts(Component):
    """Dilatation of the bile ducts and cramps of the upper abdomen in heavy use.

    Equation    dB/dt = k_B X/(X50 + X) (1 − B) − B/τ;   p_pain = p_max X/(X_p + X)
    Assumes     reversible change driven by weekly exposure; cramps follow present use
    Fails when  stones or another disease of the ducts are present
    """

    table = "organs/bile_ducts"
    inputs = {"X": "g/week"}
    states = {"B": "fraction"}
    outputs = {"biliary": "fraction", "p_abdominal_pain": "fraction"}
    positive = ("B",)
    k_B: float = par("1/h", "largest rate of change", low=0.0)
    X50: float = par("g/week", "exposure of half that rate", low=0.0)
    tau: float = par("h", "recovery", low=0.0)
    p_max: float = par("fraction", "largest share of users with cramps", low=0.0, high=1.0)
    X_p: float = par("g/week", "exposure of half that share", low=0.0)

    def rates(self, x, u):
        return {"B": self.k_B * ops.hill(u["X"], self.X50) * (1.0 - x["B"]) - x["B"] / self.tau}

    def read(self, x, u):
        return {"biliary": x["B"], "p_abdominal_pain": self.p_max * ops.hill(u["X"], self.X_p)}
