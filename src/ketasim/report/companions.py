"""The runs that a report draws beside the one it is about: our doubt about its typical values, and other models."""

from __future__ import annotations

from typing import Any

import numpy as np

from ketasim.core import citations
from ketasim.core.errors import KetasimError
from ketasim.core.result import Result
from ketasim.report.sessions import sessions

DOUBT_SUBJECTS = 120
SLOW = ("eeg.", "fc", "gbc")  # read-outs computed person by person: drawn without a doubt band
ENSEMBLE_H = 24.0


def doubt_of(result: Result, subjects: int = DOUBT_SUBJECTS) -> Result | None:
    """The same run for the typical person with only our doubt about typical values drawn; None where it cannot be
    run again (a system of one's own) or the result's own spread holds the doubt already."""
    from ketasim.simulate import simulate

    if not _known(result) or "doubt" in result.manifest.get("vary", ()):
        return None
    if not any(p.doubt for p in result.parameters.values()):
        return None
    m = result.manifest
    quick = tuple(o for o in result if not o.startswith(SLOW)) or tuple(result)
    values = {k: v for k, v in m.get("values", {}).items() if isinstance(v, (int, float))}
    return simulate(
        m["model"], _typical(result, subjects), m["regimen"], result.times_h, int(m.get("seed", 0)), vary="doubt",
        outputs=quick, options=m.get("options") or None, values=values or None,
    )  # fmt: skip


def ensemble_of(result: Result) -> dict[str, list[tuple[str, Any, Any]]]:
    """Sampling site → (model, times in h, values) of total ketamine for every published model that applies.

    A model that cannot run this regimen is listed with its reason in the place of its values.
    """
    from ketasim import models
    from ketasim.simulate import simulate

    given = frozenset((d["drug"], d["route"]) for d in result.doses)
    if not _known(result) or not given or not any(name.startswith("ketamine.") for name in result):
        return {}
    person = _typical(result, 1)
    out: dict[str, list[tuple[str, Any, Any]]] = {}
    stop = sessions(result.doses)[0].end_h + ENSEMBLE_H
    times = result.times_h[result.times_h <= stop]
    for site, names in models.ensemble(given, person.covariates).items():
        rows: list[tuple[str, Any, Any]] = []
        for name in names:
            output = f"ketamine.{site}"
            try:
                run = simulate(name, person, result.manifest["regimen"], times, outputs=(output,))
                rows.append((label(name), times, run[output][0]))
            except KetasimError as error:
                rows.append((label(name), None, str(error)))
        if rows:
            out[site] = rows
    return out


def label(model: str) -> str:
    """perezruixo2021 → Perez-Ruixo 2021, by the bibliography."""
    found = citations.references().get(model)
    if found is not None and found.fields.get("author") and found.fields.get("year"):
        return f"{found.plain('author').split(' and ')[0].split(',')[0]} {found.fields['year']}"
    return f"{model[:-4].capitalize()} {model[-4:]}" if model[-4:].isdigit() else model


def _known(result: Result) -> bool:
    from ketasim.models import NAMES

    return result.manifest.get("model") in NAMES and bool(result.manifest.get("regimen"))


def _typical(result: Result, n: int) -> Any:
    """n copies of the middle person of the result: medians of numbers, the commonest of marks and classes."""
    from ketasim.patients import Cohort

    return Cohort(np.arange(n), {k: np.full(n, _middle(np.asarray(v, float))) for k, v in result.covariates.items()})


def _middle(values: np.ndarray) -> float:
    found, counts = np.unique(values, return_counts=True)
    whole = bool(np.all(found == np.round(found)))
    return float(found[np.argmax(counts)]) if whole and len(found) <= 6 else float(np.median(values))
