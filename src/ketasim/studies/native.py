"""The default simulator of studies: ketasim's own `simulate`, with one draw of doubt for each copy of an arm."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from ketasim.core.errors import InputError

from .simulator import Curves, Request


@lru_cache(maxsize=256)
def _course(sentence: str) -> Any:
    from ketasim.dosing import Regimen

    return Regimen.parse(sentence)


class KetasimSimulator:
    """Runs requests on the named models of the project."""

    def doses(self, regimen: str) -> list[tuple[float, float, str, str]]:
        """(start h, duration h, drug, route) of every dose, in order of time."""
        found = [(d.start_h, d.duration_h, d.drug, d.route) for d in _course(regimen).doses]
        return sorted(found, key=lambda d: d[0])

    def outputs(self, model: str) -> frozenset[str]:
        """Ids of everything the model can give, its layers included."""
        return _outputs(model)

    def run(self, request: Request) -> Curves:
        """Simulate the batch in one call; copies share their draw of doubt."""
        from ketasim.simulate import simulate

        course = _course(request.regimen)
        cohort = cohort_of(request.covariates, request.ids)
        values: dict[str, Any] = dict(request.overrides)
        if not request.typical:
            values = {**self._doubt(request), **values}
        options = {k: v for k, v in request.settings.items() if v not in ("", (), "unknown")}
        result = simulate(
            model=request.model,
            patient=cohort,
            regimen=course,
            times_h=request.times_h,
            seed=request.seed,
            vary=() if request.typical else ("between",),
            outputs=request.outputs,
            options=options,
            values=values,
        )
        cov = result.covariates
        dose = sum(
            np.broadcast_to(np.asarray(d.amount_mg(np.asarray(cov["weight_kg"]), np.asarray(cov["ibw_kg"])), float), (len(request.ids),))
            for d in course.doses if d.drug in ("ketamine", "esketamine", "arketamine")
        )  # fmt: skip
        curves = {name: np.asarray(result[name]) for name in request.outputs}
        failed = np.zeros(len(request.ids), bool)
        for v in curves.values():
            failed |= ~np.isfinite(v.reshape(len(v), -1)).all(axis=1)
        total = np.asarray(dose, float) if np.ndim(dose) else np.zeros(len(request.ids))
        return Curves(curves, dict(result.units), total, failed, tuple(result.warnings))

    def _doubt(self, request: Request) -> Mapping[str, np.ndarray]:
        """One draw of every doubtful typical value for each copy, repeated for its people."""
        from ketasim.core.variability import sample_system
        from ketasim.simulate import build

        built, _ = build(request.model, _course(request.regimen).doses, request.outputs, None)
        copies = np.unique(request.replicate)
        drawn = sample_system(built.system, request.seed, copies, ("doubt",), {})
        return {name: np.asarray(v)[request.replicate] for name, v in drawn.items()}


def cohort_of(covariates: Mapping[str, np.ndarray], ids: np.ndarray) -> Any:
    """A Cohort from drawn covariate columns; names the cohort does not know are refused."""
    from ketasim.patients import Cohort

    if not hasattr(Cohort, "from_columns"):
        raise InputError("cohort", "columns", "a Cohort that can be made from columns")
    return Cohort.from_columns(covariates, ids=ids)


@lru_cache(maxsize=32)
def _outputs(model: str) -> frozenset[str]:
    from ketasim import models

    return frozenset(models.outputs(model))
