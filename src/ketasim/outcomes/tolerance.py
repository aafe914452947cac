"""Why the same level does less later: tolerance within a session, antagonism by S-norketamine, habit over sessions."""

from ketasim.core import ops
from ketasim.core.component import Component, par

LN2 = 0.6931471805599453


class AcuteTolerance(Component):
    """Tolerance that builds up while the drug is there, and competitive antagonism by S-norketamine.

    Equation    dA/dt = ln2/t½ (S + w_R R − A);   tolerance = s A/A50;   antagonism = N/C100
                an endpoint reads D = s^a_S (S + w_R R)/(1 + a_T tolerance + a_N antagonism)
    Assumes     one sensitivity s of a person and one counter-regulation, driven by what is felt (hence s in both),
                shared by all endpoints of the experience
    Fails when  exposure lasts for days: nothing says that tolerance keeps the form it has within hours
    """

    table = "outcomes/acute/tolerance"
    inputs = {"S": "ng/mL", "R": "ng/mL", "N": "ng/mL"}
    states = {"A": "ng/mL"}
    outputs = {"tolerance": "ratio", "antagonism": "ratio", "sensitivity": "ratio"}
    positive = ("A",)
    linear = True
    w_R: float = par("fraction", "potency of R-ketamine relative to S", low=0.0)
    s: float = par("ratio", "sensitivity of the person", low=0.0)
    half_time: float = par("h", "half-time of the counter-regulation", low=0.0)
    A50: float = par("ng/mL", "past level that halves the present one", low=0.0)
    C100: float = par("ng/mL", "S-norketamine level that halves the present one", low=0.0)

    def rates(self, x, u):
        return {"A": LN2 / self.half_time * (u["S"] + self.w_R * u["R"] - x["A"])}

    def read(self, x, u):
        tolerance = self.s * x["A"] / self.A50
        return {"tolerance": tolerance, "antagonism": u["N"] / self.C100, "sensitivity": self.s}


class Sessions(Component):
    """Memory of earlier sessions, and the hours after the start of this one in which unrelated complaints count.

    Equation    at a session start: H ← P, P ← P + (1 − P)(1 − e^(−1/n)), W ← 1
                between: dP/dt = −ln2/t½ P, dH/dt = −ln2/t½ H, dW/dt = −W/T
    Assumes     each session adds alike; session n is met with H = 1 − e^(−(n−1)/n0); the memory fades over months
    Fails when  doses differ much between sessions (a small one habituates less than a large one)
    """

    table = "outcomes/acute/sessions"
    states = {"P": "fraction", "H": "fraction", "W": "fraction"}
    outputs = {"habituation": "fraction", "window": "fraction", "rate": "1/h"}
    jump_events = ("session_start",)
    positive = ("P", "H", "W")
    linear = True
    n0: float = par("count", "sessions for 63 % of the habituation", low=0.0)
    half_time: float = par("h", "forgetting", low=0.0)
    T: float = par("h", "hours after a session start that its complaints are counted in", low=0.0)

    def rates(self, x, u):
        k = LN2 / self.half_time
        return {"P": -k * x["P"], "H": -k * x["H"], "W": -x["W"] / self.T}

    def jump(self, event, x, u):
        return {"H": x["P"], "P": x["P"] + (1.0 - x["P"]) * (1.0 - ops.exp(-1.0 / self.n0)), "W": 1.0}

    def read(self, x, u):
        return {"habituation": x["H"], "window": x["W"], "rate": x["W"] / self.T}
