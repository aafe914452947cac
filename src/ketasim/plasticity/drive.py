"""What starts plasticity: one small part for each rival explanation, all with the same ports and outputs.

Each gives a drive of BDNF release (`drive`, 0 to 1) and the inhibition of eEF2 kinase by block of resting NMDA
receptors (`rest`, 0 to 1). Which one is used is the option `hypothesis` of the model; none is proved.
"""

from ketasim.core import ops
from ketasim.core.component import Component, par

OUT = {"drive": "fraction", "rest": "fraction"}
ENANTIOMERS = {"S": "ng/mL", "R": "ng/mL"}


def interactions(cov, gain, benzodiazepine, lamotrigine, naltrexone):
    """The gain of a person's drive after the drugs taken beside it (flags 0 or 1 of the covariates)."""
    out = gain + 0.0 * cov["age_y"]
    for name, factor in (
        ("class.benzodiazepine", benzodiazepine),
        ("takes.lamotrigine", lamotrigine),
        ("class.opioid_antagonist", naltrexone),
    ):
        out = out * (1.0 - cov.get(name, 0.0) * (1.0 - factor))
    return out


class Disinhibition(Component):
    """Block of interneurones frees glutamate, which acts on AMPA receptors.

    Equation    C = S + w_R R;   drive = g C/(EC50 + C) · 1/(1 + (C/C_off)^2);   rest = C/(K_rest + C)
    Assumes     interneurones are blocked before pyramidal cells; anaesthetic levels silence both, so the drive falls
                again (glutamate rose at 10 to 30 mg/kg in rats, not at 50, and fell at 200)
    Fails when  another anaesthetic already silences the cortex
    """

    table = "plasticity/disinhibition"
    site = "venous"
    inputs = ENANTIOMERS
    outputs = OUT
    w_R: float = par("fraction", "potency of R-ketamine relative to S", low=0.0, high=1.0)
    EC50: float = par("ng/mL", "S-ketamine level of half the drive", low=0.0)
    C_off: float = par("ng/mL", "S-ketamine level at which half of the drive is lost", low=0.0)
    K_rest: float = par("ng/mL", "S-ketamine level of half the block at rest", low=0.0)
    gain: float = par("fraction", "factor of a person's drive", low=0.0)
    benzodiazepine: float = par("fraction", "drive left under a benzodiazepine", low=0.0)
    lamotrigine: float = par("fraction", "drive left under lamotrigine", low=0.0)
    naltrexone: float = par("fraction", "drive left under an opioid antagonist", low=0.0)

    def derive(self, cov):
        return {"gain": interactions(cov, self.gain, self.benzodiazepine, self.lamotrigine, self.naltrexone)}

    def read(self, x, u):
        C = ops.positive(u["S"] + self.w_R * u["R"])
        far = C / self.C_off
        return {"drive": self.gain * ops.hill(C, self.EC50) / (1.0 + far * far), "rest": ops.hill(C, self.K_rest)}


class RestBlock(Component):
    """Block of NMDA receptors at rest stops eEF2 kinase, and BDNF is made without any burst of glutamate.

    Equation    C = S + w_R R;   drive = 0;   rest = g C/(K_rest + C)
    Assumes     spontaneous release alone matters; no upper limit of dose
    Fails when  magnesium keeps resting receptors shut (memantine, which differs there, has no such effect)
    """

    table = "plasticity/rest_block"
    site = "venous"
    inputs = ENANTIOMERS
    outputs = OUT
    w_R: float = par("fraction", "potency of R-ketamine relative to S", low=0.0, high=1.0)
    K_rest: float = par("ng/mL", "S-ketamine level of half the block at rest", low=0.0)
    gain: float = par("fraction", "factor of a person's drive", low=0.0)
    benzodiazepine: float = par("fraction", "drive left under a benzodiazepine", low=0.0)
    lamotrigine: float = par("fraction", "drive left under lamotrigine", low=0.0)
    naltrexone: float = par("fraction", "drive left under an opioid antagonist", low=0.0)

    def derive(self, cov):
        return {"gain": interactions(cov, self.gain, self.benzodiazepine, self.lamotrigine, self.naltrexone)}

    def read(self, x, u):
        C = ops.positive(u["S"] + self.w_R * u["R"])
        return {"drive": 0.0 * self.gain, "rest": self.gain * ops.hill(C, self.K_rest)}


class TrkBDirect(Component):
    """Drug and metabolite sit on the TrkB dimer and make it more sensitive to the BDNF that is there.

    Equation    C = S + w_R R + w_H H;   drive = g C/(K + C);   rest = 0
    Assumes     a weak site (levels far below its constant), hence a drive proportional to exposure; H is
                hydroxynorketamine; both enantiomers bind alike
    Fails when  membrane cholesterol or the sampling of the dimer differs
    """

    table = "plasticity/trkb_direct"
    site = "venous"
    inputs = {"S": "ng/mL", "R": "ng/mL", "H": "ng/mL"}
    outputs = OUT
    w_R: float = par("fraction", "potency of R-ketamine relative to S", low=0.0, high=2.0)
    w_H: float = par("fraction", "potency of hydroxynorketamine relative to S", low=0.0)
    K: float = par("ng/mL", "level of half the occupancy", low=0.0)
    gain: float = par("fraction", "factor of a person's drive", low=0.0)
    benzodiazepine: float = par("fraction", "drive left under a benzodiazepine", low=0.0)
    lamotrigine: float = par("fraction", "drive left under lamotrigine", low=0.0)
    naltrexone: float = par("fraction", "drive left under an opioid antagonist", low=0.0)

    def derive(self, cov):
        return {"gain": interactions(cov, self.gain, self.benzodiazepine, self.lamotrigine, self.naltrexone)}

    def read(self, x, u):
        C = ops.positive(u["S"] + self.w_R * u["R"] + self.w_H * u["H"])
        return {"drive": self.gain * ops.hill(C, self.K), "rest": 0.0 * self.gain}


class Hydroxynorketamine(Component):
    """The metabolite, not the drug, raises glutamate release.

    Equation    C = R_HNK + w_S S_HNK;   drive = g C/(EC50 + C);   rest = 0
    Assumes     the R form of the metabolite carries the effect in animals; because esketamine works in people, the S
                form must carry a share w_S
    Fails when  it is taken as shown in people: it was not reproduced in one rat model, and no trial supports it yet
    """

    table = "plasticity/hnk"
    site = "venous"
    inputs = {"R_HNK": "ng/mL", "S_HNK": "ng/mL"}
    outputs = OUT
    w_S: float = par("fraction", "potency of S-hydroxynorketamine relative to R", low=0.0)
    EC50: float = par("ng/mL", "R-hydroxynorketamine level of half the drive", low=0.0)
    gain: float = par("fraction", "factor of a person's drive", low=0.0)
    benzodiazepine: float = par("fraction", "drive left under a benzodiazepine", low=0.0)
    lamotrigine: float = par("fraction", "drive left under lamotrigine", low=0.0)
    naltrexone: float = par("fraction", "drive left under an opioid antagonist", low=0.0)

    def derive(self, cov):
        return {"gain": interactions(cov, self.gain, self.benzodiazepine, self.lamotrigine, self.naltrexone)}

    def read(self, x, u):
        C = ops.positive(u["R_HNK"] + self.w_S * u["S_HNK"])
        return {"drive": self.gain * ops.hill(C, self.EC50), "rest": 0.0 * self.gain}


class OpioidGated(Component):
    """Disinhibition that needs mu receptors: without them, or with an antagonist, nothing follows.

    Equation    C = S + w_R R;   drive = g C/(EC50 + C) · S/(K_mu + S);   rest = 0
    Assumes     a gate that opens with S-ketamine at mu receptors; the form of the gate is assumed
    Fails when  other opioids are present (they would open the gate; no trial shows that they help depression)
    """

    table = "plasticity/opioid_gated"
    site = "venous"
    inputs = ENANTIOMERS
    outputs = OUT
    w_R: float = par("fraction", "potency of R-ketamine relative to S", low=0.0, high=1.0)
    EC50: float = par("ng/mL", "S-ketamine level of half the drive", low=0.0)
    K_mu: float = par("ng/mL", "S-ketamine level that half opens the gate", low=0.0)
    gain: float = par("fraction", "factor of a person's drive", low=0.0)
    benzodiazepine: float = par("fraction", "drive left under a benzodiazepine", low=0.0)
    lamotrigine: float = par("fraction", "drive left under lamotrigine", low=0.0)
    naltrexone: float = par("fraction", "drive left under an opioid antagonist", low=0.0)

    def derive(self, cov):
        return {"gain": interactions(cov, self.gain, self.benzodiazepine, self.lamotrigine, self.naltrexone)}

    def read(self, x, u):
        C = ops.positive(u["S"] + self.w_R * u["R"])
        gate = ops.hill(u["S"], self.K_mu)
        return {"drive": self.gain * ops.hill(C, self.EC50) * gate, "rest": 0.0 * self.gain}
