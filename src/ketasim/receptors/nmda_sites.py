"""Two further ways to hold back the NMDA channel, both off unless asked for: hydroxynorketamine, an allosteric site."""

from ketasim.core import ops
from ketasim.core.component import Component, par


class HydroxynorketamineBlock(Component):
    """Block with hydroxynorketamine beside what ketamine and norketamine block already (option nmda_hnk).

    Equation    B' = 1 − (1 − B)/(1 + f r (1 − B)),   r = c_S/Kd_S + c_R/Kd_R,   f = 1/(1 + [Mg]/K_Mg)
    Assumes     the same pore, in equilibrium; the same constants at every subtype, though only one was measured;
                magnesium competes as it does with ketamine
    Fails when  a target other than this pore carries the action of the metabolite (none was found)
    """

    table = "receptors/nmda_hnk"
    inputs = {"block": "fraction", "S": "umol/L", "R": "umol/L"}
    outputs = {"block": "fraction"}
    Kd_S: float = par("umol/L", "dissociation constant of (2S,6S)-hydroxynorketamine without magnesium", low=0.0)
    Kd_R: float = par("umol/L", "dissociation constant of (2R,6R)-hydroxynorketamine without magnesium", low=0.0)
    K_Mg: float = par("mmol/L", "dissociation constant of magnesium", low=0.0)
    Mg: float = par("mmol/L", "extracellular magnesium", low=0.0)

    def read(self, x, u):
        ratio = ops.positive(u["S"]) / self.Kd_S + ops.positive(u["R"]) / self.Kd_R
        free = 1.0 - u["block"]
        return {"block": 1.0 - free / (1.0 + free * ratio / (1.0 + self.Mg / self.K_Mg))}


class AllostericSite(Component):
    """Loss of the tonic current by a second site, at nanomolar levels (option nmda_allosteric).

    Equation    B' = 1 − (1 − B)(1 − t E_max C/(C + K)),   C = c_S + c_R
    Assumes     only the share t of the charge that ambient glutamate carries is lost; brief synaptic currents are
                spared; both enantiomers act alike
    Fails when  the finding of one laboratory is not repeated; t is a guess
    """

    table = "receptors/nmda_allosteric"
    inputs = {"block": "fraction", "S": "umol/L", "R": "umol/L"}
    outputs = {"block": "fraction"}
    tonic: float = par("fraction", "share of the charge that is tonic", low=0.0, high=1.0)
    Emax: float = par("fraction", "largest loss of the tonic current", low=0.0, high=1.0)
    K: float = par("umol/L", "level of half the loss", low=0.0)

    def read(self, x, u):
        level = ops.positive(u["S"]) + ops.positive(u["R"])
        return {"block": 1.0 - (1.0 - u["block"]) * (1.0 - self.tonic * self.Emax * level / (level + self.K))}
