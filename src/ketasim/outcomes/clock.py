"""Endpoint-specific clocks: how far each kind of effect lags behind arterial plasma."""

from ketasim.core.component import Component, par

LN2 = 0.6931471805599453


class EndpointClock(Component):
    """Effect-site levels of both enantiomers and of S-norketamine for one kind of endpoint.

    Equation    dCe/dt = ln2/t½ (C − Ce) for S, R and S-norketamine
    Assumes     one well-mixed site; enantiomers and metabolite equilibrate alike
    Fails when  a bolus is given in seconds, or an endpoint with another half-time is read from it
    """

    table = "outcomes/acute/clock_slow"
    site = "arterial"
    linear = True
    inputs = {"S": "ng/mL", "R": "ng/mL", "N": "ng/mL"}
    states = {"S": "ng/mL", "R": "ng/mL", "N": "ng/mL"}
    outputs = {"S": "ng/mL", "R": "ng/mL", "N": "ng/mL"}
    positive = ("S", "R", "N")
    half_time: float = par("h", "half-time of equilibration", low=0.0)

    def rates(self, x, u):
        k = LN2 / self.half_time
        return {name: k * (u[name] - x[name]) for name in self.states}
