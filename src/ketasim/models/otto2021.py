"""Otto 2021: S-ketamine as in Fanta 2015 with S-norketamine, venous."""

from __future__ import annotations

from ketasim.core.system import Part
from ketasim.kinetics.disposition.fanta2015 import Fanta2015
from ketasim.kinetics.metabolism.otto2021 import Otto2021
from ketasim.models.published import Parts, enantiomer


def _parts(e: str, ways: frozenset[str]) -> Parts:
    parts = (
        Part(Fanta2015(), f"plasma_{e}"),
        Part(Otto2021(), f"metabolite_{e}", wire={"metabolised": f"plasma_{e}.eliminated"}),
    )
    curves = {"ketamine": (f"plasma_{e}.C",), "norketamine": (f"metabolite_{e}.C",)}
    return parts, {"iv": f"plasma_{e}:iv"}, curves


MODEL = enantiomer(
    "otto2021", _parts, title="Otto 2021 on Fanta 2015, with norketamine, venous", site="venous", routes=("iv",),
    analytes=("ketamine", "norketamine"), valid={"age_y": (18.0, 60.0)}, population="48 healthy volunteers",
)  # fmt: skip
