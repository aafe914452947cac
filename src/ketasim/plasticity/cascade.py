"""From BDNF to spines: the states that all explanations share."""

from ketasim.core import ops
from ketasim.core.component import Component, par

LN2 = 0.6931471805599453
EDGE = 1e-12


def steep(x, half, n):
    """Hill function of |x| without a kink: smooth through zero, where it is EDGE^(n/2), so that solvers of other tools
    that difference the equations do not stall at rest."""
    ratio = x / half
    term = ops.power(ratio * ratio + EDGE, 0.5 * n)
    return term / (1.0 + term)


class Cascade(Component):
    """BDNF, TrkB, mTORC1, an early strengthening of synapses and a late growth of spines.

    Equation    db/dt = (1 + a_D drive + a_K rest − b)/τ_b;   T = (b−1)^h/(b50^h + (b−1)^h)
                dM/dt = (q T − M)/τ_M   (q = 0 under rapamycin)
                dw/dt = k_w Q (1 − w) − w/τ_w,   Q = M + i (T − M)
                three stages of τ_p from M to p3;   F = p3^n/(p50^n + p3^n)
                dn/dt = k_n F (1 − n) − ln2/t½ n
                bdnf = b, trkb = 1 + g_T T, mtorc1 = 1 + g_M M, eef2k = 1 − rest, spines = 1 + g_n n,
                synapse = (1 + g_w w)(1 + g_n n), formation = 1 + ψ F
    Assumes     early strengthening starts the benefit and spines sustain it (Moda-Sava 2019); growth is delayed by the
                stages, is cooperative, and adds to a constant loss (Phoumthipphavong 2016); free sites (1 − n) run out
    Fails when  it is taken for a validated model: no published one exists, rates come from mice and from mood
    """

    table = "plasticity/cascade"
    inputs = {"drive": "fraction", "rest": "fraction"}
    states = {
        "b": "ratio", "M": "fraction", "w": "fraction",
        "p1": "fraction", "p2": "fraction", "p3": "fraction", "n": "fraction",
    }  # fmt: skip
    outputs = {
        "bdnf": "ratio", "trkb": "ratio", "mtorc1": "ratio", "eef2k": "ratio", "spines": "ratio", "synapse": "ratio",
        "early": "fraction", "late": "fraction", "formation": "ratio",
    }  # fmt: skip
    positive = ("M", "w", "p1", "p2", "p3", "n")
    a_D: float = par("ratio", "BDNF release at full drive", low=0.0)
    a_K: float = par("ratio", "BDNF synthesis at full block at rest", low=0.0)
    tau_b: float = par("h", "turnover of released BDNF", low=0.0)
    b50: float = par("ratio", "rise of BDNF that half activates TrkB", low=0.0)
    h: float = par("1", "steepness of TrkB activation", low=1.0)
    tau_M: float = par("h", "switching of mTORC1", low=0.0)
    q: float = par("fraction", "mTORC1 that can be activated (0 under rapamycin)", low=0.0, high=1.0)
    k_w: float = par("1/h", "rate of early strengthening", low=0.0)
    tau_w: float = par("h", "loss of early strengthening", low=0.0)
    i: float = par("fraction", "share of early strengthening that needs no mTORC1", low=0.0, high=1.0)
    tau_p: float = par("h", "each stage of delay", low=0.0)
    p50: float = par("fraction", "third stage at half the growth", low=0.0)
    n_F: float = par("1", "cooperativity of growth", low=1.0)
    k_n: float = par("1/h", "largest rate of growth", low=0.0)
    half_life: float = par("h", "half-life of new spines", low=0.0)
    g_T: float = par("ratio", "largest rise of active TrkB", low=0.0)
    g_M: float = par("ratio", "largest rise of active mTORC1", low=0.0)
    g_w: float = par("ratio", "largest early rise of synaptic strength", low=0.0)
    g_n: float = par("ratio", "largest rise of spine density", low=0.0)
    psi: float = par("ratio", "largest rise of spine formation", low=0.0)
    bipolar: float = par("ratio", "half-life of the gain in bipolar depression over unipolar", low=0.0)
    ptsd: float = par("ratio", "the same in PTSD", low=0.0)
    ocd: float = par("ratio", "the same in obsessive-compulsive disorder", low=0.0)
    sad: float = par("ratio", "the same in social anxiety", low=0.0)
    benzodiazepine: float = par("ratio", "half-life under a benzodiazepine over that without", low=0.0)

    def derive(self, cov):
        half = self.half_life + 0.0 * cov["age_y"]
        for name, factor in (
            ("diagnosis.bipolar", self.bipolar),
            ("diagnosis.ptsd", self.ptsd),
            ("diagnosis.ocd", self.ocd),
            ("diagnosis.sad", self.sad),
            ("diagnosis.gad", self.sad),
            ("class.benzodiazepine", self.benzodiazepine),
        ):
            half = half * (1.0 + cov.get(name, 0.0) * (factor - 1.0))
        return {"half_life": half, "q": self.q * (1.0 - cov.get("setting_rapamycin", 0.0))}

    def initial(self):
        return {"b": 1.0}

    def active(self, x):
        """Activation of TrkB, 0 to 1."""
        return steep(x["b"] - 1.0, self.b50, self.h)

    def growth(self, x):
        """Drive of spine formation, 0 to 1."""
        return steep(x["p3"], self.p50, self.n_F)

    def rates(self, x, u):
        T = self.active(x)
        early = x["M"] + self.i * (T - x["M"])
        return {
            "b": (1.0 + self.a_D * u["drive"] + self.a_K * u["rest"] - x["b"]) / self.tau_b,
            "M": (self.q * T - x["M"]) / self.tau_M,
            "w": self.k_w * early * (1.0 - x["w"]) - x["w"] / self.tau_w,
            "p1": (x["M"] - x["p1"]) / self.tau_p,
            "p2": (x["p1"] - x["p2"]) / self.tau_p,
            "p3": (x["p2"] - x["p3"]) / self.tau_p,
            "n": self.k_n * self.growth(x) * (1.0 - x["n"]) - LN2 / self.half_life * x["n"],
        }

    def read(self, x, u):
        return {
            "bdnf": x["b"],
            "trkb": 1.0 + self.g_T * self.active(x),
            "mtorc1": 1.0 + self.g_M * x["M"],
            "eef2k": 1.0 - u["rest"],
            "spines": 1.0 + self.g_n * x["n"],
            "synapse": (1.0 + self.g_w * x["w"]) * (1.0 + self.g_n * x["n"]),
            "early": x["w"],
            "late": x["n"],
            "formation": 1.0 + self.psi * self.growth(x),
        }


class Benefit(Component):
    """Latent benefit: early strengthening and late spines together.

    Equation    benefit = c w + (1 − c) n
    Assumes     the two add; the same benefit serves every disorder, whose scales read it with their own gain
    Fails when  a disorder has a mechanism of its own
    """

    table = "plasticity/benefit"
    inputs = {"early": "fraction", "late": "fraction"}
    outputs = {"benefit": "fraction"}
    c: float = par("fraction", "share of early strengthening", low=0.0, high=1.0)

    def read(self, x, u):
        return {"benefit": self.c * u["early"] + (1.0 - self.c) * u["late"]}


class DirectResponse(Component):
    """Rival without plasticity: the benefit follows the peak of a session at once and fades.

    Equation    H = C/(EC50 + C), C = S + w_R R;   dB/dt = k_on max(H − B, 0) − ln2/t½ B;   benefit = top · B
    Assumes     nothing is built up from session to session beyond what is left of the last
    Fails when  benefit is still rising after the drug has gone
    """

    table = "plasticity/direct"
    site = "venous"
    inputs = {"S": "ng/mL", "R": "ng/mL"}
    states = {"B": "fraction"}
    outputs = {"benefit": "fraction"}
    positive = ("B",)
    w_R: float = par("fraction", "potency of R-ketamine relative to S", low=0.0, high=1.0)
    EC50: float = par("ng/mL", "S-ketamine level of half the response", low=0.0)
    top: float = par("fraction", "largest benefit", low=0.0)
    k_on: float = par("1/h", "onset", low=0.0)
    half_life: float = par("h", "fading", low=0.0)
    bipolar: float = par("ratio", "half-life in bipolar depression over unipolar", low=0.0)

    def derive(self, cov):
        return {"half_life": self.half_life * (1.0 + cov.get("diagnosis.bipolar", 0.0) * (self.bipolar - 1.0))}

    def rates(self, x, u):
        H = ops.hill(u["S"] + self.w_R * u["R"], self.EC50)
        return {"B": self.k_on * ops.positive(H - x["B"]) - LN2 / self.half_life * x["B"]}

    def read(self, x, u):
        return {"benefit": self.top * x["B"]}


class NoBenefit(Component):
    """Rival without any drug effect on mood: what is seen is expectation, confirmed by feeling the drug.

    Equation    benefit = level = 0
    Assumes     unblinding explains the difference between the arms of all trials
    Fails when  benefit differs between doses that feel alike
    """

    table = "plasticity/none"
    outputs = {"benefit": "fraction"}
    level: float = par("fraction", "benefit", low=0.0, high=1.0)

    def read(self, x, u):
        return {"benefit": self.level}
