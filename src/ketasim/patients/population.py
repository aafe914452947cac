"""Populations: joint distributions of covariates as TOML, every number with unit, kind, status and source.

A file in data/populations (or any path) holds one table per covariate. A table with `unit` is a distribution; a table
without one only groups distributions. `[meta] base = "adult"` takes everything from another population first. How a
distribution reads (`marginal.py` evaluates it):

    dist = "constant"    value
    dist = "bands"       edges and weights: a histogram, uniform inside each band
    dist = "normal"      mean and sd of the people, who lie within low and high
    dist = "lognormal"   median (or mean) and sd_log (or cv) before truncation at low and high
    dist = "bernoulli"   p
    dist = "categories"  weights by name
    dist = "counts"      weights of the whole numbers from start upwards
    dist = "chart"       z-scores on the growth chart, with low and high

A number may be given per sex (`mean_man`, `mean_woman`) and as a list by age (`age` holds where each entry begins).
`[[copula]]` rows correlate the normal scores of two covariates (`a`, `b`, `r`) or of every pair of `names`; `[[drug]]`
rows give at most one of the drugs `one_of` (name = share), only to people with the flag `given` when it is named.
`typical = "egfr"` takes the mean from the curve of that name in data/patients/typical.toml.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

from ketasim.core.errors import InputError
from ketasim.core.parameters import KINDS, STATUSES
from ketasim.patients.comedication import catalogue
from ketasim.patients.covariates import ANCESTRY, CHILD_PUGH, DIAGNOSIS, FLAGS, SCORES, SMOKING

DISTRIBUTIONS = ("constant", "bands", "normal", "lognormal", "bernoulli", "categories", "counts", "chart")
PROVENANCE = ("unit", "kind", "status", "source")
COVARIATES = (
    "age", "female", "ancestry", "height", "bmi", "weight", "egfr", "child_pugh", "cyp2b6", "smoking", "treated",
    "sbp", "dbp", "heart_rate", "diagnosis", "prior_failures", "expectancy", "scores", *FLAGS,
)  # fmt: skip
_WORDS = {"ancestry": ANCESTRY, "child_pugh": CHILD_PUGH, "smoking": SMOKING, "diagnosis": DIAGNOSIS}
_REQUIRED = ("age", "female", "height")


@dataclass(frozen=True)
class Population:
    """A named joint distribution of covariates; see the module for the file format."""

    name: str
    title: str
    entries: Mapping[str, Any]
    copula: tuple[Mapping[str, Any], ...] = ()
    drugs: tuple[Mapping[str, Any], ...] = ()

    @staticmethod
    def load(name: str | Path) -> Population:
        """A population by name, or from a TOML file by path."""
        return _load(str(name))

    def rows(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """(dotted name, table) of every distribution, correlation and drug, for lists of sources."""
        yield from _leaves(self.entries, "")
        for row in self.copula:
            yield f"copula.{'~'.join(joined(row))}", row
        for i, row in enumerate(self.drugs):
            yield f"drug.{i}", row

    def sources(self) -> tuple[str, ...]:
        """Keys of the bibliography this population uses."""
        return tuple(dict.fromkeys(str(row["source"]) for _, row in self.rows()))


def joined(row: Mapping[str, Any]) -> tuple[str, ...]:
    """Names a [[copula]] row correlates: `a` and `b`, or every pair of `names`."""
    return tuple(row["names"]) if "names" in row else (str(row["a"]), str(row["b"]))


def populations() -> tuple[str, ...]:
    """Names of the populations that come with the package."""
    folder = resources.files("ketasim") / "data" / "populations"
    return tuple(sorted(p.name[:-5] for p in folder.iterdir() if p.name.endswith(".toml")))


@lru_cache(maxsize=32)
def _load(name: str) -> Population:
    if name in populations():
        text = (resources.files("ketasim") / "data" / "populations" / f"{name}.toml").read_text(encoding="utf-8")
    elif name.endswith(".toml") and Path(name).is_file():
        text = Path(name).read_text(encoding="utf-8")
    else:
        raise InputError("population", name, ", ".join(populations()) + " or the path of a TOML file")
    return parse(text, Path(name).stem)


def parse(text: str, name: str) -> Population:
    """A population from TOML text; InputError names the table and the field that is wrong."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"population {name}", str(error), "valid TOML") from None
    meta = raw.pop("meta", {})
    copula, drugs = raw.pop("copula", []), raw.pop("drug", [])
    entries: dict[str, Any] = {}
    if "base" in meta:
        below = Population.load(meta["base"])
        entries.update(below.entries)
        copula = [*below.copula, *copula] if meta.get("keep_copula", True) else copula
        drugs = [*below.drugs, *drugs] if meta.get("keep_drugs", True) else drugs
    for key, entry in raw.items():
        both = isinstance(entry, Mapping) and isinstance(entries.get(key), Mapping)
        grouped = both and not any(f in table for f in ("unit", "dist") for table in (entry, entries[key]))
        entries[key] = {**entries[key], **entry} if grouped else entry
    unknown = sorted(set(entries) - set(COVARIATES))
    if unknown:
        raise InputError(f"population {name}", unknown[0], ", ".join(COVARIATES))
    missing = [r for r in _REQUIRED if r not in entries]
    if missing:
        raise InputError(f"population {name}", f"without {', '.join(missing)}", ", ".join(_REQUIRED))
    made = Population(name, str(meta.get("title", name)), entries, tuple(copula), tuple(drugs))
    for where, row in made.rows():
        _check(f"{name}.{where}", where, row)
    return made


def _leaves(table: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for key, entry in table.items():
        where = f"{prefix}{key}"
        if not isinstance(entry, Mapping):
            raise InputError(where, entry, "a table with unit, kind, status and source, or a group of such tables")
        if "unit" in entry or "dist" in entry:
            yield where, entry
        else:
            yield from _leaves(entry, f"{where}.")


def _check(full: str, where: str, row: Mapping[str, Any]) -> None:
    missing = [f for f in PROVENANCE if not row.get(f)]
    if missing:
        raise InputError(full, f"without {', '.join(missing)}", "every number with unit, kind, status and source")
    for field_name, allowed in (("kind", KINDS), ("status", STATUSES)):
        if row[field_name] not in allowed:
            raise InputError(f"{full}.{field_name}", row[field_name], ", ".join(allowed))
    if where.startswith("copula."):
        if not -1.0 < float(row["r"]) < 1.0:
            raise InputError(f"{full}.r", row["r"], "between -1 and 1")
        return
    if where.startswith("drug."):
        for drug in row["one_of"]:
            if not catalogue().known(drug):
                raise InputError(full, drug, "a drug of the comedication catalogue")
        return
    if row.get("dist") not in DISTRIBUTIONS:
        raise InputError(f"{full}.dist", row.get("dist"), ", ".join(DISTRIBUTIONS))
    group = where.split(".")[0]
    if row["dist"] == "categories" and group in _WORDS:
        wrong = sorted(set(row["weights"]) - set(_WORDS[group]))
        if wrong:
            raise InputError(f"{full}.weights", wrong[0], ", ".join(_WORDS[group]))
    if group == "scores" and where.split(".")[-1] not in SCORES:
        raise InputError(full, where.split(".")[-1], ", ".join(SCORES))
