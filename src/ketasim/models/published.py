"""Models that are one published paper: the same assembly around different parts."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ketasim.core.component import Component
from ketasim.core.parameters import ParameterTable
from ketasim.core.system import Part, System
from ketasim.models.assembly import Curves, readings
from ketasim.models.model import Built, Model, Need, Target
from ketasim.models.moieties import moieties

STAND_IN = "a model of S-ketamine stands in for the racemate: R is cleared some 15 % more slowly"
Parts = tuple[tuple[Part, ...], Mapping[str, str], Mapping[str, tuple[str, ...]]]
BuildParts = Callable[[str, frozenset[str]], Parts]


def molar_mass(substance: str = "ketamine") -> float:
    """g/mol of the base."""
    return ParameterTable.load("kinetics/plasma")[f"M_{substance}"].value


def racemate(
    name: str, parent: type[Component], *, title: str, population: str, valid: Mapping[str, tuple[float, float]],
    setting: str = "", note: str = "",
) -> Model:  # fmt: skip
    """A model of total ketamine after the racemate into a vein; it publishes the total alone."""

    def build(need: Need) -> Built:
        part = Part(parent(), "plasma")
        curves = _at(parent.site, {"ketamine": ("plasma.C",)})
        read = readings(curves, ("ketamine",), split=False, fast=need.fast)
        target = (Target("plasma", "iv", 1.0, molar_mass()),)
        return Built(System(name, (part, *read.parts)), {("ketamine", "iv"): target}, read.flags, outputs=read.outputs)

    return Model(
        name, title, name, parent.site, frozenset({("ketamine", "iv")}), build, valid, population, note, setting
    )


def enantiomer(
    name: str, build_parts: BuildParts, *, title: str, site: str, routes: tuple[str, ...], population: str,
    valid: Mapping[str, tuple[float, float]], analytes: tuple[str, ...] = ("ketamine",), any_moiety: bool = False,
    setting: str = "", note: str = "",
) -> Model:  # fmt: skip
    """A model whose parts are made once for each enantiomer given.

    build_parts(enantiomer, routes given) → (parts, route → "part:port", analyte → signals).
    Unless `any_moiety`, it is a model of S that stands in for the racemate with a warning.
    """
    drugs = ("ketamine", "esketamine", "arketamine") if any_moiety else ("ketamine", "esketamine")
    pairs = frozenset((d, r) for d in drugs for r in routes)

    def build(need: Need) -> Built:
        parts: list[Part] = []
        signals: dict[str, tuple[str, ...]] = {}
        targets: dict[tuple[str, str], tuple[Target, ...]] = {}
        mass = molar_mass()
        given = frozenset(need.given) & pairs
        ways = frozenset(r for _, r in given)
        for e in sorted({e for d, _ in given for e in moieties(d)}, reverse=True):
            made, ports, curves = build_parts(e, ways)
            parts += made
            signals |= {f"{e}_{analyte}": found for analyte, found in curves.items()}
            for drug, route in given:
                share = moieties(drug).get(e, 0.0)
                if share:
                    there = tuple(ports[route].split(":"))
                    target = Target(there[0], there[1], share, mass)
                    targets[(drug, route)] = (*targets.get((drug, route), ()), target)
        fast = need.fast and site == "venous"
        read = readings(_at(site, signals), analytes, fast=fast)
        racemic = not any_moiety and any(d == "ketamine" for d, _ in given)
        flags = {o: (*read.flags.get(o, ()), *((STAND_IN,) if racemic else ())) for o in read.outputs}
        return Built(
            System(name, (*parts, *read.parts)), targets, {k: v for k, v in flags.items() if v}, outputs=read.outputs,
            warnings=(STAND_IN,) if racemic else (),
        )  # fmt: skip

    return Model(name, title, name, site, pairs, build, valid, population, note, setting)


def _at(site: str, signals: Mapping[str, tuple[str, ...]]) -> Curves:
    return Curves(arterial=signals) if site == "arterial" else Curves(venous=signals)
