"""Perez-Ruixo 2021: esketamine by nose, mouth or vein with noresketamine, venous."""

from __future__ import annotations

from ketasim.core.system import Part
from ketasim.kinetics.disposition.perezruixo2021 import PerezRuixo2021
from ketasim.models.published import Parts, enantiomer

ROUTES = ("iv", "intranasal", "oral")


def _parts(e: str, ways: frozenset[str]) -> Parts:
    curves = {"ketamine": (f"plasma_{e}.C",), "norketamine": (f"plasma_{e}.Cn",)}
    return (Part(PerezRuixo2021(), f"plasma_{e}"),), {r: f"plasma_{e}:{r}" for r in ROUTES}, curves


MODEL = enantiomer(
    "perezruixo2021", _parts, title="Perez-Ruixo 2021, nasal esketamine with a well-stirred liver, venous",
    site="venous", routes=ROUTES, analytes=("ketamine", "norketamine"), valid={"age_y": (18.0, 86.0)},
    population="820 people, 256 healthy and 564 with treatment-resistant depression",
    note="noresketamine exposure over 24 h is 1.4-1.5 times the printed one with the printed parameters",
)  # fmt: skip
