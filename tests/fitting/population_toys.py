"""Models and simulated data sets for the tests of population fits. Simulation is written out, apart from our engine."""

from __future__ import annotations

from typing import Any

import numpy as np

from ketasim.core.component import Component, par
from ketasim.dosing.records.read import read
from ketasim.fitting.population.specification import PopulationModel, Residual, Theta
from ketasim.fitting.population.structure import ClosedForm, ModelOnRecords


class Bolus(Component):
    """One compartment, intravenous."""

    states = {"A": "mg"}
    outputs = {"C": "mg/L"}
    ports = {"iv": "A"}
    CL: float = par("L/h", "clearance")
    V: float = par("L", "volume")

    def rates(self, x, u):
        return {"A": -self.CL / self.V * x["A"]}

    def read(self, x, u):
        return {"C": x["A"] / self.V}


class Oral(Component):
    """One compartment, oral."""

    states = {"D": "mg", "A": "mg"}
    outputs = {"C": "mg/L"}
    ports = {"oral": "D"}
    ka: float = par("1/h", "absorption")
    CL: float = par("L/h", "clearance")
    V: float = par("L", "volume")

    def rates(self, x, u):
        return {"D": -self.ka * x["D"], "A": self.ka * x["D"] - self.CL / self.V * x["A"]}

    def read(self, x, u):
        return {"C": x["A"] / self.V}


def oral_curve(t: Any, dose: float, ka: Any, cl: Any, v: Any) -> Any:
    """Concentration after one oral dose, by formula."""
    k = cl / v
    return dose * ka / v / (ka - k) * (np.exp(-k * t) - np.exp(-ka * t))


def long(times: Any, values: np.ndarray, dose: float = 0.0, **columns: Any) -> dict[str, list[Any]]:
    """Columns of a data set: a dose at 0 where there is one, then values (subjects, times)."""
    out: dict[str, list[Any]] = {k: [] for k in ("ID", "TIME", "AMT", "DV", "EVID", "MDV", *columns)}

    def row(i: int, t: float, amt: float, dv: float, evid: int) -> None:
        for k, v in zip(("ID", "TIME", "AMT", "DV", "EVID", "MDV"), (i + 1, t, amt, dv, evid, evid), strict=True):
            out[k].append(v)
        for k, v in columns.items():
            out[k].append(v[i])

    for i, line in enumerate(values):
        if dose:
            row(i, 0.0, dose, 0.0, 1)
        for t, y in zip(times, line, strict=True):
            row(i, float(t), 0.0, float(y), 0)
    return out


ORAL_TIMES = np.array([0.25, 0.5, 0.75, 1, 1.5, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 30, 36, 42])


def oral_columns(n: int = 120, seed: int = 0, times: Any = ORAL_TIMES) -> dict[str, list[Any]]:
    """n subjects, 100 mg; CL 4, V 40, ka 1.2 with log-normal spread; combined error."""
    rng = np.random.default_rng(seed)
    eta = rng.normal(size=(n, 3)) * (0.5, 0.3, 0.25)
    ka, cl, v = (m * np.exp(eta[:, k])[:, None] for k, m in enumerate((1.2, 4.0, 40.0)))
    c = oral_curve(np.asarray(times)[None], 100.0, ka, cl, v)
    y = c * (1 + 0.1 * rng.normal(size=c.shape)) + 0.02 * rng.normal(size=c.shape)
    return long(times, y, 100.0)


def oral_model(start: tuple[float, float, float] = (0.1, 1.0, 3.5), **more: Any) -> PopulationModel:
    return PopulationModel(
        (Theta("lka", start[0]), Theta("lCL", start[1]), Theta("lV", start[2])), ("ka", "CL", "V"),
        np.diag([0.2, 0.1, 0.1]), Residual("combined", additive=0.1, proportional=0.2),
        lambda th, e, c: {k: np.exp(th["l" + k] + e[k]) for k in ("ka", "CL", "V")}, **more,
    )  # fmt: skip


def oral_data(columns: dict[str, list[Any]]) -> ModelOnRecords:
    return ModelOnRecords(Oral(ka=1.0, CL=1.0, V=1.0), read(columns), "C", negative="keep")


def mean_model(residual: Residual, omega: float = 0.5, mean: float = 4.0, **more: Any) -> PopulationModel:
    """y = μ + η (+ ε): everything about it is known exactly."""
    return PopulationModel(
        (Theta("mu", mean, **more.pop("theta", {})),), ("mu",), np.array([[omega]]), residual,
        lambda th, e, c: {"y": th["mu"] + e["mu"]}, **more,
    )  # fmt: skip


def mean_data(values: np.ndarray, **columns: Any) -> ClosedForm:
    """(subjects, repeats) values at times 0, 1, 2 …"""
    return ClosedForm(
        lambda p, c: p["y"], read(long(range(values.shape[1]), values, **columns), duplicates="keep"), negative="keep"
    )
