"""The mixed model against a published analysis and a likelihood written out; looks against published boundaries."""

import numpy as np
import pytest
from scipy.stats import norm

from ketasim.studies.endpoints.ancova import ancova
from ketasim.studies.endpoints.mmrm import mmrm, reml
from ketasim.studies.trials import design as designs
from ketasim.studies.trials.adaptive import adaptive
from ketasim.studies.trials.conduction import TrialData
from ketasim.studies.trials.sequential import boundaries, conditional_power, sequential

# Potthoff and Roy 1964: pituitary to pterygomaxillary fissure, mm, at 8, 10, 12 and 14 years; 11 girls, 16 boys.
GROWTH = np.array(
    """
21 20 21.5 23  21 21.5 24 25.5  20.5 24 24.5 26  23.5 24.5 25 26.5  21.5 23 22.5 23.5  20 21 21 22.5
21.5 22.5 23 25  23 23 23.5 24  20 21 22 21.5  16.5 19 19 19.5  24.5 25 28 28
26 25 29 31  21.5 22.5 23 26.5  23 22.5 24 27.5  25.5 27.5 26.5 27  20 23.5 22.5 26  24.5 25.5 27 28.5
22 22 24.5 26.5  24 21.5 24.5 25.5  23 20.5 31 26  27.5 28 31 31.5  23 23 23.5 25  21.5 23.5 24 28
17 24.5 26 29.5  22.5 25.5 25.5 26  23 24.5 26 30  22 21.5 23.5 25
""".split(),
    float,
).reshape(27, 4)
BOY = np.repeat([0.0, 1.0], [11, 16])
WITHOUT_AGE_10 = np.array([3, 6, 9, 10, 13, 16, 23, 24, 27]) - 1  # Little and Rubin's deletions


def test_growth_data_have_the_published_likelihoods():
    """−2 log L of the unstructured model: 416.509 complete, 386.957 incomplete (Verbeke and Molenberghs 2000)."""
    z = np.stack([np.ones(27), BOY], axis=1)[None]
    missing = GROWTH.copy()
    missing[WITHOUT_AGE_10, 1] = np.nan
    assert -2 * reml(GROWTH[None], z, restricted=False).loglik[0] == pytest.approx(416.509, abs=0.001)
    assert -2 * reml(missing[None], z, restricted=False).loglik[0] == pytest.approx(386.957, abs=0.001)


def test_reml_is_the_optimum_of_the_likelihood_written_out():
    from scipy.optimize import minimize

    rng = np.random.default_rng(4)
    n, v = 40, 3
    z = np.stack([np.ones(n), np.repeat([0.0, 1.0], n // 2), rng.normal(0, 1, n)], axis=1)
    y = rng.normal(0, 1, (n, v)) @ np.array([[2, 1, 0.5], [0, 2, 1], [0, 0, 1.5]]) + z @ rng.normal(0, 1, (3, v))
    for i, k in enumerate(rng.integers(1, v + 1, n)):
        y[i, k:] = np.nan
    lower = np.tril_indices(v)

    def minus_two(theta, whole=False):
        chol = np.zeros((v, v))
        chol[lower] = theta
        sigma = chol @ chol.T
        total, gram, right, square = 0.0, np.zeros((9, 9)), np.zeros(9), 0.0
        for i in range(n):
            o = np.isfinite(y[i])
            x = np.kron(np.eye(v), z[i])[o]
            s = sigma[np.ix_(o, o)]
            w = np.linalg.inv(s)
            total += np.linalg.slogdet(s)[1]
            gram += x.T @ w @ x
            right += x.T @ w @ y[i][o]
            square += y[i][o] @ w @ y[i][o]
        beta = np.linalg.solve(gram, right)
        points = np.isfinite(y).sum() - 9
        value = total + square - right @ beta + np.linalg.slogdet(gram)[1] + points * np.log(2 * np.pi)
        return (value, beta, np.linalg.inv(gram)) if whole else value

    best = minimize(minus_two, np.eye(v)[lower] * 2, method="BFGS", options={"gtol": 1e-6})
    value, beta, covariance = minus_two(best.x, whole=True)
    ours = reml(y[None], z[None])
    assert -2 * ours.loglik[0] == pytest.approx(value, abs=1e-5)
    np.testing.assert_allclose(ours.beta[0].reshape(-1), beta, atol=2e-4)
    np.testing.assert_allclose(ours.covariance[0], covariance[6:, 6:], rtol=2e-3)


def test_without_missing_visits_it_is_the_ancova_of_the_last_visit():
    rng = np.random.default_rng(5)
    arm, base = rng.integers(0, 2, (5, 50)), rng.normal(30, 5, (5, 50))
    y = rng.normal(0, 5, (5, 50, 4)).cumsum(axis=2) - 2.0 * arm[:, :, None]
    a, b = mmrm(y, arm, (base,), 0, (1,)), ancova(y[:, :, -1], arm, (base,), 0, (1,))
    for name in ("estimate", "se", "p"):
        np.testing.assert_allclose(getattr(a, name), getattr(b, name), rtol=1e-5)


def dense_kenward_roger(y, z, sigma, column):
    """Kenward and Roger 1997 person by person with whole matrices: (standard error, degrees of freedom)."""
    v, q = y.shape[1], z.shape[1]
    pairs = [(a, b) for a in range(v) for b in range(a, v)]
    basis = [np.zeros((v, v)) for _ in pairs]
    for e, (a, b) in zip(basis, pairs, strict=True):
        e[a, b] = e[b, a] = 1.0
    gram, k = np.zeros((v * q, v * q)), len(pairs)
    p, qq, trace = np.zeros((k, v * q, v * q)), np.zeros((k, k, v * q, v * q)), np.zeros((k, k))
    for i in range(len(y)):
        o = np.isfinite(y[i])
        x, w = np.kron(np.eye(v), z[i])[o], np.linalg.inv(sigma[np.ix_(o, o)])
        cut = [e[np.ix_(o, o)] for e in basis]
        gram += x.T @ w @ x
        for m in range(k):
            p[m] -= x.T @ w @ cut[m] @ w @ x
            for n in range(k):
                qq[m, n] += x.T @ w @ cut[m] @ w @ cut[n] @ w @ x
                trace[m, n] += np.trace(w @ cut[m] @ w @ cut[n])
    phi = np.linalg.inv(gram)
    information = np.array(
        [
            [0.5 * (trace[m, n] - 2 * np.trace(phi @ qq[m, n]) + np.trace(phi @ p[m] @ phi @ p[n])) for n in range(k)]
            for m in range(k)
        ]
    )
    spread = np.linalg.inv(information)
    middle = sum(spread[m, n] * (qq[m, n] - p[m] @ phi @ p[n]) for m in range(k) for n in range(k))
    adjusted = phi + 2 * phi @ middle @ phi
    g = np.array([-(phi @ p[m] @ phi)[column, column] for m in range(k)])
    return np.sqrt(adjusted[column, column]), 2 * phi[column, column] ** 2 / (g @ spread @ g)


def test_kenward_and_roger_as_written_out():
    rng = np.random.default_rng(8)
    n, v = 22, 3
    arm, base = np.repeat([0, 1], n // 2), rng.normal(0, 1, n)
    y = rng.normal(0, 1, (n, v)) @ np.array([[2, 1, 0.5], [0, 2, 1], [0, 0, 1.5]])
    for i, k in enumerate(rng.integers(1, v + 1, n)):
        y[i, k:] = np.nan
    y[4, 0] = np.nan
    got = mmrm(y[None], arm[None], (base[None],), 0, (1,))
    z = np.stack([np.ones(n), arm, base - base.mean()], axis=1)
    se, df = dense_kenward_roger(y, z, reml(y[None], z[None]).sigma[0], 2 * 3 + 1)
    assert got.se[0, 0] == pytest.approx(se, rel=1e-8)
    assert got.df[0, 0] == pytest.approx(df, rel=1e-8)
    assert df < n - z.shape[1]  # fewer than with nobody missing


def test_small_trials_with_missing_visits_keep_alpha():
    """6 000 trials of 2 × 8 people of whom a third leaves: Kenward and Roger hold 5 %, a normal test does not."""
    rng = np.random.default_rng(9)
    r, n, v = 6000, 16, 3
    arm = np.argsort(rng.random((r, n)), axis=1) % 2
    y = rng.normal(0, 1, (r, n, 1)) + rng.normal(0, 1, (r, n, v))
    gone = rng.random((r, n)) < 0.33
    y[:, :, 2][gone] = np.nan
    got = mmrm(y, arm, (), 0, (1,))
    assert np.isfinite(got.p).mean() > 0.99
    plain = np.abs(got.estimate / got.se) > 1.96
    assert np.nanmean(got.p < 0.05) == pytest.approx(0.05, abs=0.012)
    assert plain.mean() > 0.075


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("obrien_fleming", (4.8769, 3.3569, 2.6803, 2.2898, 2.0310)),
        ("pocock", (2.4380, 2.4268, 2.4101, 2.3966, 2.3859)),
    ],
)
def test_boundaries_are_those_of_lan_and_demets(kind, expected):
    """Five equal looks, two-sided 5 % (Reboussin, DeMets, Kim and Lan 2000, program examples)."""
    assert boundaries((0.2, 0.4, 0.6, 0.8, 1.0), 0.05, kind) == pytest.approx(expected, abs=2e-3)


DESIGN = """
title = "x"
seed = 1
replicates = 4000
[[arms]]
id = "control"
regimen = "saline iv over 40 min"
n = 60
control = true
[[arms]]
id = "low"
regimen = "0.25 mg/kg iv over 40 min"
n = 60
[[arms]]
id = "high"
regimen = "0.5 mg/kg iv over 40 min"
n = 60
[visits]
days = [1]
"""


def made(design, effects, seed=1):
    """Trial data with normal scores of SD 10 and known effects."""
    rng = np.random.default_rng(seed)
    r, n = design.replicates, design.people
    arm = np.argsort(rng.random((r, n)), axis=1) % len(design.arms)
    start = np.full((r, n), 30.0) + rng.normal(0, 4, (r, n))
    scores = (start + rng.normal(0, 10, (r, n)) + np.array(effects)[arm])[:, :, None]
    none, never = np.zeros((r, n)), np.full((r, n), np.inf)
    return TrialData(
        arm, none.astype(int), start, scores, scores, never, never, none, none > 0, {}, never, none + 1, 1, 0
    )


def test_looks_keep_alpha_and_save_people():
    plan = designs.parse(DESIGN).changed(looks={"shares": (0.5, 1.0), "spending": "pocock"})
    whole = [r for r in sequential(plan, made(plan, (0, 0, 0))) if "power" in r]
    assert [r["arm"] for r in whole] == ["low", "high"]
    for null in whole:
        assert null["power"] == pytest.approx(0.05, abs=4 * 0.0035)
    low, high = (r for r in sequential(plan, made(plan, (0, -6, 0))) if "power" in r)
    assert low["power"] > 0.8 and low["people_expected"] < 0.85 * plan.people
    assert high["power"] == pytest.approx(0.05, abs=4 * 0.0035)


def test_choice_of_dose_keeps_alpha_and_finds_the_better_arm():
    plan = designs.parse(DESIGN).changed(adaptive={"share": 0.5, "keep": 1})
    null = adaptive(plan, made(plan, (0, 0, 0)))
    assert null[-1]["power"] <= 0.025 + 4 * 0.0025  # one side of 5 %
    good = adaptive(plan, made(plan, (0, -1, -6)))
    assert good[1]["chosen"] > 0.9 and good[-1]["people_expected"] < plan.people
    assert good[-1]["power"] > 0.6


def test_conditional_power_is_that_of_the_book():
    """z of 1 half way: B = 0.707, drift 1.414; (1.96 − 1.414) / 0.707 = 0.772, upper tail 0.2202."""
    found = conditional_power(np.array([1.0, 0.0]), 0.5, 1.959964)
    assert found == pytest.approx([0.2202, norm.sf(1.959964 / np.sqrt(0.5))], abs=2e-4)


def test_futility_saves_people_and_costs_little():
    looks = {"shares": (0.5, 1.0), "spending": "obrien_fleming"}
    free = designs.parse(DESIGN).changed(looks=looks)
    stops = free.changed(looks={**looks, "futility": 0.1})
    data = made(free, (0, -6, 0))
    (gain, none), (gain_f, none_f) = ([r for r in sequential(p, data) if "power" in r] for p in (free, stops))
    assert none_f["people_expected"] < 0.85 * none["people_expected"] and none_f["power"] <= none["power"]
    assert gain["power"] - 0.03 < gain_f["power"] <= gain["power"]
    assert "stops_in_vain" not in sequential(free, data)[0]
    # less than 10 % means z below a limit that the formula gives; 6 points of SD 10 in 30 and 30 people are 2.32 SE
    limit = np.sqrt(0.5) * (boundaries((0.5, 1.0), 0.05, "obrien_fleming")[-1] + np.sqrt(0.5) * norm.ppf(0.1))
    low, high = (next(r["stops_in_vain"] for r in sequential(stops, data) if r["arm"] == a) for a in ("low", "high"))
    assert high == pytest.approx(norm.cdf(limit), abs=0.03)
    assert low == pytest.approx(norm.cdf(limit - 6 / (10 * np.sqrt(2 / 30))), abs=0.02)
