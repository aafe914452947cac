"""Breathing: drive, carbon dioxide and oxygen, and pauses after a fast rise of the level."""

import numpy as np

from ketasim.core import ops
from ketasim.core.component import Component, par

ADULT_KG = 70.0
AIR = 0.21
RICHEST = 0.9
LEAST = 1e-6


def racemate(S, R, w_R):
    """Racemate level of the same effect: 2 (S + w_R R)/(1 + w_R), so that the racemate counts as itself."""
    return 2.0 * (S + w_R * R) / (1.0 + w_R)


class RespiratoryEffect(Component):
    """What ketamine does to breathing: less response to CO2 (with acute tolerance), more at rest, a pause after a rush.

    Equation    C = 2 (S + w_R R)/(1 + w_R);   dT/dt = (C − T)/τ_T;   dL/dt = (C − L)/τ_L
                slope = 1 − d X²/(C50² + X²),  X = C/(1 + T/T50)
                stimulus = E C/(K + C) [1 − C⁴/(C_off⁴ + C⁴)];   pause = q⁴/(1 + q⁴),  q = (C − L)/Q50
                rush = max(q, 0)
    Assumes     tolerance follows the level with a half-time near ten minutes; excitement ends with consciousness;
                only the speed of a rise stops the breath
    Fails when  the airway closes (laryngospasm, secretions), which is not breathing drive
    """

    table = "organs/respiratory_effect"
    site = "arterial"
    inputs = {"S": "ng/mL", "R": "ng/mL"}
    states = {"T": "ng/mL", "L": "ng/mL"}
    outputs = {"slope": "fraction", "stimulus": "fraction", "pause": "fraction", "rush": "ratio"}
    positive = ("T", "L")
    w_R: float = par("fraction", "potency of R-ketamine relative to S", low=0.0)
    d: float = par("fraction", "largest loss of the CO2 response", low=0.0, high=1.0)
    C50: float = par("ng/mL", "level of half of it before tolerance", low=0.0)
    T50: float = par("ng/mL", "tolerated level that halves the effective one", low=0.0)
    tau_T: float = par("h", "time constant of tolerance", low=0.0)
    E: float = par("fraction", "largest rise of breathing at rest", low=0.0)
    K: float = par("ng/mL", "level of half of it", low=0.0)
    C_off: float = par("ng/mL", "level at which it is half gone again", low=0.0)
    tau_L: float = par("h", "time over which a rise is felt", low=0.0)
    Q50: float = par("ng/mL", "rise above the lagged level that stops half of the breathing", low=0.0)

    def rates(self, x, u):
        C = racemate(u["S"], u["R"], self.w_R)
        return {"T": (C - x["T"]) / self.tau_T, "L": (C - x["L"]) / self.tau_L}

    def read(self, x, u):
        C = racemate(u["S"], u["R"], self.w_R)
        excited = self.E * ops.hill(C, self.K) * (1.0 - ops.hill(C, self.C_off, 4))
        return {
            "slope": 1.0 - self.d * ops.hill(C / (1.0 + x["T"] / self.T50), self.C50, 2),
            "stimulus": excited,
            "pause": ops.hill(C - x["L"], self.Q50, 4),
            "rush": ops.positive(C - x["L"]) / self.Q50,
        }


class Breathing(Component):
    """Ventilation under the CO2 of the blood, and the gas stores it keeps.

    Equation    V = V0 (1 − pause) f max(1 + stimulus + (g/V0)(P − P0), 0),  g = g0 slope;   co2_slope = f g
                dP/dt = ρ [1 + stimulus − (V/V0) P/P0]
                dO/dt = φ [(V/V0)(PI − O)/(PI0 − O0) − (1 + stimulus)(1 + h/O0) O/(O + h)]
                f = 1/(1 + U/(1 + S/C_x)) · [1 − p^n/(K_p^n + p^n)] · [1 − b B/(1 + B)]
                SpO2 = 100/(1 + 23400/(p³ + 150 p)),  p = O − gradient;   etCO2 = P − gap
                V(55 mmHg) is what V would be at that CO2; on a ventilator V is what it is set to, and stimulus counts 0
    Assumes     S-ketamine raises the C50 of opioids in proportion to its plasma level (Jonkman 2018); more breathing
                at rest is met by more CO2 and dead space, as end-tidal CO2 stayed; one store of each gas
    Fails when  the airway closes, the lungs are diseased, or a person breathes beside the ventilator
    """

    table = "organs/breathing"
    site = "arterial"
    inputs = {
        "slope": "fraction",
        "stimulus": "fraction",
        "pause": "fraction",
        "S": "ng/mL",
        "opioid": "ratio",
        "benzodiazepine": "ratio",
        "propofol": "ratio",
    }
    optional = {"slope": 1.0, "opioid": 0.0, "benzodiazepine": 0.0, "propofol": 0.0}
    states = {"P": "mmHg", "O": "mmHg"}
    outputs = {
        "ventilation": "L/min",
        "resp_rate": "1/min",
        "co2_slope": "L/min/mmHg",
        "spo2": "%",
        "etco2": "mmHg",
        "ventilation_co2_55": "L/min",
    }
    positive = ("P",)
    V0: float = par("L/min", "ventilation at rest", low=0.0)
    g0: float = par("L/min/mmHg", "slope of the CO2 response", low=0.0)
    rate0: float = par("1/min", "breaths at rest", low=0.0)
    size: float = par("ratio", "body weight over 70 kg", low=0.0)
    P0: float = par("mmHg", "arterial CO2 at rest", low=0.0)
    gap: float = par("mmHg", "arterial minus end-tidal CO2")
    rho: float = par("mmHg/h", "rise of CO2 when breathing stops", low=0.0)
    phi: float = par("mmHg/h", "fall of alveolar oxygen when breathing stops", low=0.0)
    O0: float = par("mmHg", "alveolar oxygen at rest on air", low=0.0)
    PI0: float = par("mmHg", "inspired oxygen of air", low=0.0)
    fraction: float = par("fraction", "inspired oxygen", low=0.0, high=1.0)
    per_litre: float = par("fraction", "rise of inspired oxygen per litre a minute", low=0.0)
    h: float = par("mmHg", "oxygen at which uptake is halved", low=0.0)
    gradient: float = par("mmHg", "alveolar minus arterial oxygen at 20 years", low=0.0)
    gradient_age: float = par("mmHg/year", "its rise with age", low=0.0)
    p50: float = par("mmHg", "constant that gives dissociation its unit", low=0.0)
    full: float = par("%", "full saturation", low=0.0)
    C_x: float = par("ng/mL", "S-ketamine level that doubles the C50 of opioids", low=0.0)
    K_p: float = par("ratio", "propofol, in units of half the bispectral index, that halves breathing", low=0.0)
    n_p: float = par("1", "steepness of propofol", low=0.0)
    b: float = par("fraction", "largest loss under a benzodiazepine", low=0.0, high=1.0)
    daily_O: float = par("ratio", "opioid taken daily, in units of half-effect after tolerance", low=0.0)
    takes_O: float = par("fraction", "takes an opioid daily (0 or 1)")
    machine: float = par("fraction", "whether a ventilator breathes (0 or 1)", low=0.0, high=1.0)
    V_set: float = par("ratio", "what it is set to, over ventilation at rest", low=0.0)
    alpha: float = par("1", "share of a change of ventilation that is rate, as an exponent", low=0.0)

    def derive(self, cov):
        zero = 0.0 * cov["age_y"]
        w = cov["weight_kg"] / ADULT_KG
        litres = cov.get("setting_oxygen_L_min", zero)
        return {
            "size": w,
            "V0": self.V0 * w**0.75,
            "g0": self.g0 * w**0.25,
            "rate0": self.rate0 * w**-0.25,
            "rho": self.rho * w**-0.25,
            "phi": self.phi * w**-0.25,
            "fraction": np.minimum(AIR + self.per_litre * litres, RICHEST),
            "gradient": self.gradient + self.gradient_age * np.maximum(cov["age_y"] - 20.0, 0.0),
            "takes_O": cov.get("class.opioid", zero),
            "machine": cov.get("setting_ventilated", zero),
            "V_set": self.V_set * cov.get("setting_minute_volume", zero + 1.0),
        }

    def initial(self):
        return {"P": self.P0, "O": self.O0 + (self.fraction / AIR - 1.0) * self.PI0}

    def _ventilation(self, u, P):
        """(share of breathing that other drugs leave, ventilation in L/min)."""
        U = (u["opioid"] + self.daily_O * self.takes_O) / (1.0 + u["S"] / self.C_x)
        left = 1.0 / (1.0 + U) * (1.0 - ops.hill(u["propofol"], self.K_p, self.n_p))
        left = left * (1.0 - self.b * ops.hill(u["benzodiazepine"], 1.0))
        drive = 1.0 + u["stimulus"] + self.g0 * u["slope"] / self.V0 * (P - self.P0)
        own = self.V0 * (1.0 - u["pause"]) * left * ops.positive(drive)
        return left, self.machine * self.V_set * self.V0 + (1.0 - self.machine) * own

    def rates(self, x, u):
        V = self._ventilation(u, x["P"])[1] / self.V0
        more = 1.0 + (1.0 - self.machine) * u["stimulus"]
        inspired = self.PI0 * self.fraction / AIR
        uptake = (1.0 + self.h / self.O0) * x["O"] / (x["O"] + self.h)
        return {
            "P": self.rho * (more - V * x["P"] / self.P0),
            "O": self.phi * (V * (inspired - x["O"]) / (self.PI0 - self.O0) - more * uptake),
        }

    def read(self, x, u):
        left, V = self._ventilation(u, x["P"])
        at_55 = self._ventilation(u, 55.0 / 40.0 * self.P0)[1]
        p = ops.maximum((x["O"] - self.gradient) / self.p50, 1.0)
        return {
            "ventilation": V,
            "resp_rate": self.rate0 * ops.power(ops.maximum(V / self.V0, LEAST), self.alpha),
            "co2_slope": self.g0 * u["slope"] * left,
            "spo2": self.full / (1.0 + 23400.0 / (p * p * p + 150.0 * p)),
            "etco2": x["P"] - self.gap,
            "ventilation_co2_55": at_55,
        }


class AirwayEvents(Component):
    """Probability that apnoea or another airway or breathing event has begun in this session.

    Equation    dH/dt = k m (q^a/(1 + q^a) + b pause + c max(1 − V/V0 − 0.5, 0));   p = 1 − e^−H
                q = max(rush of the level − θ, 0)
                m = odds of age and other drugs (Green 2009): under 2 years, 13 to 17 years, benzodiazepine
    Assumes     events come with the rush of a bolus, a little more than doubled by twice the dose (Green 2009), or
                with half of the breathing lost, and are rare; a rise as slow as that of a clinic's infusion is met by
                the breath (one stop for breathing in 6630 people, Feifel 2020)
    Fails when  the airway is handled, or during a cold
    """

    table = "organs/airway_events"
    inputs = {"rush": "ratio", "pause": "fraction", "ventilation": "L/min", "benzodiazepine": "ratio"}
    optional = {"benzodiazepine": 0.0}
    states = {"H": ""}
    outputs = {"p": "fraction"}
    positive = ("H",)
    jump_events = ("session_start",)
    k: float = par("1/h", "hazard of the largest rush", low=0.0)
    a: float = par("1", "steepness of the hazard with the rush", low=0.5)
    theta: float = par("ratio", "rush that breathing still meets", low=0.0)
    b: float = par("ratio", "weight of a pause of the breath", low=0.0)
    c: float = par("ratio", "weight of depressed breathing", low=0.0)
    V0: float = par("L/min", "ventilation at rest", low=0.0)
    m: float = par("ratio", "odds of this person", low=0.0)
    m_infant: float = par("ratio", "odds below two years", low=0.0)
    m_teen: float = par("ratio", "odds from 13 to 17 years", low=0.0)
    m_sleep: float = par("ratio", "odds with sleep apnoea", low=0.0)
    m_benzodiazepine: float = par("ratio", "odds under a benzodiazepine", low=0.0)

    def derive(self, cov):
        age = cov["age_y"]
        odds = np.where(age < 2.0, self.m_infant, np.where((age >= 13.0) & (age < 18.0), self.m_teen, 1.0))
        sleeper = cov.get("sleep_apnoea", 0.0 * age)
        held = 1.0 - cov.get("setting_ventilated", 0.0 * age)
        return {
            "V0": self.V0 * (cov["weight_kg"] / ADULT_KG) ** 0.75,
            "m": held * self.m * odds * (1.0 + (self.m_sleep - 1.0) * sleeper),
        }

    def jump(self, event, x, u):
        return {"H": 0.0 * x["H"]}

    def rates(self, x, u):
        other = 1.0 + (self.m_benzodiazepine - 1.0) * ops.hill(u["benzodiazepine"], 1.0)
        weak = ops.positive(0.5 - u["ventilation"] / self.V0)
        hurried = ops.hill(ops.positive(u["rush"] - self.theta), 1.0, self.a) + self.b * u["pause"]
        return {"H": self.k * self.m * other * (hurried + self.c * weak)}

    def read(self, x, u):
        return {"p": 1.0 - ops.exp(-x["H"])}
