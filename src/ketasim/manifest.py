"""The record of a run: everything that has to be known to make it again."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ketasim import __version__
from ketasim.models.model import Built


def manifest(
    built: Built,
    course: Any,
    cohort: Any,
    seed: int,
    vary: Sequence[str],
    engine: str,
    tolerance: Mapping[str, float],
    stats: Mapping[str, Any],
    individual: np.ndarray,
    options: Any,
    values: Any,
    stop: float,
    cov: Mapping[str, np.ndarray],
    asked: Sequence[str] | None,
) -> dict[str, Any]:
    """Versions, seed, tolerances, the sentence, the people and hashes: what `ketasim reproduce` reads."""
    import platform

    return {
        "ketasim": __version__,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "model": built.system.name,
        "regimen": str(course),
        "seed": seed,
        "vary": list(vary),
        "subjects": len(cohort),
        "people": _told(cohort),
        "engine": engine,
        "tolerance": dict(tolerance),
        "until_h": stop,
        "outputs": None if asked is None else list(asked),
        "options": dict(options or {}),
        "settings": {k[8:]: float(v[0]) for k, v in cov.items() if k.startswith("setting_") and len(v)},
        "values": {k: v if np.isscalar(v) else "one a subject" for k, v in (values or {}).items()},
        "stats": {k: v for k, v in stats.items() if isinstance(v, (str, int, float))},
        "equations": built.system.program.key[:16],
        "parameters": hashlib.sha256(np.ascontiguousarray(individual).tobytes()).hexdigest()[:16],
    }


def _told(cohort: Any) -> dict[str, Any]:
    """Who was simulated, as far as words can say it: one patient, or where in which population the people come from."""
    if len(cohort.people) == 1:
        return {"patient": cohort.people[0].model_dump(mode="json")}
    start = int(cohort.ids[0]) if len(cohort) else 0
    if cohort.population and np.array_equal(cohort.ids, np.arange(start, start + len(cohort))):
        return {"population": cohort.population, "seed": cohort.seed, "start": start}
    return {}
