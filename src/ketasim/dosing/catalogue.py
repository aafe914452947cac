"""Drugs and products a regimen may name, read from data/products.toml."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from typing import Any

from ketasim.core.errors import InputError

ROUTES = ("iv", "im", "sc", "intranasal", "oral", "sublingual", "buccal", "rectal", "inhaled")
INFUSION_ROUTES = ("iv", "sc", "inhaled")
ROUTE_ALIASES = {
    "intravenous": "iv",
    "intravenously": "iv",
    "intramuscular": "im",
    "intramuscularly": "im",
    "subcutaneous": "sc",
    "subcutaneously": "sc",
    "subcut": "sc",
    "nasal": "intranasal",
    "intranasally": "intranasal",
    "po": "oral",
    "orally": "oral",
    "sl": "sublingual",
    "sublingually": "sublingual",
    "pr": "rectal",
    "rectally": "rectal",
    "nebulised": "inhaled",
    "nebulized": "inhaled",
}
ROUTE_WORDS = {
    "iv": "into a vein",
    "im": "into a muscle",
    "sc": "under the skin",
    "intranasal": "into the nose",
    "oral": "by mouth",
    "sublingual": "under the tongue",
    "buccal": "in the cheek",
    "rectal": "into the rectum",
    "inhaled": "inhaled",
}


@dataclass(frozen=True)
class Limit:
    """The highest published dose of a drug by a route: a single dose (mg, mg/kg) or a rate (mg/h, mg/kg/h)."""

    route: str
    single: float | None
    rate: float | None
    unit: str
    source: str
    status: str
    note: str = ""


@dataclass(frozen=True)
class Drug:
    """A drug: its kind (ketamine, comparator, placebo, co-drug), the share of S and R, routes and published limits."""

    name: str
    words: str
    kind: str
    routes: tuple[str, ...]
    aliases: tuple[str, ...] = ()
    moieties: tuple[tuple[str, float], ...] = ()
    limits: tuple[Limit, ...] = ()


@dataclass(frozen=True)
class Product:
    """A pharmaceutical form. Strengths are mg of base; times are minutes.

    unit_mg : base in one device, film or tablet. divided : amounts are split into units given `interval_min` apart.
    """

    name: str
    words: str
    form: str
    drugs: tuple[str, ...]
    routes: tuple[str, ...]
    source: str
    status: str
    labelled_as: str = "base"
    unit_mg: float | None = None
    divided: bool = False
    interval_min: float = 0.0
    hold_min: float = 0.0
    concentration_mg_ml: float | None = None
    pack: str = ""
    note: str = ""
    default_for: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    def suits(self, drug: str, route: str) -> bool:
        """True if the product holds the drug and is made for the route."""
        return route in self.routes and (drug in self.drugs or "*" in self.drugs)


@lru_cache(maxsize=1)
def _data() -> dict[str, Any]:
    text = (resources.files("ketasim") / "data" / "products.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@lru_cache(maxsize=1)
def hcl_to_base() -> float:
    """mg of base in one mg of a ketamine hydrochloride."""
    return float(_data()["salt"]["hcl_to_base"]["value"])


@lru_cache(maxsize=1)
def drugs() -> dict[str, Drug]:
    """Every drug by name."""
    out = {}
    for name, row in _data()["drugs"].items():
        limits = tuple(
            Limit(r["route"], r.get("single"), r.get("rate"), r["unit"], r["source"], r["status"], r.get("note", ""))
            for r in row.get("limits", ())
        )
        shares = tuple(row.get("moieties", {}).items())
        aliases = tuple(row.get("aliases", ()))
        out[name] = Drug(name, row["words"], row["kind"], tuple(row["routes"]), aliases, shares, limits)
    return out


@lru_cache(maxsize=1)
def products() -> dict[str, Product]:
    """Every product by name."""
    out = {}
    for name, row in _data()["products"].items():
        fields: dict[str, Any] = {
            k: tuple(v) if isinstance(v, list) else v for k, v in row.items() if k != "default_for"
        }
        out[name] = Product(name=name, default_for=tuple((d, r) for d, r in row.get("default_for", ())), **fields)
    return out


@lru_cache(maxsize=1)
def drug_words() -> dict[str, str]:
    """Every word that names a drug, lower case, and the drug it names."""
    return {word: d.name for d in drugs().values() for word in (d.name, *d.aliases)}


@lru_cache(maxsize=1)
def _defaults() -> dict[tuple[str, str], str]:
    return {pair: p.name for p in products().values() for pair in p.default_for}


def default_product(drug: str, route: str) -> str:
    """The product meant when the sentence names none; "" where the form does not matter."""
    return _defaults().get((drug, route), "")


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint naming the nearest known word, or ""."""
    near = difflib.get_close_matches(word.lower(), list(known), n=1, cutoff=0.6)
    return f"Did you mean {near[0]!r}?" if near else ""


def find_drug(word: str) -> Drug:
    """The drug a word names. Raises InputError naming the drugs there are."""
    name = drug_words().get(word.strip().lower()) if isinstance(word, str) else None
    if name is None:
        raise InputError("drug", word, ", ".join(drugs()), did_you_mean(str(word), drug_words()))
    return drugs()[name]


def find_route(word: str) -> str:
    """The route a word names. Raises InputError naming the routes there are."""
    low = word.strip().lower() if isinstance(word, str) else ""
    route = low if low in ROUTES else ROUTE_ALIASES.get(low)
    if route is None:
        raise InputError("route", word, ", ".join(ROUTES), did_you_mean(str(word), (*ROUTES, *ROUTE_ALIASES)))
    return route


def find_product(word: str, drug: str, route: str) -> Product:
    """A product by name that suits drug and route. Raises InputError naming the products that would."""
    product = products().get(word.strip().lower().replace("-", "_"))
    if product is None or not product.suits(drug, route):
        fits = [p.name for p in products().values() if p.suits(drug, route)]
        allowed = ", ".join(fits) if fits else f"no named product for {drug} {route}"
        raise InputError("product", word, allowed, "" if product else did_you_mean(word, products()))
    return product
