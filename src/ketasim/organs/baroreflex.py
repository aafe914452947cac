"""Heart and vessels carry out what the brain asks, within their reserve, under a baroreflex."""

import numpy as np

from ketasim.core import ops
from ketasim.core.component import Component, par

INDEX_AGE_Y = 40.0
SLOWEST = 0.2
COMMANDS = {"pressure": "ratio", "rate": "ratio", "flow": "ratio", "traffic": "ratio"}
AT_REST = dict.fromkeys(COMMANDS, 1.0)
VITALS = {
    "map": "mmHg",
    "sbp": "mmHg",
    "dbp": "mmHg",
    "heart_rate": "1/min",
    "cardiac_output": "L/min",
    "svr": "mmHg*min/L",
    "noradrenaline": "pg/mL",
    "msna": "1/min",
}


class _Circulation(Component):
    """Values at rest, and how relative changes become what a monitor shows."""

    table = "organs/circulation"
    inputs = COMMANDS
    optional = AT_REST
    outputs = VITALS
    MAP0: float = par("mmHg", "mean pressure at rest", low=0.0)
    SBP0: float = par("mmHg", "systolic pressure at rest", low=0.0)
    DBP0: float = par("mmHg", "diastolic pressure at rest", low=0.0)
    HR0: float = par("1/min", "heart rate at rest", low=0.0)
    CO0: float = par("L/min", "cardiac output at rest", low=0.0)
    CO_typical: float = par("L/min", "cardiac output that CO0 varies around", low=0.0)
    index: float = par("L/min/m**2", "cardiac index at rest at 40 years", low=0.0)
    ageing: float = par("1/year", "fall of the cardiac index with age", low=0.0)
    c_S: float = par("ratio", "change of systolic per change of mean pressure", low=0.0)
    c_D: float = par("ratio", "change of diastolic per change of mean pressure", low=0.0)
    NA0: float = par("pg/mL", "plasma noradrenaline at rest", low=0.0)
    MSNA0: float = par("1/min", "bursts of muscle sympathetic nerves at rest", low=0.0)
    k_NA: float = par("ratio", "rise of noradrenaline per rise of traffic, both relative", low=0.0)

    def derive(self, cov):
        sbp, dbp, age = cov["sbp"], cov["dbp"], cov["age_y"]
        younger = np.clip(1.0 - self.ageing * (age - INDEX_AGE_Y), 0.5, 1.3)
        return {
            "SBP0": sbp,
            "DBP0": dbp,
            "MAP0": dbp + (sbp - dbp) / 3.0,
            "HR0": cov["heart_rate"],
            "CO0": self.CO0 / self.CO_typical * self.index * younger * cov["bsa_m2"],
        }

    def shown(self, pressure, rate, flow, traffic):
        """Outputs from relative pressure, rate, flow and traffic."""
        MAP, CO = self.MAP0 * pressure, self.CO0 * flow
        return {
            "map": MAP,
            "sbp": self.SBP0 + self.c_S * (MAP - self.MAP0),
            "dbp": self.DBP0 + self.c_D * (MAP - self.MAP0),
            "heart_rate": self.HR0 * rate,
            "cardiac_output": CO,
            "svr": MAP / CO,
            "noradrenaline": self.NA0 * ops.positive(1.0 + self.k_NA * (traffic - 1.0)),
            "msna": self.MSNA0 * traffic,
        }


class DirectEffect(_Circulation):
    """Tier 1: pressure, rate and flow follow the command at once.

    Equation    MAP = MAP0 P, HR = HR0 H, CO = CO0 Q, SVR = MAP/CO
    Assumes     a healthy circulation that carries out what is asked; no reflex, no blocker, no lost reserve
    Fails when  blood volume, catecholamines or another drug limit the response
    """

    def read(self, x, u):
        return self.shown(u["pressure"], u["rate"], u["flow"], u["traffic"])


class Baroreflex(_Circulation):
    """Tier 2: effectors carry out the commands P, H, Q, S, within the catecholamine reserve, under a baroreflex.

    Equation    ds/dt = (S exp(−G_s e/S) − s)/τ_s;   dv/dt = (1 − w + G_v e − v)/τ_v;   e = (MAP − MAP0 P)/(MAP0 P)
                HR/HR0 = 1 + h_s R B (s − 1) + h_v R (1 − v);   w = (H − 1 − h_s (S − 1))/h_v
                SV/SV0 = [1 + R_c (Q/H − 1)] [1 + k R_c (s − 1)]/[1 + k R_c (S − 1)] (1 − m)/(1 − R m)
                         [(HR/HR0)/(1 + R (H − 1))]^−γ
                SVR/SVR0 = [1 + R (P − 1)]/[1 + R_c (Q − 1)] [1 + r R (1 − α)(s − 1)]/[1 + r R (S − 1)]
                           (1 − t α) (1 − d) (1 − d_G p/(1 + p)) (1 − n)/(1 − R n);   MAP = CO SVR
                R reserve of catecholamines and vagal tone, less l g/(1 + g) under hypnotics g (1 − l under general
                anaesthesia), B what a beta-blocker leaves, R_c = R (1 − b (1 − B)),
                α alpha-1 block, d a dilator, p propofol (opens vessels; e is divided by 1 + q p), m and n direct
                depression of heart and vessels by ketamine itself
    Assumes     v is the fast part of the rate response, vagal first (below zero: more than vagal loss alone);
                with full reserve and no blocker the steady state is the direct-effect model: what the drug does to
                heart muscle and vessel is then hidden in the observed net effect, and shows as the reserve is lost
    Fails when  blood volume changes fast or rhythm is lost; a hypnotic that was there before the run began is part
                of the pressure at rest
    """

    site = "arterial"
    inputs = {
        **COMMANDS, "C": "ng/mL", "beta": "ratio", "alpha1": "ratio", "dilator": "ratio", "hypnotic": "ratio",
        "propofol": "ratio",
    }  # fmt: skip
    optional = {**AT_REST, "beta": 0.0, "alpha1": 0.0, "dilator": 0.0, "hypnotic": 0.0, "propofol": 0.0}
    states = {"s": "ratio", "v": "ratio"}
    positive = ("s",)
    tau_s: float = par("h", "time constant of the sympathetic effect", low=0.0)
    tau_v: float = par("h", "time constant of the vagal effect", low=0.0)
    G_s: float = par("ratio", "sympathetic traffic lost per relative excess of pressure", low=0.0)
    G_v: float = par("ratio", "vagal tone gained per relative excess of pressure", low=0.0)
    h_s: float = par("ratio", "heart rate per sympathetic effect", low=0.0)
    h_v: float = par("ratio", "heart rate per vagal effect", low=0.0)
    k: float = par("ratio", "stroke volume per sympathetic effect", low=0.0)
    r: float = par("ratio", "resistance per sympathetic effect", low=0.0)
    gamma: float = par("ratio", "loss of filling with rate", low=0.0)
    reserve: float = par("fraction", "catecholamine reserve", low=0.0, high=1.0)
    reserve_failure: float = par("fraction", "reserve left in heart failure", low=0.0, high=1.0)
    loss_G: float = par("fraction", "reserve lost under a full anaesthetic or hypnotic", low=0.0, high=1.0)
    d_G: float = par("fraction", "largest loss of resistance by propofol", low=0.0, high=1.0)
    q: float = par("ratio", "how far propofol holds the reflex back", low=0.0)
    IC_m: float = par("ng/mL", "ketamine level that halves contractility directly", low=0.0)
    IC_n: float = par("ng/mL", "ketamine level that halves resistance directly", low=0.0)
    b: float = par("fraction", "share of the flow response that beta receptors carry", low=0.0, high=1.0)
    daily_B: float = par("ratio", "beta-blocker taken daily, in units of half-effect", low=0.0)
    takes_B: float = par("fraction", "takes a beta-blocker daily (0 or 1)")
    t: float = par("fraction", "resistance at rest that alpha-1 receptors hold", low=0.0, high=1.0)
    d: float = par("fraction", "largest loss of resistance by a dilator", low=0.0, high=1.0)
    dilated: float = par("fraction", "share of resistance taken by a steady dilator of another kind", low=0.0, high=1.0)

    def derive(self, cov):
        zero = 0.0 * cov["age_y"]
        failing = cov.get("heart_failure", zero)
        reserve = self.reserve * (1.0 - failing * (1.0 - self.reserve_failure))
        return {
            **super().derive(cov),
            "reserve": reserve
            * cov.get("setting_catecholamine_reserve", zero + 1.0)
            * (1.0 - self.loss_G * cov.get("setting_anaesthesia", zero)),
            "takes_B": cov.get("class.beta_blocker", zero),
        }

    def initial(self):
        return {"s": 1.0, "v": 1.0}

    def _now(self, x, u):
        """Relative pressure, rate and flow."""
        P, H, Q, S = u["pressure"], u["rate"], u["flow"], u["traffic"]
        daily = self.daily_B * self.takes_B
        block, alpha = ops.hill(u["beta"] + daily, 1.0), ops.hill(u["alpha1"], 1.0)
        fresh = block - daily / (1.0 + daily)  # a daily drug is already in the rate at rest
        R = self.reserve * (1.0 - self.loss_G * ops.hill(u["hypnotic"], 1.0))
        Rc = R * (1.0 - self.b * block)
        nerves = self.h_s * R * (1.0 - block) * (x["s"] - 1.0) + self.h_v * R * (1.0 - x["v"])
        rate = ops.maximum(1.0 + nerves - self.h_s * fresh, SLOWEST)
        m, n = u["C"] / (self.IC_m + u["C"]), u["C"] / (self.IC_n + u["C"])
        inotropy = (1.0 + self.k * Rc * (x["s"] - 1.0)) / (1.0 + self.k * Rc * (S - 1.0))
        filling = ops.power(rate / (1.0 + R * (H - 1.0)), -self.gamma)
        stroke = (1.0 + Rc * (Q / H - 1.0)) * inotropy * filling * (1.0 - m) / (1.0 - R * m)
        tone = (1.0 + self.r * R * (1.0 - alpha) * (x["s"] - 1.0)) / (1.0 + self.r * R * (S - 1.0))
        drugs = (1.0 - self.t * alpha) * (1.0 - self.d * ops.hill(u["dilator"], 1.0)) * (1.0 - self.dilated)
        drugs = drugs * (1.0 - self.d_G * ops.hill(u["propofol"], 1.0))
        opened = (1.0 + R * (P - 1.0)) / (1.0 + Rc * (Q - 1.0)) * (1.0 - n) / (1.0 - R * n)
        flow = rate * stroke
        return flow * opened * tone * drugs, rate, flow

    def rates(self, x, u):
        pressure, _, _ = self._now(x, u)
        e = (pressure - u["pressure"]) / u["pressure"] / (1.0 + self.q * u["propofol"])
        w = (u["rate"] - 1.0 - self.h_s * (u["traffic"] - 1.0)) / self.h_v
        return {
            "s": (u["traffic"] * ops.exp(-self.G_s * e / u["traffic"]) - x["s"]) / self.tau_s,
            "v": (1.0 - w + self.G_v * e - x["v"]) / self.tau_v,
        }

    def read(self, x, u):
        pressure, rate, flow = self._now(x, u)
        return self.shown(pressure, rate, flow, x["s"])
