"""Which enantiomers a drug holds, and by which way a product of it is taken up."""

from __future__ import annotations

from collections.abc import Mapping

MOIETIES: Mapping[str, Mapping[str, float]] = {
    "ketamine": {"S": 0.5, "R": 0.5},
    "esketamine": {"S": 1.0},
    "arketamine": {"R": 1.0},
}


def moieties(drug: str) -> Mapping[str, float]:
    """Mole share of each enantiomer; empty for a drug that is not ketamine."""
    return MOIETIES.get(drug, {})


MOUTH = ("sublingual", "buccal")
FORMS = ("film", "lozenge")


def usual_form(drug: str) -> str:
    """What a dose in the mouth is unless the regimen says otherwise: the film was studied with S-ketamine alone."""
    return "film" if drug == "esketamine" else "lozenge"


def way(drug: str, route: str, product: str = "") -> str:
    """The route as models know it: an unusual form in the mouth, or a slow tablet, is a way of its own.

    `product` is a key of data/products.toml; forms that differ only in their strength keep the plain route.
    """
    if product == "extended_tablet":
        return f"{route} as extended-release tablet"
    if route in MOUTH and product:
        form = "film" if product == "film" else "lozenge"
        return route if form == usual_form(drug) else f"{route} {form}"
    return route


def mouth_form(drug: str, by: str) -> str:
    """The form, film or lozenge, for a way through the mouth; empty for any other."""
    if by in MOUTH:
        return usual_form(drug)
    return by.split(" ")[1] if by.split(" ")[0] in MOUTH else ""
