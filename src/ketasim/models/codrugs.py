"""Drugs given beside ketamine: those with kinetics get a part; the others are recorded and said to have none."""

from __future__ import annotations

from dataclasses import dataclass

from ketasim.core.component import Component
from ketasim.core.system import Part
from ketasim.dosing.catalogue import drugs
from ketasim.kinetics.codrugs.hannivoort2015 import Hannivoort2015
from ketasim.kinetics.codrugs.minto1997 import Minto1997
from ketasim.kinetics.codrugs.one_compartment import TABLES, OneCompartment
from ketasim.kinetics.codrugs.rate_constants import Marsh1991, Sarton2000, Shafer1990
from ketasim.kinetics.disposition.wiebe2020 import Wiebe2020
from ketasim.kinetics.level import MidazolamVenousLevel
from ketasim.models.model import Target
from ketasim.models.published import molar_mass

ARTERIAL: dict[str, type[Component]] = {
    "remifentanil": Minto1997,
    "propofol": Marsh1991,
    "fentanyl": Shafer1990,
    "morphine": Sarton2000,
    "dexmedetomidine": Hannivoort2015,
}
MIDAZOLAM_ROUTES = ("iv", "oral")
VENOUS_ROUTES = ("iv", "im", "oral")
ROUGH = "one compartment from rounded textbook means: good for an effect over hours, not for the first minutes"


@dataclass(frozen=True)
class Beside:
    """Parts, targets, ids to show and warnings that co-drugs bring."""

    parts: tuple[Part, ...]
    targets: dict[tuple[str, str], tuple[Target, ...]]
    outputs: tuple[str, ...]
    warnings: tuple[str, ...]


def pairs() -> frozenset[tuple[str, str]]:
    """Every (drug, route) that may be written beside ketamine."""
    return frozenset((d.name, r) for d in drugs().values() if d.kind in ("co-drug", "comparator") for r in d.routes)


def routes(drug: str) -> tuple[str, ...]:
    """Routes by which a co-drug has kinetics here."""
    if drug == "midazolam":
        return MIDAZOLAM_ROUTES
    if drug in TABLES:
        return tuple(r for r in VENOUS_ROUTES if r in drugs()[drug].routes)
    return ("iv",) if drug in ARTERIAL else ()


def beside(given: frozenset[tuple[str, str]]) -> Beside:
    """What the co-drugs among the given (drug, route) pairs bring."""
    parts: list[Part] = []
    targets: dict[tuple[str, str], tuple[Target, ...]] = {}
    outputs: list[str] = []
    warnings: list[str] = []
    for drug in sorted({d for d, _ in given} & {d for d, _ in pairs()}):
        known = routes(drug)
        ways = sorted(r for d, r in given if d == drug)
        for route in ways:
            if route not in known:
                targets[(drug, route)] = ()
                warnings.append(
                    f"{drug} {route} is recorded, but no kinetics of it are carried: it has no concentration"
                )
        if not set(ways) & set(known):
            continue
        if drug == "midazolam":
            mass = molar_mass("midazolam")
            parts += [
                Part(Wiebe2020(), "midazolam_plasma"),
                Part(MidazolamVenousLevel(), "midazolam", wire={"Cv": "midazolam_plasma.C"}),
            ]
            outputs.append("midazolam.venous")
        elif drug in TABLES:
            simple = OneCompartment(table=f"kinetics/codrugs/{drug}")
            mass = simple.parameters()["M"].value
            parts.append(Part(simple, f"{drug}_plasma", publish={"venous": f"{drug}.venous"}))
            outputs.append(f"{drug}.venous")
            warnings.append(f"{drug}: {ROUGH}")
        else:
            component = ARTERIAL[drug]()
            mass = component.parameters()["M"].value
            parts.append(Part(component, f"{drug}_plasma", publish={"arterial": f"{drug}.arterial"}))
            outputs.append(f"{drug}.arterial")
        targets |= {(drug, r): (Target(f"{drug}_plasma", r, 1.0, mass),) for r in ways if r in known}
    return Beside(tuple(parts), targets, tuple(outputs), tuple(warnings))
