"""Release and uptake of dopamine, serotonin and noradrenaline in the brain."""

from ketasim.core.component import Component, par


class Monoamine(Component):
    """Extracellular level of one monoamine relative to rest.

    Equation    M = (1 + r D + q a) / (1 − θ),   D disinhibition, a arousal, θ occupancy of the transporter
    Assumes     release follows cortical disinhibition (and, for noradrenaline, arousal); uptake is the only removal,
                so that an occupied transporter raises the level in proportion
    Fails when  diffusion or metabolism removes; human imaging studies contradict one another on dopamine
    """

    table = "circuits/dopamine"
    inputs = {"D": "fraction", "arousal": "fraction", "theta": "fraction"}
    outputs = {"level": "ratio"}
    r: float = par("", "release per unit of disinhibition", low=0.0)
    q: float = par("", "release per unit of arousal", low=0.0)

    def read(self, x, u):
        return {"level": (1.0 + self.r * u["D"] + self.q * u["arousal"]) / (1.0 - u["theta"])}


class Raclopride(Component):
    """Change of striatal [11C]raclopride binding that a dopamine rise displaces.

    Equation    Δ% = −s (M − 1)
    Assumes     displacement in proportion to the rise, with the ratio known from amphetamine studies
    Fails when  binding changes for another reason than competition
    """

    table = "circuits/raclopride"
    inputs = {"level": "ratio"}
    outputs = {"change": "%"}
    s: float = par("%", "loss of binding for a doubling of dopamine", low=0.0)

    def read(self, x, u):
        return {"change": -self.s * (u["level"] - 1.0)}
