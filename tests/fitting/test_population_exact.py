"""Models whose likelihood and estimates are known in closed form: y = μ + η + ε."""

import numpy as np
import pytest
from scipy.stats import multivariate_normal, norm

from ketasim.fitting import fit
from ketasim.fitting.population.objective import Objective
from ketasim.fitting.population.specification import PopulationModel, Residual, Theta

from .population_toys import mean_data, mean_model

LOG2PI = np.log(2 * np.pi)


def people(n=40, k=3, mean=4.0, between=1.2, within=0.5, seed=0):
    rng = np.random.default_rng(seed)
    return mean + between * rng.normal(size=(n, 1)) + within * rng.normal(size=(n, k))


def exact(y, mean, omega, sigma):
    """−2 log likelihood without n log 2π."""
    k = y.shape[1]
    cov = omega * np.ones((k, k)) + sigma**2 * np.eye(k)
    return -2 * multivariate_normal(np.full(k, mean), cov).logpdf(y).sum() - y.size * LOG2PI


@pytest.mark.parametrize("method", ["fo", "foce-i", "laplace"])
def test_every_approximation_is_exact_for_a_linear_model(method):
    y = people()
    objective = Objective(mean_model(Residual("additive", additive=0.6), 0.9, 3.8), mean_data(y), method)
    assert objective(objective.packing.start()) == pytest.approx(exact(y, 3.8, 0.9, 0.6), abs=1e-6)


def analytic(y):
    """Maximum likelihood of a balanced one-way layout."""
    n, k = y.shape
    each = y.mean(axis=1)
    within = ((y - each[:, None]) ** 2).sum() / (n * (k - 1))
    between = ((each - y.mean()) ** 2).mean() - within / k
    return {"mu": y.mean(), "omega(mu)": between, "sigma(additive)": within**0.5}


@pytest.mark.parametrize("method", ["fo", "foce-i", "laplace"])
def test_estimates_of_a_balanced_layout(method):
    y = people()
    found = fit(mean_model(Residual("additive", additive=1.0), 0.5, 3.0), mean_data(y), method)
    assert found.converged, found.problems
    wanted = analytic(y)
    assert found.estimates == pytest.approx(wanted, rel=1e-3)
    se = ((wanted["omega(mu)"] + wanted["sigma(additive)"] ** 2 / 3) / len(y)) ** 0.5
    assert found.se["mu"] == pytest.approx(se, rel=0.01)


def test_saem_of_a_balanced_layout():
    y = people()
    found = fit(mean_model(Residual("additive", additive=1.0), 0.5, 3.0), mean_data(y), "saem", seed=1)
    assert found.converged, found.problems
    assert found.estimates == pytest.approx(analytic(y), rel=0.05)
    assert found.objective == pytest.approx(exact(y, *analytic(y).values()), abs=0.1)
    assert found.sampling["from_maximum"] < 0.3
    assert found.se == pytest.approx(exact_errors(y), rel=0.03)


def exact_errors(y):
    """Standard errors of a balanced layout from the Fisher information: of the mean, and of the two variances (that of
    the pooled within-variance has n (k − 1) degrees of freedom, that of the means n)."""
    n, k = y.shape
    _, between, sigma = analytic(y).values()
    of_means = between + sigma**2 / k
    variance_of_within = 2 * sigma**4 / (n * (k - 1))
    return {
        "mu": (of_means / n) ** 0.5,
        "omega(mu)": (2 * of_means**2 / n + variance_of_within / k**2) ** 0.5,
        "sigma(additive)": variance_of_within**0.5 / (2 * sigma),
    }


@pytest.mark.parametrize("method", ["fo", "foce-i", "laplace"])
def test_standard_errors_of_a_balanced_layout(method):
    y = people()
    found = fit(mean_model(Residual("additive", additive=1.0), 0.5, 3.0), mean_data(y), method)
    assert found.se == pytest.approx(exact_errors(y), rel=0.01)


def test_robust_standard_error_of_a_mean_is_that_of_the_sample():
    """One normal value a person, the spread held at a wrong number: R⁻¹ believes it, R⁻¹ S R⁻¹ is the sample's."""
    y = np.random.default_rng(5).normal(4.0, 2.0, size=(60, 1))
    model = mean_model(Residual("additive", additive=0.5, fixed=True), 0.75, 3.0, omega_fixed=True)
    for covariance in ("r", "s", "rsr"):
        found = fit(model, mean_data(y), covariance=covariance)
        wanted = {"r": (1.0 / 60) ** 0.5, "rsr": y.std() / 60**0.5, "s": 1 / (y.std() * 60**0.5)}
        assert found.se["mu"] == pytest.approx(wanted[covariance], rel=1e-3)
        assert {k: v["mu"] for k, v in found.standard_errors.items()} == pytest.approx(wanted, rel=1e-3)


def test_no_covariance_on_request():
    found = fit(mean_model(Residual("additive", additive=1.0), 0.5, 3.0), mean_data(people()), covariance=False)
    assert found.converged
    assert found.se == {}


def test_prior_of_a_typical_value_shrinks_as_a_normal_mean_does():
    y = people(n=10, k=2)
    model = mean_model(
        Residual("additive", additive=0.5, fixed=True), 1.44, 3.0, theta={"prior": (2.0, 0.3)}, omega_fixed=True
    )
    found = fit(model, mean_data(y))
    data_precision = len(y) / (1.44 + 0.25 / 2)
    wanted = (2.0 / 0.09 + y.mean() * data_precision) / (1 / 0.09 + data_precision)
    assert found.converged, found.problems
    assert found.estimates["mu"] == pytest.approx(wanted, rel=1e-5)
    assert found.se["mu"] == pytest.approx((1 / 0.09 + data_precision) ** -0.5, rel=1e-3)


def test_covariance_block_against_the_normal_density():
    rng = np.random.default_rng(4)
    omega = np.array([[1.0, 0.6], [0.6, 0.8]])
    eta = rng.normal(size=(150, 2)) @ np.linalg.cholesky(omega).T
    y = np.concatenate([3 + eta[:, [0, 0]], 5 + eta[:, [1, 1]]], axis=1) + 0.3 * rng.normal(size=(150, 4))
    model = PopulationModel(
        (Theta("a", 2.0), Theta("b", 6.0)), ("a", "b"), np.array([[0.5, 0.1], [0.1, 0.5]]),
        Residual("additive", additive=0.5),
        lambda th, e, c: {"y": np.where(c["TIME"] < 2, th["a"] + e["a"], th["b"] + e["b"])},
    )  # fmt: skip
    found = fit(model, mean_data(y))
    assert found.converged, found.problems
    e = found.estimates
    own = np.array([[e["omega(a)"], e["omega(b,a)"]], [e["omega(b,a)"], e["omega(b)"]]])
    spread = np.repeat(np.eye(2), 2, axis=0)
    cov = spread @ own @ spread.T + e["sigma(additive)"] ** 2 * np.eye(4)
    density = multivariate_normal([e["a"], e["a"], e["b"], e["b"]], cov).logpdf(y).sum()
    assert found.objective == pytest.approx(-2 * density - y.size * LOG2PI, abs=1e-5)
    for name, true in (("omega(a)", 1.0), ("omega(b,a)", 0.6), ("omega(b)", 0.8), ("a", 3.0), ("b", 5.0)):
        assert abs(e[name] - true) < 3 * found.se[name], name


def test_occasions_against_the_normal_density():
    rng = np.random.default_rng(7)
    n, between, occasion, sigma = 80, 0.8, 0.3, 0.4
    kappa = np.repeat(occasion**0.5 * rng.normal(size=(n, 2)), 3, axis=1)
    y = 4 + between**0.5 * rng.normal(size=(n, 1)) + kappa + sigma * rng.normal(size=(n, 6))
    data = mean_data(y)
    columns = {"ID": np.repeat(np.arange(n) + 1, 6), "TIME": np.tile(np.arange(6.0), n), "DV": y.ravel(),
               "OCC": np.tile([1, 1, 1, 2, 2, 2], n)}  # fmt: skip
    from ketasim.dosing.records.read import read

    data = type(data)(lambda p, c: p["y"], read(columns), negative="keep")
    model = mean_model(Residual("additive", additive=0.6), 0.5, 3.5, occasion=("mu",), occasion_omega=np.array([[0.1]]))
    found = fit(model, data)
    assert found.converged, found.problems
    e = found.estimates
    assert set(e) == {"mu", "omega(mu)", "occasion(mu)", "sigma(additive)"}
    same = np.kron(np.eye(2), np.ones((3, 3)))
    cov = e["omega(mu)"] + e["occasion(mu)"] * same + e["sigma(additive)"] ** 2 * np.eye(6)
    density = multivariate_normal(np.full(6, e["mu"]), cov).logpdf(y).sum()
    assert found.objective == pytest.approx(-2 * density - y.size * LOG2PI, abs=1e-5)
    for name, true in (("omega(mu)", between), ("occasion(mu)", occasion), ("sigma(additive)", sigma)):
        assert abs(e[name] - true) < 3 * found.se[name], name


def test_a_value_below_the_limit_is_the_normal_integral():
    """One subject, no random effect: −2 log of the censored likelihood (M3)."""
    y = np.array([[3.0, 1.2, 0.5, 0.5]])
    cens = [0, 0, 1, 1]
    from ketasim.dosing.records.read import read
    from ketasim.fitting.population.structure import ClosedForm

    records = read({"ID": [1] * 4, "TIME": [0.0, 1, 2, 3], "DV": y[0], "CENS": cens, "LLOQ": [0.5] * 4})
    data = ClosedForm(lambda p, c: p["a"] * np.exp(-0.8 * c["TIME"]), records)
    for kind, sd in (("additive", lambda f: 0.3 + 0 * f), ("proportional", lambda f: 0.2 * f),
                     ("combined", lambda f: (0.3**2 + (0.2 * f) ** 2) ** 0.5)):  # fmt: skip
        residual = Residual(kind, additive=0.3, proportional=0.2)
        model = PopulationModel((Theta("a", 2.8),), (), np.zeros((0, 0)), residual, lambda th, e, c: {"a": th["a"]})
        objective = Objective(model, data, "laplace")
        f = 2.8 * np.exp(-0.8 * np.arange(4.0))
        wanted = norm.logpdf(y[0, :2], f[:2], sd(f)[:2]).sum() + norm.logcdf(0.5, f[2:], sd(f)[2:]).sum()
        assert objective(objective.packing.start()) == pytest.approx(-2 * wanted - 2 * LOG2PI, abs=1e-9), kind


def test_censored_data_give_back_what_they_were_simulated_from():
    rng = np.random.default_rng(11)
    n = 300
    y = 4 + 1.0 * rng.normal(size=(n, 1)) + 0.5 * rng.normal(size=(n, 3))
    below = y < 3.3
    assert 0.2 < below.mean() < 0.35
    data = mean_data(np.where(below, 3.3, y))
    data.blq, data.limit = below, np.where(below, 3.3, np.nan)
    found = fit(mean_model(Residual("additive", additive=0.8), 0.5, 3.0), data, "laplace")
    assert found.converged, found.problems
    for name, true in (("mu", 4.0), ("omega(mu)", 1.0), ("sigma(additive)", 0.5)):
        assert abs(found.estimates[name] - true) < 3 * found.se[name], (name, found.estimates[name], found.se[name])
    naive = fit(mean_model(Residual("additive", additive=0.8), 0.5, 3.0), mean_data(np.where(below, 3.3, y)))
    assert naive.estimates["mu"] - 4.0 > 2 * naive.se["mu"], "the test would not notice if censoring were ignored"


@pytest.mark.slow
def test_occasions_of_a_model_on_records_are_recovered():
    """Two occasions parted by a reset; between people 0.3, between occasions 0.2 (SDs), proportional error 0.1."""
    from ketasim.dosing.records.read import read
    from ketasim.fitting.population.structure import ModelOnRecords

    from .population_toys import Bolus

    rng = np.random.default_rng(3)
    columns = {k: [] for k in ("ID", "TIME", "AMT", "DV", "EVID", "OCC")}
    for i in range(40):
        person, v = 0.3 * rng.normal(), 40 * np.exp(0.2 * rng.normal())
        for occasion in (1, 2):
            cl, start = 4 * np.exp(person + 0.2 * rng.normal()), 72.0 * (occasion - 1)
            rows = [(start, 100.0, None, 4 if occasion == 2 else 1)]
            for t in (0.5, 2, 6, 12, 24):
                rows.append((start + t, 0.0, 100 / v * np.exp(-cl / v * t) * (1 + 0.1 * rng.normal()), 0))
            for row in rows:
                for k, value in zip(columns, (i + 1, *row, occasion), strict=True):
                    columns[k].append(value)
    model = PopulationModel(
        (Theta("CL", 3.0, 0.0), Theta("V", 30.0, 0.0)), ("CL", "V"), np.diag([0.2, 0.1]),
        Residual("proportional", proportional=0.2), lambda th, e, c: {k: th[k] * np.exp(e[k]) for k in ("CL", "V")},
        occasion=("CL",), occasion_omega=np.array([[0.02]]),
    )  # fmt: skip
    found = fit(model, ModelOnRecords(Bolus(CL=1.0, V=1.0), read(columns), "C"))
    assert found.converged, found.problems
    for name, true in (("CL", 4.0), ("V", 40.0), ("omega(CL)", 0.09), ("omega(V)", 0.04), ("occasion(CL)", 0.04),
                       ("sigma(proportional)", 0.1)):  # fmt: skip
        assert abs(found.estimates[name] - true) < 3 * found.se[name], (name, found.estimates[name], found.se[name])
