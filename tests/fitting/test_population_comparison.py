"""Two models of the same data: a mean that is known and one that is fitted, where the likelihood ratio is a formula."""

import numpy as np
import pytest
from scipy.stats import chi2

from ketasim.core.errors import InputError
from ketasim.fitting import fit
from ketasim.fitting.population.comparison import compared
from ketasim.fitting.population.specification import Residual

from .population_toys import mean_data, mean_model


def model(**theta):
    return mean_model(Residual("additive", additive=0.5, fixed=True), 0.75, 4.0, omega_fixed=True, theta=theta)


def test_likelihood_ratio_of_a_mean():
    """Variance of a person's value 0.75 + 0.25 = 1: −2 log LR = n (ȳ − 4)²; one degree of freedom."""
    y = np.random.default_rng(3).normal(4.3, 1.0, size=(50, 1))
    data = mean_data(y)
    fits = {"known": fit(model(fixed=True), data), "free": fit(model(), data)}
    known, free = compared(fits)
    wanted = 50 * (y.mean() - 4.0) ** 2
    assert (known.numbers, free.numbers) == (0, 1)
    assert free.change == pytest.approx(-wanted, rel=1e-4)
    assert free.p == pytest.approx(chi2.sf(wanted, 1), rel=1e-3)
    assert free.aic - known.aic == pytest.approx(2 - wanted, rel=1e-3)
    assert free.bic - known.bic == pytest.approx(np.log(50) - wanted, rel=1e-3)
    back = compared(dict(reversed(fits.items())))[1]
    assert back.p == pytest.approx(free.p)


def test_what_cannot_be_compared_is_refused():
    y = np.random.default_rng(3).normal(4.3, 1.0, size=(20, 1))
    one = fit(model(), mean_data(y))
    with pytest.raises(InputError, match="two models"):
        compared({"a": one})
    with pytest.raises(InputError, match="laplace"):
        compared({"a": one, "b": fit(model(), mean_data(y), "laplace")})
    with pytest.raises(InputError, match="other observations"):
        compared({"a": one, "b": fit(model(), mean_data(y + 1))})
