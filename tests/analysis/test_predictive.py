"""Predictive checks of data that the model itself made, and of data that it did not."""

import numpy as np
import pytest
from scipy.stats import kstest
from tests.fitting.population_toys import Oral, long, mean_data, mean_model, oral_columns, oral_data, oral_model

from ketasim.analysis.predictive import npde, simulate_data, vpc
from ketasim.core.errors import InputError
from ketasim.dosing.records.read import read
from ketasim.fitting.population.conditional import Point
from ketasim.fitting.population.specification import Residual
from ketasim.fitting.population.structure import ModelOnRecords

TRUE = Point(
    {"lka": np.log(1.2), "lCL": np.log(4.0), "lV": np.log(40.0)}, np.diag([0.25, 0.09, 0.0625]),
    {"additive": 0.02, "proportional": 0.1},
)  # fmt: skip


def test_npde_of_the_true_model_is_standard_normal():
    data = oral_data(oral_columns(200, seed=4, times=[0.5, 1, 2, 4, 8, 16]))
    z = npde(oral_model(), data, TRUE, replicates=1000, seed=1)[data.mask]
    assert kstest(z, "norm").pvalue > 0.01
    assert abs(z.mean()) < 3 / len(z) ** 0.5
    assert z.std() == pytest.approx(1.0, abs=0.06)


def test_npde_notices_a_wrong_model():
    data = oral_data(oral_columns(200, seed=4, times=[0.5, 1, 2, 4, 8, 16]))
    wrong = Point({**TRUE.theta, "lCL": np.log(5.0)}, TRUE.omega, TRUE.sigma)
    assert kstest(npde(oral_model(), data, wrong, replicates=1000, seed=1)[data.mask], "norm").pvalue < 1e-6


def test_npde_decorrelates_repeated_values_of_one_person():
    """Two values of a person share η; their NPDE are independent (correlation below 3/√n)."""
    rng = np.random.default_rng(0)
    n = 400
    y = 4 + rng.normal(size=(n, 1)) + 0.5 * rng.normal(size=(n, 2))
    point = Point({"mu": 4.0}, np.array([[1.0]]), {"additive": 0.5})
    z = npde(mean_model(Residual("additive", additive=0.5), 1.0), mean_data(y), point, replicates=1000)
    assert np.corrcoef(y.T)[0, 1] > 0.7
    assert abs(np.corrcoef(z.T)[0, 1]) < 3 / n**0.5


def test_bands_of_the_true_model_hold_nine_tenths_of_the_quantiles():
    inside = []
    for seed in range(6):
        data = oral_data(oral_columns(80, seed=seed))
        inside.append(vpc(oral_model(), data, TRUE, replicates=150, bins=8, seed=seed)[0].inside)
    assert 0.82 < np.mean(inside) < 0.97, inside


def test_bands_of_a_wrong_model_do_not():
    wrong = Point({**TRUE.theta, "lCL": np.log(6.0)}, TRUE.omega, TRUE.sigma)
    assert vpc(oral_model(), oral_data(oral_columns(80)), wrong, replicates=150)[0].inside < 0.5


def test_simulated_quantiles_are_those_of_the_normal_distribution():
    point = Point({"mu": 4.0}, np.array([[1.0]]), {"additive": 0.5})
    data = mean_data(np.full((4000, 1), 4.0))
    y = simulate_data(mean_model(Residual("additive", additive=0.5), 1.0), data, point, 5, seed=2)
    assert np.quantile(y, (0.05, 0.5, 0.95)) == pytest.approx(4 + 1.25**0.5 * np.array([-1.645, 0, 1.645]), abs=0.05)


def test_prediction_correction_takes_doses_out():
    """Doses 16-fold apart: the plain bands show the doses, the corrected ones the spread between people."""
    rng = np.random.default_rng(2)
    n, times = 120, np.array([1.0, 2, 4, 8, 12])
    dose = np.where(np.arange(n) % 3 == 0, 400.0, np.where(np.arange(n) % 3 == 1, 100.0, 25.0))
    base = {k: [] for k in ("ID", "TIME", "AMT", "DV", "EVID", "MDV")}
    from tests.fitting.population_toys import oral_curve

    eta = rng.normal(size=(n, 3)) * (0.5, 0.3, 0.25)
    for i in range(n):
        c = oral_curve(times, dose[i], 1.2 * np.exp(eta[i, 0]), 4 * np.exp(eta[i, 1]), 40 * np.exp(eta[i, 2]))
        one = long(times, (c * (1 + 0.1 * rng.normal(size=len(times))))[None], dose[i])
        for k in base:
            base[k] += [i + 1] * len(one["ID"]) if k == "ID" else one[k]
    data = ModelOnRecords(Oral(ka=1.0, CL=1.0, V=1.0), read(base), "C", negative="keep")
    model, edges = oral_model(), [0.0, 1.5, 3, 6, 10, 13]
    point = Point(TRUE.theta, TRUE.omega, {"additive": 1e-6, "proportional": 0.1})
    plain = vpc(model, data, point, replicates=200, bins=edges)[0]
    fair = vpc(model, data, point, replicates=200, bins=edges, corrected=True)[0]

    def spread(band):
        return float(np.median(band.observed[2] / band.observed[0]))

    assert spread(plain) > 4 * spread(fair)
    assert fair.inside > 0.7
    assert np.exp(2 * 1.645 * 0.25) < spread(fair) < np.exp(2 * 1.645 * 0.7)
    wrong = Point({**TRUE.theta, "lCL": np.log(6.5)}, TRUE.omega, point.sigma)
    seen = vpc(model, data, wrong, replicates=200, bins=edges, corrected=True)[0].inside
    assert seen < 0.5, "a wrong clearance has to show"


def test_share_below_the_limit_is_simulated_too():
    rng = np.random.default_rng(5)
    n = 300
    y = 4 + rng.normal(size=(n, 1)) + 0.5 * rng.normal(size=(n, 2))
    data = mean_data(np.where(y < 3, 3.0, y))
    data.blq, data.limit = y < 3, np.where(y < 3, 3.0, np.nan)
    point = Point({"mu": 4.0}, np.array([[1.0]]), {"additive": 0.5})
    band = vpc(mean_model(Residual("additive", additive=0.5), 1.0), data, point, replicates=200, bins=1)[0]
    from scipy.stats import norm

    share = norm.cdf(-1 / 1.25**0.5)
    assert band.below[0] == pytest.approx(share, abs=0.04)
    assert band.below_simulated[0, 0] < share < band.below_simulated[2, 0]
    assert np.isnan(band.observed[0, 0]), "a quantile below the limit is not a number"
    assert np.isfinite(band.observed[1, 0])


def test_strata_and_their_names():
    columns = oral_columns(20, times=[1, 4, 12])
    columns["SEX"] = [i % 2 for i in columns["ID"]]
    bands = vpc(oral_model(), oral_data(columns), TRUE, replicates=30, bins=3, stratify="sex")
    assert [b.label for b in bands] == ["sex = 0", "sex = 1"]
    with pytest.raises(InputError, match="column"):
        vpc(oral_model(), oral_data(columns), TRUE, replicates=30, stratify="colour")
    with pytest.raises(InputError, match="bins"):
        vpc(oral_model(), oral_data(columns), TRUE, replicates=30, bins=[3.0, 1.0])
