"""Target control: the level is met in the pump's own model, whatever its period, within its limits."""

import numpy as np
import pytest

import ketasim as ks
from ketasim.core.errors import InputError
from ketasim.dosing.target_control import Hold, Pump, programme, with_effect_site

V, CL = 30.0, 90.0  # litres, litres an hour: a one-compartment pump model with a known answer


def one_compartment(ke0=6.0):
    return with_effect_site(np.array([[[-CL / V]]]), np.array([[1.0]]), np.array([[1000.0 / V]]), ke0)


def test_steady_rate_is_clearance_times_target():
    """To hold C a pump must give CL·C: 90 L/h × 0.1 mg/L = 9 mg/h, after a loading C·V = 3 mg."""
    starts, rates = programme(one_compartment(), [Hold(0, 1, 100)], Pump(max_ml_h=1200, mg_ml=10, period_s=10))
    assert rates[5:-1] == pytest.approx(9.0, rel=1e-6)
    assert rates[0, 0] * (starts[1] - starts[0]) == pytest.approx(3.0 + 9.0 / 720, rel=0.01)
    assert rates[-1, 0] == 0


@pytest.mark.parametrize("period_s", [5, 10, 30])
def test_level_does_not_depend_on_the_period(period_s):
    r = ks.simulate(
        "kamp2020",
        regimen="tci plasma 100 ng/mL for 1 h",
        times_h=[0.25, 0.5, 1.0],
        outputs=["ketamine.arterial"],
        options={"pump.period_s": period_s},
    )
    assert r["ketamine.arterial"][0] == pytest.approx(100.0, rel=1e-6)


def test_a_slow_pump_is_late_and_never_beyond_its_limit():
    pump = Pump(max_ml_h=10, mg_ml=1)
    _, rates = programme(one_compartment(), [Hold(0, 0.5, 100)], pump)
    assert rates.max() <= 10.0
    assert rates[0, 0] == 10.0


def test_effect_site_is_reached_without_overshoot():
    model = one_compartment()
    starts, rates = programme(model, [Hold(0, 1, 100, "effect")], Pump(period_s=10))
    y, top = np.zeros(2), 0.0
    for k in range(len(starts) - 1):
        for _ in range(20):
            dt = (starts[k + 1] - starts[k]) / 20
            c = y[0] * 1000 / V
            y = y + dt * np.array([rates[k, 0] - CL / V * y[0], 6.0 * (c - y[1])])
        top = max(top, y[1])
    assert top == pytest.approx(100.0, rel=0.01)


def test_the_person_may_differ_from_the_pump():
    """Esketamine is cleared faster than the pump's racemic model believes when the person carries both forms apart."""
    r = ks.simulate(regimen="esketamine tci plasma 100 ng/mL for 1 h", times_h=[1.0], outputs=["ketamine.arterial"])
    assert 90 < r["ketamine.arterial"][0, 0] < 100


def test_a_drug_the_pump_has_no_model_of_is_named():
    with pytest.raises(InputError, match=r"tci drug is 'propofol'; allowed: .*ketamine.* Pump model kamp2020"):
        ks.simulate(regimen="propofol tci effect 3 ug/mL for 30 min", times_h=[1.0], outputs=["ketamine.arterial"])


@pytest.mark.parametrize(
    ("options", "field"),
    [({"pump.max_ml_h": 5000}, "pump max_ml_h"), ({"pump.mg_ml": 0}, "pump mg_ml"), ({"pump.colour": 1}, "pump.colour"),
     ({"pump.model": "nobody2000"}, "model")],
)  # fmt: skip
def test_impossible_pumps_are_named(options, field):
    with pytest.raises(InputError, match=field):
        ks.simulate(
            regimen="tci plasma 100 ng/mL for 1 h", times_h=[1.0], outputs=["ketamine.arterial"], options=options
        )
