"""The model in other languages: SBML, LaTeX, JavaScript, SymPy; and data from other programs.

Modules `sbml`, `latex`, `javascript` and `sympy_form` write a System or Component of one's own; the functions here take
a model's name and a regimen, as the command line does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ketasim.dosing import Regimen
    from ketasim.patients import Patient

__all__ = ["to_javascript", "to_latex", "to_sbml"]


def to_sbml(model: Any = "ketamine", regimen: Regimen | str = "", patient: Patient | None = None, **more: Any) -> str:
    """SBML of a model with a regimen's doses in one person; `more` as in `exchange.assembled.assemble`."""
    from ketasim.exchange.assembled import assemble
    from ketasim.exchange.sbml import sbml

    return sbml(*assemble(model, regimen, patient, **more))


def to_javascript(
    model: Any = "ketamine", regimen: Regimen | str = "", patient: Patient | None = None, **more: Any
) -> str:
    """A JavaScript module of a model with a regimen's doses in one person."""
    from ketasim.exchange.assembled import assemble
    from ketasim.exchange.javascript import javascript

    return javascript(*assemble(model, regimen, patient, **more))


def to_latex(model: Any = "ketamine", regimen: Regimen | str = "", **more: Any) -> str:
    """LaTeX of the parts that a model builds for a regimen."""
    from ketasim.exchange.assembled import build_system
    from ketasim.exchange.latex import latex

    return latex(build_system(model, regimen, **more))
