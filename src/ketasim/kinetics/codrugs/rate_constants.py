"""Co-drugs written as rate constants: propofol, morphine, fentanyl."""

from __future__ import annotations

from ketasim.core.component import par
from ketasim.kinetics.mammillary import _ThreeRateConstants


class _Arterial(_ThreeRateConstants):
    """As the base, with the arterial level by mass."""

    outputs = {"C": "umol/L", "eliminated": "umol/h", "arterial": "ng/mL"}
    site = "arterial"
    M: float = par("g/mol", "molar mass", low=0.0)

    def read(self, x, u):
        base = super().read(x, u)
        return base | {"arterial": self.M * base["C"]}


class Marsh1991(_Arterial):
    """Propofol.

    Equation    dA1/dt = input − (k10 + k12 + k13)A1 + k21·A2 + k31·A3; C = A1/(V1·weight)
    Assumes     everything in proportion to weight; no change with age
    Fails when  used in the frail or the obese
    """

    table = "kinetics/marsh1991"


class Sarton2000(_Arterial):
    """Morphine.

    Equation    dA1/dt = input − (k10 + k12 + k13)A1 + k21·A2 + k31·A3; C = A1/(V1·weight)
    Assumes     everything in proportion to weight; its active glucuronide is not carried
    Fails when  the kidneys fail or doses are repeated for days
    """

    table = "kinetics/sarton2000"


class Shafer1990(_Arterial):
    """Fentanyl.

    Equation    dA1/dt = input − (k10 + k12 + k13)A1 + k21·A2 + k31·A3; C = A1/(V1·weight)
    Assumes     the printed volume of 6.09 L holds at 70 kg and goes with weight
    Fails when  used in the obese
    """

    table = "kinetics/shafer1990"
