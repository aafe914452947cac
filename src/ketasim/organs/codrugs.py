"""Effect sites of drugs that act on heart, breath and sleep beside ketamine."""

from ketasim.core.component import Component, par

LN2 = 0.6931471805599453


class DrugSite(Component):
    """Effect site of one drug, in units of its own half-effect.

    Equation    dCe/dt = ln2/t½ (C − Ce);   units = Ce/C50
    Assumes     drugs of one action add in these units
    Fails when  a drug has a ceiling, or tolerance
    """

    table = "organs/site_remifentanil"
    linear = True
    inputs = {"C": "ng/mL"}
    states = {"Ce": "ng/mL"}
    outputs = {"units": "ratio"}
    positive = ("Ce",)
    half_time: float = par("h", "half-time of equilibration", low=0.0)
    C50: float = par("ng/mL", "level of half the effect", low=0.0)

    def rates(self, x, u):
        return {"Ce": LN2 / self.half_time * (u["C"] - x["Ce"])}

    def read(self, x, u):
        return {"units": x["Ce"] / self.C50}


class LabetalolSite(Component):
    """Labetalol: beta and, at higher levels, alpha-1 block.

    Equation    dCe/dt = ln2/t½ (C − Ce);   beta = Ce/C50;   alpha1 = Ce/(q C50)
    Assumes     one effect site; alpha block q times weaker than beta block after injection
    Fails when  given by mouth, where the ratio is smaller
    """

    table = "organs/site_labetalol"
    linear = True
    inputs = {"C": "ng/mL"}
    states = {"Ce": "ng/mL"}
    outputs = {"beta": "ratio", "alpha1": "ratio"}
    positive = ("Ce",)
    half_time: float = par("h", "half-time of equilibration", low=0.0)
    C50: float = par("ng/mL", "level of half the beta block", low=0.0)
    q: float = par("ratio", "level of half the alpha block over it", low=0.0)

    def rates(self, x, u):
        return {"Ce": LN2 / self.half_time * (u["C"] - x["Ce"])}

    def read(self, x, u):
        return {"beta": x["Ce"] / self.C50, "alpha1": x["Ce"] / (self.q * self.C50)}
