"""Answers behind Evidence and Learn: every equation and number with its paper, grade and doubt; history; choices."""

from __future__ import annotations

import inspect
from functools import lru_cache
from typing import Any

from ketasim import __version__
from ketasim.server.catalogue import listed
from ketasim.server.messages import OPTIONS, SETTINGS, Scene
from ketasim.server.scenes import course


@lru_cache(maxsize=8)
def evidence(model: str, regimen: str) -> dict[str, Any]:
    """Parts with their equations, numbers with sources, papers used, flags of outputs."""
    from ketasim.core import citations
    from ketasim.simulate import build

    built, chosen = build(model, course(regimen).fixed_doses)
    system = built.system
    parts, numbers = [], []
    for part in system.parts:
        doc = inspect.cleandoc(type(part.component).__doc__ or "")
        first, _, rest = doc.partition("\n")
        parts.append(
            {
                "name": part.name,
                "mechanism": type(part.component).__name__,
                "title": first,
                "body": rest.strip("\n"),
                "outputs": [part.signal(o) for o in part.component.outputs],
            }
        )
        numbers += [_number(part.name, key, p) for key, p in part.component.parameters().items()]
    for readout in built.readouts:
        numbers += [_number(readout.name, key.rpartition(".")[2], p) for key, p in readout.parameters.items()]
    keys = dict.fromkeys(n["source"] for n in numbers)
    papers = {
        r.key: {"short": r.short, "title": r.plain("title"), "link": r.link} for r in citations.cite(keys)
    }
    flags = {k: list(v) for k, v in built.flags.items() if v}
    return {
        "model": model,
        "title": chosen.title if chosen else model,
        "parts": parts,
        "numbers": numbers,
        "papers": papers,
        "flags": flags,
        "equations": system.program.key[:16],
    }


def _number(part: str, key: str, p: Any) -> dict[str, Any]:
    value, unit = p.printed if p.printed[1] or p.printed[0] else (p.value, p.unit)
    row = {
        "part": part,
        "name": key,
        "value": float(value),
        "unit": unit,
        "kind": p.kind,
        "status": p.status,
        "source": p.source,
        "where": p.where,
        "note": p.note,
        "table": p.table,
    }
    for layer in ("between", "doubt"):
        spread = getattr(p, layer)
        if spread:
            row[layer] = ", ".join(f"{k} {v}" for k, v in dict(spread).items() if k != "borrowed")
    if p.rows:
        row["rows"] = list(p.rows)
    return row


def bibtex(model: str, regimen: str) -> str:
    """BibTeX of the papers behind a model and regimen."""
    from ketasim.core import citations

    return citations.bibtex(n["source"] for n in evidence(model, regimen)["numbers"])


@lru_cache(maxsize=1)
def choices() -> dict[str, Any]:
    """What the rail offers: fields of a patient with limits, models, presets, outputs."""
    from ketasim.models import MODELS
    from ketasim.models.layers.plasticity import HYPOTHESES
    from ketasim.patients.comedication import catalogue
    from ketasim.patients.covariates import ANCESTRY, CHILD_PUGH, DIAGNOSIS, FLAGS, LIMITS, SCORES, SMOKING

    numbers = {
        n: {"low": LIMITS[n][0], "high": LIMITS[n][1]}
        for n in ("weight_kg", "height_cm", "age_y", "egfr", "sbp", "dbp", "heart_rate", "expectancy")
    }
    return {
        "version": __version__,
        "numbers": numbers,
        "flags": FLAGS,
        "scores": {k: list(v) for k, v in SCORES.items()},
        "words": {
            "sex": ["female", "male"],
            "ancestry": ANCESTRY,
            "child_pugh": CHILD_PUGH,
            "smoking": SMOKING,
            "diagnosis": DIAGNOSIS,
        },
        "comedication": sorted(catalogue().drugs),
        "outputs": listed(),
        "hypotheses": HYPOTHESES,
        "settings": SETTINGS,
        "options": OPTIONS,
        "models": [
            {"name": n, "title": m.title, "site": m.site, "population": m.population} for n, m in MODELS.items()
        ],
        "scene": Scene().model_dump(),
        "protocols": _protocols(),
    }


def _protocols() -> list[dict[str, Any]]:
    from importlib import resources

    from ketasim.clinic import Protocol

    folder = resources.files("ketasim") / "data" / "protocols"
    names = sorted(p.name.removesuffix(".toml") for p in folder.iterdir() if p.name.endswith(".toml"))
    found = [Protocol.load(n) for n in sorted(names, key=lambda n: (n != "iv_depression", n))]
    return [{"name": p.name, "title": p.title, "dose": p.dose.regimen, "source": p.source} for p in found]


@lru_cache(maxsize=1)
def history() -> list[dict[str, Any]]:
    """The dated history with papers."""
    from ketasim.core import citations
    from ketasim.kinetics.molecule import history as events

    rows = []
    for e in events():
        found = citations.cite([e.source])
        rows.append(
            {
                "year": e.year,
                "text": e.text,
                "status": e.status,
                "paper": found[0].short if found else e.source,
                "link": found[0].link if found else "",
            }
        )
    return rows


def law() -> list[dict[str, str]]:
    """The dated entries about law, by place."""
    from ketasim.clinic.law import rows

    return [row.model_dump() for row in rows()]


@lru_cache(maxsize=1)
def claims() -> list[dict[str, Any]]:
    """The table of claims without their runs."""
    from ketasim.core import citations
    from ketasim.studies.claims import claims as table

    return [
        {
            "id": c.id,
            "system": c.system,
            "claim": c.claim,
            "evidence": c.stands,
            "grade": c.grade,
            "but": c.but,
            "papers": [{"short": r.short, "link": r.link} for r in citations.cite(c.papers)],
        }
        for c in table().values()
    ]


@lru_cache(maxsize=1)
def molecule() -> dict[str, Any]:
    """Formula and masses, and the drawing where RDKit is installed."""
    from ketasim.core.errors import KetasimError
    from ketasim.kinetics.molecule import properties, substance

    one = substance("ketamine")
    try:
        drawing = substance("esketamine").svg(280, 200)
    except KetasimError:
        drawing = ""
    facts = {k: {"value": float(p.value), "unit": p.unit, "source": p.source} for k, p in properties().items()}
    return {
        "formula": one.formula,
        "molar_mass": one.molar_mass,
        "smiles": one.smiles,
        "svg": drawing,
        "properties": facts,
    }
