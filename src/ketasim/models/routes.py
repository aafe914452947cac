"""The parts that each (drug, route) of a regimen brings, in order, and where its doses go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ketasim.core.component import Component
from ketasim.core.system import Part
from ketasim.kinetics.absorption.depot import Intramuscular, Rectal, Subcutaneous
from ketasim.kinetics.absorption.film import SimonsFilm
from ketasim.kinetics.absorption.jonkman2017 import Jonkman2017
from ketasim.kinetics.absorption.oral import Oral
from ketasim.kinetics.absorption.tablet import Tablet
from ketasim.kinetics.disposition.enantiomer import KampR, KampS
from ketasim.kinetics.disposition.perezruixo2021 import PerezRuixo2021
from ketasim.kinetics.disposition.simons2022 import Simons2022
from ketasim.kinetics.metabolism.dehydronorketamine import Dehydronorketamine
from ketasim.kinetics.metabolism.hydroxynorketamine import ComposedHydroxynorketamineS, HydroxynorketamineR
from ketasim.kinetics.metabolism.liver import Liver
from ketasim.kinetics.metabolism.norketamine import Norketamine
from ketasim.models.assembly import Curves
from ketasim.models.model import Need, Target
from ketasim.models.moieties import moieties, mouth_form
from ketasim.models.published import molar_mass

DEPOTS: Mapping[str, type[Component]] = {"im": Intramuscular, "sc": Subcutaneous, "rectal": Rectal}
GRADES: Mapping[str, str] = {
    "im": "im: availability recalled in adults (0.93), verified in children (0.41); rate assumed",
    "sc": "sc: availability and rate assumed, no human study was found",
    "rectal": "rectal: availability and rate of anaesthetised children; first-pass metabolites left out",
    "oral": "oral: gut escape and liver extraction of the nasal model's paper (S-ketamine 18 %; others 8 to 15 %), "
    "disposition of the default parent",
    "inhaled": "inhaled: composite; split of uptake assumed, exponent from two printed points",
    "lozenge": "lozenge or tablet in the mouth: mucosal share and rate of the S-ketamine film (assumed)",
}
R_AS_S = "R-ketamine by {ways} has the constants fitted to S-ketamine"
IHMSEN = 14.8 / 26.3  # clearance of S in the racemate over that of S alone, ihmsen2001 as recalled
LIVER = {"intrinsic": "liver.intrinsic"}


@dataclass(frozen=True)
class Plan:
    """Parts in order, targets of doses, signals by analyte."""

    parts: tuple[Part, ...]
    targets: dict[tuple[str, str], tuple[Target, ...]]
    curves: Curves


def plan(need: Need) -> Plan:
    """All parts for a need."""
    given = [(d, r) for d, r in sorted(need.given) if moieties(d)]
    parts: list[Part] = [Part(Liver(), "liver")] if given else []
    arterial: dict[str, tuple[str, ...]] = {}
    venous: dict[str, tuple[str, ...]] = {}
    inhaled = any(r == "inhaled" for _, r in given)
    if inhaled:
        parts.append(Part(Jonkman2017(), "inhaled"))
    lost: list[str] = []
    for e in ("S", "R"):
        mine = {(d, r) for d, r in given if e in moieties(d)}
        if mine:
            _enantiomer(e, mine, need, parts, arterial, venous, lost)
    named = any(o.startswith("DHNK.") for o in need.outputs or ())
    if need.option("dhnk", named) and lost:
        parts.append(Part(Dehydronorketamine(), "dehydro", wire={"metabolised": tuple(lost)}))
        arterial["S_DHNK"] = ("dehydro.C",)
    targets = {(d, r): _targets(d, r) for d, r in given}
    return Plan(tuple(parts), targets, Curves(arterial, venous))


def grades(given: frozenset[tuple[str, str]]) -> tuple[str, ...]:
    """Sentences on how well the routes of a regimen are known."""
    mine = sorted((d, r) for d, r in given if moieties(d))
    keys = {mouth_form(d, r) or r for d, r in mine}
    borrowed = sorted({r for d, r in mine if "R" in moieties(d) and r != "iv" and r not in DEPOTS})
    words = [text for key, text in GRADES.items() if key in keys]
    return (*words, *([R_AS_S.format(ways=", ".join(borrowed))] if borrowed else []))


def _enantiomer(
    e: str, mine: set[tuple[str, str]], need: Need, parts: list[Part], arterial: dict[str, tuple[str, ...]],
    venous: dict[str, tuple[str, ...]], lost: list[str],
) -> None:  # fmt: skip
    """Parts of one enantiomer: absorption, parents by route, shared metabolite chain."""
    ways = {r for _, r in mine}
    film = any(mouth_form(d, r) == "film" for d, r in mine)
    tablet = any(mouth_form(d, r) == "lozenge" for d, r in mine)
    depots = [r for r in DEPOTS if r in ways]
    fluxes = [f"{r}_{e}.flux" for r in depots]
    parts += [Part(DEPOTS[r](), f"{r}_{e}") for r in depots]
    if tablet:
        parts.append(Part(Tablet(), f"tablet_{e}"))
        fluxes.append(f"tablet_{e}.mucosal")
    levels: list[str] = []
    metabolised: list[str] = []
    oral = "oral" in ways or tablet
    if oral:
        swallowed = {"swallowed": (f"tablet_{e}.swallowed",)} if tablet else {}
        parts.append(Part(Oral(), f"oral_{e}", wire={"gut": "liver.gut", **swallowed}))
        metabolised.append(f"oral_{e}.wall")
    if "iv" in ways or fluxes or oral:
        portal = {"portal": (f"oral_{e}.portal",)} if oral else {}
        wire = {"input": tuple(fluxes), "flow": "liver.flow", "extraction": "liver.extraction", **portal, **LIVER}
        parts.append(Part(_parent(e, need), f"plasma_{e}", wire=wire))
        levels.append(f"plasma_{e}.C")
        metabolised.append(f"plasma_{e}.eliminated")
    if film:
        parts.append(Part(SimonsFilm(), f"film_{e}"))
        parts.append(Part(Simons2022(), f"film_plasma_{e}", wire={"input": f"film_{e}.mucosal"}))
        levels.append(f"film_plasma_{e}.C")
        metabolised += [f"film_plasma_{e}.eliminated", f"film_{e}.swallowed"]
    if "inhaled" in ways:
        levels.append(f"inhaled.{e}")
        metabolised.append(f"inhaled.{e}_eliminated")
    from_norketamine: list[str] = []
    if "intranasal" in ways:
        parts.append(Part(PerezRuixo2021(), f"hepatic_{e}", wire={"gut": "liver.gut", **LIVER}))
        venous[f"{e}_ketamine"] = (f"hepatic_{e}.C",)
        venous[f"{e}_norketamine"] = (f"hepatic_{e}.Cn",)
        from_norketamine.append(f"hepatic_{e}.metabolite_eliminated")
    if metabolised:
        wire = {"metabolised": tuple(metabolised), "flow": "liver.flow", **LIVER}
        parts.append(Part(Norketamine(), f"nor_{e}", wire=wire))
        arterial[f"{e}_norketamine"] = (f"nor_{e}.C",)
        from_norketamine.append(f"nor_{e}.eliminated")
    hydroxy = ComposedHydroxynorketamineS() if e == "S" else HydroxynorketamineR()
    parts.append(Part(hydroxy, f"hydroxy_{e}", wire={"metabolised": tuple(from_norketamine)}))
    arterial[f"{e}_HNK"] = (f"hydroxy_{e}.C",)
    if levels:
        arterial[f"{e}_ketamine"] = tuple(levels)
    lost += from_norketamine


def _parent(e: str, need: Need) -> Component:
    """The intravenous parent with the options that change it."""
    changed: dict[str, float] = {}
    if need.option("women_clearance", None) is not None:
        changed["women"] = float(need.option("women_clearance", 1.0))
    if e == "R":
        return KampR(**changed)
    if need.option("ihmsen", False) and any(d == "ketamine" for d, _ in need.given):
        changed["S_with_R"] = IHMSEN
    return KampS(**changed)


def _targets(drug: str, route: str) -> tuple[Target, ...]:
    """Where a dose of ketamine or an enantiomer goes."""
    out = []
    form = mouth_form(drug, route)
    for e, share in moieties(drug).items():
        if route == "iv":
            place = (f"plasma_{e}", "iv")
        elif route in DEPOTS:
            place = (f"{route}_{e}", route)
        elif form:
            place = (f"{'film' if form == 'film' else 'tablet'}_{e}", "mucosal")
        elif route == "inhaled":
            place = ("inhaled", f"{e}_inhaled")
        elif route == "oral":
            place = (f"oral_{e}", "oral")
        else:
            place = (f"hepatic_{e}", route)
        out.append(Target(*place, share, molar_mass()))
    return tuple(out)
