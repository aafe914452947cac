"""What gets better without the drug: expectation, contact, a new antidepressant, and the natural course."""

from ketasim.core import ops
from ketasim.core.component import Component, par


class Course(Component):
    """Improvement that a control arm shows too, on the scale v = −ln(share of the symptom left).

    Equation    v = G [a E + b L + P (1 − e^(−t/τ_P))² + A (1 − e^(−t/τ_A))² + g y]
                E = c (1 − e^(−t/τ_a)) + (1 − c) L,   L = 1 − e^(−t/τ_b)
                t counts from entry, or from a relapse at T once it is passed
                session start: q = 1;   dq/dt = −q/τ_q,   dy/dt = q/τ_q − y/τ_y,   dc/dt = k q (1 − c)
                dx/dt = k (1 − x) felt − x/τ_x,   expectancy = e x;   G of the trial
                drift = d_f (1 − e^(−t/τ_f)) + d_s (1 − e^(−t/τ_s))
    Assumes     early (a: contact, hope) and late (b: regression) parts that differ between people; without a session in
                the presence of others (c), as with a tablet taken at home, a comes as slowly as b; a programme of many
                centres or a ward adds P over weeks (care at every visit, raters at many sites), which is no effect of a
                drug; a new oral antidepressant adds A, its own effect over placebo, with a delay of weeks; attention on
                the day of a session (y) is gone the next day; feeling a drug, ketamine or a comparator, confirms
                expectation (x) for about a week; neither while asleep; drift is the person's own way, up or down;
                a relapse (circumstance `relapsed_h`, hours since entry) ends all of it but what the drug built
    Fails when  people expect nothing (a row of failures may leave little hope), or know what they were given
    """

    table = "outcomes/weeks/course"
    inputs = {"t": "h", "felt": "fraction", "control": "fraction"}
    optional = {"control": 1.0}
    states = {"x": "fraction", "q": "fraction", "y": "fraction", "c": "fraction"}
    outputs = {
        "v": "fraction", "expectancy": "fraction", "drift": "fraction",
        "confirmed": "fraction", "attention": "fraction", "contact": "fraction",
    }  # fmt: skip
    positive = ("x", "q", "y", "c")
    jump_events = ("session_start",)
    a: float = par("fraction", "early improvement", low=0.0)
    tau_a: float = par("h", "its time constant", low=0.0)
    b: float = par("fraction", "late improvement", low=0.0)
    tau_b: float = par("h", "its time constant", low=0.0)
    P: float = par("fraction", "late improvement that a programme of many centres or a ward adds", low=0.0)
    tau_P: float = par("h", "its time constant", low=0.0)
    A: float = par("fraction", "improvement by a new oral antidepressant over placebo", low=0.0)
    tau_A: float = par("h", "its time constant", low=0.0)
    new: float = par("fraction", "whether an oral antidepressant is started (0 or 1)", low=0.0, high=1.0)
    g: float = par("fraction", "improvement by attention on the day of a session", low=0.0)
    tau_q: float = par("h", "onset of attention", low=0.0)
    tau_y: float = par("h", "fading of attention", low=0.0)
    e: float = par("fraction", "improvement by felt confirmation", low=0.0)
    k: float = par("1/h", "speed of confirmation and contact", low=0.0)
    tau_x: float = par("h", "fading of confirmation", low=0.0)
    awake: float = par("fraction", "whether anything can be felt (0 or 1)", low=0.0, high=1.0)
    open_label: float = par("ratio", "expectation in open treatment over blind", low=0.0)
    ritual: float = par("ratio", "early improvement after anaesthesia for surgery over an infusion", low=0.0)
    d_f: float = par("fraction", "fast part of the person's own way", low=-3.0, high=3.0)
    tau_f: float = par("h", "its time constant", low=0.0)
    d_s: float = par("fraction", "slow part of the person's own way", low=-3.0, high=3.0)
    tau_s: float = par("h", "its time constant", low=0.0)
    T: float = par("h", "time of a relapse, after which the course begins anew (0: none)", low=0.0)

    def derive(self, cov):
        hope = 0.5 + cov.get("expectancy", 0.5)
        is_open, asleep = cov.get("setting_open_label", 0.0), cov.get("setting_anaesthesia", 0.0)
        bold = 1.0 + is_open * (self.open_label - 1.0)
        placebo = cov.get("setting_placebo", 1.0)
        many, ward = cov.get("setting_multicentre", 0.0), cov.get("setting_inpatient", 0.0)
        return {
            "a": placebo * self.a * hope * bold * (1.0 + asleep * (self.ritual - 1.0)),
            "b": placebo * self.b,
            "P": placebo * self.P * (1.0 - (1.0 - many) * (1.0 - ward)),
            "g": placebo * self.g * hope * bold * (1.0 - asleep),
            "e": placebo * self.e * hope * bold,
            "new": cov.get("setting_new_antidepressant", 0.0) + 0.0 * self.e,
            "awake": 1.0 - asleep + 0.0 * self.e,
            "T": self.T + cov.get("setting_relapsed_h", 0.0) + 0.0 * self.e,
        }

    def rates(self, x, u):
        return {
            "x": self.k * self.awake * u["felt"] * (1.0 - x["x"]) - x["x"] / self.tau_x,
            "q": -x["q"] / self.tau_q,
            "y": x["q"] / self.tau_q - x["y"] / self.tau_y,
            "c": self.k * x["q"] * (1.0 - x["c"]),
        }

    def jump(self, event, x, u):
        return {"q": 1.0}

    def read(self, x, u):
        t = ops.where_less(u["t"], self.T, u["t"], u["t"] - self.T)
        slow, late = 1.0 - ops.exp(-t / self.tau_A), 1.0 - ops.exp(-t / self.tau_P)
        at_home = 1.0 - ops.exp(-t / self.tau_b)
        early = x["c"] * (1.0 - ops.exp(-t / self.tau_a)) + (1.0 - x["c"]) * at_home
        v = self.a * early + self.b * at_home
        return {
            "v": u["control"] * (v + self.P * late * late + self.new * self.A * slow * slow + self.g * x["y"]),
            "expectancy": self.e * x["x"],
            "drift": self.d_f * (1.0 - ops.exp(-t / self.tau_f)) + self.d_s * (1.0 - ops.exp(-t / self.tau_s)),
            "confirmed": x["x"],
            "attention": x["y"],
            "contact": x["c"],
        }


class FeltByLevel(Component):
    """How strongly something psychoactive is felt, where no part says it better: ketamine or midazolam, 0 to 1.

    Equation    felt = 1 − (1 − C/(C50 + C))(1 − M/(M50 + M)),   C = S + w_R R
    Assumes     no delay and no tolerance; any feeling counts alike
    Fails when  the person sleeps (set the circumstance), or other sedatives are given
    """

    table = "outcomes/weeks/felt"
    site = "venous"
    inputs = {"S": "ng/mL", "R": "ng/mL", "midazolam": "ng/mL"}
    optional = {"midazolam": 0.0}
    outputs = {"felt": "fraction"}
    w_R: float = par("fraction", "what R-ketamine adds relative to S", low=0.0)
    C50: float = par("ng/mL", "S-ketamine level half felt", low=0.0)
    M50: float = par("ng/mL", "midazolam level half felt", low=0.0)

    def read(self, x, u):
        ketamine = 1.0 - ops.hill(u["S"] + self.w_R * u["R"], self.C50)
        return {"felt": 1.0 - ketamine * (1.0 - ops.hill(u["midazolam"], self.M50))}
