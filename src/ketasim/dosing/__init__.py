"""What is given, how and when: products, routes, the regimen sentence, records."""

from __future__ import annotations

from ketasim.dosing.catalogue import ROUTES, Drug, Product, drugs, products
from ketasim.dosing.course import Block, Strand
from ketasim.dosing.doses import SESSION_GAP_H, Aim, Dose, Session
from ketasim.dosing.quantities import Span, Unit
from ketasim.dosing.regimen import Regimen
from ketasim.dosing.repeat import Repeat
from ketasim.dosing.scenario import Scenario, load_scenario, read_hours
from ketasim.dosing.steps import Give, Pause, Target
from ketasim.dosing.tokens import RegimenError

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
