"""Full Bayes beside conjugate results and maximum likelihood."""

import numpy as np
import pytest
from scipy.stats import invgamma, kstest

from ketasim.core.errors import InputError
from ketasim.fitting import fit
from ketasim.fitting.population.convergence import effective_size, split_rhat
from ketasim.fitting.population.specification import PopulationModel, Residual, Theta

from .population_toys import mean_data, mean_model


def people(n=20, k=2, seed=0):
    rng = np.random.default_rng(seed)
    return 4 + 1.2 * rng.normal(size=(n, 1)) + 0.5 * rng.normal(size=(n, k))


@pytest.mark.parametrize("prior", [None, (2.0, 0.3)])
def test_mean_of_known_variances_is_the_normal_posterior(prior):
    y = people()
    model = mean_model(
        Residual("additive", additive=0.5, fixed=True), 1.44, 3.0, theta={"prior": prior}, omega_fixed=True
    )
    found = fit(model, mean_data(y), "bayes", draws=1500, burn=300, chains=3, seed=1)
    assert found.converged, found.problems
    weight = len(y) / (1.44 + 0.125)
    own = 0.0 if prior is None else 1 / prior[1] ** 2
    mean = ((0.0 if prior is None else prior[0]) * own + y.mean() * weight) / (own + weight)
    sd = (own + weight) ** -0.5
    draws = found.draws["mu"]
    error = sd / found.ess["mu"] ** 0.5
    assert draws.mean() == pytest.approx(mean, abs=4 * error)
    assert draws.std() == pytest.approx(sd, rel=0.08)


def test_variance_of_effects_that_are_seen_is_inverse_gamma():
    """With next to no residual error the effects are known, and Ω has its conjugate posterior (flat mean)."""
    n = 25
    rng = np.random.default_rng(3)
    y = 4 + rng.normal(size=(n, 1)) * np.ones((1, 4)) + 1e-3 * rng.normal(size=(n, 4))
    model = mean_model(Residual("additive", additive=1e-3, fixed=True), 0.7, 4.0)
    found = fit(model, mean_data(y), "bayes", draws=1500, burn=500, chains=2, degrees=1.0, seed=2)
    each = y.mean(axis=1)
    # inverse Wishart of degree 3 and scale 0.7; integrating the flat mean takes one degree away
    shape, scale = (3 + n - 1) / 2, (0.7 + ((each - each.mean()) ** 2).sum()) / 2
    thin = found.draws["omega(mu)"][:, ::10].ravel()
    assert kstest(thin, invgamma(shape, scale=scale).cdf).pvalue > 0.01


def test_posterior_of_many_people_lies_on_the_maximum_likelihood():
    y = people(n=120, k=4, seed=5)
    model = mean_model(Residual("additive", additive=0.8), 0.8, 3.0)
    likely = fit(model, mean_data(y))
    found = fit(model, mean_data(y), "bayes", draws=800, burn=400, chains=2, seed=3)
    assert found.converged, found.problems
    for row in found.rows():
        assert abs(row["median"] - likely.estimates[row["name"]]) < 0.4 * likely.se[row["name"]], row
        assert row["sd"] == pytest.approx(likely.se[row["name"]], rel=0.2), row


def test_effective_size_and_rhat_of_known_chains():
    """An autoregression of 0.9 has (1 − 0.9)/(1 + 0.9) of its draws' worth; chains apart are noticed."""
    rng = np.random.default_rng(0)
    x = np.zeros((4, 20000))
    for k in range(1, x.shape[1]):
        x[:, k] = 0.9 * x[:, k - 1] + rng.normal(size=4)
    assert effective_size(x) == pytest.approx(x.size * 0.1 / 1.9, rel=0.1)
    assert effective_size(rng.normal(size=(4, 5000))) == pytest.approx(20000, rel=0.1)
    assert split_rhat(rng.normal(size=(4, 5000))) == pytest.approx(1.0, abs=0.002)
    apart = rng.normal(size=(4, 5000)) + np.arange(4)[:, None]
    assert split_rhat(apart) == pytest.approx((1 + np.var(np.arange(4.0).repeat(2), ddof=1)) ** 0.5, rel=0.02)


def test_short_chains_are_not_called_converged():
    model = mean_model(Residual("additive", additive=0.8), 0.8, 3.0)
    found = fit(model, mean_data(people(n=6)), "bayes", draws=100, burn=50, chains=2, seed=0)
    assert not found.converged
    assert "effective sample size" in " ".join(found.problems)


def test_what_bayes_refuses():
    model = mean_model(Residual("additive", additive=0.8), 0.8, 3.0)
    with pytest.raises(InputError, match="chains"):
        fit(model, mean_data(people()), "bayes", chains=1)
    omega = np.array([[1.0, 0.2, 0.0], [0.2, 1.0, 0.2], [0.0, 0.2, 1.0]])
    chained = PopulationModel(
        (Theta("mu", 4.0),), ("a", "b", "c"), omega, Residual("additive", additive=0.8),
        lambda th, e, c: {"y": th["mu"] + e["a"] + e["b"] * c["TIME"] + e["c"] * c["TIME"] ** 2},
    )  # fmt: skip
    with pytest.raises(InputError, match="full blocks"):
        fit(chained, mean_data(people()), "bayes")


def test_arviz_gets_the_draws():
    pytest.importorskip("arviz")
    model = mean_model(Residual("additive", additive=0.8), 0.8, 3.0)
    found = fit(model, mean_data(people()), "bayes", draws=200, burn=100, chains=2)
    assert found.to_arviz().posterior["mu"].shape == (2, 200)
