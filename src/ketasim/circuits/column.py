"""A cortical column (E, PV, SST) with a thalamic relay, as rates: the source of the EEG read-out."""

from ketasim.core import ops
from ketasim.core.component import Component, par


class Column(Component):
    """Mean rates of pyramidal, PV and SST cells with AMPA, NMDA and GABA synapses, a relay and a reticular nucleus.

    Equation    τ_c dr_c/dt = −r_c + φ_c(I_c),   φ(I) = log(1 + e^{gI})/g
                ds_A/dt = (r_E − s_A)/τ_A,   ds_N/dt = (r_E − s_N)/τ_N
                ds_P/dt = (r_P − s_P)/τ_P,   ds_S/dt = (r_S − s_S)/τ_S
                I_E = I0_E + wEEa s_A + wEEn (1 − B_E) s_N − wEP s_P − wES s_S + wET s_T − kHE H
                I_P = I0_P + wPEa s_A + wPEn (1 − B_P) s_N − wPP s_P − wPS s_S
                I_S = I0_S + wSEa s_A + wSEn (1 − B_S) s_N
                I_T = I0_T + wTE s_A − wTR s_R − kH H,   I_R = I0_R + wRT r_T + wRE s_A
    Assumes     blocked NMDA channels carry no current and nothing else; blocked HCN1 channels hyperpolarise relay and
                pyramidal cells in proportion; weights are not measured but found by search for the published signs
    Fails when  spikes are synchronous, at anaesthetic dose (see bursts), or where lamination matters
    """

    table = "circuits/column"
    exportable = False
    inputs = {"B_E": "fraction", "B_P": "fraction", "B_S": "fraction", "H": "fraction"}
    states = dict.fromkeys(("rE", "rP", "rS", "sA", "sN", "sP", "sS", "rT", "rR", "sR", "sT"), "")
    outputs = {"rE": "", "rP": "", "rS": ""}
    tau_E: float = par("h", "pyramidal rate", low=0.0)
    tau_P: float = par("h", "PV rate", low=0.0)
    tau_S: float = par("h", "SST rate", low=0.0)
    tau_T: float = par("h", "relay and reticular rate", low=0.0)
    tau_A: float = par("h", "AMPA synapse", low=0.0)
    tau_N: float = par("h", "NMDA synapse", low=0.0)
    tau_GP: float = par("h", "GABA synapse of PV cells", low=0.0)
    tau_GS: float = par("h", "GABA synapse of SST cells", low=0.0)
    tau_GR: float = par("h", "GABA synapse of the reticular nucleus", low=0.0)
    tau_TA: float = par("h", "thalamocortical synapse", low=0.0)
    I0_E: float = par("", "drive of pyramidal cells")
    I0_P: float = par("", "drive of PV cells")
    I0_S: float = par("", "drive of SST cells")
    I0_T: float = par("", "drive of the relay")
    I0_R: float = par("", "drive of the reticular nucleus")
    wEEa: float = par("", "AMPA, E to E")
    wEEn: float = par("", "NMDA, E to E")
    wEP: float = par("", "PV to E")
    wES: float = par("", "SST to E")
    wPEa: float = par("", "AMPA, E to PV")
    wPEn: float = par("", "NMDA, E to PV")
    wPP: float = par("", "PV to PV")
    wPS: float = par("", "SST to PV")
    wSEa: float = par("", "AMPA, E to SST")
    wSEn: float = par("", "NMDA, E to SST")
    wET: float = par("", "relay to E")
    wTE: float = par("", "E to relay")
    wTR: float = par("", "reticular to relay")
    wRT: float = par("", "relay to reticular")
    wRE: float = par("", "E to reticular")
    g_E: float = par("", "gain of pyramidal cells", low=0.0)
    g_P: float = par("", "gain of PV cells", low=0.0)
    g_S: float = par("", "gain of SST cells", low=0.0)
    kH: float = par("", "hyperpolarisation of the relay per blocked HCN1")
    kHE: float = par("", "hyperpolarisation of pyramidal cells per blocked HCN1")
    noise_T: float = par("", "noise of the relay relative to the cortex", low=0.0)

    def currents(self, x, u):
        """Inputs of the five populations."""
        i_e = (
            self.I0_E
            + self.wEEa * x["sA"]
            + self.wEEn * (1.0 - u["B_E"]) * x["sN"]
            - self.wEP * x["sP"]
            - self.wES * x["sS"]
            + self.wET * x["sT"]
            - self.kHE * u["H"]
        )
        i_p = (
            self.I0_P
            + self.wPEa * x["sA"]
            + self.wPEn * (1.0 - u["B_P"]) * x["sN"]
            - self.wPP * x["sP"]
            - self.wPS * x["sS"]
        )
        i_s = self.I0_S + self.wSEa * x["sA"] + self.wSEn * (1.0 - u["B_S"]) * x["sN"]
        i_t = self.I0_T + self.wTE * x["sA"] - self.wTR * x["sR"] - self.kH * u["H"]
        i_r = self.I0_R + self.wRT * x["rT"] + self.wRE * x["sA"]
        return i_e, i_p, i_s, i_t, i_r

    def rates(self, x, u):
        i_e, i_p, i_s, i_t, i_r = self.currents(x, u)
        return {
            "rE": (ops.softplus(self.g_E * i_e) / self.g_E - x["rE"]) / self.tau_E,
            "rP": (ops.softplus(self.g_P * i_p) / self.g_P - x["rP"]) / self.tau_P,
            "rS": (ops.softplus(self.g_S * i_s) / self.g_S - x["rS"]) / self.tau_S,
            "sA": (x["rE"] - x["sA"]) / self.tau_A,
            "sN": (x["rE"] - x["sN"]) / self.tau_N,
            "sP": (x["rP"] - x["sP"]) / self.tau_GP,
            "sS": (x["rS"] - x["sS"]) / self.tau_GS,
            "rT": (ops.softplus(i_t) - x["rT"]) / self.tau_T,
            "rR": (ops.softplus(i_r) - x["rR"]) / self.tau_T,
            "sR": (x["rR"] - x["sR"]) / self.tau_GR,
            "sT": (x["rT"] - x["sT"]) / self.tau_TA,
        }

    def read(self, x, u):
        return {"rE": x["rE"], "rP": x["rP"], "rS": x["rS"]}
