"""A simulator whose answers are known in closed form: one compartment, 1 h bolus-like doses, and a score that falls
on time."""

from __future__ import annotations

import numpy as np

from ketasim.studies.simulator import Curves, Request

CL, V = 10.0, 50.0  # L/h, L; every dose is a 100 mg bolus at t = 0


class Analytic:
    """ketamine.venous = D/V exp(−kt) in ng/mL times a log-normal factor per person; madrs falls 1 point per hour of
    a day."""

    def __init__(self, spread: float = 0.0) -> None:
        self.spread = spread
        self.requests: list[Request] = []

    def doses(self, regimen: str) -> list[tuple[float, float, str, str]]:
        return [(0.0, 0.0, "ketamine", "iv")] if regimen != "saline iv" else []

    def outputs(self, model: str, regimen: str) -> frozenset[str]:
        return frozenset({"ketamine.venous", "norketamine.venous", "madrs", "p_nausea", "relapse_hazard"})

    def run(self, request: Request) -> Curves:
        self.requests.append(request)
        n, t = len(request.ids), np.asarray(request.times_h)
        rng = np.random.default_rng(request.seed)
        factor = np.ones(n) if request.typical else np.exp(self.spread * rng.standard_normal(n))
        drug = 0.0 if request.regimen == "saline iv" else 1.0
        level = drug * factor[:, None] * 100.0 / V * 1000 * np.exp(-CL / V * t)
        one = np.ones((n, 1))
        values = {
            "ketamine.venous": level,
            "norketamine.venous": 0.5 * level,
            "madrs": 30.0 * one - drug * factor[:, None] * np.minimum(t, 24.0),
            "p_nausea": one * 0.4 * (1 - np.exp(-t)),
            "relapse_hazard": one * np.full_like(t, 0.02 if drug else 0.04),
        }
        units = {
            "ketamine.venous": "ng/mL",
            "norketamine.venous": "ng/mL",
            "madrs": "points",
            "p_nausea": "1",
            "relapse_hazard": "1/d",
        }
        asked = {k: values[k] for k in request.outputs}
        return Curves(
            asked, {k: units[k] for k in asked}, np.full(n, 100.0 * drug), np.zeros(n, bool), (), np.full(n, 70.0)
        )
