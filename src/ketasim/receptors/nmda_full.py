"""The full fifteen-state trapping scheme of the NMDA channel: the reference for the reduced one."""

from ketasim.core import ops
from ketasim.core.component import Component, par

GATES = ("C", "CA", "CAA", "D", "O")
PORES = ("free", "Mg", "drug")
NAMES = {(g, p): f"{g}_{p}" for p in PORES for g in GATES}


class FifteenStates(Component):
    """Gating {C, CA, CAA, D, O} × pore {free, magnesium, drug}, one ligand at a time.

    Equation    C ⇌ CA ⇌ CAA ⇌ O (2 kA·g, kA·g; koffA, 2 koffA; β, α), CAA ⇌ D (kd, kr), the same for every pore;
                O_free ⇌ O_Mg (kMg·[Mg], kMg_off), O_free ⇌ O_drug (kon·c, kon·Kd);
                X_drug ⇌ X_free (k_esc, k_esc c/Kd) for closed X
    Assumes     a blocker neither favours nor hinders gating (trapping); voltage is clamped
    Fails when  a blocker changes desensitisation (memantine at 2A), or receptors are open without agonist
    """

    table = "receptors/nmda_full"
    inputs = {"c": "umol/L", "glu": "umol/L"}
    states = dict.fromkeys(NAMES.values(), "fraction")
    outputs = {"open": "fraction", "blocked": "fraction", "Po": "fraction"}
    conserves = (dict.fromkeys(NAMES.values(), 1.0),)
    positive = tuple(NAMES.values())
    Kd: float = par("umol/L", "dissociation constant of the blocker at −65 mV without magnesium", low=0.0)
    kon: float = par("1/(umol/L)/h", "binding rate of the blocker to the open channel", low=0.0)
    k_esc: float = par("1/h", "escape of the blocker from closed channels", low=0.0)
    zdelta: float = par("", "charge times electrical depth of the blocker's site")
    V: float = par("mV", "membrane voltage")
    V_ref: float = par("mV", "voltage at which Kd is stated")
    kT: float = par("mV", "thermal voltage")
    Mg: float = par("mmol/L", "extracellular magnesium", low=0.0)
    kMg_on: float = par("1/(mmol/L)/h", "magnesium entry at 0 mV", low=0.0)
    kMg_off: float = par("1/h", "magnesium exit at 0 mV", low=0.0)
    V_on: float = par("mV", "voltage constant of magnesium entry", low=0.0)
    V_off: float = par("mV", "voltage constant of magnesium exit", low=0.0)
    kA: float = par("1/(umol/L)/h", "glutamate binding", low=0.0)
    koffA: float = par("1/h", "glutamate unbinding", low=0.0)
    beta: float = par("1/h", "opening", low=0.0)
    alpha: float = par("1/h", "closing", low=0.0)
    kd: float = par("1/h", "desensitisation", low=0.0)
    kr: float = par("1/h", "recovery from desensitisation", low=0.0)

    def initial(self):
        return {"C_free": 1.0}

    def rates(self, x, u):
        flows = dict.fromkeys(NAMES.values(), 0.0 * self.koffA)

        def exchange(a, b, forward, backward):
            flux = forward * x[a] - backward * x[b]
            flows[a] = flows[a] - flux
            flows[b] = flows[b] + flux

        agonist = self.kA * u["glu"]
        for pore in PORES:
            c, ca, caa, d, o = (NAMES[g, pore] for g in GATES)
            exchange(c, ca, 2.0 * agonist, self.koffA)
            exchange(ca, caa, agonist, 2.0 * self.koffA)
            exchange(caa, o, self.beta, self.alpha)
            exchange(caa, d, self.kd, self.kr)
        Kd = self.Kd * ops.exp(self.zdelta * (self.V - self.V_ref) / self.kT)
        exchange(
            "O_free",
            "O_Mg",
            self.kMg_on * self.Mg * ops.exp(-self.V / self.V_on),
            self.kMg_off * ops.exp(self.V / self.V_off),
        )
        exchange("O_free", "O_drug", self.kon * u["c"], self.kon * Kd)
        for gate in GATES[:-1]:
            exchange(NAMES[gate, "free"], NAMES[gate, "drug"], self.k_esc * u["c"] / Kd, self.k_esc)
        return flows

    def read(self, x, u):
        blocked = sum(x[NAMES[g, "drug"]] for g in GATES)
        everything = sum(x[NAMES["O", p]] for p in PORES)
        return {"open": x["O_free"], "blocked": blocked, "Po": everything}
