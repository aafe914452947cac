"""Other drugs beside ketamine: their sites of action, and what they take from or add to its effects."""

from ketasim.core import ops
from ketasim.core.component import Component, par

LN2 = 0.6931471805599453


class CoDrugSite(Component):
    """Effect site of one other drug, in units of its own half-effect.

    Equation    dCe/dt = ln2/t½ (C − Ce);   units = Ce/C50
    Assumes     drugs of a class add in these units
    Fails when  a drug of the class has a ceiling (partial agonists)
    """

    table = "outcomes/acute/site_midazolam"
    linear = True
    inputs = {"C": "ng/mL"}
    states = {"Ce": "ng/mL"}
    outputs = {"units": "ratio"}
    positive = ("Ce",)
    half_time: float = par("h", "half-time of equilibration", low=0.0)
    C50: float = par("ng/mL", "level of half the effect", low=0.0)

    def rates(self, x, u):
        return {"Ce": LN2 / self.half_time * (u["C"] - x["Ce"])}

    def read(self, x, u):
        return {"units": x["Ce"] / self.C50}


class Interactions(Component):
    """What benzodiazepines, clonidine and its like, lamotrigine and antipsychotics take from the experience.

    Equation    damp = (1 − d_B B/(1 + B)) (1 − d_A A/(1 + A)) (1 − d_L L) (1 − d_P P)
                B, A, O in units of half-effect: given now, plus `daily` units for a person who takes the class daily
    Assumes     each acts by itself; a daily drug is at a steady level and met with tolerance (few units)
    Fails when  dose or timing of the daily drug matter; lamotrigine damped in two of five studies only
    """

    table = "outcomes/acute/interactions"
    inputs = {"benzodiazepine": "ratio", "alpha2": "ratio", "opioid": "ratio", "hypnotic": "ratio"}
    optional = {"benzodiazepine": 0.0, "alpha2": 0.0, "opioid": 0.0, "hypnotic": 0.0}
    outputs = {
        "damp": "fraction",
        "benzodiazepine": "ratio",
        "opioid": "ratio",
        "alpha2": "ratio",
        "hypnotic": "ratio",
        "calm": "fraction",
        "antiemetic": "fraction",
    }
    d_B: float = par("fraction", "largest loss under a benzodiazepine", low=0.0, high=1.0)
    d_A: float = par("fraction", "largest loss under an alpha-2 agonist", low=0.0, high=1.0)
    d_L: float = par("fraction", "loss under lamotrigine", low=0.0, high=1.0)
    d_P: float = par("fraction", "loss under an antipsychotic", low=0.0, high=1.0)
    daily_B: float = par("ratio", "units of a benzodiazepine taken daily", low=0.0)
    daily_A: float = par("ratio", "units of an alpha-2 agonist taken daily", low=0.0)
    daily_O: float = par("ratio", "units of an opioid taken daily", low=0.0)
    takes_B: float = par("fraction", "takes a benzodiazepine daily (0 or 1)")
    takes_A: float = par("fraction", "takes an alpha-2 agonist daily (0 or 1)")
    takes_O: float = par("fraction", "takes an opioid daily (0 or 1)")
    takes_L: float = par("fraction", "takes lamotrigine (0 or 1)")
    takes_P: float = par("fraction", "takes an antipsychotic (0 or 1)")
    takes_E: float = par("fraction", "takes an antiemetic (0 or 1)")

    def derive(self, cov):
        zero = 0.0 * cov["age_y"]
        named = {
            "takes_B": "class.benzodiazepine",
            "takes_A": "class.alpha2_agonist",
            "takes_O": "class.opioid",
            "takes_L": "class.glutamate_release_inhibitor",
            "takes_P": "class.antipsychotic",
            "takes_E": "class.antiemetic",
        }
        return {field: cov.get(name, zero) for field, name in named.items()}

    def read(self, x, u):
        B = u["benzodiazepine"] + self.daily_B * self.takes_B
        A = u["alpha2"] + self.daily_A * self.takes_A
        sedated = 1.0 - self.d_B * ops.hill(B, 1.0)
        settled = 1.0 - self.d_A * ops.hill(A, 1.0)
        rest = (1.0 - self.d_L * self.takes_L) * (1.0 - self.d_P * self.takes_P)
        return {
            "damp": sedated * settled * rest,
            "benzodiazepine": B,
            "opioid": u["opioid"] + self.daily_O * self.takes_O,
            "alpha2": A,
            "hypnotic": u["hypnotic"],
            "calm": ops.hill(B, 1.0),
            "antiemetic": self.takes_E,
        }
