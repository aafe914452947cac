"""What cannot be fitted says so, and what was fitted badly is not called converged."""

import numpy as np
import pytest

from ketasim.core.errors import InputError
from ketasim.dosing.records.read import read
from ketasim.fitting import fit
from ketasim.fitting.population.specification import PopulationModel, Residual, Theta
from ketasim.fitting.population.structure import ModelOnRecords

from .population_toys import Bolus, Oral, mean_data, mean_model, oral_columns, oral_data, oral_model


def table(**changes):
    """Two people, one dose and three observations each."""
    columns = {
        "ID": [1] * 4 + [2] * 4, "TIME": [0.0, 1, 2, 4] * 2, "AMT": [100.0, 0, 0, 0] * 2,
        "DV": [None, 5.0, 3.0, 1.0, None, 6.0, 4.0, 2.0], "EVID": [1, 0, 0, 0] * 2,
    }  # fmt: skip
    for name, at in changes.items():
        columns[name] = list(columns.get(name, [0] * 8))
        for row, value in at.items():
            columns[name][row] = value
    return columns


def structure(columns, **more):
    return ModelOnRecords(Bolus(CL=1.0, V=10.0), read(columns), "C", **more)


def test_the_good_table_is_taken():
    assert structure(table()).y.shape == (2, 3)


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        (table(MDV={0: 1, 4: 1, 5: 1, 6: 1, 7: 1}), ["subject", "2", "at least one observation"]),
        (table(TIME={2: 0.5}), ["row 3", "TIME", "0.5", "no earlier"]),
        (table(DV={6: -0.3}), ["row 7", "DV", "-0.3", "0 or more"]),
        (table(TIME={6: 1.0}, DV={6: 6.0}), ["row 7", "the same as row 6"]),
        (table(CENS=dict.fromkeys((1, 2, 3, 5, 6, 7), 1), LLOQ=dict.fromkeys(range(8), 9.0)),
         ["DV", "below the limit", "quantified observations"]),
        (table(DV={3: "BLQ"}), ["row 4", "LLOQ", "absent", "a limit for every record"]),
    ],
    ids=["no observations", "time falls", "negative", "duplicate", "all below the limit", "no limit"],
)  # fmt: skip
def test_contradictions_are_named(columns, words):
    with pytest.raises(InputError) as caught:
        structure(columns)
    for word in words:
        assert word in str(caught.value)


def test_negative_values_may_be_kept_on_request():
    assert structure(table(DV={6: -0.3}), negative="keep").y.min() == -0.3


def test_units_are_converted_or_refused():
    grams = structure(table(), unit="g/L")
    assert grams.y[0, 0] == pytest.approx(5000.0)
    with pytest.raises(InputError, match="umol/L"):
        structure(table(), unit="umol/L")
    with pytest.raises(InputError, match="one unit"):
        structure(table(UNIT=dict.fromkeys(range(8), "mg/L") | {6: "ng/mL"}))
    assert structure(table(UNIT=dict.fromkeys(range(8), "ng/mL"))).y[0, 0] == pytest.approx(0.005)


def test_log_error_and_a_zero():
    data = mean_data(np.array([[1.0, 0.0], [2.0, 3.0]]))
    with pytest.raises(InputError, match="above 0"):
        fit(mean_model(Residual("log", additive=0.5)), data)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Theta("CL", 2.0, 0.0, 1.0), ["CL", "from 0 to 1"]),
        (lambda: Theta("CL", 0.0, 0.0, 1.0), ["CL", "inside its bounds"]),
        (lambda: Theta("CL", 0.5, prior=(1.0, 0.0)), ["prior", "larger than 0"]),
        (lambda: Residual("weird"), ["residual", "additive, proportional"]),
        (lambda: Residual("combined", additive=0.1), ["proportional", "larger than 0"]),
        (lambda: mean_model(Residual("additive", additive=1.0), -0.5), ["omega", "positive definite"]),
        (lambda: mean_model(Residual("additive", additive=1.0), occasion=("x",), occasion_omega=[[1.0]]),
         ["occasion", "x"]),
        (lambda: fit("model", None), ["model", "PopulationModel"]),
        (lambda: fit(mean_model(Residual("additive", additive=1.0)), [1, 2]), ["data", "ModelOnRecords"]),
        (lambda: fit(mean_model(Residual("additive", additive=1.0)), mean_data(np.ones((2, 2))), "focei"),
         ["method", "foce-i"]),
        (lambda: fit(mean_model(Residual("additive", additive=1.0)), mean_data(np.ones((2, 2))), draws=3), ["draws"]),
        (lambda: fit(mean_model(Residual("additive", additive=1.0)), mean_data(np.ones((2, 2))), covariance="q"),
         ["covariance", "rsr"]),
        (lambda: fit(mean_model(Residual("additive", additive=1.0), theta={"prior": (1.0, 1.0)}),
                     mean_data(np.ones((2, 2))), "saem"), ["saem", "prior"]),
        (lambda: fit(mean_model(Residual("additive", additive=1.0), occasion=("mu",), occasion_omega=[[1.0]]),
                     mean_data(np.ones((2, 2)))), ["OCC", "two occasions"]),
    ],
)  # fmt: skip
def test_specifications_are_checked(make, words):
    with pytest.raises(InputError) as caught:
        make()
    for word in words:
        assert word in str(caught.value)


def test_a_parameter_at_its_bound_is_not_converged():
    rng = np.random.default_rng(0)
    y = 4 + rng.normal(size=(30, 1)) + 0.5 * rng.normal(size=(30, 3))
    model = mean_model(Residual("additive", additive=1.0), 1.0, 3.0, theta={"low": 0.0, "high": 3.5})
    found = fit(model, mean_data(y))
    assert not found.converged
    assert any("at its bound 3.5" in p for p in found.problems)


def test_no_spread_between_people_is_not_called_converged():
    """People more alike than the noise allows: Ω runs to zero, where no standard error means anything."""
    rng = np.random.default_rng(1)
    noise = rng.normal(size=(30, 4))
    y = 4 + noise - noise.mean(axis=1, keepdims=True)
    found = fit(mean_model(Residual("additive", additive=1.0), 0.5, 3.0), mean_data(y))
    assert not found.converged
    assert any("omega(mu) has run to zero" in p for p in found.problems)


def test_a_start_that_cannot_be_evaluated_names_the_subject():
    model = PopulationModel(
        (Theta("mu", -1.0),), ("mu",), np.array([[0.1]]), Residual("additive", additive=1.0),
        lambda th, e, c: {"y": np.log(th["mu"] + 0 * e["mu"])},
    )  # fmt: skip
    found = fit(model, mean_data(np.ones((3, 2)) * 2))
    assert not found.converged
    assert any("subject 1" in p for p in found.problems)


def test_fixed_values_stay_and_have_no_standard_error():
    model = mean_model(Residual("additive", additive=0.5, fixed=True), 1.0, 3.0, theta={"fixed": True})
    rng = np.random.default_rng(0)
    found = fit(model, mean_data(3 + rng.normal(size=(30, 3))))
    assert set(found.estimates) == {"omega(mu)"}
    assert found.point.theta["mu"] == 3.0
    assert found.point.sigma["additive"] == 0.5


def test_bounds_and_scales_do_not_change_the_answer():
    """The same fit on the natural scale with bounds and on the log scale without."""
    columns = oral_columns(20)
    free = fit(oral_model(), oral_data(columns))
    bounded = PopulationModel(
        (Theta("ka", 1.0, 0.0, 10.0), Theta("CL", 3.0, 0.0), Theta("V", 30.0, 1.0, 200.0)), ("ka", "CL", "V"),
        np.diag([0.2, 0.1, 0.1]), Residual("combined", additive=0.1, proportional=0.2),
        lambda th, e, c: {k: th[k] * np.exp(e[k]) for k in ("ka", "CL", "V")},
    )  # fmt: skip
    other = fit(bounded, ModelOnRecords(Oral(ka=1.0, CL=1.0, V=1.0), read(columns), "C", negative="keep"))
    assert free.converged and other.converged
    assert other.objective == pytest.approx(free.objective, abs=1e-3)
    for k in ("ka", "CL", "V"):
        assert np.log(other.estimates[k]) == pytest.approx(free.estimates["l" + k], abs=2e-3)


def test_covariates_that_change_within_a_person_reach_the_equations():
    """A clearance that doubles after 4 h, against the formula."""
    columns = {"ID": [1] * 4, "TIME": [0.0, 2, 4, 8], "AMT": [100.0, 0, 0, 0], "DV": [None, 5, 5, 5],
               "EVID": [1, 0, 0, 0], "F": [1.0, 1, 1, 2]}  # fmt: skip
    data = ModelOnRecords(Bolus(CL=1.0, V=10.0), read(columns), "C")
    f = data.predict(np.array([0]), lambda th, e, c: {"CL": th["CL"] * c["F"], "V": 10.0}, {"CL": 2.0}, {})
    assert f[0] == pytest.approx(10 * np.exp(-0.2 * np.array([2.0, 4.0, 8.0 + 4.0])), rel=1e-9)


def test_both_ways_of_predicting_agree_on_infusions_and_equal_rates():
    """The fast path, and the general path it hands nearly defective matrices to."""
    columns = {"ID": [1] * 5 + [2] * 4, "TIME": [0.0, 1, 3, 5, 9, 0, 2, 6, 7],
               "AMT": [100.0, 0, 0, 50, 0, 80, 0, 0, 0], "RATE": [40.0, 0, 0, 0, 0, 0, 0, 0, 0],
               "DV": [None, 1, 1, None, 1, None, 1, 1, 1], "EVID": [1, 0, 0, 1, 0, 1, 0, 0, 0]}  # fmt: skip
    data = ModelOnRecords(Oral(ka=1.0, CL=1.0, V=1.0), read(columns), "C")
    lanes = np.array([0, 1, 0, 1])
    theta = {"ka": np.array([1.2, 0.9, 0.25, 0.25]), "CL": np.array([2.0, 3.0, 2.5, 2.5 + 1e-9]), "V": 10.0}

    def own(th, e, c):
        return {k: th[k] for k in ("ka", "CL", "V")}

    assert data._fast is not None
    fast, general = data.predict(lanes, own, theta, {}), data._general(lanes, own, theta, {})
    assert fast == pytest.approx(general, rel=1e-9)
    t = np.array([2.0, 6.0, 7.0])
    assert fast[1] == pytest.approx(8 * 0.9 / 0.6 * (np.exp(-0.3 * t) - np.exp(-0.9 * t)), rel=1e-12)
    assert fast[3] == pytest.approx(8 * 0.25 * t * np.exp(-0.25 * t), rel=1e-6)
