"""Fits of a nonlinear system by the native engine, beside the same fits by the formula of its solution.

Elimination of Michaelis and Menten after a bolus: C/KM + ln(C/KM) falls linearly, so that C is Lambert's W of it
(Schnell S, Mendoza C, J Theor Biol 1997;187:207-212).
"""

from functools import cache

import numpy as np
import pytest
from scipy.special import wrightomega

from ketasim.core.component import Component, par
from ketasim.dosing.records.read import read
from ketasim.fitting import fit
from ketasim.fitting.population.lanes import Lanes
from ketasim.fitting.population.specification import PopulationModel, Residual, Theta
from ketasim.fitting.population.structure import ClosedForm, ModelOnRecords


class Saturable(Component):
    """One compartment, elimination of Michaelis and Menten."""

    states = {"A": "mg"}
    outputs = {"C": "mg/L"}
    ports = {"iv": "A"}
    VM: float = par("mg/h", "largest rate")
    KM: float = par("mg/L", "half-saturation")
    V: float = par("L", "volume")

    def rates(self, x, u):
        c = x["A"] / self.V
        return {"A": -self.VM * c / (self.KM + c)}

    def read(self, x, u):
        return {"C": x["A"] / self.V}


TRUE = {"VM": 20.0, "KM": 2.0, "V": 30.0, "omega(VM)": 0.09, "omega(V)": 0.04, "sigma(proportional)": 0.1}
TIMES = (0.25, 1.0, 2.0, 4.0, 8.0, 16.0, 24.0)


def curve(t, dose, vm, km, v):
    c0 = dose / v
    return km * wrightomega(c0 / km + np.log(c0 / km) - vm / v * t / km).real


def records(n, seed=0, jitter=0.0):
    """Three doses, seen at common times or at times of each person's own."""
    rng = np.random.default_rng(seed)
    columns = {k: [] for k in ("ID", "TIME", "AMT", "DV", "EVID", "DOSE")}
    for i in range(n):
        dose = (50.0, 150.0, 400.0)[i % 3]
        vm, v = 20 * np.exp(0.3 * rng.normal()), 30 * np.exp(0.2 * rng.normal())
        rows = [(0.0, dose, None, 1)]
        for t in np.array(TIMES) * np.exp(jitter * rng.normal(size=len(TIMES))):
            c = curve(t, dose, vm, 2.0, v)
            if c > 0.005:
                rows.append((t, 0.0, c * (1 + 0.1 * rng.normal()), 0))
        for row in rows:
            for k, x in zip(columns, (i + 1, *row, dose), strict=True):
                columns[k].append(x)
    return read(columns)


MODEL = PopulationModel(
    (Theta("VM", 10.0, 0.0), Theta("KM", 1.0, 0.0), Theta("V", 20.0, 0.0)), ("VM", "V"), np.diag([0.2, 0.1]),
    Residual("proportional", proportional=0.2),
    lambda th, e, c: {"VM": th["VM"] * np.exp(e["VM"]), "KM": th["KM"], "V": th["V"] * np.exp(e["V"])},
)  # fmt: skip


@cache
def both(n=30):
    seen = records(n)
    formula = ClosedForm(lambda p, c: curve(c["TIME"], c["DOSE"], p["VM"], p["KM"], p["V"]), seen)
    return formula, ModelOnRecords(Saturable(VM=20.0, KM=2.0, V=30.0), seen, "C")


def test_foce_i_by_the_engine_is_that_by_the_formula():
    formula, engine = (fit(MODEL, data) for data in both())
    assert formula.converged and engine.converged, engine.problems
    assert engine.objective == pytest.approx(formula.objective, abs=1e-4)
    assert engine.estimates == pytest.approx(formula.estimates, rel=1e-3)
    for kind in ("r", "s", "rsr"):
        assert engine.standard_errors[kind] == pytest.approx(formula.standard_errors[kind], rel=5e-3), kind
    for name, true in TRUE.items():
        assert abs(engine.estimates[name] - true) < 3 * engine.se[name], name


def test_times_of_each_persons_own_and_infusions():
    """Blocks of few subjects, and what is read just before a second dose, against the general path."""
    data = ModelOnRecords(Saturable(VM=20.0, KM=2.0, V=30.0), records(40, seed=1, jitter=0.1), "C")
    assert isinstance(data._fast, Lanes)
    lanes = np.tile(np.arange(40), 4)
    assert len(data._fast._blocks(lanes)) > 1
    theta = {"VM": np.linspace(10, 40, len(lanes)), "KM": 2.0, "V": np.linspace(50, 20, len(lanes))}

    def own(th, e, c):
        return {k: th[k] for k in ("VM", "KM", "V")}

    fast, general = data.predict(lanes, own, theta, {}), data._general(lanes, own, theta, {})
    assert fast == pytest.approx(general, rel=1e-6, abs=1e-8)
    two = read({"ID": [1] * 5, "TIME": [0.0, 2, 8, 8, 12], "AMT": [100.0, 0, 0, 80, 0], "RATE": [50.0, 0, 0, 40, 0],
                "DV": [None, 1, 1, None, 1], "EVID": [1, 0, 0, 1, 0]})  # fmt: skip
    data = ModelOnRecords(Saturable(VM=20.0, KM=2.0, V=30.0), two, "C")
    assert isinstance(data._fast, Lanes)
    given = {"VM": np.array([20.0]), "KM": 2.0, "V": 30.0}
    lane = np.array([0])
    fast = data.predict(lane, own, given, {})
    assert fast == pytest.approx(data._general(lane, own, given, {}), rel=1e-6)


def test_a_person_that_cannot_be_solved_is_no_error_of_the_search():
    data = both()[1]
    lanes = np.arange(3)
    bad = {"VM": np.array([20.0, np.inf, 20.0]), "KM": 2.0, "V": 30.0}

    def own(th, e, c):
        return {k: th[k] for k in ("VM", "KM", "V")}

    for way in (data.predict, data._general):
        found = np.isnan(way(lanes, own, bad, {})) & data.mask[lanes]
        assert not found[[0, 2]].any()
        assert found[1].sum() == data.mask[1].sum()


def test_the_state_of_a_system_may_be_fitted():
    """Amounts instead of concentrations: an output is not needed."""
    seen = records(12)
    amounts = ModelOnRecords(Saturable(VM=20.0, KM=2.0, V=30.0), seen, "A")
    levels = ModelOnRecords(Saturable(VM=20.0, KM=2.0, V=30.0), seen, "C")

    def own(th, e, c):
        return {k: th[k] for k in ("VM", "KM", "V")}

    lanes, theta = np.arange(12), {"VM": np.full(12, 20.0), "KM": 2.0, "V": 30.0}
    a, c = (d.predict(lanes, own, theta, {}) for d in (amounts, levels))
    assert a[levels.mask] == pytest.approx(30.0 * c[levels.mask], rel=1e-6)


@pytest.mark.slow
def test_saem_finds_the_maximum_where_a_typical_value_has_no_random_effect():
    """EM is slow along KM; the path is finished by Newton steps on the sampled likelihood."""
    formula = both(60)[0]
    focei, found = fit(MODEL, formula), fit(MODEL, formula, "saem", seed=1, samples=1000)
    assert found.converged, found.problems
    assert found.sampling["from_maximum"] < 0.3
    for name, value in focei.estimates.items():
        assert abs(found.estimates[name] - value) < 0.6 * focei.se[name], name
        assert found.se[name] == pytest.approx(focei.se[name], rel=0.2), name
