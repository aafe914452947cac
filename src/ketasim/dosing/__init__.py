"""What is given, how and when: products, routes, the regimen sentence, records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ketasim.dosing.catalogue import ROUTES, Drug, Product, drugs, products
from ketasim.dosing.course import Block, Strand
from ketasim.dosing.doses import SESSION_GAP_H, Aim, Dose, Session
from ketasim.dosing.quantities import Span, Unit
from ketasim.dosing.reader import read_hours
from ketasim.dosing.regimen import Regimen
from ketasim.dosing.repeat import Repeat
from ketasim.dosing.steps import Give, Pause, Target
from ketasim.dosing.tokens import RegimenError

if TYPE_CHECKING:
    from ketasim.dosing.scenario import Scenario, load_scenario

__all__ = [
    "ROUTES",
    "SESSION_GAP_H",
    "Aim",
    "Block",
    "Dose",
    "Drug",
    "Give",
    "Pause",
    "Product",
    "Regimen",
    "RegimenError",
    "Repeat",
    "Scenario",
    "Session",
    "Span",
    "Strand",
    "Target",
    "Unit",
    "drugs",
    "load_scenario",
    "products",
    "read_hours",
]


def __getattr__(name: str) -> Any:
    """Scenario files need pydantic, sentences do not: it is loaded when it is first asked for."""
    if name in ("Scenario", "load_scenario"):
        from ketasim.dosing import scenario

        return getattr(scenario, name)
    raise AttributeError(f"module 'ketasim.dosing' has no attribute {name!r}")
