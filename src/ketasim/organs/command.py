"""What the brain asks of the circulation under ketamine, relative to rest."""

import numpy as np

from ketasim.core import ops
from ketasim.core.component import Component, par

OLD_Y = 50.0


class CirculatoryCommand(Component):
    """Commanded pressure, heart rate, flow and sympathetic traffic, and the anticipation that fades in a session.

    Equation    P, H, Q, S = 1 + l E a^n/(K^n + a^n);   a = arousal/(1 − arousal), the drive over that of half arousal
                P adds anticipation:  dA/dt = −A/τ;   Q loses flow to S-norketamine;   l = 1 − d α/(1 + α), α an
                alpha-2 agonist in units of half-effect, which given in the session also lowers P, H and S at rest
    Assumes     the shared drive alone raises all four; age, hypertension, stimulants scale the pressure
    Fails when  another drug drives or blocks the brain stem
    """

    table = "organs/command"
    site = "arterial"
    inputs = {"arousal": "fraction", "N": "ng/mL", "alpha2": "ratio"}
    optional = {"alpha2": 0.0}
    states = {"A": "fraction"}
    outputs = {"pressure": "ratio", "rate": "ratio", "flow": "ratio", "traffic": "ratio"}
    positive = ("A",)
    jump_events = ("session_start",)
    E_P: float = par("fraction", "largest commanded rise of pressure", low=0.0)
    K_P: float = par("ratio", "drive of half of it", low=0.0)
    E_H: float = par("fraction", "largest commanded rise of heart rate", low=0.0)
    K_H: float = par("ratio", "drive of half of it", low=0.0)
    E_Q: float = par("fraction", "largest commanded rise of cardiac output", low=0.0)
    K_Q: float = par("ratio", "drive of half of it", low=0.0)
    E_S: float = par("fraction", "largest commanded rise of sympathetic traffic", low=0.0)
    K_S: float = par("ratio", "drive of half of it", low=0.0)
    n: float = par("1", "steepness of all four", low=0.0)
    E_N: float = par("fraction", "largest loss of flow by S-norketamine", low=0.0, high=1.0)
    K_N: float = par("ng/mL", "level of half of it", low=0.0)
    loss_A: float = par("fraction", "largest loss of every command by an alpha-2 agonist", low=0.0, high=1.0)
    rest_A: float = par(
        "fraction", "largest fall of pressure and rate at rest by an alpha-2 agonist", low=0.0, high=1.0
    )
    rest_AS: float = par("fraction", "largest fall of traffic at rest by an alpha-2 agonist", low=0.0, high=1.0)
    daily_A: float = par("ratio", "alpha-2 agonist taken daily, in units of half-effect", low=0.0)
    takes_A: float = par("fraction", "takes an alpha-2 agonist daily (0 or 1)")
    gain_hypertension: float = par("ratio", "pressure response of the hypertensive", low=0.0)
    rate_hypertension: float = par("ratio", "rate response of the hypertensive", low=0.0)
    gain_old: float = par("ratio", "pressure response from 50 years on", low=0.0)
    gain_stimulant: float = par("ratio", "pressure response under a stimulant", low=0.0)
    gain_maoi: float = par("ratio", "pressure response under an inhibitor of monoamine oxidase", low=0.0)
    a0: float = par("fraction", "rise of pressure by anticipation before a session", low=0.0)
    a_H: float = par("ratio", "rise of rate per rise of pressure by anticipation", low=0.0)
    tau_a: float = par("h", "decay of anticipation during the session", low=0.0)

    def derive(self, cov):
        age = cov["age_y"]
        zero = 0.0 * age
        high = cov.get("hypertension", zero)
        gain = np.where(age >= OLD_Y, self.gain_old, 1.0) * (1.0 + (self.gain_hypertension - 1.0) * high)
        for name, factor in (("stimulant", self.gain_stimulant), ("maoi", self.gain_maoi)):
            gain = gain * (1.0 + (factor - 1.0) * cov.get(f"class.{name}", zero))
        return {
            "E_P": self.E_P * gain,
            "E_H": self.E_H * (1.0 + (self.rate_hypertension - 1.0) * high),
            "takes_A": cov.get("class.alpha2_agonist", zero),
            "a0": self.a0 * cov.get("setting_anticipatory", zero),
        }

    def initial(self):
        return {"A": self.a0}

    def jump(self, event, x, u):
        return {"A": self.a0}

    def rates(self, x, u):
        return {"A": -x["A"] / self.tau_a}

    def read(self, x, u):
        drive = u["arousal"] / (1.0 - u["arousal"])
        left = 1.0 - self.loss_A * ops.hill(u["alpha2"] + self.daily_A * self.takes_A, 1.0)
        fresh = ops.hill(u["alpha2"], 1.0)  # a daily drug is already in the values at rest
        calm = 1.0 - self.E_N * ops.hill(u["N"], self.K_N)
        return {
            "pressure": 1.0 + left * self.E_P * ops.hill(drive, self.K_P, self.n) + x["A"] - self.rest_A * fresh,
            "rate": 1.0 + left * self.E_H * ops.hill(drive, self.K_H, self.n) + self.a_H * x["A"] - self.rest_A * fresh,
            "flow": (1.0 + left * self.E_Q * ops.hill(drive, self.K_Q, self.n)) * calm,
            "traffic": 1.0 + left * self.E_S * ops.hill(drive, self.K_S, self.n) - self.rest_AS * fresh,
        }
