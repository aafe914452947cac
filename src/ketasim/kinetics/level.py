"""From moles to the mass concentration a laboratory prints."""

from __future__ import annotations

from ketasim.core.component import Component, par


class _Level(Component):
    """Public concentrations of one analyte: arterial and venous plasma by mass, brain by moles.

    Equation    arterial = M·Ca; venous = M·Cv; brain = Cb
    Assumes     the inputs are sums over routes and enantiomers
    Fails when  two analytes of different molar mass are summed
    """

    table = "kinetics/plasma"
    inputs = {"Ca": "umol/L", "Cv": "umol/L", "Cb": "umol/L"}
    optional = {"Ca": 0.0, "Cv": 0.0, "Cb": 0.0}
    outputs = {"arterial": "ng/mL", "venous": "ng/mL", "brain": "umol/L"}
    linear = True
    M: float = par("g/mol", "molar mass of the base", low=0.0)

    def read(self, x, u):
        return {"arterial": self.M * u["Ca"], "venous": self.M * u["Cv"], "brain": u["Cb"]}


class _Venous(_Level):
    """As the base, for models sampled in a vein whose arterial level cannot be told (fast input)."""

    inputs = {"Cv": "umol/L"}
    optional = {"Cv": 0.0}
    outputs = {"venous": "ng/mL"}

    def read(self, x, u):
        return {"venous": self.M * u["Cv"]}


def _named(analyte: str, words: str) -> tuple[type[_Level], type[_Venous]]:
    """The two classes of one analyte; they differ in molar mass alone."""
    made = []
    for base, what in ((_Level, "Arterial, venous and brain levels"), (_Venous, "Venous level")):
        namespace = {
            "__doc__": f"{what} of {words}.\n\n    Equation    ng/mL = M · µmol/L\n    Assumes     one molar mass\n"
            "    Fails when  analytes of different molar mass are summed\n    ",
            "__module__": __name__,
            "__annotations__": {"M": float},
            "M": par("g/mol", "molar mass of the base", low=0.0, key=f"M_{analyte}"),
        }
        made.append(type(f"{analyte}{'Level' if base is _Level else 'VenousLevel'}", (base,), namespace))
    return made[0], made[1]


KetamineLevel, KetamineVenousLevel = _named("ketamine", "ketamine")
NorketamineLevel, NorketamineVenousLevel = _named("norketamine", "norketamine")
HNKLevel, HNKVenousLevel = _named("HNK", "hydroxynorketamine")
DHNKLevel, DHNKVenousLevel = _named("DHNK", "dehydronorketamine")
MidazolamLevel, MidazolamVenousLevel = _named("midazolam", "midazolam")
