"""Small components with known answers, for tests of the core."""

from ketasim.core import ops
from ketasim.core.component import Component, DoseInput, Input, par
from ketasim.core.system import Part, System


class Tank(Component):
    """One compartment.

    Equation    dA/dt = input − k A
    Assumes     mixing at once
    Fails when  it is not mixed
    """

    inputs = {"input": "umol/h"}
    optional = {"input": 0.0}
    states = {"A": "umol"}
    outputs = {"C": "umol/L", "out": "umol/h"}
    ports = {"iv": "A"}
    linear = True
    k: float = par("1/h", "elimination", low=0.0)
    V: float = par("L", "volume", low=0.0)

    def rates(self, x, u):
        return {"A": u["input"] - self.k * x["A"]}

    def read(self, x, u):
        return {"C": x["A"] / self.V, "out": self.k * x["A"]}


class Half(Component):
    """Doses enter half now, half later.

    Equation    dA/dt = −A/h
    Assumes     a bioavailability
    Fails when  never
    """

    states = {"A": "umol"}
    outputs = {"A": "umol"}
    ports = {"oral": "A"}
    F: float = par("fraction", "bioavailability")
    lag: float = par("h", "delay")

    def rates(self, x, u):
        return {"A": -x["A"] * self.F * 0.0}

    def dose(self, port, d: DoseInput):
        later = d.start_h + self.lag
        return [Input("A", d.amount * self.F / 2, d.start_h), Input("A", d.amount * self.F / 2, later, 1.0)]


class Counter(Component):
    """Sessions counted, from a start that is a parameter.

    Equation    n → n + step at every session; dn/dt = 0
    Assumes     nothing
    Fails when  never
    """

    states = {"n": "count"}
    outputs = {"n": "count"}
    jump_events = ("session_start",)
    step: float = par("count", "what a session adds")
    first: float = par("count", "where it starts")

    def rates(self, x, u):
        return {"n": x["n"] * 0.0}

    def initial(self):
        return {"n": self.first}

    def jump(self, event, x, u):
        return {"n": x["n"] + self.step}


class Saturable(Component):
    """Michaelis–Menten loss.

    Equation    dA/dt = −Vmax A/(Km + A)
    Assumes     one enzyme
    Fails when  there are two
    """

    inputs = {"C": "mg/L"}
    states = {"A": "mg"}
    outputs = {"A": "mg", "effect": "fraction"}
    ports = {"iv": "A"}
    Vmax: float = par("mg/h", "largest rate")
    Km: float = par("mg", "half of it")
    C50: float = par("mg/L", "half of the effect")

    def rates(self, x, u):
        return {"A": -self.Vmax * ops.hill(x["A"], self.Km)}

    def read(self, x, u):
        return {"A": x["A"], "effect": ops.hill(u["C"], self.C50, 2.0)}


class Black(Component):
    """Something that is not an equation.

    Equation    none
    Assumes     nothing
    Fails when  always
    """

    outputs = {"z": "fraction"}
    exportable = False

    def read(self, x, u):
        return {"z": 0.5}


def chain(k: float = 0.5, V: float = 10.0) -> System:
    """Two tanks, the first flowing into the second."""
    first = Part(Tank(k=k, V=V), "first", publish={"C": "plasma"})
    second = Part(Tank(k=0.2, V=4.0), "second", {"input": "first.out"})
    return System("chain", (first, second))
