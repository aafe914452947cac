"""Comparison of rival explanations: its statistics against closed forms and other tools, and one small run."""

import numpy as np
import pytest
from scipy import stats

from ketasim.analysis.hypotheses.comparison import Contrast, _decibans, compare
from ketasim.analysis.hypotheses.designs import DESIGNS
from ketasim.analysis.hypotheses.leave_out import left_out, pareto, smoothed
from ketasim.analysis.hypotheses.smoother import smooth
from ketasim.core.errors import InputError


def test_smoother_is_exact_for_a_linear_model():
    """A normal mean with a normal prior has a closed posterior."""
    H = np.array([[1.0, 0.5], [0.0, 2.0], [1.0, -1.0]])
    sigma, y = np.array([0.5, 0.8, 1.0]), np.array([1.0, -0.5, 0.3])
    S = np.linalg.inv(np.eye(2) + H.T @ np.diag(sigma**-2) @ H)
    m = S @ H.T @ (y / sigma**2)
    got = smooth(lambda z: z @ H.T, y, sigma, 2, 6000, 3)
    assert np.allclose(got.z.mean(axis=0), m, atol=0.05)
    assert np.allclose(np.cov(got.z.T), S, atol=0.04)


@pytest.mark.parametrize("k", [0.2, 0.5, 0.9])
def test_pareto_shape_is_found(k):
    x = stats.genpareto(k, scale=2.0).rvs(4000, random_state=1)
    shape, scale = pareto(x)
    assert shape == pytest.approx(k, abs=0.1) and scale == pytest.approx(2.0, rel=0.15)


def test_left_out_score_of_a_normal_mean():
    """Rows y ~ N(θ, 1), flat enough prior: leaving one of n out predicts N(mean of the others, 1 + 1/(n − 1))."""
    y = np.array([0.2, -0.3, 0.5, 0.1, -0.1, 0.4, 0.0, -0.2])
    theta = np.random.default_rng(1).normal(y.mean(), 1 / np.sqrt(len(y)), 20_000)
    scores = left_out(stats.norm(theta[:, None], 1).logpdf(y), tuple(f"s{i}" for i in range(len(y))))
    for i, s in enumerate(scores):
        rest = np.delete(y, i)
        assert s.score == pytest.approx(stats.norm(rest.mean(), np.sqrt(1 + 1 / len(rest))).logpdf(y[i]), abs=0.02)
        assert s.k < 0.7


def test_weights_sum_to_one():
    w, _ = smoothed(np.random.default_rng(2).normal(0, 2, 500))
    assert np.exp(w).sum() == pytest.approx(1.0)


def test_alike_predictions_tell_nothing_apart():
    a = Contrast(DESIGNS[0], -5.0, 1.0, 2.0)
    assert _decibans(a, a) == pytest.approx(0.0)
    far = Contrast(DESIGNS[0], 0.0, 1.0, 2.0)  # symmetric divergence of equal normals: gap²/variance
    assert _decibans(a, far) == pytest.approx(10 / np.log(10) * 0.5 * 25 / 5)


def test_unknown_explanation_and_too_few_draws_are_refused():
    with pytest.raises(InputError, match="hypothesis"):
        compare(["magic"])
    with pytest.raises(InputError, match="draws"):
        compare(["expectancy"], draws=3)


def test_a_fit_without_the_study_gives_the_score_that_weights_only_guess():
    """Linear model with a normal prior: the predictive density of the study left out is known in closed form."""
    from ketasim.analysis.hypotheses.arms import Rows
    from ketasim.analysis.hypotheses.comparison import _without
    from ketasim.analysis.hypotheses.leave_out import LeftOut

    H, sigma, y = np.array([[1.0], [1.0], [1.0]]), np.array([0.2, 0.2, 0.3]), np.array([0.0, 0.1, 3.0])
    rows = Rows(("a/1", "a/2", "b/1"), ("a", "a", "b"), y, sigma, ("±1",) * 3)
    got = _without(LeftOut("b", -99.0, 3.0), lambda z: z @ H.T, rows, 1, 8000, 5)
    variance = 1 / (1 + 2 / 0.04)
    mean = variance * (y[:2] / 0.04).sum()
    want = stats.norm(mean, np.sqrt(variance + 0.09)).logpdf(3.0)
    assert got.refitted and not got.rough and got.k == 3.0
    assert got.score == pytest.approx(want, rel=0.1)


@pytest.mark.slow
def test_expectation_alone_cannot_explain_masked_and_unmasked_trials_as_well():
    found = compare(["disinhibition", "expectancy"], draws=60, studies=("murrough2013", "singh2016b", "daly2018"),
                    designs=DESIGNS[:1])  # fmt: skip
    assert found.fitted["disinhibition"].score > found.fitted["expectancy"].score
    assert found.contrasts["expectancy"][0].mean > found.contrasts["disinhibition"][0].mean
    _, _, verdict = found.against("disinhibition", "expectancy")
    assert verdict in ("not distinguishable", "disinhibition predicts better")
