"""Receptors: NMDA block by subtype and cell class, occupancy of the other targets."""

from collections.abc import Sequence

from ketasim.core.component import Component
from ketasim.core.system import Part
from ketasim.models.model import Layer, Need
from ketasim.receptors import (
    calcium,
    dopamine,
    hcn1,
    monoamine,
    muscarinic,
    nicotinic,
    nmda,
    nmda_sites,
    opioid,
    serotonin,
    sigma,
    trkb,
)
from ketasim.receptors.occupancy import Target

TARGETS: dict[str, Target] = {
    "mu": opioid.MuOpioid(),
    "kappa": opioid.KappaOpioid(),
    "delta": opioid.DeltaOpioid(),
    "SERT": monoamine.SerotoninTransporter(),
    "NET": monoamine.NoradrenalineTransporter(),
    "DAT": monoamine.DopamineTransporter(),
    "HCN1": hcn1.HCN1(),
    "alpha7": nicotinic.NicotinicAlpha7(),
    "alpha4beta2": nicotinic.NicotinicAlpha4Beta2(),
    "alpha3beta4": nicotinic.NicotinicAlpha3Beta4(),
    "M1": muscarinic.MuscarinicM1(),
    "sigma1": sigma.Sigma1(),
    "sigma2": sigma.Sigma2(),
    "5HT2": serotonin.Serotonin2(),
    "5HT3": serotonin.Serotonin3(),
    "D2High": dopamine.DopamineD2High(),
    "TrkB": trkb.TrkB(),
    "CaL": calcium.CalciumL(),
}
CELLS = ("pyramidal", "pv", "sst")


def _brain(names: Sequence[str]) -> dict[str, str]:
    return {name: f"{name}.brain" for name in names}


def _nmda_parts() -> list[Part]:
    parts = [
        Part(
            nmda.TrappingBlock(table=f"receptors/nmda_{s}"),
            f"nmda_{s}",
            _brain(nmda.LIGANDS),
            {"block": f"nmda.block.{s}"},
        )
        for s in nmda.SUBTYPES
    ]
    parts += [
        Part(nmda.TrappingBlock(table=f"receptors/nmda_{s}_sst"), f"nmda_{s}_sst", _brain(nmda.LIGANDS))
        for s in ("2B", "2C", "2D")
    ]

    def mixture(name: str, table: str, a: str, b: str, publish: str) -> Part:
        component = nmda.SubtypeMixture(table=f"receptors/{table}")
        return Part(component, name, {"block_a": a, "block_b": b}, {"block": publish})

    parts.append(mixture("nmda_pyramidal", "pyramidal", "nmda.block.2A", "nmda.block.2B", "nmda.block.pyramidal"))
    parts.append(mixture("nmda_pv", "pv", "nmda.block.2A", "nmda.block.2D", "nmda.block.pv"))
    parts.append(mixture("nmda_sst_2CD", "sst_2cd", "nmda_2C_sst.block", "nmda_2D_sst.block", "nmda_sst_2CD.block"))
    parts.append(mixture("nmda_sst", "sst", "nmda_2B_sst.block", "nmda_sst_2CD.block", "nmda.block.sst"))
    return parts


def _sites(need: Need) -> dict[str, tuple[Component, str]]:
    """Further sites that are switched on: name → (component, end of the names of its two ligands)."""
    known: dict[str, tuple[Component, str]] = {
        "hnk": (nmda_sites.HydroxynorketamineBlock(), "_HNK.brain"),
        "allosteric": (nmda_sites.AllostericSite(), "_ketamine.brain"),
    }
    chosen = {}
    for name, site in known.items():
        if need.option(f"nmda_{name}", False):
            chosen[name] = site
    return chosen


def _with_sites(parts: list[Part], sites: dict[str, tuple[Component, str]]) -> list[Part]:
    """The same parts, with every public block passed through the sites one after another."""
    if not sites:
        return parts
    public = (p for p in parts if p.publish.get("block", "").startswith("nmda.block."))
    plain = {p.publish["block"]: f"{p.name}.block" for p in public}
    out = [
        Part(p.component, p.name, {k: plain.get(w, w) if isinstance(w, str) else w for k, w in p.wire.items()})
        for p in parts
    ]
    for p in parts:
        signal = p.publish.get("block", "")
        if signal not in plain:
            continue
        names = [p.name, *(f"{p.name}_{site}" for site in sites)]
        for before, name, (component, end) in zip(names[:-1], names[1:], sites.values(), strict=True):
            wire = {"block": f"{before}.block", "S": f"S{end}", "R": f"R{end}"}
            out.append(Part(component, name, wire, {"block": signal} if name == names[-1] else {}))
    return out


def parts(need: Need, signals: frozenset[str]) -> list[Part]:
    """NMDA block, then every target of the table (a target whose ligand is not carried reads zero of it).

    Options: nmda_hnk and nmda_allosteric add what else may hold the channel back; both are off by default.
    """
    out = _with_sites(_nmda_parts(), _sites(need))
    for name, target in TARGETS.items():
        wire = {k: (f"{k}.brain" if f"{k}.brain" in signals else 0.0) for k in target.inputs}
        out.append(Part(target, f"target_{name}", wire, {"occupancy": f"occupancy.{name}"}))
    return out


def _flags() -> dict[str, tuple[str, ...]]:
    words = {"A": "well supported", "B": "one good source", "C": "weak", "D": "disputed or order of magnitude"}
    flags: dict[str, tuple[str, ...]] = {
        f"occupancy.{name}": (f"grade {t.grade}: {words[t.grade]}",) for name, t in TARGETS.items()
    }
    for name in (*nmda.SUBTYPES, *CELLS):
        flags[f"nmda.block.{name}"] = (
            "grade B: constants recalled or from one laboratory; laboratories differ sevenfold",
        )
    return flags


RECEPTORS = Layer(
    name="receptors",
    provides=(
        *(f"nmda.block.{s}" for s in (*nmda.SUBTYPES, *CELLS)),
        *(f"occupancy.{name}" for name in TARGETS),
    ),
    parts=parts,
    flags=_flags(),
)
