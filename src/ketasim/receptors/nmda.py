"""Use-dependent trapping block of the NMDA channel: the reduced scheme used in production."""

from ketasim.core import ops
from ketasim.core.component import Component, par

LIGANDS = ("S_ketamine", "R_ketamine", "S_norketamine", "R_norketamine")
SUBTYPES = ("2A", "2B", "2C", "2D")


class TrappingBlock(Component):
    """Fraction of one receptor subtype whose channel holds a drug molecule, at one membrane voltage.

    Equation    dB/dt = Po [f kon Σc_k (1 − B) − koff B] + (1 − Po) k_esc [f R (1 − B) − B]
                R = Σ c_k / Kd_k(V),   koff = kon Σc_k / R,   f = 1 / (1 + [Mg] / K_Mg(V))
                K_Mg(V) = K_Mg(−65) e^((V+65)(1/17+1/47)),   Kd_k(V) = Kd_k(−65) e^(zδ (V+65) / (kT/e))
    Assumes     one binding site in the open pore, shared with magnesium; binding and unbinding only through the open
                channel, apart from a slow escape from the closed one that keeps the same equilibrium (so that the
                steady block is f R / (1 + f R) whatever the open probability); an open probability constant over the
                seconds that matter; the unbound drug of the brain is that at the channel
    Fails when  the open probability changes with the drug itself over seconds, where binding assays (no magnesium,
                no voltage) are compared with function, or below 100 nmol/L if a second, allosteric site exists
    """

    table = "receptors/nmda_2A"
    inputs = dict.fromkeys(LIGANDS, "umol/L")
    states = {"B": "fraction"}
    outputs = {"block": "fraction"}
    positive = ("B",)
    Kd_S_ketamine: float = par("umol/L", "dissociation constant of S-ketamine at −65 mV without magnesium", low=0.0)
    Kd_R_ketamine: float = par("umol/L", "the same for R-ketamine", low=0.0)
    Kd_S_norketamine: float = par("umol/L", "the same for S-norketamine", low=0.0)
    Kd_R_norketamine: float = par("umol/L", "the same for R-norketamine", low=0.0)
    K_Mg: float = par("mmol/L", "dissociation constant of magnesium at −65 mV", low=0.0)
    Mg: float = par("mmol/L", "extracellular magnesium", low=0.0)
    V: float = par("mV", "membrane voltage")
    V_ref: float = par("mV", "voltage at which the constants are stated")
    V_on: float = par("mV", "voltage constant of magnesium entry", low=0.0)
    V_off: float = par("mV", "voltage constant of magnesium exit", low=0.0)
    zdelta: float = par("", "charge times electrical depth of the drug's site")
    kT: float = par("mV", "thermal voltage at body temperature", low=0.0)
    kon: float = par("1/(umol/L)/h", "binding rate to the open channel", low=0.0)
    k_esc: float = par("1/h", "escape from the closed channel", low=0.0)
    Po: float = par("fraction", "open probability of agonist-bound channels in the working brain", low=0.0, high=1.0)

    def drive(self, u):
        """(Σ c/Kd at this voltage, un-magnesium-blocked fraction f)."""
        depth = ops.exp(self.zdelta * (self.V - self.V_ref) / self.kT)
        shift = ops.exp((self.V - self.V_ref) / self.V_on + (self.V - self.V_ref) / self.V_off)
        ratio = sum(ops.positive(u[name]) / getattr(self, f"Kd_{name}") for name in LIGANDS) / depth
        return ratio, 1.0 / (1.0 + self.Mg / (self.K_Mg * shift))

    def rates(self, x, u):
        ratio, free = self.drive(u)
        depth = ops.exp(self.zdelta * (self.V - self.V_ref) / self.kT)
        # koff of a mixture is kon times the concentration-weighted mean Kd, so that kon Σc = koff R for any mixture
        weighted = sum(ops.positive(u[name]) for name in LIGANDS)
        tiny = ops.FLOOR * self.Kd_S_ketamine
        koff = self.kon * (weighted + tiny) / (ratio + ops.FLOOR / depth)
        bind = self.Po * koff * (free * ratio * (1.0 - x["B"]) - x["B"])
        escape = (1.0 - self.Po) * self.k_esc * (free * ratio * (1.0 - x["B"]) - x["B"])
        return {"B": bind + escape}

    def read(self, x, u):
        return {"block": x["B"]}


class SubtypeMixture(Component):
    """Block of a cell class from the subtypes it carries.

    Equation    block = Σ w_s B_s / Σ w_s
    Assumes     subtypes contribute to the charge in fixed shares
    Fails when  synaptic and extrasynaptic receptors are driven differently
    """

    table = "receptors/pyramidal"
    inputs = {"block_a": "fraction", "block_b": "fraction"}
    outputs = {"block": "fraction"}
    w_a: float = par("fraction", "share of the first subtype", low=0.0)
    w_b: float = par("fraction", "share of the second subtype", low=0.0)

    def read(self, x, u):
        return {"block": (self.w_a * u["block_a"] + self.w_b * u["block_b"]) / (self.w_a + self.w_b)}
