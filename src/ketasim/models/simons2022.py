"""Simons 2022: S-ketamine, S-norketamine and S-hydroxynorketamine by film or vein, arterial."""

from __future__ import annotations

from ketasim.core.system import Part
from ketasim.kinetics.absorption.film import SimonsFilm
from ketasim.kinetics.disposition.simons2022 import Simons2022
from ketasim.kinetics.metabolism.hydroxynorketamine import HydroxynorketamineS
from ketasim.kinetics.metabolism.norketamine import SimonsNorketamine
from ketasim.models.published import Parts, enantiomer

FILM = {"sublingual", "buccal"}


def _parts(e: str, ways: frozenset[str]) -> Parts:
    film = (Part(SimonsFilm(), f"film_{e}"),) if ways & FILM else ()
    mucosal, swallowed = ((f"film_{e}.mucosal",), (f"film_{e}.swallowed",)) if film else ((), ())
    parts = (
        *film,
        Part(Simons2022(), f"plasma_{e}", wire={"input": mucosal}),
        Part(SimonsNorketamine(), f"metabolite_{e}", wire={"metabolised": (f"plasma_{e}.eliminated", *swallowed)}),
        Part(HydroxynorketamineS(), f"hydroxy_{e}", wire={"metabolised": f"metabolite_{e}.eliminated"}),
    )
    ports = {"iv": f"plasma_{e}:iv"} | dict.fromkeys(FILM, f"film_{e}:mucosal")
    curves = {
        "ketamine": (f"plasma_{e}.C",), "norketamine": (f"metabolite_{e}.C",), "HNK": (f"hydroxy_{e}.C",),
    }  # fmt: skip
    return parts, ports, curves


MODEL = enantiomer(
    "simons2022", _parts, title="Simons 2022, three compartments with two metabolites, arterial", site="arterial",
    routes=("iv", "sublingual", "buccal"), analytes=("ketamine", "norketamine", "HNK"), valid={"age_y": (18.0, 65.0)},
    population="20 healthy volunteers, 19-32 years",
    note="sublingual and buccal mean the oral thin film held for ten minutes",
)  # fmt: skip
