"""Draws of individual parameters: distributions against SciPy, covariances, layers, keys."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special, stats

from ketasim.core.errors import InputError
from ketasim.core.parameters import parse_table
from ketasim.core.spread import scale_of
from ketasim.core.variability import draw, nested, occasions

META = '[meta]\nsource = "x"\nstatus = "assumed"\n'
IDS = np.arange(20_000)


def entry(name: str, value: float, unit: str = "1", **layers: str) -> str:
    rows = "".join(f"{k} = {{ {v} }}\n" for k, v in layers.items())
    return f'[{name}]\nvalue = {value}\nunit = "{unit}"\nkind = "assumed"\n{rows}'


def sample(spread: str, value: float = 2.0, unit: str = "1", layer: str = "between", **options):
    table = parse_table(META + entry("p", value, unit, **{layer: spread}), "t")
    return draw({"p": table["p"]}, 4, IDS, layers=(layer,), tables={"t": table}, **options)["p"]


def fits(x, distribution):
    return stats.kstest(x, distribution.cdf).pvalue > 1e-3


@pytest.mark.parametrize("method", ["random", "sobol"])
def test_each_distribution(method):
    get = lambda spread, value=2.0: sample(spread, value, method=method)  # noqa: E731
    assert fits(get('dist = "lognormal", omega2 = 0.09'), stats.lognorm(0.3, scale=2))
    assert fits(get('dist = "lognormal", sd = 0.3'), stats.lognorm(0.3, scale=2))
    x = get('dist = "lognormal", cv = 0.4')
    assert np.std(x) / np.mean(x) == pytest.approx(0.4, rel=0.03)  # the printed cv is the cv of the values
    assert fits(get('dist = "normal", sd = 0.3'), stats.norm(2, 0.3))
    assert fits(get('dist = "normal", cv = 0.3'), stats.norm(2, 0.6))
    assert fits(special.logit(get('dist = "logitnormal", sd = 0.7', 0.54)), stats.norm(special.logit(0.54), 0.7))
    assert fits(get('dist = "uniform", low = 1.0, high = 5.0'), stats.uniform(1, 4))
    assert fits(get('dist = "truncnormal", sd = 1.0, low = 1.5, high = 2.2'), stats.truncnorm(-0.5, 0.2, 2, 1))
    x = get('dist = "lognormal", sd = 0.5, low = 1.0, high = 3.0')
    inside = stats.truncnorm(np.log(0.5) / 0.5, np.log(1.5) / 0.5, np.log(2), 0.5)
    assert x.min() >= 1.0 and x.max() <= 3.0 and fits(np.log(x), inside)
    x = get('dist = "bernoulli", p = 0.3, other = 7.0')
    assert set(x) == {2.0, 7.0} and np.mean(x == 7.0) == pytest.approx(0.3, abs=0.015)
    x = get('dist = "mixture", weights = [0.6, 0.4], factors = [1.5, 0.25], cv = 0.1')
    assert np.mean(x > 1.5) == pytest.approx(0.6, abs=0.015)
    assert np.median(x[x > 1.5]) == pytest.approx(3.0, rel=0.01)
    assert set(get('dist = "mixture", weights = [1, 1], values = [4.0, 9.0]')) == {4.0, 9.0}


def test_conversion_of_units_keeps_the_draw():
    text = META + entry("v", 25.0, "L", between='dist = "normal", sd = 3.0, low = 20.0')
    text += entry("m", 2.0, "L", between='dist = "mixture", weights = [1, 2], values = [1.0, 3.0]')
    table = parse_table(text, "t")
    parameters = {f"a.{p.name}": p for p in table} | {f"b.{p.name}": p.to("mL") for p in table}
    out = draw(parameters, 1, IDS, tables={"t": table})
    for name in ("v", "m"):
        assert np.allclose(out[f"b.{name}"], 1000.0 * out[f"a.{name}"], rtol=1e-14)


@pytest.mark.parametrize("method", ["random", "sobol"])
def test_covariance_block(method):
    text = META + '[omega]\npairs = [["CL", "V1", 0.03], ["V1", "Q", -0.02]]\n'
    for name, omega2 in (("V1", 0.07), ("CL", 0.03), ("Q", 0.05)):
        text += entry(name, 10.0, between=f'dist = "lognormal", omega2 = {omega2}')
    table = parse_table(text, "t")
    out = draw({p.name: p for p in table}, 3, np.arange(2**15), method=method, tables={"t": table})
    got = np.cov(np.log([out["CL"], out["Q"], out["V1"]]))
    want = np.array([[0.03, 0.0, 0.03], [0.0, 0.05, -0.02], [0.03, -0.02, 0.07]])
    assert np.allclose(got, want, atol=0.0015)
    part = draw({"V1": table["V1"], "Q": table["Q"]}, 3, IDS, tables={"t": table})
    assert np.corrcoef(np.log(part["V1"]), np.log(part["Q"]))[0, 1] == pytest.approx(-0.02 / np.sqrt(0.0035), abs=0.03)


@pytest.mark.parametrize("method", ["random", "sobol"])
def test_doubt_is_drawn_with_its_correlations(method):
    """Latents of two kinds of distribution go together; people about them do not."""
    text = META + entry("a", 10.0, doubt='dist = "lognormal", sd = 0.3', between='dist = "lognormal", sd = 0.2')
    text += entry("b", 5.0, doubt='dist = "normal", sd = 2.0') + entry("c", 1.0, doubt='dist = "lognormal", sd = 0.1')
    table = parse_table(text + '[doubt]\ncorrelations = [["a", "b", -0.8], ["b", "c", 0.3]]\n', "t")
    given = {p.name: p for p in table}
    out = draw(given, 3, np.arange(2**15), layers=("doubt",), method=method, tables={"t": table})
    z = [np.log(out["a"] / 10) / 0.3, (out["b"] - 5) / 2, np.log(out["c"]) / 0.1]
    assert np.allclose(np.cov(z), [[1, -0.8, 0], [-0.8, 1, 0.3], [0, 0.3, 1]], atol=0.02)
    people, doubts = nested(1, IDS)
    same = draw(given, 3, people, doubt_draws=doubts, method=method, tables={"t": table})
    assert np.ptp(same["b"]) == 0.0
    assert np.std(np.log(same["a"])) == pytest.approx(0.2, rel=0.03)


@pytest.mark.parametrize("pair", ['["a", "x", 0.5]', '["a", "b", 1.0]', '["a", "a", 0.5]'])
def test_wrong_correlations_of_doubt_are_refused(pair):
    text = META + "".join(entry(n, 1.0, doubt='dist = "normal", sd = 1.0') for n in "ab")
    with pytest.raises(InputError, match="doubt"):
        parse_table(text + f"[doubt]\ncorrelations = [{pair}]\n", "t")


def test_layers_compose_on_the_logarithm():
    spreads = {"between": 'dist = "lognormal", omega2 = 0.05', "doubt": 'dist = "lognormal", omega2 = 0.11'}
    table = parse_table(META + entry("p", 3.0, **spreads), "t")
    parameters = {"p": table["p"]}
    both = np.log(draw(parameters, 1, IDS)["p"] / 3)
    assert both.var() == pytest.approx(0.16, rel=0.05)
    one = np.log(draw(parameters, 1, IDS, layers=("between",))["p"] / 3)
    other = np.log(draw(parameters, 1, IDS, layers=("doubt",))["p"] / 3)
    assert np.allclose(both, one + other)
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.03
    sobol = [np.log(draw(parameters, 1, IDS, layers=ls, method="sobol")["p"] / 3) for ls in (("between",), ("doubt",))]
    joint = np.log(draw(parameters, 1, IDS, method="sobol")["p"] / 3)
    assert joint.var() == pytest.approx(0.16, rel=0.02) and sobol[0].var() == pytest.approx(0.05, rel=0.02)


@pytest.mark.parametrize("method", ["random", "sobol"])
def test_nested_doubt_is_shared(method):
    spreads = {"between": 'dist = "lognormal", omega2 = 0.05', "doubt": 'dist = "lognormal", omega2 = 0.11'}
    table = parse_table(META + entry("p", 3.0, **spreads), "t")
    subjects, draws = nested(5, np.arange(7))
    x = np.log(draw({"p": table["p"]}, 1, subjects, doubt_draws=draws, method=method)["p"]).reshape(5, 7)
    assert np.allclose(x - x[:, :1], (x - x[:, :1])[0])  # the same people under each doubt draw
    assert np.ptp(x[:, 0]) > 0.1
    shuffled = np.random.default_rng(0).permutation(35)
    y = np.log(draw({"p": table["p"]}, 1, subjects[shuffled], doubt_draws=draws[shuffled], method=method)["p"])
    assert np.array_equal(y, x.ravel()[shuffled])


def test_key_is_the_table_entry_not_the_order():
    text = META + "".join(entry(n, 1.0, between='dist = "lognormal", cv = 0.3') for n in "abc")
    table = parse_table(text, "t")
    full = draw({n: table[n] for n in "abc"}, 9, IDS[:50])
    alone = draw({"b": table["b"]}, 9, IDS[20:30])
    assert np.array_equal(full["b"][20:30], alone["b"])
    assert not np.array_equal(full["a"], full["b"])


def test_occasions_vary_about_the_person():
    table = parse_table(META + entry("p", 3.0, occasion='dist = "lognormal", omega2 = 0.04'), "t")
    base = np.linspace(1, 2, IDS.size)
    x = np.log(occasions({"p": table["p"]}, {"p": base}, 1, IDS, 3)["p"] / base[:, None])
    assert x.shape == (IDS.size, 3) and fits(x.ravel(), stats.norm(0, 0.2))
    assert abs(np.corrcoef(x[:, 0], x[:, 1])[0, 1]) < 0.03


def test_sd_scale_and_absence():
    x = np.log(sample('dist = "lognormal", omega2 = 0.04', sd_scale=2.0))
    assert x.std() == pytest.approx(0.4, rel=0.03)
    assert np.array_equal(sample('dist = "lognormal", omega2 = 0.04', sd_scale=0.0), np.full(IDS.size, 2.0))
    table = parse_table(META + entry("p", 3.0), "t")
    assert draw({"p": table["p"]}, 1, IDS) == {}


@pytest.mark.parametrize(
    "spread",
    [
        'dist = "lognormal"',
        'dist = "lognormal", cv = 0.3, sd = 0.2',
        'dist = "lognormal", cv = -0.3',
        'dist = "logitnormal", cv = 0.3',
        'dist = "logitnormal", sd = 0.3',
        'dist = "uniform"',
        'dist = "normal", sd = 1.0, low = 3.0, high = 2.0',
        'dist = "bernoulli", p = 1.3, other = 1.0',
        'dist = "bernoulli", p = 0.3',
        'dist = "mixture", weights = [1, 1]',
        'dist = "mixture", weights = [1], factors = [1.0, 2.0]',
    ],
)
def test_bad_spreads_name_the_entry(spread):
    with pytest.raises(InputError, match=r"t\.p"):
        sample(spread)


def test_impossible_covariance_is_refused():
    text = META + '[omega]\npairs = [["a", "b", 0.5]]\n'
    text += "".join(entry(n, 1.0, between='dist = "lognormal", omega2 = 0.1') for n in "ab")
    table = parse_table(text, "t")
    with pytest.raises(InputError, match="positive definite"):
        draw({p.name: p for p in table}, 1, IDS, tables={"t": table})


def test_scale_of_cv_is_exact_for_lognormal():
    table = parse_table(META + entry("p", 1.0, between='dist = "lognormal", cv = 0.615'), "t")
    assert scale_of(table["p"]) == pytest.approx(np.sqrt(np.log(1 + 0.615**2)))
