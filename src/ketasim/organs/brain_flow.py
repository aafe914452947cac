"""Blood flow of the brain, and the pressures in skull and eye that hang on it."""

from ketasim.core import ops
from ketasim.core.component import Component, par


class BrainFlow(Component):
    """Cerebral blood flow, intracranial and intraocular pressure.

    Equation    CBF = [1 + E a/(K + a)] [1 + c (PCO2 − P0)],  a = arousal/(1 − arousal)
                ICP = I0 + k_I (CBF − 1);   IOP = E0 + k_E (MAP/MAP0 − 1);   p = expit((pressure − limit)/width)
    Assumes     metabolism of the brain unchanged; CO2 acts on flow linearly; the skull of a person with raised
                pressure is stiffer by k_high
    Fails when  autoregulation is lost; under general anaesthesia a share l of the rise of flow is lost
    """

    table = "organs/brain_flow"
    inputs = {"arousal": "fraction", "etco2": "mmHg", "map": "mmHg"}
    outputs = {
        "cbf": "ratio",
        "icp": "mmHg",
        "iop": "mmHg",
        "p_raised_icp": "fraction",
        "p_raised_iop": "fraction",
    }
    E: float = par("fraction", "largest rise of flow", low=0.0)
    loss_G: float = par("fraction", "share of the rise lost under general anaesthesia", low=0.0, high=1.0)
    K: float = par("ratio", "drive of half of it", low=0.0)
    c: float = par("1/mmHg", "rise of flow per mmHg of CO2", low=0.0)
    P0: float = par("mmHg", "end-tidal CO2 at rest", low=0.0)
    MAP0: float = par("mmHg", "mean pressure at rest", low=0.0)
    I0: float = par("mmHg", "intracranial pressure at rest", low=0.0)
    I_high: float = par("mmHg", "intracranial pressure at rest where it is known to be raised", low=0.0)
    k_I: float = par("mmHg", "rise of intracranial pressure per doubling of flow", low=0.0)
    k_high: float = par("ratio", "that rise where the skull is tight, over the normal one", low=0.0)
    E0: float = par("mmHg", "intraocular pressure at rest", low=0.0)
    E_high: float = par("mmHg", "intraocular pressure at rest where it is known to be raised", low=0.0)
    k_E: float = par("mmHg", "rise of intraocular pressure per doubling of arterial pressure", low=0.0)
    I_limit: float = par("mmHg", "intracranial pressure that is treated", low=0.0)
    E_limit: float = par("mmHg", "intraocular pressure called raised", low=0.0)
    width: float = par("mmHg", "spread between people around a limit", low=0.0)

    def derive(self, cov):
        zero = 0.0 * cov["age_y"]
        skull, eye = cov.get("raised_icp", zero), cov.get("raised_iop", zero)
        return {
            "MAP0": cov["dbp"] + (cov["sbp"] - cov["dbp"]) / 3.0,
            "E": self.E * (1.0 - self.loss_G * cov.get("setting_anaesthesia", zero)),
            "I0": self.I0 + skull * (self.I_high - self.I0),
            "k_I": self.k_I * (1.0 + skull * (self.k_high - 1.0)),
            "E0": self.E0 + eye * (self.E_high - self.E0),
        }

    def read(self, x, u):
        drive = u["arousal"] / (1.0 - u["arousal"])
        cbf = (1.0 + self.E * ops.hill(drive, self.K)) * (1.0 + self.c * (u["etco2"] - self.P0))
        icp = self.I0 + self.k_I * (cbf - 1.0)
        iop = self.E0 + self.k_E * (u["map"] / self.MAP0 - 1.0)
        return {
            "cbf": cbf,
            "icp": icp,
            "iop": iop,
            "p_raised_icp": ops.expit((icp - self.I_limit) / self.width),
            "p_raised_iop": ops.expit((iop - self.E_limit) / self.width),
        }


class CardiacRisk(Component):
    """Risk of ischaemia and of worsening heart failure in this session.

    Equation    dI/dt = k_I max(RPP/RPP0 − 1, 0);   dW/dt = k_W max(MAP/MAP0 − 1, 0);   p = 1 − e^−I, 1 − e^−W
                RPP = systolic pressure × heart rate, the demand of the heart muscle
    Assumes     events follow excess demand (ischaemia) and excess load (failure) in proportion
    Fails when  read as more than an order of magnitude: no trial took such patients
    """

    table = "organs/cardiac_risk"
    inputs = {"sbp": "mmHg", "heart_rate": "1/min", "map": "mmHg"}
    states = {"I": "", "W": ""}
    outputs = {"p_ischaemia": "fraction", "p_heart_failure_worsening": "fraction"}
    positive = ("I", "W")
    jump_events = ("session_start",)
    RPP0: float = par("mmHg/min", "rate-pressure product at rest", low=0.0)
    MAP0: float = par("mmHg", "mean pressure at rest", low=0.0)
    k_I: float = par("1/h", "hazard of ischaemia per relative excess of demand", low=0.0)
    k_W: float = par("1/h", "hazard of worsening per relative excess of load", low=0.0)
    known_I: float = par("ratio", "hazard with known ischaemic disease over that without", low=0.0)
    known_W: float = par("ratio", "hazard with known heart failure over that without", low=0.0)

    def derive(self, cov):
        zero = 0.0 * cov["age_y"]
        return {
            "RPP0": cov["sbp"] * cov["heart_rate"],
            "MAP0": cov["dbp"] + (cov["sbp"] - cov["dbp"]) / 3.0,
            "k_I": self.k_I * (1.0 + (self.known_I - 1.0) * cov.get("ischaemia", zero)),
            "k_W": self.k_W * (1.0 + (self.known_W - 1.0) * cov.get("heart_failure", zero)),
        }

    def jump(self, event, x, u):
        return {"I": 0.0 * x["I"], "W": 0.0 * x["W"]}

    def rates(self, x, u):
        demand = u["sbp"] * u["heart_rate"] / self.RPP0 - 1.0
        return {
            "I": self.k_I * ops.positive(demand),
            "W": self.k_W * ops.positive(u["map"] / self.MAP0 - 1.0),
        }

    def read(self, x, u):
        return {"p_ischaemia": 1.0 - ops.exp(-x["I"]), "p_heart_failure_worsening": 1.0 - ops.exp(-x["W"])}
