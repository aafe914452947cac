"""The bladder: urothelial injury, fibrosis, symptoms and capacity."""

from ketasim.core import ops
from ketasim.core.component import Component, par


class Bladder(Component):
    """Injury of the urothelium by weekly exposure, its repair, and the scar that stays.

    Equation    dU/dt = k_inj X^h/(X50^h + X^h) (1 − U) − k_rep (1 − F) U
                dF/dt = k_fib max(U − U_fib, 0) (1 − F)
                P(LUTS) = expit(a_L + b_L U),   P(ulcerative cystitis) = expit(a_C + b_C U)
                capacity = V0 (1 − v_U U − v_F F)
    Assumes     injury follows exposure without a threshold, fibrosis never heals; age, hydration and acidity of the
                urine do not matter
    Fails when  infection or another irritant is present; in single persons, whose susceptibility varies widely
    """

    table = "organs/bladder"
    inputs = {"X": "g/week"}
    states = {"U": "fraction", "F": "fraction"}
    outputs = {
        "injury": "fraction",
        "fibrosis": "fraction",
        "p_luts": "fraction",
        "p_cystitis": "fraction",
        "capacity": "mL",
    }
    positive = ("U", "F")
    k_inj: float = par("1/h", "largest rate of injury", low=0.0)
    X50: float = par("g/week", "exposure of half the largest rate", low=0.0)
    h: float = par("", "steepness", low=0.0)
    k_rep: float = par("1/h", "repair", low=0.0)
    k_fib: float = par("1/h", "scarring", low=0.0)
    U_fib: float = par("fraction", "injury below which nothing scars", low=0.0)
    a_L: float = par("", "log-odds of symptoms without injury")
    b_L: float = par("", "log-odds of symptoms per unit of injury")
    a_C: float = par("", "log-odds of ulcerative cystitis without injury")
    b_C: float = par("", "log-odds of ulcerative cystitis per unit of injury")
    V0: float = par("mL", "capacity of a healthy bladder", low=0.0)
    v_U: float = par("fraction", "share of capacity lost at full injury", low=0.0)
    v_F: float = par("fraction", "share of capacity lost at full fibrosis", low=0.0)

    def rates(self, x, u):
        injury = self.k_inj * ops.hill(u["X"], self.X50, self.h) * (1.0 - x["U"])
        repair = self.k_rep * (1.0 - x["F"]) * x["U"]
        return {"U": injury - repair, "F": self.k_fib * ops.positive(x["U"] - self.U_fib) * (1.0 - x["F"])}

    def read(self, x, u):
        return {
            "injury": x["U"],
            "fibrosis": x["F"],
            "p_luts": ops.expit(self.a_L + self.b_L * x["U"]),
            "p_cystitis": ops.expit(self.a_C + self.b_C * x["U"]),
            "capacity": self.V0 * (1.0 - self.v_U * x["U"] - self.v_F * x["F"]),
        }
