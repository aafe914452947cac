"""From the concentrations that parts compute to the public read-outs: sums over routes, sites, brain."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ketasim.core.system import Part
from ketasim.kinetics import brain, level
from ketasim.kinetics.venous import VenousLink

ENANTIOMERS = ("S", "R")
SITES = ("arterial", "venous", "brain")
APPROXIMATED = "site approximated: taken equal to the venous level of a model sampled in a vein"
LINKED = "venous level through one fitted half-time, assumed for metabolites"
BRAIN = "unbound brain level assumes equilibrium (Kp,uu 1)"

_KINDS: dict[str, tuple[type, type, type]] = {
    "ketamine": (level.KetamineLevel, level.KetamineVenousLevel, brain.KetamineBrain),
    "norketamine": (level.NorketamineLevel, level.NorketamineVenousLevel, brain.NorketamineBrain),
    "HNK": (level.HNKLevel, level.HNKVenousLevel, brain.HNKBrain),
    "DHNK": (level.DHNKLevel, level.DHNKVenousLevel, brain.DHNKBrain),
}


@dataclass(frozen=True)
class Curves:
    """Signals in µmol/L by public id without site ("S_ketamine"), according to where their model was sampled."""

    arterial: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    venous: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def has(self, name: str) -> bool:
        """Whether anything contributes to that id."""
        return bool(self.arterial.get(name) or self.venous.get(name))


@dataclass(frozen=True)
class Readings:
    """Parts that publish the read-outs, the ids worth showing, and words to show beside them."""

    parts: tuple[Part, ...]
    outputs: tuple[str, ...]
    flags: Mapping[str, tuple[str, ...]]
    warnings: tuple[str, ...] = ()


def readings(curves: Curves, analytes: Iterable[str], *, split: bool = True, fast: bool = False) -> Readings:
    """Read-outs of some analytes ("ketamine", "norketamine", "HNK", "DHNK").

    split : publish S_ and R_ beside the total (zero where absent), else the total alone. fast : a venous model was
    given a bolus, so its arterial and brain levels cannot be told and are not published.
    """
    parts: list[Part] = []
    outputs: list[str] = []
    flags: dict[str, tuple[str, ...]] = {}
    for analyte in analytes:
        whole, vein_only, brain_class = _KINDS[analyte]
        names = [f"{e}_{analyte}" for e in ENANTIOMERS] if split else [analyte]
        arterial, venous, brains = [], [], []
        hidden = fast and any(curves.venous.get(n) for n in names)
        for name in names:
            signals, notes = _sites(parts, curves, name, brain_class, hidden)
            arterial += signals["Ca"]
            venous += signals["Cv"]
            brains += signals["Cb"]
            if split:
                _publish(parts, outputs, flags, name, signals, notes, whole, vein_only, hidden, curves.has(name))
        total = {"Ca": arterial, "Cv": venous, "Cb": brains}
        notes = _notes(curves, names)
        present = any(curves.has(n) for n in names)
        _publish(parts, outputs, flags, analyte, total, notes, whole, vein_only, hidden, present)
    return Readings(tuple(parts), tuple(outputs), flags)


def _sites(
    parts: list[Part], curves: Curves, name: str, brain_class: type, hidden: bool
) -> tuple[dict[str, list[str]], dict[str, tuple[str, ...]]]:
    """Signals of one analyte at each site; adds the link and the brain where something contributes."""
    from_artery, from_vein = curves.arterial.get(name, ()), curves.venous.get(name, ())
    signals: dict[str, list[str]] = {"Ca": [*from_artery, *from_vein], "Cv": [*from_vein], "Cb": []}
    if from_artery:
        parts.append(Part(VenousLink(), f"vein_{name}", wire={"C": from_artery}))
        signals["Cv"].append(f"vein_{name}.Cv")
    if signals["Ca"] and not hidden:
        parts.append(Part(brain_class(), f"brain_{name}", wire={"C": tuple(signals["Ca"])}))
        signals["Cb"].append(f"brain_{name}.brain")
    return signals, _notes(curves, [name])


def _notes(curves: Curves, names: Sequence[str]) -> dict[str, tuple[str, ...]]:
    out: dict[str, tuple[str, ...]] = {"brain": (BRAIN,)}
    if any(curves.venous.get(n) for n in names):
        out["arterial"] = (APPROXIMATED,)
        out["brain"] = (BRAIN, APPROXIMATED)
    if any(curves.arterial.get(n) for n in names):
        out["venous"] = (LINKED,)
    return out


def _publish(
    parts: list[Part], outputs: list[str], flags: dict[str, tuple[str, ...]], name: str,
    signals: Mapping[str, Sequence[str]], notes: Mapping[str, tuple[str, ...]], whole: type, vein_only: type,
    hidden: bool, present: bool,
) -> None:  # fmt: skip
    wire = {port: tuple(signals[port]) for port in (("Cv",) if hidden else ("Ca", "Cv", "Cb"))}
    parts.append(Part((vein_only if hidden else whole)(), name, wire=wire))
    if present:
        for site in ("venous",) if hidden else SITES:
            outputs.append(f"{name}.{site}")
            if site in notes:
                flags[f"{name}.{site}"] = notes[site]
