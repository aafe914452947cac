"""Ketamine, its enantiomers and metabolites: what is stored, and what RDKit computes from it when asked."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

from ketasim.core.errors import InputError, KetasimError
from ketasim.core.parameters import Parameter, ParameterTable

ALIASES = {
    "S_ketamine": "esketamine", "R_ketamine": "arketamine", "s-ketamine": "esketamine", "r-ketamine": "arketamine",
    "norketamine": "S_norketamine", "HNK": "S_HNK", "hydroxynorketamine": "S_HNK", "dehydronorketamine": "DHNK",
}  # fmt: skip
_ATOMIC = {"H": 1.008, "C": 12.011, "N": 14.007, "O": 15.999, "F": 18.998, "Cl": 35.45}


@dataclass(frozen=True)
class Substance:
    """One molecule.

    name : key of the table. words : plain name. smiles : stored structure of the base. formula : stored molecular
    formula. cip : stereo labels of the chiral centres in the order of the numbering. parent : what it is made from.
    by : enzymes that make it. source : citation key.
    """

    name: str
    words: str
    smiles: str
    formula: str
    cip: tuple[str, ...]
    source: str
    cas: str = ""
    parent: str = ""
    by: str = ""

    @property
    def molar_mass(self) -> float:
        """g/mol of the base, from the formula and standard atomic weights."""
        return sum(_ATOMIC[element] * count for element, count in composition(self.formula).items())

    @property
    def hydrochloride_mass(self) -> float:
        """g/mol of the hydrochloride."""
        return self.molar_mass + _ATOMIC["H"] + _ATOMIC["Cl"]

    def computed(self) -> Mapping[str, Any]:
        """What RDKit reads from the structure: formula, molar_mass (g/mol), cip labels, canonical smiles."""
        chem, descriptors = _rdkit()
        molecule = self._molecule(chem)
        centres = chem.FindMolChiralCenters(molecule, useLegacyImplementation=False)
        return {
            "formula": descriptors["formula"](molecule),
            "molar_mass": descriptors["mass"](molecule),
            "cip": tuple(label for _, label in centres),
            "smiles": chem.MolToSmiles(molecule),
        }

    def svg(self, width: int = 320, height: int = 240) -> str:
        """Drawing as SVG text, with stereo labels; needs the extra `chem`."""
        chem, _ = _rdkit()
        from rdkit.Chem.Draw import rdMolDraw2D

        drawer = rdMolDraw2D.MolDraw2DSVG(width, height)
        options: Any = drawer.drawOptions()
        options.addStereoAnnotation = True
        options.clearBackground = False
        rdMolDraw2D.PrepareAndDrawMolecule(drawer, self._molecule(chem))
        drawer.FinishDrawing()
        return str(drawer.GetDrawingText())

    def _molecule(self, chem: Any) -> Any:
        molecule = chem.MolFromSmiles(self.smiles)
        if molecule is None:
            raise KetasimError(f"the stored structure of {self.name} cannot be read")
        return molecule


def composition(formula: str) -> dict[str, int]:
    """Counts of elements in a molecular formula such as C13H16ClNO."""
    import re

    out: dict[str, int] = {}
    for element, count in re.findall(r"([A-Z][a-z]?)(\d*)", formula):
        out[element] = out.get(element, 0) + int(count or 1)
    return out


@lru_cache(maxsize=1)
def substances() -> Mapping[str, Substance]:
    """Every stored molecule by name."""
    text = (resources.files("ketasim") / "data" / "molecule" / "substances.toml").read_text(encoding="utf-8")
    return {name: Substance(name=name, cip=tuple(row.pop("cip")), **row) for name, row in tomllib.loads(text).items()}


def substance(name: str) -> Substance:
    """One molecule by name or alias; InputError listing the names otherwise."""
    known = substances()
    key = name if name in known else ALIASES.get(name, ALIASES.get(name.lower(), name.lower()))
    if key not in known:
        raise InputError("substance", name, ", ".join(known))
    return known[key]


def properties() -> Mapping[str, Parameter]:
    """pKa, logP, salt factor and binding of ketamine, each with its source."""
    return ParameterTable.load("kinetics/molecule").parameters


def base_of_hydrochloride(mg: float) -> float:
    """mg of ketamine base in mg of ketamine hydrochloride (ratio of molar masses, 0.867)."""
    ketamine = substance("ketamine")
    return mg * ketamine.molar_mass / ketamine.hydrochloride_mass


def _rdkit() -> tuple[Any, dict[str, Any]]:
    try:
        from rdkit import Chem
        from rdkit.Chem.rdMolDescriptors import CalcMolFormula, _CalcMolWt
    except ImportError:
        raise KetasimError("drawing and reading structures needs the chem extra: pip install 'ketasim[chem]'") from None
    return Chem, {"mass": _CalcMolWt, "formula": CalcMolFormula}
