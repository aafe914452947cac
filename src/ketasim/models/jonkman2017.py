"""Jonkman 2017: nebulised S-ketamine on the arterial disposition of Simons 2022 (graded composite)."""

from __future__ import annotations

from ketasim.core.system import Part, System
from ketasim.kinetics.absorption.jonkman2017 import Jonkman2017
from ketasim.models.assembly import Curves, readings
from ketasim.models.model import Built, Model, Need, Target
from ketasim.models.moieties import moieties
from ketasim.models.published import STAND_IN, molar_mass

COMPOSITE = "composite: the split of uptake is assumed and the exponent comes from two printed points"
PAIRS = frozenset((d, r) for d in ("ketamine", "esketamine") for r in ("inhaled", "iv"))


def _build(need: Need) -> Built:
    targets = {
        (drug, route): tuple(Target("lung", f"{e}_{route}", x, molar_mass()) for e, x in moieties(drug).items())
        for drug, route in need.given & PAIRS
    }
    read = readings(Curves(arterial={"S_ketamine": ("lung.S",), "R_ketamine": ("lung.R",)}), ("ketamine",))
    racemic = any(d == "ketamine" for d, _ in need.given)
    extra = (COMPOSITE, *((STAND_IN,) if racemic else ()))
    system = System("jonkman2017", (Part(Jonkman2017(), "lung"), *read.parts))
    flags = {o: (*read.flags.get(o, ()), *extra) for o in read.outputs}
    return Built(system, targets, flags, outputs=read.outputs, warnings=extra[1:])


MODEL = Model(
    "jonkman2017", "Jonkman 2017, inhaled, arterial (composite)", "jonkman2017", "arterial", PAIRS, _build,
    {"age_y": (18.0, 65.0)}, "19 healthy volunteers", COMPOSITE,
)  # fmt: skip
