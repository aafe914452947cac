"""Population fits beside other people's results (`shared/anchors/estimation`)."""

import csv
from functools import cache

import numpy as np
import pytest
from tests.fitting.population_toys import Bolus, Oral

from ketasim.dosing.records.read import read
from ketasim.fitting.population.conditional import Conditional, Point
from ketasim.fitting.population.estimate import estimate
from ketasim.fitting.population.importance import marginal
from ketasim.fitting.population.saem import saem
from ketasim.fitting.population.specification import PopulationModel, Residual, Theta
from ketasim.fitting.population.structure import ClosedForm, ModelOnRecords


@pytest.fixture
def wang(anchors):
    with (anchors / "estimation" / "Wang2007.csv").open() as file:
        rows = list(csv.DictReader(file))
    records = read({"ID": [r["ID"] for r in rows], "TIME": [r["Time"] for r in rows], "DV": [r["Y"] for r in rows]})
    model = PopulationModel(
        (Theta("k", 0.5, 0.0, 5.0),), ("k",), np.array([[0.04]]), Residual("log", additive=0.1**0.5),
        lambda th, e, c: {"k": th["k"] * np.exp(e["k"])},
    )  # fmt: skip
    data = ClosedForm(lambda p, c: 10 * np.exp(-p["k"] * c["TIME"]), records)
    return Conditional(model, data), Point({"k": 0.5}, model.omega, {"additive": 0.1**0.5})


def test_wang_objectives(wang):
    c, point = wang
    eta = c.modes(point)
    assert c.foce(point, eta, *c.slopes(point.theta, eta)).sum() == pytest.approx(40.039, abs=0.01)
    assert c.fo(point, *c.slopes(point.theta, np.zeros_like(eta))).sum() == pytest.approx(40.055, abs=0.01)


def test_wang_importance_sampling_finds_the_exact_marginal(wang):
    c, point = wang
    value, error = marginal(c, point, c.modes(point), samples=20000, seed=3)
    assert error < 0.01
    assert value == pytest.approx(40.0769, abs=max(0.005, 4 * error))


@cache
def phenobarbital(folder):
    lines = [line.split() for line in (folder / "phenobarbital.csv").read_text().splitlines() if line.strip()]
    head, rows = lines[0], lines[1:]
    columns = {k: [0.0 if r[i] == "." else float(r[i]) for r in rows] for i, k in enumerate(head)}
    columns["EVID"] = columns["MDV"] = [int(a > 0) for a in columns["AMT"]]
    columns["DV"] = [None if e else d for d, e in zip(columns["DV"], columns["EVID"], strict=True)]
    model = PopulationModel(
        (Theta("CL", 0.006, 0.0, 1.0), Theta("V", 1.0, 0.0, 10.0), Theta("low", 0.1, -1.0, 5.0)), ("CL", "V"),
        np.diag([0.05, 0.05]), Residual("proportional", proportional=0.12),
        lambda th, e, c: {
            "CL": th["CL"] * c["WGT"] * np.exp(e["CL"]),
            "V": th["V"] * c["WGT"] * (1 + th["low"] * (c["APGR"] < 5)) * np.exp(e["V"]),
        },
    )  # fmt: skip
    return estimate(model, ModelOnRecords(Bolus(CL=1.0, V=1.0), read(columns), "C"))


def test_phenobarbital(anchors):
    fit = phenobarbital(anchors / "estimation")
    assert fit.converged, fit.problems
    assert fit.objective == pytest.approx(586.27605628, abs=0.1)
    wanted = {
        "CL": 0.00469555, "V": 0.984258, "low": 0.158920, "omega(CL)": 0.0293508, "omega(V)": 0.0279060,
        "sigma(proportional)": 0.0132410**0.5,
    }  # fmt: skip
    assert fit.estimates == pytest.approx(wanted, rel=0.01)


def test_phenobarbital_robust_standard_errors_are_those_of_nonmem(anchors):
    """NONMEM 7 prints R⁻¹ S R⁻¹ for this run (its .ext file is public in pharmpy's test data, LGPL, numbers only)."""
    fit = phenobarbital(anchors / "estimation")
    nonmem = {
        "CL": 2.10036e-4, "V": 2.68952e-2, "low": 8.37623e-2, "omega(CL)": 1.34153e-2, "omega(V)": 7.47651e-3,
        "sigma(proportional)": 9.90444e-3,
    }  # fmt: skip
    assert fit.standard_errors["rsr"] == pytest.approx(nonmem, rel=0.003)
    assert fit.se == fit.standard_errors["r"]
    assert fit.se != pytest.approx(nonmem, rel=0.02), "the test could not tell R from R⁻¹ S R⁻¹"


@cache
def warfarin_parts(folder):
    with (folder / "warfarin_pks.csv").open() as file:
        rows = list(csv.DictReader(file))
    columns = {k: [r[k] for r in rows] for k in rows[0]}
    columns["MDV"] = columns["EVID"]
    model = PopulationModel(
        (Theta("lka", 0.0), Theta("lCL", np.log(0.1)), Theta("lV", np.log(8.0))), ("ka", "CL", "V"),
        np.diag([0.4, 0.1, 0.1]), Residual("combined", additive=1.0, proportional=0.1),
        lambda th, e, c: {k: np.exp(th["l" + k] + e[k]) for k in ("ka", "CL", "V")},
    )  # fmt: skip
    return model, ModelOnRecords(Oral(ka=1.0, CL=1.0, V=1.0), read(columns), "C")


@cache
def warfarin(folder):
    return estimate(*warfarin_parts(folder))


def test_warfarin(anchors):
    fit = warfarin(anchors / "estimation")
    assert fit.converged, fit.problems
    assert fit.objective == pytest.approx(423.327, abs=0.1)
    wanted = {"lka": -0.5694, "lCL": -2.0072, "lV": 2.0585, "sigma(proportional)": 0.117, "sigma(additive)": 0.7225}
    assert {k: fit.estimates[k] for k in wanted} == pytest.approx(wanted, rel=0.01)


def test_warfarin_saem_agrees_with_foce_i(anchors):
    """Two methods, one answer: estimates within a standard error, and the same likelihood where both are measured by
    importance sampling. (The FOCE-I objective itself lies 1.7 below it: the price of linearising.)"""
    focei, (model, data) = warfarin(anchors / "estimation"), warfarin_parts(anchors / "estimation")
    found = saem(model, data, seed=2, samples=3000)
    assert found.converged, found.problems
    here, error = marginal(Conditional(model, data), focei.point, focei.eta, 3000, seed=1)
    assert error < 0.15
    assert found.objective == pytest.approx(here, abs=0.4)
    assert found.objective == pytest.approx(focei.objective, abs=2.5)
    for name, value in found.estimates.items():
        assert abs(value - focei.estimates[name]) < focei.se[name], name
    for kind in ("r", "s", "rsr"):
        assert found.standard_errors[kind] == pytest.approx(focei.standard_errors[kind], rel=0.1), kind


def theophylline_parts(folder):
    with (folder / "theo_sd.csv").open() as file:
        rows = list(csv.DictReader(file))
    records = read({k: [r[k] for r in rows] for k in rows[0]}, evid={101: 1})
    model = PopulationModel(
        (Theta("lka", 0.45), Theta("lCL", 1.0), Theta("lV", 3.45)), ("ka", "CL", "V"), np.diag([0.6, 0.3, 0.1]),
        Residual("additive", additive=0.7), lambda th, e, c: {k: np.exp(th["l" + k] + e[k]) for k in ("ka", "CL", "V")},
    )  # fmt: skip
    return model, ModelOnRecords(Oral(ka=1.0, CL=1.0, V=1.0), records, "C")


def test_theophylline_saem_beside_that_of_nlmixr2(anchors):
    """nlmixr2's printed SAEM fit (its README; covariance linearised): log ka 0.464 (SE 0.195), log CL 1.01 (0.085),
    log V 3.46 (0.0447), error 0.696, spread 71.1, 27.4 and 13.1 %. Both are one stochastic run."""
    found = saem(*theophylline_parts(anchors / "estimation"), seed=1)
    assert found.converged, found.problems
    wanted = {"lka": (0.464, 0.195), "lCL": (1.01, 0.085), "lV": (3.46, 0.0447)}
    for name, (value, se) in wanted.items():
        assert abs(found.estimates[name] - value) < 0.2 * se, name
        assert found.se[name] == pytest.approx(se, rel=0.08), name
    assert found.estimates["sigma(additive)"] == pytest.approx(0.696, rel=0.02)


def test_theophylline_with_standard_errors(anchors):
    """The classical set beside the printed result of nlmixr2 (its documentation, FOCE-I, analytic covariance):
    objective 116.804, log ka 0.4663 (SE 0.1911), log CL 1.012 (0.08366), log V 3.460 (0.04654), error 0.6947 (0.04951),
    spread 70.0, 26.8 and 13.9 %."""
    fit = estimate(*theophylline_parts(anchors / "estimation"))
    assert fit.converged, fit.problems
    assert fit.objective == pytest.approx(116.804, abs=0.01)
    wanted = {"lka": 0.4663, "lCL": 1.012, "lV": 3.460, "sigma(additive)": 0.6947}
    assert {k: fit.estimates[k] for k in wanted} == pytest.approx(wanted, rel=0.01)
    errors = {"lka": 0.1911, "lCL": 0.08366, "lV": 0.04654, "sigma(additive)": 0.04951}
    assert {k: fit.se[k] for k in errors} == pytest.approx(errors, rel=0.01)
    cv = {k: 100 * np.expm1(fit.estimates[f"omega({k})"]) ** 0.5 for k in ("ka", "CL", "V")}
    assert cv == pytest.approx({"ka": 70.0, "CL": 26.8, "V": 13.88}, rel=0.02)


def test_120_subjects_take_less_than_20_seconds_of_processor():
    """The goal is 20 s on two cores; processor time of one is the stricter measure, and does not depend on what else
    the machine does."""
    import time

    from tests.fitting.population_toys import oral_columns, oral_data, oral_model

    data = oral_data(oral_columns(120))
    began = time.process_time()
    found = estimate(oral_model(), data)
    assert found.converged, found.problems
    assert time.process_time() - began < 20
