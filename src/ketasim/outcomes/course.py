"""What gets better without the drug: expectation, contact, a new antidepressant, and the natural course."""

from ketasim.core import ops
from ketasim.core.component import Component, par


class Course(Component):
    """Improvement that a control arm shows too, on the scale v = −ln(share of the symptom left).

    Equation    v = G [a (1 − e^(−t/τ_a)) + b (1 − e^(−t/τ_b)) + A (1 − e^(−t/τ_A))²];   t counts from entry
                dx/dt = k (1 − x) felt − x/τ_x,   expectancy = e x;   G of the trial
                drift = d_f (1 − e^(−t/τ_f)) + d_s (1 − e^(−t/τ_s))
    Assumes     early (a: contact, hope) and late (b: care, regression) parts that differ between people; a new oral
                antidepressant adds A with a delay of weeks; feeling a drug, ketamine or a comparator, confirms
                expectation (x) for about a week, unless the person is asleep; drift is the person's own way, up or down
    Fails when  people expect nothing (a row of failures may leave little hope), or know what they were given
    """

    table = "outcomes/weeks/course"
    inputs = {"t": "h", "felt": "fraction", "control": "fraction"}
    optional = {"control": 1.0}
    states = {"x": "fraction"}
    outputs = {"v": "fraction", "expectancy": "fraction", "drift": "fraction"}
    positive = ("x",)
    a: float = par("fraction", "early improvement", low=0.0)
    tau_a: float = par("h", "its time constant", low=0.0)
    b: float = par("fraction", "late improvement", low=0.0)
    tau_b: float = par("h", "its time constant", low=0.0)
    A: float = par("fraction", "improvement by a new oral antidepressant", low=0.0)
    tau_A: float = par("h", "its time constant", low=0.0)
    new: float = par("fraction", "whether an oral antidepressant is started (0 or 1)", low=0.0, high=1.0)
    e: float = par("fraction", "improvement by felt confirmation", low=0.0)
    k: float = par("1/h", "speed of confirmation", low=0.0)
    tau_x: float = par("h", "fading of confirmation", low=0.0)
    awake: float = par("fraction", "whether anything can be felt (0 or 1)", low=0.0, high=1.0)
    open_label: float = par("ratio", "expectation in open treatment over blind", low=0.0)
    multicentre: float = par("ratio", "late improvement in trials of many centres over few", low=0.0)
    ritual: float = par("ratio", "early improvement after anaesthesia for surgery over an infusion", low=0.0)
    d_f: float = par("fraction", "fast part of the person's own way", low=-3.0, high=3.0)
    tau_f: float = par("h", "its time constant", low=0.0)
    d_s: float = par("fraction", "slow part of the person's own way", low=-3.0, high=3.0)
    tau_s: float = par("h", "its time constant", low=0.0)

    def derive(self, cov):
        hope = 0.5 + cov.get("expectancy", 0.5)
        is_open, asleep = cov.get("setting_open_label", 0.0), cov.get("setting_anaesthesia", 0.0)
        bold = 1.0 + is_open * (self.open_label - 1.0)
        placebo = cov.get("setting_placebo", 1.0)
        return {
            "a": placebo * self.a * hope * bold * (1.0 + asleep * (self.ritual - 1.0)),
            "b": placebo * self.b * (1.0 + cov.get("setting_multicentre", 0.0) * (self.multicentre - 1.0)),
            "e": placebo * self.e * hope * bold,
            "new": cov.get("setting_new_antidepressant", 0.0) + 0.0 * self.e,
            "awake": 1.0 - asleep + 0.0 * self.e,
        }

    def rates(self, x, u):
        return {"x": self.k * self.awake * u["felt"] * (1.0 - x["x"]) - x["x"] / self.tau_x}

    def read(self, x, u):
        slow = 1.0 - ops.exp(-u["t"] / self.tau_A)
        v = self.a * (1.0 - ops.exp(-u["t"] / self.tau_a)) + self.b * (1.0 - ops.exp(-u["t"] / self.tau_b))
        return {
            "v": u["control"] * (v + self.new * self.A * slow * slow),
            "expectancy": self.e * x["x"],
            "drift": self.d_f * (1.0 - ops.exp(-u["t"] / self.tau_f))
            + self.d_s * (1.0 - ops.exp(-u["t"] / self.tau_s)),
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
